"""The data core of CityTech: datasets, measures and rankings, without a terminal.

Importing this package imports nothing heavy: Polars is loaded by the modules that compute.
"""

DEFAULT = "published"
"""The embedded dataset that is used where none is named."""
