"""The widgets: each draws what it is given and knows nothing of the data behind it."""
