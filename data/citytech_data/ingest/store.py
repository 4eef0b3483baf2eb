"""The working folder of an import: what is read so far, in parts that fit into memory.

It stands beside the dataset to be written, and goes when that is written. A file is finished
when its note is there, which is written last; `--resume` keeps the finished ones.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any, Final

import polars as pl

from citytech_data.errors import DatasetError
from citytech_data.ingest.clean import PLACE_COLUMNS, PLACE_YEAR
from citytech_data.messages import Message
from citytech_data.vocabulary import TECHNOLOGIES

_PLAN = "plan.json"
_REJECTS: Final = {"file": pl.Int64, "line": pl.Int64, "reason": pl.String, "text": pl.String}
_ROWS: Final = {
    "key": pl.Int64,
    "year": pl.Int16,
    "day": pl.Int32,
    "row": pl.Int64,
    "place": pl.Int64,
    **dict.fromkeys(TECHNOLOGIES, pl.Int8),
}
_PLACES: Final = {
    "place": pl.Int64,
    **dict.fromkeys(PLACE_COLUMNS, pl.String),
    PLACE_YEAR: pl.Int16,
}
_OUTCOMES: Final = {"place": pl.Int64, "outcome": pl.Int64}
_PLACED: Final = {
    **{name: dtype for name, dtype in _ROWS.items() if name != "place"},
    "outcome": pl.Int64,
}
_SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "rows": _ROWS,
    "places": _PLACES,
    "outcomes": _OUTCOMES,
    "placed": _PLACED,
}
# Rows meet their places first, then the other rows of their application.
_BY: Final = {"rows": "place", "places": "place", "outcomes": "place", "placed": "key"}
_PENDING = 1 << 24
# What file systems say that cannot tell whether another import is there.
_NO_LOCKS: Final = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
_AFTER_READING = -1


def work_folder(target: Path) -> Path:
    """Return the working folder of an import to `target`."""
    return target.parent / f".{target.name}-ingest"


class Store:
    """Files on disk, in `parts` parts: rows, places and rejects of every input file.

    Once places are placed, their outcomes too, and the rows again with these, by application.
    """

    def __init__(self, target: Path, parts: int) -> None:
        self._target = target
        self.folder = work_folder(target)
        self.parts = parts
        self._pending: dict[str, list[pl.DataFrame]] = {}
        self._written: Counter[str] = Counter()
        self._lock = Lock()
        self._claim: int | None = None

    def begin(self, plan: Mapping[str, Any], *, resume: bool) -> None:
        """Make the folder, or keep what a run with the same plan has finished in it.

        Raises:
            DatasetError: if there is something to resume, but of another plan, or another
                import to the same target is running.
        """
        self._claim_folder()
        text = json.dumps(plan, ensure_ascii=False, sort_keys=True)
        path = self.folder / _PLAN
        if resume and path.is_file():
            if path.read_text(encoding="utf-8") == text:
                self._forget_unfinished()
                return
            raise DatasetError(
                str(self.folder),
                Message("what was interrupted had other files, options or versions"),
                Message("Start again without --resume."),
            )
        for each in self.folder.iterdir():
            if each.is_dir():
                shutil.rmtree(each)
            else:
                each.unlink()
        self._write_text(path, text)

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def close(self) -> None:
        """Let others have the folder."""
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None

    def _claim_folder(self) -> None:
        """Make the folder ours until this process ends, however it ends."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._claim = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(self._claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DatasetError(
                str(self._target),
                Message("is being written by another import"),
                Message("Wait for its end, or choose another folder."),
            ) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise

    def finished(self, file: int) -> dict[str, Any] | None:
        """Return the note on a finished file, or None."""
        path = self._note(file)
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    def any_finished(self) -> bool:
        """Return whether there is anything to resume."""
        return any(self.folder.glob("note-*.json"))

    def finish(self, file: int, note: Mapping[str, Any]) -> None:
        """Say that a file is wholly read."""
        for what in list(self._pending):
            self._write(what, file, *self._taken(what))
        self._write_text(self._note(file), json.dumps(note, ensure_ascii=False, sort_keys=True))

    def _forget_unfinished(self) -> None:
        """Remove what an interrupted run left of files that it did not finish, and placed."""
        for path in self.folder.glob("*.arrow"):
            if self.finished(_file_of(path)) is None:
                path.unlink()

    def write_rows(self, file: int, rows: pl.DataFrame) -> None:
        """Keep rows, by the hash of their place; several threads may do so."""
        self._keep("rows", file, rows.select(*_ROWS))

    def write_places(self, file: int, places: pl.DataFrame) -> None:
        """Keep places, by their hash; several threads may do so."""
        self._keep("places", file, places.select(*_PLACES))

    def write_outcomes(self, part: int, outcomes: pl.DataFrame) -> None:
        """Keep what came of the places of a part."""
        with self._lock:
            self._written["outcomes"] += 1
        path = self._path("outcomes", _AFTER_READING, self._written["outcomes"], part)
        outcomes.select(*_OUTCOMES).write_ipc(path)

    def write_placed(self, rows: pl.DataFrame) -> None:
        """Keep rows with their outcomes, by the key of their application."""
        self._keep("placed", _AFTER_READING, rows.select(*_PLACED))

    def finish_placed(self) -> None:
        """Say that all rows have their outcomes."""
        if "placed" in self._pending:
            self._write("placed", _AFTER_READING, *self._taken("placed"))

    def write_rejects(self, file: int, batch: int, rejects: pl.DataFrame) -> None:
        """Keep the rejected rows of a batch."""
        if rejects.height:
            rejects.write_ipc(self._path("rejects", file, batch, 0))

    def part(self, what: str, part: int) -> pl.LazyFrame:
        """Return the rows, places, outcomes or placed rows of one part.

        The same place can be there several times.
        """
        paths = self._files(what, part)
        return pl.scan_ipc(paths) if paths else pl.LazyFrame(schema=dict(_SCHEMAS[what]))

    def size(self, what: str, part: int) -> int:
        """Return about how many bytes of memory a part takes."""
        return sum(path.stat().st_size for path in self._files(what, part))

    def rejects(self, file: int) -> pl.LazyFrame:
        """Return the rejected rows of a file; of all, none may come afterwards."""
        paths = self._rejects.get(file)
        return pl.scan_ipc(paths) if paths else pl.LazyFrame(schema=_REJECTS)

    @cached_property
    def _rejects(self) -> Mapping[int, list[Path]]:
        paths = sorted(self.folder.glob("rejects-*.arrow"))
        return {file: list(of_file) for file, of_file in groupby(paths, _file_of)}

    def _write_text(self, path: Path, text: str) -> None:
        """Write a file that is there as a whole or not at all."""
        partial = self.folder / "partial"
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)

    def _note(self, file: int) -> Path:
        return self.folder / f"note-{file:05}.json"

    def _path(self, what: str, file: int, batch: int, part: int) -> Path:
        return self.folder / f"{what}-{file:05}-{batch:06}-{part:03}.arrow"

    def _keep(self, what: str, file: int, frame: pl.DataFrame) -> None:
        """Collect frames until they are worth files of their own, one a part."""
        with self._lock:
            pending = self._pending.setdefault(what, [])
            pending.append(frame)
            if sum(each.estimated_size() for each in pending) < _PENDING:
                return
            taken = self._taken(what)
        self._write(what, file, *taken)

    def _taken(self, what: str) -> tuple[int, list[pl.DataFrame]]:
        self._written[what] += 1
        return self._written[what], self._pending.pop(what)

    def _write(self, what: str, file: int, number: int, frames: Sequence[pl.DataFrame]) -> None:
        frame = pl.concat(frames)
        of_part = frame[_BY[what]] % self.parts
        for part in range(self.parts):
            some = frame if self.parts == 1 else frame.filter(of_part == part)
            some.write_ipc(self._path(what, file, number, part))

    def _files(self, what: str, part: int) -> list[Path]:
        return sorted(self.folder.glob(f"{what}-*-{part:03}.arrow"))


def _file_of(path: Path) -> int:
    """Return the number of the input file that a file of the store is of."""
    _, _, numbers = path.stem.partition("-")
    return int(numbers.rsplit("-", 2)[0])


def rejects_frame(file: int, rejects: Sequence[tuple[int, str, str]]) -> pl.DataFrame:
    """Return rejected lines as a frame: line, reason, text."""
    rows = [(file, *each) for each in rejects]
    return pl.DataFrame(rows, _REJECTS, orient="row")
