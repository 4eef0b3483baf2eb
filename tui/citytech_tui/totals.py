"""What the rows of a table come to, in one line."""

from __future__ import annotations

from citytech_data.summary import Summary
from citytech_tui.format import COUNT, number_text
from citytech_tui.language import _, count_text, plural
from citytech_tui.names import basis_text, listed


def totals_text(found: Summary, height: int, measure: str, unit: str) -> str:
    """Return how many of `height` rows have a value, their sum, mean, median and Gini coefficient.

    Only what is counted has a sum; bounds do not count. The bases say how the values are known.
    """
    if found.mean is None or found.median is None:
        words = plural("no known value in {number} row", "no known value in {number} rows", height)
        return words.format(number=count_text(height))
    known = _("{known} of {number} known ({bases})")
    bases = listed(map(basis_text, found.bases))
    parts = [known.format(known=count_text(found.known), number=count_text(height), bases=bases)]
    if measure == COUNT:
        parts.append(_("sum {figure}").format(figure=number_text(found.sum, unit)))
    parts.append(_("mean {figure}").format(figure=number_text(found.mean, unit)))
    parts.append(_("median {figure}").format(figure=number_text(found.median, unit)))
    if found.gini is not None:
        parts.append(_("Gini {figure}").format(figure=number_text(round(found.gini, 2))))
    return " · ".join(parts)
