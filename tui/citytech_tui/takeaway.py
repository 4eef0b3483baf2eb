"""What a person takes away: what is on the screen, as a file in one of several forms.

Forms for programs hold the figures themselves (citytech_data.extract); those for people hold what
the screen says. Both name the dataset, the slice and the sources.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

from citytech_data.errors import CityTechError, quoted, system_reason
from citytech_data.extract import METADATA, Extract, Tick
from citytech_data.text import clean
from citytech_tui.language import N_, SOURCE, _, speaking, translated

if TYPE_CHECKING:
    from citytech_tui.blocks import Block

_LONGEST_STEM = 200
"""Bytes; most file systems allow 255 for the whole name."""


@dataclass(frozen=True, slots=True)
class Takeaway:
    """Something to take away: its proposed name, its figures, and how the screen says them."""

    name: str
    extract: Callable[[], Extract]
    blocks: Callable[[], Sequence[Block]]
    pictures: Mapping[str, Callable[[], bytes]] | None = None
    """What draws it, by the suffix of the file, where it is a picture."""

    @property
    def forms(self) -> Mapping[str, str]:
        """The suffixes of the files that it can be, and what each is."""
        drawn = {suffix: _PICTURES[suffix] for suffix in self.pictures or ()}
        return {**drawn, **{suffix: form.title for suffix, form in FORMS.items()}}

    def text(self, separator: str = "\t") -> str:
        """Return its figures as delimited text."""
        from citytech_data.extract import write_csv

        file = BytesIO()
        with speaking(SOURCE):  # what programs read is the same in all languages
            write_csv(self.extract(), file, lambda rows: None, separator)
        return file.getvalue().decode()

    def stem(self) -> str:
        """Return its name as that of a file."""
        safe = "".join(c if c.isalnum() or c in "-_." else "-" for c in self.name)
        return safe.encode()[:_LONGEST_STEM].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class Form:
    """A form of files, and what writes it."""

    title: str
    write: Callable[[Takeaway, IO[bytes], Tick], None]
    separator: str = ""
    """What parts the cells, where the file cannot say what it holds and another does."""


def _figures(writer: str) -> Callable[[Takeaway, IO[bytes], Tick], None]:
    def write(taken: Takeaway, file: IO[bytes], tick: Tick) -> None:
        from citytech_data import extract

        with speaking(SOURCE):  # what programs read is the same in all languages
            getattr(extract, writer)(taken.extract(), file, tick)

    return write


def _markdown(taken: Takeaway, file: IO[bytes], tick: Tick) -> None:
    from citytech_tui.markup import markdown_text

    file.write(markdown_text(taken.blocks()).encode())


def _html(taken: Takeaway, file: IO[bytes], tick: Tick) -> None:
    from citytech_tui.markup import html_text

    file.write(html_text(taken.name, taken.blocks()).encode())


FORMS: Mapping[str, Form] = {
    ".csv": Form(N_("CSV, with its metadata in a second file"), _figures("write_csv"), ","),
    ".tsv": Form(N_("TSV, with its metadata in a second file"), _figures("write_tsv"), "\t"),
    ".json": Form("JSON", _figures("write_json")),
    ".parquet": Form(N_("Parquet file"), _figures("write_parquet")),
    ".xlsx": Form(N_("Excel workbook"), _figures("write_xlsx")),
    ".md": Form(N_("Markdown, as shown"), _markdown),
    ".html": Form(N_("HTML page, as shown"), _html),
}
_PICTURES = {".svg": N_("SVG picture"), ".png": N_("PNG picture")}


def form_of(path: Path, taken: Takeaway) -> str:
    """Return the form that the name of a file asks for.

    Raises:
        CityTechError: if it is none.
    """
    suffix = path.suffix.lower()
    if suffix not in taken.forms:
        known = ", ".join(taken.forms)
        words = _("{file}: the name must end in one of {endings}")
        raise CityTechError(words.format(file=quoted(path.name), endings=known))
    return suffix


def file_names(taken: Takeaway, path: Path) -> list[Path]:
    """Return the files that are written for `path`.

    Raises:
        CityTechError: if its name asks for no form.
    """
    form = FORMS.get(form_of(path, taken))
    beside = [path.with_name(path.name + METADATA)] if form and form.separator else []
    return [path, *beside]


def write_away(
    taken: Takeaway, path: Path, *, replace: bool = False, tick: Tick = lambda rows: None
) -> list[Path]:
    """Write to `path` in the form that its name asks for, whole or not at all; return the files.

    Raises:
        CityTechError: if the form is unknown, a file is there and not to be replaced, or it
            cannot be written.
    """
    files = file_names(taken, path)
    suffix = form_of(path, taken)
    # The file and its metadata need the same figures, which may take long to compute.
    taken = dataclasses.replace(taken, extract=cache(taken.extract))
    try:
        with _new_file(path, replace=replace) as file:
            if taken.pictures and suffix in taken.pictures:
                file.write(taken.pictures[suffix]())
            else:
                FORMS[suffix].write(taken, file, tick)
            for beside in files[1:]:
                _write_metadata(taken, path, beside, FORMS[suffix].separator, replace=replace)
    except FileExistsError as error:
        words = _("{file} is there already; nothing was written")
        name = clean(Path(error.filename).name)
        raise CityTechError(words.format(file=quoted(name))) from None
    except (OSError, ValueError) as error:
        words = _("{file} was not written: {reason}")
        said = system_reason(error) if isinstance(error, OSError) else clean(str(error))
        raise CityTechError(words.format(file=quoted(path.name), reason=translated(said))) from None
    return files


def _write_metadata(
    taken: Takeaway, path: Path, beside: Path, separator: str, *, replace: bool
) -> None:
    from citytech_data.extract import metadata

    with _new_file(beside, replace=replace) as file, speaking(SOURCE):
        file.write(metadata(taken.extract(), path.name, separator))


@contextmanager
def _new_file(path: Path, *, replace: bool) -> Iterator[IO[bytes]]:
    """Open a file that appears under its name only when it is whole."""
    if not replace:
        path.open("xb").close()  # keeps the name from others
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        if not replace:
            path.unlink(missing_ok=True)
        raise


def proposed(taken: Takeaway, folder: Path, suffix: str) -> Path:
    """Return a path in `folder` where nothing is yet: `total-2021.csv`, `total-2021-2.csv` ..."""
    stem = taken.stem()
    number = 1
    while True:
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        if not any(each.exists() for each in file_names(taken, path)):
            return path
        number += 1
