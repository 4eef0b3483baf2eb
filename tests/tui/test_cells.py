"""Text in terminal cells: never wider than it may be, and nothing lost that can be kept."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from citytech_data.text import clean
from citytech_tui.widgets.cells import ELLIPSIS, fit, wrap

# Text as it comes from a dataset: whatever there is, with much that takes two cells or none.
wide = st.text("北京上海ＡＢ한국어ガ🚀", max_size=20)
joined = st.text("\u200d\ufe0f\ufe0e\u0301\u20e3a❤👩🚀🏽é", max_size=12)
texts = st.one_of(st.text(max_size=60), wide, joined, st.text("ab 北", max_size=40)).map(clean)
widths = st.integers(0, 40)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 0, ""),
        ("", 3, "   "),
        ("abc", 3, "abc"),
        ("abc", 5, "abc  "),
        ("abc", 2, "a…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("北京", 4, "北京"),
        ("北京", 5, "北京 "),
        ("北京", 3, "北…"),
        # Half of a character cannot be shown.
        ("北京", 2, " …"),
        ("北京", 1, "…"),
        ("a北", 2, "a…"),
        ("Beijing 北京", 12, "Beijing 北京"),
        ("Beijing 北京", 11, "Beijing 北…"),
        ("e\u0301a", 2, "e\u0301a"),
        ("e\u0301a", 3, "e\u0301a "),
    ],
)
def test_known_fits(text: str, width: int, expected: str) -> None:
    assert fit(text, width) == expected


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [("7", 3, "  7"), ("北", 3, " 北"), ("1234", 3, "12…"), ("", 2, "  ")],
)
def test_known_fits_to_the_right(text: str, width: int, expected: str) -> None:
    assert fit(text, width, right=True) == expected


@settings(max_examples=500)
@given(texts, widths, st.booleans())
def test_a_fitted_text_has_exactly_the_width(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(text, width, right=right)) == width


@settings(max_examples=500)
@given(texts, texts, widths, widths)
def test_fitted_texts_side_by_side_have_the_width_of_both(
    left: str, right: str, one: int, two: int
) -> None:
    assert cell_len(f" {fit(left, one)} {fit(right, two)}") == one + two + 2


@given(texts, widths)
def test_a_text_is_cut_only_where_there_is_no_room(text: str, width: int) -> None:
    fitted = fit(text, width)
    assert fitted.rstrip(" ").endswith(ELLIPSIS) or fitted.strip(" ") in text or width == 0
    if cell_len(text) <= width:
        assert fitted.strip(" ") == text.strip("\u200d").strip(" ")


@pytest.mark.parametrize("width", [0, 1, 20, 200])
def test_the_longest_text_fits_too(width: int) -> None:
    for text in ("x" * 10_000, "北" * 10_000, "e" + "\u0301" * 10_000, "👩\u200d" * 10_000):
        assert cell_len(fit(text, width)) == width


# --- Lines -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 5, []),
        ("   ", 5, []),
        ("a b c", 5, ["a b c"]),
        ("a b c", 4, ["a b", "c"]),
        ("a  b\tc", 9, ["a b c"]),
        ("abcdef", 4, ["abcd", "ef"]),
        ("x abcdef y", 4, ["x", "abcd", "ef y"]),
        ("北京上海", 4, ["北京", "上海"]),
        ("北京上海", 5, ["北京", "上海"]),
        ("a 北京上海", 5, ["a", "北京", "上海"]),
    ],
)
def test_known_lines(text: str, width: int, expected: list[str]) -> None:
    assert list(wrap(text, width)) == expected


@given(texts, st.integers(2, 40))
def test_no_line_is_wider_than_it_may_be(text: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in wrap(text, width))


@given(texts, st.integers(2, 40))
def test_wrapping_loses_nothing_but_space(text: str, width: int) -> None:
    assert "".join("".join(wrap(text, width)).split()) == "".join(text.split())


@given(st.lists(st.text("abc", min_size=1, max_size=8), max_size=12), st.integers(8, 40))
def test_words_that_fit_are_not_broken(words: list[str], width: int) -> None:
    lines = list(wrap(" ".join(words), width))
    assert [word for line in lines for word in line.split(" ")] == words
    # A line is as full as it can be.
    for line, following in pairwise(lines):
        assert len(line) + 1 + len(following.split(" ")[0]) > width
