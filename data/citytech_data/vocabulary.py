"""The words of the data: bases, ranked measures and technologies."""

BASES = ("counted", "printed", "derived", "bounded", "missing")
"""How a figure is known, from the surest to the unknown."""

MEASURES = ("total", "density", "proportion")
"""The measures that places are ranked by, in the order of their tabs."""

TECHNOLOGIES = ("ai", "blockchain", "cloud", "bigdata", "iot")
ALL = "all"
"""The technology of a figure that covers all five, or that is about no technology."""

POPULATION = "population"
"""The stored measure that density is per head of, where nothing else is asked for."""
