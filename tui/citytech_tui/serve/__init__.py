"""The app as a service: many people, one process, nobody in who does not belong."""
