"""The terminal face of CityTech."""

PROGRAM = "citytech-tui"
"""What it is called on the command line, and its folders elsewhere."""
PREFERENCES = "preferences.json"
"""The file in its configuration folder that keeps what it remembers of a person."""
