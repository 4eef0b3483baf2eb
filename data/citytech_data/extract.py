"""An extract of a dataset as a file: CSV, TSV, JSON, Parquet or XLSX, with what one must know.

An extract names the dataset, the slice, the sources and what each basis means. JSON, Parquet and
XLSX hold that themselves. CSV and TSV cannot without harm to their readers, so a second file
beside them holds it, as W3C's CSV on the Web defines (`NAME.csv-metadata.json`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Any

import polars as pl

ABOUT = "citytech"
"""The key of what an extract says of itself, in Parquet's own metadata."""
METADATA = "-metadata.json"
ROWS_AT_ONCE = 50_000

_DIGITS = 10
_XLSX_ROWS = 1_048_576
_XLSX_TEXT = 32_767
_TYPES: Mapping[type[pl.DataType], str] = {pl.Int64: "integer", pl.Float64: "double"}

Tick = Callable[[int], None]
"""Told how many rows are written."""


@dataclass(frozen=True, slots=True)
class Extract:
    """Rows to take away, and what one must know of them.

    `titles` are the headings of columns for people; `facts` say what it is an extract of (dataset,
    year, technology …); `sources` are rows of the table `sources`; `bases` are the meanings of the
    values in the column `basis`.
    """

    frame: pl.DataFrame
    title: str
    facts: Mapping[str, str] = field(default_factory=dict)
    sources: Sequence[Mapping[str, Any]] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, str] = field(default_factory=dict)

    @property
    def about(self) -> dict[str, Any]:
        """What the extract says of itself."""
        sources = [{k: v for k, v in row.items() if v is not None} for row in self.sources]
        return {
            "title": self.title,
            **self.facts,
            "sources": sources,
            "columns": dict(self.titles),
            "basis": dict(self.bases),
        }


def rounded(frame: pl.DataFrame) -> pl.DataFrame:
    """Return figures without binary noise: at most ten significant digits."""
    return frame.with_columns(pl.col(pl.Float64).round_sig_figs(_DIGITS))


def spreadsheet_safe(frame: pl.DataFrame) -> pl.DataFrame:
    """Return cells that a spreadsheet would take for a formula with an apostrophe before them."""
    text = pl.col(pl.String)
    formula = text.str.contains(r"^[=+\-@\t\r]")
    return frame.with_columns(pl.when(formula).then("'" + text).otherwise(text).name.keep())


def write_csv(extract: Extract, file: IO[bytes], tick: Tick, separator: str = ",") -> None:
    """Write UTF-8 with a header; what is unknown is an empty cell."""
    frame = spreadsheet_safe(extract.frame)
    file.write(frame.clear().write_csv(separator=separator).encode())
    for done, part in _parts(frame):
        part.with_columns(_digits(pl.col(pl.Float64))).write_csv(
            file, include_header=False, separator=separator
        )
        tick(done)


def write_tsv(extract: Extract, file: IO[bytes], tick: Tick) -> None:
    """Write like `write_csv`, with tabs."""
    write_csv(extract, file, tick, "\t")


def write_json(extract: Extract, file: IO[bytes], tick: Tick) -> None:
    """Write an object: what the extract says of itself, and its `rows`."""
    head = json.dumps(extract.about, ensure_ascii=False, indent=2)
    file.write(head.removesuffix("\n}").encode() + b',\n  "rows": [')
    for done, part in _parts(rounded(extract.frame)):
        lines = part.write_ndjson().encode().rstrip(b"\n").split(b"\n")
        file.write(b"" if done == part.height else b",")
        file.write(b"\n    " + b",\n    ".join(lines))
        tick(done)
    file.write(b"\n  ]\n}\n")


def write_parquet(extract: Extract, file: IO[bytes], tick: Tick) -> None:
    """Write Parquet; its metadata holds what the extract says of itself, as JSON."""
    about = json.dumps(extract.about, ensure_ascii=False)
    rounded(extract.frame).write_parquet(file, metadata={ABOUT: about})
    tick(extract.frame.height)


def write_xlsx(extract: Extract, file: IO[bytes], tick: Tick) -> None:
    """Write a workbook: the rows on one sheet, what the extract says of itself on another.

    Raises:
        ValueError: if there are more rows than a sheet has.
    """
    from xlsxwriter import Workbook

    if extract.frame.height >= _XLSX_ROWS:
        raise ValueError(f"a sheet holds {_XLSX_ROWS - 1:,} rows; write CSV or Parquet instead")
    # What looks like a formula or an address in a text stays a text.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    book = BytesIO()
    workbook = Workbook(book, {**options, "nan_inf_to_errors": True})
    cut = pl.col(pl.String).str.slice(0, _XLSX_TEXT)
    frame = rounded(extract.frame).with_columns(cut)
    frame.write_excel(workbook, "Data", autofit=frame.height < ROWS_AT_ONCE, freeze_panes=(1, 0))
    sheet = workbook.add_worksheet("About")
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 90)
    for index, cells in enumerate(_about_rows(extract)):
        sheet.write_row(index, 0, cells)
    workbook.close()
    file.write(book.getbuffer())
    tick(extract.frame.height)


def metadata(extract: Extract, name: str, separator: str) -> bytes:
    """Return what an extract says of itself as metadata of CSV on the Web for the file `name`."""
    columns = [
        {
            "name": column,
            "titles": extract.titles.get(column, column),
            "datatype": next((t for d, t in _TYPES.items() if dtype == d), "string"),
        }
        for column, dtype in extract.frame.schema.items()
    ]
    content = {
        "@context": ["http://www.w3.org/ns/csvw", {"language": "en"}],
        "url": name,
        "dialect": {"delimiter": separator, "encoding": "utf-8"},
        "dc:title": extract.title,
        "dc:source": [source["url"] for source in extract.sources if source.get("url")],
        "tableSchema": {"columns": columns},
        f"{ABOUT}:about": extract.about,
    }
    return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"


def _parts(frame: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield the rows in parts, each with how many rows there are up to its end."""
    done = 0
    for part in frame.iter_slices(ROWS_AT_ONCE):
        done += part.height
        if part.height:
            yield done, part


def _digits(figures: pl.Expr) -> pl.Expr:
    """Return figures as text without binary noise, and whole ones without a point."""
    exact = figures.round_sig_figs(_DIGITS)
    whole = exact.round(0).cast(pl.Int64, strict=False)
    text = pl.when(exact == whole).then(whole.cast(pl.String)).otherwise(exact.cast(pl.String))
    return pl.when(figures.is_finite()).then(text).name.keep()


def _about_rows(extract: Extract) -> Iterator[tuple[str, ...]]:
    yield "title", extract.title
    yield from extract.facts.items()
    for source in extract.sources:
        yield "source", ", ".join(str(value) for value in source.values() if value is not None)
    for name, meaning in extract.bases.items():
        yield f"basis {name}", meaning
    for name, title in extract.titles.items():
        yield f"column {name}", title
