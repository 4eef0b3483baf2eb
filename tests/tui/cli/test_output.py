"""Reports as Markdown, and in as many cells as there are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from citytech_tui.blocks import Column, Table
from citytech_tui.markup import escape_markdown
from citytech_tui.output import fitted, wrapped


def test_markdown_is_escaped_and_urls_are_links() -> None:
    assert escape_markdown("a|b\nc `d` <b> [x](y) *z* $m$") == (
        r"a\|b c \`d\` &lt;b&gt; \[x\](y) \*z\* \$m\$"
    )
    assert escape_markdown("see https://a_b.c/d*e now") == "see <https://a_b.c/d*e> now"


@given(st.text(alphabet="ab 中文", max_size=60), st.integers(5, 40))
def test_wrapping_loses_no_word(text: str, width: int) -> None:
    lines = list(wrapped(text, width))
    assert " ".join(lines).split() == text.split()
    assert all(cell_len(line) <= width or len(line.split()) == 1 for line in lines)


@given(st.integers(10, 120), st.lists(st.text("x中", max_size=60), min_size=3, max_size=3))
def test_a_fitted_table_is_no_wider_than_it_must_be(width: int, cells: list[str]) -> None:
    columns = (Column("A"), Column("B", least=8), Column("C", priority=1))
    part, widths = fitted(Table(columns, [cells]), width)
    total = sum(widths) + 2 * (len(widths) - 1)
    least = max(1, cell_len(cells[0])) + 2 + min(8, max(1, cell_len(cells[1])))
    assert total <= max(width, least)
    assert part.columns[:2] == list(columns[:2])
