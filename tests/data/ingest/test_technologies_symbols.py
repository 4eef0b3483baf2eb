"""Every spelling of a symbol is brought to one, and whatever is no symbol is dropped."""

from __future__ import annotations

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytech_data.ingest import symbols as symbols_module
from citytech_data.ingest.symbols import has_unread, normalise, normalise_symbol


def normalised(cells: list[str | None]) -> list[str]:
    frame = nw.from_native(pl.DataFrame({"c": cells}, schema={"c": pl.String}))
    return frame.select(normalise("c")).to_native().to_series().to_list()


def unread(cells: list[str | None]) -> list[bool]:
    frame = nw.from_native(pl.DataFrame({"c": cells}, schema={"c": pl.String}))
    return frame.select(has_unread("c").alias("u")).to_native().to_series().to_list()


# --- Spellings ---------------------------------------------------------------------------

SPELLINGS = [
    ("G06N3/04", "G06N3/04"),
    ("G06N 3/04", "G06N3/04"),
    ("G06N  3/04", "G06N3/04"),
    ("G06N   3/04", "G06N3/04"),
    ("H04W  4/40", "H04W4/40"),
    ("G06N\u00a03/04", "G06N3/04"),
    ("G06N\u30003/04", "G06N3/04"),
    ("  G06N3/04\t", "G06N3/04"),
    ("G06N0003040000", "G06N3/04"),
    ("H04L0009320000", "H04L9/32"),
    ("G06N0020000000", "G06N20/00"),
    ("G06F0009455000", "G06F9/455"),
    ("G06F0016245800", "G06F16/2458"),
    ("G06F2009455950", "G06F2009/45595"),
    ("G06T2207200810", "G06T2207/20081"),
    ("G06N0010100000", "G06N10/10"),
    ("G06N3/04(2006.01)I", "G06N3/04"),
    ("G06N3/04 (2006.01)", "G06N3/04"),
    ("G06N 3/04 (2023.01) N", "G06N3/04"),
    ("G06N3/04[2006.01]", "G06N3/04"),
    ("G06N3/04\uff082006.01\uff09I", "G06N3/04"),
    ("G06N   3/04        20060101AFI20060101BHEP", "G06N3/04"),
    ("g06n3/04", "G06N3/04"),
    ("g06N 3/04(2006.01)i", "G06N3/04"),
    ("\uff27\uff10\uff16\uff2e\uff13\uff0f\uff10\uff14", "G06N3/04"),
    ("\uff47\uff10\uff16\uff4e\uff13\uff0f\uff10\uff14", "G06N3/04"),
    ("G06N\uff13/04", "G06N3/04"),
    ("G06N03/04", "G06N3/04"),
    ("G06N0003/04", "G06N3/04"),
    ("G06N-003/04", "G06N3/04"),
    ("Y10S706/12", "Y10S706/12"),
    ("Y10S 706/900", "Y10S706/900"),
]


@pytest.mark.parametrize(("spelling", "symbol"), SPELLINGS)
def test_a_spelling_is_brought_to_the_symbol(spelling: str, symbol: str) -> None:
    assert normalise_symbol(spelling) == symbol
    assert normalised([spelling]) == [f";{symbol};"]
    assert unread([spelling]) == [False]


SEPARATORS = [
    ";",
    ";;",
    "; ",
    " ; ",
    " | ",
    "|",
    ",",
    ", ",
    "\n",
    "\r\n",
    " |\n",
    "\uff1b",
    "\uff0c",
]
SEPARATORS += ["\u3001", "\uff5c", "  ", "\t"]


@pytest.mark.parametrize("separator", SEPARATORS)
def test_codes_are_told_apart_by_any_separator(separator: str) -> None:
    for first, second in (("G06N3/04", "H04L9/32"), ("G06N  3/04(2006.01)I", "h04l0009320000")):
        cell = separator.join([first, second, first])
        assert normalised([cell]) == [";G06N3/04;H04L9/32;G06N3/04;"]
        assert normalise_symbol(cell) is None


@pytest.mark.parametrize("cell", [None, "", "-", " ", ";", "2006.01", "(2006.01)I"])
def test_nothing_gives_no_symbol_and_is_not_unread(cell: str | None) -> None:
    assert normalised([cell]) == [";"]
    assert unread([cell]) == [False]


