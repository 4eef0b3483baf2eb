"""What the rows of a table come to, in one line."""

from __future__ import annotations

from citytech_data.summary import Summary
from citytech_tui.format import COUNT, number_text


def totals_text(found: Summary, height: int, measure: str, unit: str) -> str:
    """Return how many of `height` rows have a value, their sum, mean, median and Gini coefficient.

    Only what is counted has a sum; bounds do not count. The bases say how the values are known.
    """
    if found.mean is None or found.median is None:
        return f"no known value in {height:,} rows"
    parts = [f"{found.known:,} of {height:,} known ({', '.join(found.bases)})"]
    if measure == COUNT:
        parts.append(f"sum {number_text(found.sum, unit)}")
    parts += [f"mean {number_text(found.mean, unit)}", f"median {number_text(found.median, unit)}"]
    if found.gini is not None:
        parts.append(f"Gini {number_text(found.gini)}")
    return " · ".join(parts)
