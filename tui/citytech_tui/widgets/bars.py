"""Bars made of block glyphs: the proven part solid, the possible part shaded."""

from __future__ import annotations

SOLID = "█"
POSSIBLE = "▒"
OPEN_END = "▸"
UNKNOWN = "·"
_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(lower: float | None, upper: float | None, largest: float, width: int) -> str:
    """Return a bar of `width` cells that starts at 0 and would end at `largest`.

    Solid up to `lower`, shaded from there to `upper`. Without `upper` the shade runs to the end
    and is marked as open; without both there is a single dot. Glyphs alone tell the parts apart.
    """
    if width <= 0:
        return ""
    if lower is None and upper is None:
        return UNKNOWN.ljust(width)
    if largest <= 0:
        return " " * width
    if upper is None:
        width -= 1
    share = min((lower or 0) / largest, 1) * width
    if upper != lower:
        # A cell holds one glyph, so the shade begins with a whole cell.
        solid = SOLID * round(share)
    else:
        full, part = divmod(round(share * 8), 8)
        solid = SOLID * full + (_EIGHTHS[part] if part else "")
    if upper is None:
        return solid + POSSIBLE * (width - len(solid)) + OPEN_END
    end = round(min(upper / largest, 1) * width)
    return (solid + POSSIBLE * (end - len(solid))).ljust(width)