@pytest.mark.parametrize(
    "cell",
    [
        "G06N",
        "G06N3",
        "G06N3/",
        "G06N3/4",
        "G06N/04",
        "G06N0/04",
        "G06N00003/04",
        "G06N12345/04",
        "G06N3/1234567",
        "G06N3/04A",
        "XG06N3/04",
        "I06N3/04",
        "G6N3/04",
        "G06N000304000",
        "G06N00030400000",
        "14-02",
        "LOC(13) Cl. 14-02",
        "无",
        "G06N3\\04",
        "=HYPERLINK",
    ],
)
def test_what_is_no_symbol_is_dropped_and_counted(cell: str) -> None:
    bad = cell != "G06N00003/04"
    assert normalise_symbol(cell) == (None if bad else "G06N3/04")
    assert normalised([f"{cell}; H04L9/32"]) == [";H04L9/32;" if bad else ";G06N3/04;H04L9/32;"]
    assert unread([f"{cell}; H04L9/32"]) == [bad and cell != "14-02"]


def test_only_the_cell_with_garbage_is_counted() -> None:
    cells = ["G06N3/04", "G06N3/04; oops", None, "G06N", "H04L9/32(2006.01)I; G06N20/00"]
    assert unread(cells) == [False, True, False, True, False]


# --- Whatever stands in a cell -------------------------------------------------------------

subclasses = st.from_regex("[A-HY][0-9]{2}[A-Z]", fullmatch=True)
groups = st.integers(1, 9999)
subgroups = st.from_regex("[0-9]{2}|[0-9]{2,5}[1-9]", fullmatch=True)
symbols = st.builds(lambda s, g, n: f"{s}{g}/{n}", subclasses, groups, subgroups)


parts = st.tuples(subclasses, groups, subgroups)


@st.composite
def spelled(
    draw: st.DrawFn, parts: st.SearchStrategy[tuple[str, int, str]] = parts
) -> tuple[str, str]:
    """A symbol made of such parts, and one of its spellings."""
    subclass, group, subgroup = draw(parts)
    symbol = f"{subclass}{group}/{subgroup}"
    ways = {
        "plain": symbol,
        "padded": f"{subclass}{group:>{draw(st.integers(1, 6))}}/{subgroup}",
        "zeros": f"{subclass}{group:04}/{subgroup}",
        "st8": f"{subclass}{group:04}{subgroup:<06}",
        "dash": f"{subclass}-{group:03}/{subgroup}",
    }
    text = ways[draw(st.sampled_from(sorted(ways)))]
    if draw(st.booleans()):
        text = text.lower()
    if draw(st.booleans()):
        text = "".join(chr(ord(c) + 0xFEE0) if c.isalnum() or c == "/" else c for c in text)
    return symbol, text + draw(st.sampled_from(["", "(2006.01)I", " (2013.01)", "[2023.01]", " "]))


@given(st.lists(spelled(), max_size=6), st.sampled_from(SEPARATORS))
def test_any_spellings_of_symbols_give_the_symbols(
    pairs: list[tuple[str, str]], separator: str
) -> None:
    expected = "".join(f"{symbol};" for symbol, _ in pairs)
    cell = separator.join(text for _, text in pairs)
    assert normalised([cell]) == [f";{expected}"]
    assert unread([cell]) == [False]
    for symbol, text in pairs:
        assert normalise_symbol(text) == symbol


AWKWARD = "G06N3/04;,| \n-()[]~\uff27\uff10\uff0f\uff1bßı\u212aſ区\u0130"
PARTS = ["G06N", "g06n", "3/04", "04(2006.01)I", "H04L0009320000", ";;", "2006", "00"]
pieces = st.sampled_from([*AWKWARD, *PARTS])
any_cell = st.lists(pieces | st.characters(exclude_categories=["Cs"]), max_size=30).map("".join)
any_cells = st.lists(st.none() | any_cell, min_size=1, max_size=20)


@given(any_cells)
def test_normalising_twice_changes_nothing_more(cells: list[str | None]) -> None:
    once = normalised(cells)
    assert normalised(list(once)) == once
    assert not any(unread(list(once)))
    for text in once:
        assert text.startswith(";") and text.endswith(";") and ";;" not in text


@given(any_cells)
def test_python_and_polars_normalise_alike(cells: list[str | None]) -> None:
    for cell, found in zip(cells, normalised(cells), strict=True):
        symbols = found.strip(";").split(";")
        alone = symbols[0] if len(symbols) == 1 and symbols[0] else None
        assert normalise_symbol(cell or "") == alone


@given(any_cells)
def test_cells_are_normalised_alike_one_by_one_and_together(cells: list[str | None]) -> None:
    assert symbols_module.normalised(pl.Series(cells, dtype=pl.String)).to_list() == normalised(
        cells
    )


@given(st.lists(symbols, max_size=5), st.sampled_from([";", ";;", " | ", ",", "\n"]))
def test_the_short_way_and_the_long_way_meet(found: list[str], separator: str) -> None:
    short = separator.join(found)
    assert normalised([short, f"{short};x"]) == normalised([short.lower()]) * 2
