"""Find the input files that a person names: files, folders and patterns."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

from citytech_data.errors import DatasetError, quoted
from citytech_data.ingest.archives import ARCHIVES, InputFile, ZipMember, zip_members
from citytech_data.ingest.options import REPORT_FILE
from citytech_data.messages import Message

TEXT = (".csv", ".tsv", ".txt", ".tab", ".trs")
LINES = (".ndjson", ".jsonl", ".json")
SHEETS = (".xlsx", ".xls", ".xlsb", ".xlsm")
PARQUET = (".parquet", ".pq")
PACKED = (".gz", ".zst", ".zstd")


def kind_of(path: InputFile) -> str:
    """Return the ending that tells what a file holds, packed or not, in lower case."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in PACKED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def find_files(inputs: Iterable[str]) -> list[InputFile]:
    """Return all files that `inputs` name, each once, in the order named; folders sorted.

    An archive stands for the files in it that can be read.

    Raises:
        DatasetError: if a name fits no file, or an archive cannot be read or holds nothing.
    """
    found: dict[object, InputFile] = {}
    for name in inputs:
        path = Path(name).expanduser()
        if path.is_dir():
            below = sorted(path.rglob("*"))
            # What an import wrote in there is no input of the next.
            written = {each.parent for each in below if each.name == REPORT_FILE} - {path}
            files = [each for each in below if each.parent not in written and _is_input(each, path)]
        elif path.exists():
            files = [path]
        else:
            found_names = glob.glob(str(path), recursive=True)  # noqa: PTH207 - any pattern, absolute too
            files = [Path(each) for each in sorted(found_names)]
            files = [each for each in files if each.is_file()]
        if not files:
            raise DatasetError(
                quoted(name),
                Message("there is no such file"),
                Message("Copy or mount the files first: they are read from disks of this machine.")
                if "://" in name
                else Message("Give files, folders or patterns."),
            )
        for each in files:
            if each.suffix.lower() in ARCHIVES:
                members = _members(each)
                found |= {(each.resolve(), member.entry): member for member in members}
            else:
                found.setdefault(each.resolve(), each)
    return list(found.values())


def _members(archive: Path) -> list[ZipMember]:
    members = zip_members(archive)
    known = [each for each in members if kind_of(each) in (*TEXT, *LINES, *SHEETS, *PARQUET)]
    if not known:
        raise DatasetError(
            archive.name,
            Message("the archive holds no file that can be read"),
            Message("Leave it out."),
        )
    return known


def _is_input(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
    known = kind_of(path) in (*TEXT, *LINES, *SHEETS, *PARQUET, *ARCHIVES)
    return known and not hidden and path.is_file()
