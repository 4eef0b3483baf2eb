"""The verbs `ingest` and `technologies`: from patent records to a dataset."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from citytech_data.errors import CityTechError, quoted
from citytech_data.text import clean
from citytech_tui.blocks import Column, Heading, Lines, Table
from citytech_tui.ingested import summary
from citytech_tui.language import N_, _, count_text, plural, translated
from citytech_tui.output import Format, Report

if TYPE_CHECKING:
    from citytech_data.ingest.options import Listener, Progress, Surveyed

EPOCH = "SOURCE_DATE_EPOCH"
"""The variable that dates the dataset; without it, it has no date."""

_STAGES: Mapping[str, str] = {
    "spark": N_("Reading on Spark {file}"),
    "read": N_("Reading {file}"),
    "place": N_("Placing {file}"),
    "count": N_("Counting {file}"),
    "write": N_("Writing {file}"),
}
FormatName = Literal[
    "auto",
    "patsnap",
    "incopat",
    "cnipa",
    "national",
    "patentics",
    "lens",
    "google",
    "google-bigquery",
    "patentsview",
    "patstat",
    "generic",
]


def _path(metavar: str, text: str) -> Any:
    return typer.Option(metavar=metavar, help=text)


FilesArgument = Annotated[
    list[str],
    typer.Argument(metavar="FILES...", help=N_("Files, folders or patterns."), show_default=False),
]
ToOption = Annotated[Path, _path("DIR", N_("The folder of the dataset to write."))]
FormatOption = Annotated[
    FormatName, typer.Option("--format", help=N_("Where the files come from."))
]
MappingOption = Annotated[
    Path | None, _path("FILE", N_("A TOML file that says what the columns are."))
]
RulesOption = Annotated[Path | None, _path("FILE", N_("Your own rules for the technologies."))]
PresetOption = Annotated[
    str,
    _path("NAME", N_("How wide a net the technologies cast: strict, broad, or one of your rules.")),
]
NamesOption = Annotated[
    Path | None, _path("NAMES.csv", N_("A table of applicants and their cities."))
]
AttributesOption = Annotated[
    Path | None, _path("CITIES.csv", N_("A table of city, year, population and gdp."))
]
CountByOption = Annotated[
    Literal["first-applicant", "fractional"],
    typer.Option(help=N_("Whose city counts: the first applicant's, or each in equal parts.")),
]
KindsOption = Annotated[str, _path("KINDS", N_("Kinds of patents, joined by commas."))]
YearOption = Annotated[
    Literal["filing", "publication"], typer.Option(help=N_("The year an application counts in."))
]
MemoryOption = Annotated[str, _path("SIZE", N_("About how much memory may be used."))]
ResumeOption = Annotated[
    bool, typer.Option("--resume", help=N_("Go on after the last file that was finished."))
]
EngineOption = Annotated[
    Literal["polars", "spark"],
    typer.Option(help=N_("What reads and counts: this machine, or Apache Spark.")),
]
MasterOption = Annotated[
    str | None,
    _path("URL", N_("Where Spark is: sc://HOST:15002, spark://HOST:7077, local[4] ...")),
]


def ingest(  # noqa: PLR0913 - each option of a command is a parameter
    files: FilesArgument,
    *,
    to: ToOption,
    form: FormatOption = "auto",
    mapping: MappingOption = None,
    technologies: RulesOption = None,
    preset: PresetOption = "strict",
    names: NamesOption = None,
    attributes: AttributesOption = None,
    count_by: CountByOption = "first-applicant",
    kinds: KindsOption = "invention,utility,design",
    year: YearOption = "filing",
    memory: MemoryOption = "700MB",
    resume: ResumeOption = False,
    engine: EngineOption = "polars",
    master: MasterOption = None,
) -> tuple[Report, Format]:
    """Count patent records of your own into a dataset."""
    from citytech_data.ingest.options import Options, read_kinds, read_size

    check_installed()
    from citytech_data.ingest.run import ingest as run_import
    from citytech_data.ingest.store import work_folder

    options = Options(
        inputs=tuple(files),
        to=to.expanduser(),
        format=form,
        mapping=mapping,
        rules=technologies,
        preset=preset,
        names=names,
        attributes=attributes,
        count_by=count_by,
        kinds=read_kinds(kinds),
        year=year,
        memory=read_size(memory),
        resume=resume,
        engine=engine,
        master=master,
        created=created(os.environ.get(EPOCH, "")),
    )
    try:
        with ending_in_order(), listening() as listener:
            outcome = run_import(options, listener)
    except BaseException as error:
        said = []
        if not isinstance(error, Exception):
            said.append(_("Interrupted: no dataset was written."))
        if not isinstance(error, CityTechError) and work_folder(options.to).exists():
            said.append(_("The files read so far are kept; --resume goes on from there."))
        if said and sys.stderr is not None:
            sys.stderr.write(f"{' '.join(said)}\n")
        raise
    return summary(outcome), "table"


def check_installed() -> None:
    """Check that what only imports need is installed.

    Raises:
        CityTechError: if it is not.
    """
    if find_spec("narwhals") is None:
        raise CityTechError(_("this needs more packages: pip install 'citytech-tui[ingest]'"))


def created(epoch: str) -> str:
    """Return the date that a number of seconds since 1970 means, as datasets write it.

    Raises:
        CityTechError: if it is none.
    """
    if not epoch:
        return ""
    try:
        return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        words = _("{variable} is {value}, not a number of seconds")
        raise CityTechError(words.format(variable=EPOCH, value=quoted(epoch))) from None


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Let SIGTERM and SIGHUP, where not ignored, end what is done within as ctrl-c does."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    ours = [number for number, handler in before.items() if handler is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def listening() -> Iterator[Listener]:
    """Show what an import tells: bars on a terminal, else a line per file, on the error output."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield _quiet_line
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %", markup=False),
        TextColumn("{task.fields[rate]}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        yield _Bars(bars)


def _survey_lines(survey: Surveyed) -> list[str]:
    words = _("{file}: {format}")
    said = [
        words.format(file=survey.file, format=translated(survey.format)),
        *(f"  {translated(each)}" for each in survey.lacks),
    ]
    return [clean(line) for line in said]


def _quiet_line(event: Surveyed | Progress) -> None:
    from citytech_data.ingest.options import Surveyed

    if isinstance(event, Surveyed):
        lines = _survey_lines(event)
    elif event.stage == "read" and event.done >= event.total:
        words = plural("{file}: {number} row read", "{file}: {number} rows read", event.rows)
        lines = [words.format(file=clean(event.file), number=count_text(event.rows))]
    else:
        return
    if sys.stderr is not None:
        sys.stderr.write("".join(f"{line}\n" for line in lines))


class _Bars:
    """Draws the progress of an import as bars: one per stage, the file named beside it."""

    def __init__(self, bars: Any) -> None:
        self._bars = bars
        self._tasks: dict[str, Any] = {}
        self._before: dict[str, int] = {}

    def __call__(self, event: Surveyed | Progress) -> None:
        from citytech_data.ingest.options import Surveyed

        if isinstance(event, Surveyed):
            for line in _survey_lines(event):
                self._bars.console.print(line, soft_wrap=True)
            return
        key = f"{event.stage} {event.file}"
        if key not in self._tasks:
            if event.file and event.done >= event.total:
                return  # Spark has read it with the others, under one bar
            name = Path(event.file).name
            text = clean(_(_STAGES[event.stage]).format(file=name).strip())
            self._tasks[key] = self._bars.add_task(text, total=max(event.total, 1), rate="")
        task = self._tasks[key]
        elapsed = self._bars.tasks[self._bars.task_ids.index(task)].elapsed or 0
        rate = ""
        if event.rows and elapsed:
            rate = _("{number} rows/s").format(number=count_text(round(event.rows / elapsed)))
        self._bars.update(task, completed=event.done, rate=rate)


# --- The rules -------------------------------------------------------------------------

_HEADS = {
    "technology": N_("Technology"),
    "rule": N_("Rule"),
    "level": N_("Level"),
    "preset": N_("Preset"),
    "keywords": N_("Keywords"),
    "scheme": N_("Scheme"),
    "source": N_("Source"),
    "note": N_("Note"),
}
RulesFormat = Literal["toml", "table", "csv", "json", "markdown"]


def technologies(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help=N_("Your own rules."), show_default=False),
    ] = None,
    *,
    form: Annotated[
        RulesFormat, typer.Option("--format", help=N_("toml is what --technologies reads."))
    ] = "toml",
) -> tuple[Report, Format]:
    """Print the rules by which applications count for a technology, after a check of them."""
    check_installed()
    from citytech_data.ingest.technologies import DEFAULT_FILE, load

    rules = load(file)
    if form == "toml":
        lines = (file or DEFAULT_FILE).read_text(encoding="utf-8-sig").splitlines()
        return Report(lambda: [Lines([clean(line) for line in lines])]), "table"
    described = rules.describe()
    names = described[0]._fields
    shown = [Column(_(_HEADS[name]), least=12, wraps=True) for name in names]
    rows = [[str(cell) for cell in row] for row in described]
    return Report(
        blocks=lambda: [Heading(clean(rules.file.title)), Table(shown, rows)],
        columns=names,
        records=lambda: [row._asdict() for row in described],
    ), form


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command(help=N_("Count patent records of your own into a dataset."))(ingest)
    app.command(
        help=N_(
            "Print the rules by which applications count for a technology, after a check of them."
        )
    )(technologies)
