"""Every key of the program: the one table that footer, help, palette and README read."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from citytech_tui.language import N_


class Place(Enum):
    """Where a key works; the value is its heading in the help."""

    APP = N_("Everywhere")
    TABLE = N_("In every table")
    RANKING = N_("Total, Density, Proportion")
    TREND = N_("Trend")
    CITY = N_("City Detail")
    PICTURES = N_("Pictures")
    FIGURE = N_("On a figure")


class Key(NamedTuple):
    """One action: its keys as Textual names them, and how it is shown and explained.

    `footer` orders the keys in the footer, the lowest first; those without a number appear only
    in the help.
    """

    keys: str
    action: str
    shown: str
    label: str
    help: str
    footer: int | None = None
    priority: bool = False
    pair: str = ""
    """How the footer shows it together with the key that does the opposite."""

    @property
    def in_footer(self) -> str:
        """How the footer shows it."""
        return self.pair or self.shown


KEYS: dict[Place, tuple[Key, ...]] = {
    Place.APP: (
        Key("1", "tab('trend')", "1", N_("Trend"), N_("Open the tab Trend")),
        Key("2", "tab('total')", "2", N_("Total"), N_("Open the tab Total")),
        Key("3", "tab('density')", "3", N_("Density"), N_("Open the tab Density")),
        Key("4", "tab('proportion')", "4", N_("Proportion"), N_("Open the tab Proportion")),
        Key("5", "tab('city')", "5", N_("City Detail"), N_("Open the tab City Detail")),
        Key(
            "v", "tab('pictures')", "v", N_("Pictures"), N_("Open the pictures of what is selected")
        ),
        Key(
            "left_square_bracket",
            "year(-1)",
            "[",
            N_("year"),
            N_("Show the year before"),
            20,
            pair="[ ]",
        ),
        Key("right_square_bracket", "year(1)", "]", N_("next year"), N_("Show the next year")),
        Key("t", "technology", "t", N_("technology"), N_("Show the next technology, or all"), 21),
        Key("Y", "choose_year", "Y", N_("years"), N_("Choose a year from a list")),
        Key("w", "scope", "w", N_("cities"), N_("Choose which cities are ranked"), 27),
        Key(
            "D", "population", "D", N_("population"), N_("Density per head of the next population")
        ),
        Key(
            "u",
            "undo",
            "u",
            N_("undo"),
            N_("Take back the last change of slice, order or filter"),
            34,
        ),
        Key("b,minus", "back", "b", N_("back"), N_("Go back to the tab before"), 40),
        Key("question_mark,f1", "help", "?", N_("help"), N_("Show all keys"), 25),
        Key(
            "ctrl+p,colon",
            "command_palette",
            "ctrl+p",
            N_("palette"),
            N_("Search actions and cities"),
        ),
        Key(
            "o",
            "open_dataset",
            "o",
            N_("open"),
            N_("Open another dataset or a table of counts"),
            34,
        ),
        Key("C", "change_theme", "C", N_("colours"), N_("Choose another theme of colours")),
        Key("ctrl+l", "repaint", "ctrl+l", N_("draw anew"), N_("Draw the whole screen anew")),
        Key(
            "Z",
            "language",
            "Z",
            N_("language"),
            N_("Show everything in Chinese (中文) or in English"),
        ),
        Key("q", "quit", "q", N_("quit"), N_("Leave CityTech"), 26),
        Key(
            "ctrl+q,ctrl+c",
            "quit",
            "ctrl+c",
            N_("quit"),
            N_("Leave CityTech, also while typing"),
            priority=True,
        ),
    ),
    Place.TABLE: (
        Key("down,j", "cursor(1)", "↓ j", N_("down"), N_("Move down")),
        Key("up,k", "cursor(-1)", "↑ k", N_("up"), N_("Move up")),
        Key(
            "pagedown,ctrl+f,ctrl+d",
            "page(1)",
            "page down",
            N_("page down"),
            N_("Move a page down"),
        ),
        Key("pageup,ctrl+b,ctrl+u", "page(-1)", "page up", N_("page up"), N_("Move a page up")),
        Key("g,home", "edge(-1)", "g home", N_("first"), N_("Go to the first row")),
        Key("G,end", "edge(1)", "G end", N_("last"), N_("Go to the last row")),
    ),
    Place.RANKING: (
        Key(
            "slash",
            "filter",
            "/",
            N_("filter"),
            N_("Filter by city, pinyin, Chinese or province"),
            10,
        ),
        Key("escape", "clear_filter", "esc", N_("clear filter"), N_("Clear the filter")),
        Key("s", "sort", "s", N_("sort"), N_("Sort by a column; the same again: reverse"), 11),
        Key("S", "sort_further", "S", N_("sort further"), N_("Sort equal rows by another column")),
        Key("c", "columns", "c", N_("columns"), N_("Choose columns, their order and width"), 35),
        Key(
            "less_than_sign",
            "scroll_columns(-1)",
            "<",
            N_("columns left"),
            N_("Scroll the columns back"),
        ),
        Key(
            "greater_than_sign",
            "scroll_columns(1)",
            ">",
            N_("columns right"),
            N_("Scroll the columns"),
        ),
        Key("space", "mark", "space", N_("mark"), N_("Mark or unmark the city"), 12),
        Key(
            "p",
            "proven",
            "p",
            N_("printed/proven"),
            N_("Show only what is printed, or all proven"),
            33,
        ),
        Key("x", "compare", "x", N_("compare"), N_("Compare the marked cities"), 32),
        Key(
            "ctrl+y",
            "copy_more",
            "ctrl+y",
            N_("copy more"),
            N_("Copy the figure, the row or the whole table"),
        ),
        Key("enter,l,right", "open", "enter", N_("detail"), N_("Open the city in City Detail"), 13),
    ),
    Place.TREND: (
        Key("L", "scale", "L", N_("log/linear"), N_("Draw on a logarithmic or a linear scale"), 10),
        Key(
            "d",
            "indexed",
            "d",
            N_("indexed"),
            N_("Draw as figures or with the first year = 100"),
            11,
        ),
        Key("space", "mark", "space", N_("draw"), N_("Draw the series, or no longer"), 12),
    ),
    Place.CITY: (
        Key(
            "right,l,n",
            "next_city(1)",
            "→ l",
            N_("next city"),
            N_("Go to the next city in rank"),
            10,
        ),
        Key(
            "left,h,p",
            "next_city(-1)",
            "← h",
            N_("city before"),
            N_("Go to the city before in rank"),
            11,
        ),
        Key("slash", "find_city", "/", N_("find city"), N_("Search a city by name"), 12),
        Key("escape", "back", "esc", N_("back"), N_("Go back to the tab before")),
    ),
    Place.PICTURES: (
        Key("v", "turn(1)", "v", N_("next"), N_("Show the next picture"), 10),
        Key("V", "turn(-1)", "V", N_("before"), N_("Show the picture before")),
        Key("right,l", "move(1, 0)", "→ l", N_("right"), N_("Move the crosshair to the right")),
        Key("left,h", "move(-1, 0)", "← h", N_("left"), N_("Move the crosshair to the left")),
        Key("down,j", "move(0, 1)", "↓ j", N_("down"), N_("Move the crosshair down")),
        Key("up,k", "move(0, -1)", "↑ k", N_("up"), N_("Move the crosshair up")),
        Key("pagedown", "page(1)", "page down", N_("page down"), N_("Move the crosshair far down")),
        Key("pageup", "page(-1)", "page up", N_("page up"), N_("Move the crosshair far up")),
        Key(
            "tab",
            "text",
            "tab",
            N_("table"),
            N_("Show the table behind the picture, or the picture"),
            11,
        ),
        Key("m", "measure", "m", N_("measure"), N_("Show the next measure"), 12),
        Key("M", "across", "M", N_("across"), N_("Show the next measure across"), 15),
        Key("L", "scale", "L", N_("log/linear"), N_("Choose logarithmic or linear axes"), 16),
        Key("d", "shares", "d", N_("shares"), N_("Draw bars as figures or as shares"), 17),
        Key("space", "mark", "space", N_("mark"), N_("Mark or unmark the city"), 18),
        Key("enter", "open", "enter", N_("detail"), N_("Open the city in City Detail"), 13),
        Key("escape", "back", "esc", N_("back"), N_("Go back to the tab before")),
    ),
    Place.FIGURE: (
        Key("i", "explain", "i", N_("how known"), N_("Show how the figure is known"), 14),
        Key("e", "export", "e", N_("export"), N_("Write what is shown to a file"), 30),
        Key("y", "copy", "y", N_("copy"), N_("Copy the row (OSC 52, sent to your terminal)"), 31),
    ),
}


def footer_keys(*places: Place) -> list[Key]:
    """Return the keys that the footer shows where `places` hold, in the order of their number."""
    keys = (key for place in places for key in KEYS[place] if key.footer is not None)
    return sorted(keys, key=lambda key: key.footer or 0)


def all_keys() -> Iterator[tuple[Place, Key]]:
    """Yield every key with its place, in the order of the help."""
    for place, keys in KEYS.items():
        for key in keys:
            yield place, key


def keys_markdown() -> str:
    """Return all keys as Markdown tables, one for each place, for the README."""
    lines: list[str] = []
    heading = None
    for place, key in all_keys():
        if place is not heading:
            lines += ["", f"### {place.value}", "", "| key | what it does |", "| --- | --- |"]
            heading = place
        lines.append(f"| `{key.shown}` | {key.help} |")
    return "\n".join(lines[1:])
