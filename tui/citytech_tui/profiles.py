"""A city's profile in lines: where it stands among all, its technology mix, whom it resembles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citytech_data.rows import Row
from citytech_data.vocabulary import MEASURES
from citytech_tui.format import city_text, number_text, technology_text
from citytech_tui.language import N_, _
from citytech_tui.names import measure_title
from citytech_tui.widgets.bars import bar
from citytech_tui.widgets.cells import fit
from citytech_tui.widgets.lines import Line, paragraph, text

if TYPE_CHECKING:
    import polars as pl

    from citytech_data.profile import Mix

_ALIKE = 5
_NAME = 24
_NUMBERS = 22
NO_MIX = N_("The dataset does not count its technologies apart.")
UNKNOWN_MIX = N_("Not every technology's count is known for this city.")


def percentile_lines(standings: pl.DataFrame, city: Row, width: int) -> list[Line]:
    """Return how many of the other cities the city exceeds in each measure."""
    from citytech_data.profile import percentile

    lines: list[Line] = []
    for measure in MEASURES:
        exceeded = percentile(standings, city["code"], measure)
        if exceeded is not None:
            share = number_text(round(exceeded, 1), "%")
            words = _("{measure}: above {share} of the others")
            lines += paragraph(words.format(measure=measure_title(measure), share=share), width)
    if not lines:
        return []
    note = _("Of the cities whose figure is known; equal ones count half.")
    return [(), text(_("Where it stands"), "heading"), *lines, *paragraph(note, width, "dim")]


def mix_lines(mix: Mix, code: str, width: int) -> list[Line]:
    """Return the shares of the technologies, beside those of all, and the specialisation index."""
    lines: list[Line] = [(), text(_("Technology mix"), "heading")]
    if mix.frame.is_empty():
        return [*lines, *paragraph(_(NO_MIX), width, "dim")]
    rows = mix.of(code)
    if rows.is_empty():
        return [*lines, *paragraph(_(UNKNOWN_MIX), width, "dim")]
    name_width = min(_NAME, max(8, width - _NUMBERS - 4))
    bar_width = max(0, width - name_width - _NUMBERS)
    largest = max(*rows["share"], *rows["share_of_all"])
    heads = "".join(fit(head, 7, right=True) for head in (_("share"), _("all"), _("index")))
    lines.append(text(" " * (name_width + bar_width + 1) + heads, "dim"))
    for row in rows.iter_rows(named=True):
        share, of_all = row["share"], row["share_of_all"]
        drawn = bar(share, share, largest, bar_width)
        index = number_text(row["advantage"])
        numbers = f"{number_text(share * 100, '%'):>7}{number_text(of_all * 100, '%'):>7}{index:>7}"
        name = fit(technology_text(row["technology"]), name_width)
        lines.append(text(f"{name}{drawn} {numbers}"))
    if mix.national:
        note = _(
            "Index: its share by that of the country; above 1 it is specialised in the technology."
        )
    else:
        note = _(
            "Index: its share by that of all these cities; "
            "above 1 it is specialised in the technology."
        )
    return [*lines, *paragraph(note, width, "dim")]


def alike_lines(mix: Mix, cities: pl.DataFrame, code: str, width: int) -> list[Line]:
    """Return the cities whose technology mix is most similar."""
    from citytech_data.profile import nearest

    found = nearest(mix, code).head(_ALIKE)
    if found.is_empty():
        return []
    names = cities.select("code", city="name_en", city_zh="name_zh")
    lines: list[Line] = [(), text(_("Most similar technology mix"), "heading")]
    for row in found.join(names, on="code", maintain_order="left").iter_rows(named=True):
        name = fit(city_text(row), min(_NAME, max(1, width - 7)))
        lines.append(text(f"{name}{row['proximity']:>7.3f}"))
    note = _("Proximity: the cosine of the counts by technology; 1 is the same mix.")
    return [*lines, *paragraph(note, width, "dim")]
