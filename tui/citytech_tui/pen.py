"""How a cell is drawn, and the shortest sequence from one way to another."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rich.color import ColorSystem
from rich.style import Style
from textual.strip import SGR_STYLES

_ENDS = dict(
    zip(SGR_STYLES, map(str, (22, 22, 23, 24, 25, 25, 27, 28, 29, 24, 54, 54, 55)), strict=True)
)
"""What ends an attribute, by what begins it."""
_SEEN_ON_SPACES = frozenset(("4", "7", "9", "21", "51", "52", "53"))
# These would steer the terminal instead of being shown.
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Pen(NamedTuple):
    """How a cell is drawn, in SGR codes; `fg` is None for a space that shows no more than `bg`."""

    on: frozenset[str] = frozenset()
    fg: str | None = ""
    bg: str = ""
    link: str = ""

    def draws(self, other: Pen) -> bool:
        """Whether what `other` is for looks the same when drawn with this pen."""
        if other.fg is not None:
            return self == other
        return self.bg == other.bg and not self.link and not self.on & _SEEN_ON_SPACES


PLAIN = Pen()
BLANK = Pen(fg=None)


@lru_cache(8192)
def pens_of(style: Style | None, system: ColorSystem) -> tuple[Pen, Pen]:
    """Return the pen for a style on a terminal with these colours, and the pen for its spaces."""
    if style is None:
        return PLAIN, BLANK
    bits = style._attributes & style._set_attributes
    on = frozenset(code for bit, code in enumerate(SGR_STYLES) if bits & 1 << bit)
    fg, bg = (
        ""
        if color is None or color.is_default
        else ";".join(color.downgrade(system).get_ansi_codes(foreground))
        for color, foreground in ((style.color, True), (style.bgcolor, False))
    )
    link = f"id={style._link_id};{CONTROLS.sub('', style.link)}" if style.link else ""
    pen, blank = Pen(on, fg, bg, link), Pen(fg=None, bg=bg)
    return pen, blank if pen.draws(blank) else pen


@lru_cache(8192)
def switch(before: Pen, after: Pen) -> tuple[str, Pen]:
    """Return the shortest sequence after which the pen draws as `after`, and the pen then."""
    anew = goal = after
    if after.fg is None:
        anew, goal = after._replace(fg=""), Pen(before.on - _SEEN_ON_SPACES, before.fg, after.bg)
    ends = dict.fromkeys(_ENDS[code] for code in sorted(before.on - goal.on))
    kept = {code for code in before.on if _ENDS[code] not in ends}
    codes = [*ends, *sorted(goal.on - kept)]
    codes += [goal.fg or "39"] if goal.fg != before.fg else []
    codes += [goal.bg or "49"] if goal.bg != before.bg else []
    link = "" if before.link == goal.link else f"\x1b]8;{goal.link or ';'}\x1b\\"
    relative = f"\x1b[{';'.join(codes)}m" if codes else ""
    all_codes = [*sorted(anew.on), *filter(None, (anew.fg, anew.bg))]
    reset = f"\x1b[{';'.join(['0', *all_codes])}m" if all_codes else "\x1b[m"
    return (reset + link, anew) if len(reset) < len(relative) else (relative + link, goal)
