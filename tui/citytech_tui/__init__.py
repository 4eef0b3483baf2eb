"""The terminal face of CityTech."""
