"""Every key of the program: the one table that footer, help, palette and README read."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple


class Place(Enum):
    """Where a key works; the value is its heading in the help."""

    APP = "Everywhere"
    TABLE = "In every table"
    RANKING = "Total, Density, Proportion"
    TREND = "Trend"
    CITY = "City Detail"
    PICTURES = "Pictures"
    FIGURE = "On a figure"


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


KEYS: dict[Place, tuple[Key, ...]] = {
    Place.APP: (
        Key("1", "tab('trend')", "1", "Trend", "Open the tab Trend"),
        Key("2", "tab('total')", "2", "Total", "Open the tab Total"),
        Key("3", "tab('density')", "3", "Density", "Open the tab Density"),
        Key("4", "tab('proportion')", "4", "Proportion", "Open the tab Proportion"),
        Key("5", "tab('city')", "5", "City Detail", "Open the tab City Detail"),
        Key("v", "tab('pictures')", "v", "Pictures", "Open the pictures of what is selected"),
        Key("left_square_bracket", "year(-1)", "[ ]", "year", "Show the year before", 20),
        Key("right_square_bracket", "year(1)", "]", "next year", "Show the next year"),
        Key("t", "technology", "t", "technology", "Show the next technology, or all", 21),
        Key("Y", "choose_year", "Y", "years", "Choose a year from a list"),
        Key("w", "scope", "w", "cities", "Choose which cities are ranked", 27),
        Key("D", "population", "D", "population", "Density per head of the next population"),
        Key("u", "undo", "u", "undo", "Take back the last change of slice or order", 34),
        Key("b,minus", "back", "b", "back", "Go back to the tab before", 40),
        Key("question_mark,f1", "help", "?", "help", "Show all keys", 25),
        Key("ctrl+p,colon", "command_palette", "ctrl+p", "palette", "Search actions and cities"),
        Key("o", "open_dataset", "o", "open", "Open another dataset or a table of counts", 34),
        Key("C", "change_theme", "C", "colours", "Choose another theme of colours"),
        Key("ctrl+l", "repaint", "ctrl+l", "draw anew", "Draw the whole screen anew"),
        Key("q", "quit", "q", "quit", "Leave CityTech", 26),
        Key(
            "ctrl+q,ctrl+c",
            "quit",
            "ctrl+c",
            "quit",
            "Leave CityTech, also while typing",
            priority=True,
        ),
    ),
    Place.TABLE: (
        Key("down,j", "cursor(1)", "↓ j", "down", "Move down"),
        Key("up,k", "cursor(-1)", "↑ k", "up", "Move up"),
        Key("pagedown,ctrl+f,ctrl+d", "page(1)", "page down", "page down", "Move a page down"),
        Key("pageup,ctrl+b,ctrl+u", "page(-1)", "page up", "page up", "Move a page up"),
        Key("g,home", "edge(-1)", "g home", "first", "Go to the first row"),
        Key("G,end", "edge(1)", "G end", "last", "Go to the last row"),
    ),
    Place.RANKING: (
        Key("slash", "filter", "/", "filter", "Filter by city, pinyin, Chinese or province", 10),
        Key("escape", "clear_filter", "esc", "clear filter", "Clear the filter"),
        Key("s", "sort", "s", "sort", "Sort by a column; the same again: reverse", 11),
        Key("S", "sort_further", "S", "sort further", "Sort equal rows by another column"),
        Key("c", "columns", "c", "columns", "Choose columns, their order and width", 35),
        Key("less_than_sign", "scroll_columns(-1)", "<", "columns left", "Scroll the columns back"),
        Key("greater_than_sign", "scroll_columns(1)", ">", "columns right", "Scroll the columns"),
        Key("space", "mark", "space", "mark", "Mark or unmark the city", 12),
        Key("p", "proven", "p", "printed/proven", "Show only what is printed, or all proven", 33),
        Key("x", "compare", "x", "compare", "Compare the marked cities", 32),
        Key("enter,l,right", "open", "enter", "detail", "Open the city in City Detail", 13),
    ),
    Place.TREND: (
        Key("L", "scale", "L", "log/linear", "Draw on a logarithmic or a linear scale", 10),
        Key("d", "indexed", "d", "indexed", "Draw as figures or with the first year = 100", 11),
        Key("space", "mark", "space", "draw", "Draw the series, or no longer", 12),
    ),
    Place.CITY: (
        Key("right,l,n", "next_city(1)", "→ l", "next city", "Go to the next city in rank", 10),
        Key("left,h,p", "next_city(-1)", "← h", "city before", "Go to the city before in rank", 11),
        Key("slash", "find_city", "/", "find city", "Search a city by name", 12),
        Key("escape", "back", "esc", "back", "Go back to the tab before"),
    ),
    Place.PICTURES: (
        Key("v", "turn(1)", "v", "next", "Show the next picture", 10),
        Key("V", "turn(-1)", "V", "before", "Show the picture before"),
        Key("right,l", "move(1, 0)", "→ l", "right", "Move the crosshair to the right"),
        Key("left,h", "move(-1, 0)", "← h", "left", "Move the crosshair to the left"),
        Key("down,j", "move(0, 1)", "↓ j", "down", "Move the crosshair down"),
        Key("up,k", "move(0, -1)", "↑ k", "up", "Move the crosshair up"),
        Key("pagedown", "page(1)", "page down", "page down", "Move the crosshair far down"),
        Key("pageup", "page(-1)", "page up", "page up", "Move the crosshair far up"),
        Key("tab", "text", "tab", "table", "Show the table behind the picture, or the picture", 11),
        Key("m", "measure", "m", "measure", "Show the next measure", 12),
        Key("M", "across", "M", "across", "Show the next measure across", 15),
        Key("L", "scale", "L", "log/linear", "Choose logarithmic or linear axes", 16),
        Key("d", "shares", "d", "shares", "Draw bars as figures or as shares", 17),
        Key("space", "mark", "space", "mark", "Mark or unmark the city", 18),
        Key("enter", "open", "enter", "detail", "Open the city in City Detail", 13),
        Key("escape", "back", "esc", "back", "Go back to the tab before"),
    ),
    Place.FIGURE: (
        Key("i", "explain", "i", "how known", "Show how the figure is known", 14),
        Key("e", "export", "e", "export", "Write what is shown to a CSV file", 30),
        Key("y", "copy", "y", "copy", "Copy the row (OSC 52, sent to your terminal)", 31),
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
