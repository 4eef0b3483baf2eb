"""The terminal face of CityTech."""

PROGRAM = "citytech-tui"
"""What it is called on the command line, and its folders elsewhere."""
