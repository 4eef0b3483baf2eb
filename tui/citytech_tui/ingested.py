"""What is said of an import: what came in, what went where, and the first cities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citytech_data.text import clean
from citytech_data.vocabulary import ALL, TECHNOLOGIES
from citytech_tui.blocks import Block, Column, Heading, Lines, Table
from citytech_tui.language import N_, SOURCE, _, count_text, localized, plural, spoken, translated
from citytech_tui.names import listed
from citytech_tui.output import Report

if TYPE_CHECKING:
    from citytech_data.ingest.options import Outcome

_TOP = 10
_SHOWN_REASONS = 8
_NAMES: Mapping[str, str] = {
    ALL: N_("Any of the five"),
    "ai": N_("Artificial intelligence"),
    "blockchain": N_("Blockchain"),
    "cloud": N_("Cloud computing"),
    "bigdata": N_("Big data"),
    "iot": N_("Internet of Things"),
}


def summary(outcome: Outcome) -> Report:
    """Return what came in, what went where, and the first cities."""
    report = outcome.report
    return Report(lambda: _blocks(outcome.folder, report))


def _blocks(folder: Path, report: Mapping[str, Any]) -> Sequence[Block]:
    files = report["files"]
    rows = [
        (_("Rows read"), report["rows_read"]),
        ("  " + _("of these rejected"), report["rejected"]),
        ("  " + _("further publications of an application"), report["duplicates"]),
        (_("Applications"), report["applications"]),
        ("  " + _("placed in a city"), report["placed"]),
        ("  " + _("outside the cities"), report["outside"]),
        ("  " + _("not placed"), report["unplaced"]),
    ]
    counted = report["technologies"]
    technologies = [(_(_NAMES[name]), counted[name]) for name in (ALL, *TECHNOLOGIES)]
    technologies.append((_("Several of them"), counted["several"]))
    chinese = _chinese_names()
    cities = [
        [
            str(rank),
            clean(chinese.get(each["code"], each["name"])),
            _number(each[ALL]),
            _number(each["applications"]),
        ]
        for rank, each in enumerate(report["cities"][:_TOP], 1)
    ]
    top = [Column("#", right=True), Column(_("City"))]
    top += [Column(_("Digital"), right=True), Column(_("All"), right=True)]
    return [
        Heading(
            plural("{number} file counted", "{number} files counted", len(files)).format(
                number=len(files)
            )
        ),
        _counts(_("Rows and applications"), rows),
        *_reasons(report),
        Heading(_("Applications by technology")),
        _counts(_("Technology"), technologies),
        Heading(
            plural(
                "Most digital-technology applications, all years ({number} city)",
                "Most digital-technology applications, all years ({number} cities)",
                len(report["cities"]),
            ).format(number=len(report["cities"]))
        ),
        Table(top, cities),
        Lines(_closing(folder, report)),
    ]


def _chinese_names() -> Mapping[str, str]:
    """Return the names of cities by their codes, none where English is spoken."""
    if spoken() == SOURCE:
        return {}
    from citytech_data.ingest.gazetteer import gazetteer

    return dict(gazetteer().select("code", "name_zh").iter_rows())


def _counts(title: str, rows: Sequence[tuple[str, Any]]) -> Table:
    cells = [[name, _number(count)] for name, count in rows]
    return Table([Column(title), Column(_("Count"), right=True)], cells)


def _number(count: float) -> str:
    return localized(f"{count:,}" if isinstance(count, int) else f"{count:,.1f}")


def _reasons(report: Mapping[str, Any]) -> Iterator[Block]:
    kinds = {
        "rejected_by_reason": N_("Rejected because"),
        "unplaced_by_reason": N_("Not placed because"),
        "outside_by_reason": N_("Outside because"),
    }
    for key, title in kinds.items():
        reasons = sorted(report[key].items(), key=lambda item: (-item[1], item[0]))
        if reasons:
            yield _counts(
                _(title),
                [(clean(translated(name)), count) for name, count in reasons[:_SHOWN_REASONS]],
            )


def _closing(folder: Path, report: Mapping[str, Any]) -> list[str]:
    repaired = sum(sum(each["repaired"].values()) for each in report["files"])
    place = clean(str(folder))
    lines = [_("The dataset is in {place}: citytech-tui --dataset {place}").format(place=place)]
    lines += _populations(report)
    if report["rejected"]:
        lines.append(_("Every rejected row is in rejects.parquet, with file, line and reason."))
    if report["unplaced"]:
        lines.append(_("What was not placed is in unplaced.csv, the most frequent first."))
    if repaired:
        words = plural(
            "Repaired: {number} place in the text; see ingest-report.json.",
            "Repaired: {number} places in the text; see ingest-report.json.",
            repaired,
        )
        lines.append(words.format(number=count_text(repaired)))
    return lines


def _populations(report: Mapping[str, Any]) -> Iterator[str]:
    """Say for which years and cities there can be no density."""
    cities = len(report["cities"])
    unknown = [year for year, known in report["population"].items() if not known]
    if unknown:
        words = _(
            "No population is known for {years}, so there is no density: --attributes adds it."
        )
        yield words.format(years=listed(unknown))
    for year, known in report["population"].items():
        if 0 < known < cities:
            words = _("Of {cities} cities, {known} have population in {year}.")
            yield words.format(cities=cities, known=known, year=year)
