"""Files inside ZIP archives, read as if they lay beside them; nothing is unpacked to disk."""

from __future__ import annotations

import stat
import zipfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from citytech_data.errors import DatasetError, quoted
from citytech_data.messages import Message
from citytech_data.text import clean

ARCHIVES: Final = (".zip",)
OTHER_ARCHIVES: Final = (".zip", ".7z", ".rar", ".tar", ".tgz")
IN_MEMORY: Final = 1 << 28
"""Bytes up to which a workbook or Parquet file in an archive is read: it is held in memory."""

_METHODS: Final = (
    zipfile.ZIP_STORED,
    zipfile.ZIP_DEFLATED,
    zipfile.ZIP_BZIP2,
    zipfile.ZIP_LZMA,
)
# Tables of records are packed to a fifth or a twentieth; what is packed to less than a
# three-hundredth and is large is made to fill up whoever unpacks it.
_MOST_PACKED = 300
_HARMLESS = 1 << 26
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1


@dataclass(frozen=True, slots=True)
class Stat:
    """Size in bytes, unpacked, and time of change."""

    st_size: int
    st_mtime_ns: int


@dataclass(frozen=True, slots=True)
class ZipMember:
    """A file in an archive. It has what of `pathlib.Path` the readers use."""

    archive: Path
    entry: str
    inside: PurePosixPath
    size: int

    def __str__(self) -> str:
        return f"{self.archive}/{self.inside}"

    @property
    def name(self) -> str:
        """The name of the archive and that inside of it."""
        return f"{self.archive.name}/{self.inside}"

    @property
    def suffix(self) -> str:
        """The last ending."""
        return self.inside.suffix

    @property
    def suffixes(self) -> list[str]:
        """All endings."""
        return self.inside.suffixes

    def stat(self) -> Stat:
        """Return the unpacked size, and when the archive was changed."""
        return Stat(self.size, self.archive.stat().st_mtime_ns)

    def open(self, mode: str = "rb", buffering: int = 0) -> IO[bytes]:
        """Open it for reading; the archive is closed with it.

        Raises:
            DatasetError: if it cannot be read.
        """
        del mode, buffering
        try:
            with zipfile.ZipFile(self.archive) as archive:
                return archive.open(self.entry)
        except (zipfile.BadZipFile, RuntimeError) as error:
            raise unreadable(self.archive, error) from None

    def read_bytes(self) -> bytes:
        """Return all of it.

        Raises:
            DatasetError: if it is damaged, or too large to be held in memory.
        """
        if self.size > IN_MEMORY:
            raise DatasetError(
                self.name,
                Message(
                    "is too large to be read inside an archive ({size} MB)", size=self.size >> 20
                ),
                Message("Unpack it first."),
            )
        try:
            with self.open() as file:
                return file.read()
        except zipfile.BadZipFile as error:
            raise unreadable(self.archive, error) from None


InputFile = Path | ZipMember
"""What can be read: a file, or one in an archive."""


def unreadable(archive: Path, error: Exception) -> DatasetError:
    """Return the error of an archive that is damaged."""
    problem = Message("is no readable ZIP archive ({reason})", reason=clean(str(error)))
    return DatasetError(archive.name, problem, Message("Get the file again."))


def zip_members(archive: Path) -> list[ZipMember]:
    """Return the files in an archive, in the order of their names, but hidden ones.

    Raises:
        DatasetError: if it is damaged, or something in it is encrypted, packed in a way that
            cannot be read or far beyond what is usual, or has a name that leads out of it.
    """
    try:
        with zipfile.ZipFile(archive) as file:
            entries = file.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise unreadable(archive, error) from None
    files = [entry for entry in entries if not entry.is_dir()]
    _check_overlaps(archive, entries)
    members = []
    for entry in files:
        inside = _inside(archive, entry)
        if any(part.startswith((".", "~$", "__MACOSX")) for part in inside.parts):
            continue
        _check(archive, entry, inside)
        members.append(ZipMember(archive, entry.filename, inside, entry.file_size))
    return sorted(members, key=lambda member: str(member.inside))


def _inside(archive: Path, entry: zipfile.ZipInfo) -> PurePosixPath:
    """Return the name of an entry, which is never used to write a file, but shown."""
    name = entry.filename
    if not entry.flag_bits & _UTF8_NAME:
        # Archives made on a Chinese Windows have names in GB18030 without saying so.
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("gb18030")
    name = name.replace("\\", "/")
    path = PurePosixPath(name)
    link = stat.S_ISLNK(entry.external_attr >> 16)
    drive = name[1:2] == ":"
    if path.is_absolute() or drive or link or ".." in path.parts or not path.parts:
        raise _refused(
            archive,
            name,
            Message("has a name that leads out of the archive"),
            Message("Unpack it first."),
        )
    return PurePosixPath(*(clean(part) for part in path.parts))


def _check(archive: Path, entry: zipfile.ZipInfo, inside: PurePosixPath) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise _refused(
            archive, inside, Message("is encrypted"), Message("Unpack it with its password first.")
        )
    if entry.compress_type not in _METHODS:
        problem = Message(
            "is packed by method {number}, which cannot be read", number=entry.compress_type
        )
        raise _refused(archive, inside, problem, Message("Unpack it first."))
    if entry.file_size > max(_HARMLESS, entry.compress_size * _MOST_PACKED):
        problem = Message(
            "would be {times:,.0f} times as large unpacked",
            times=entry.file_size / entry.compress_size,
        )
        raise _refused(
            archive, inside, problem, Message("That is no table of records: leave it out.")
        )
    if inside.suffix.lower() in OTHER_ARCHIVES:
        raise _refused(
            archive,
            inside,
            Message("is an archive in an archive"),
            Message("Unpack the outer one first."),
        )


def _check_overlaps(archive: Path, entries: list[zipfile.ZipInfo]) -> None:
    """Check that no two entries share a name, or bytes, as those of some bombs do."""
    names = Counter(entry.filename for entry in entries)
    if names and max(names.values()) > 1:
        twice = max(names, key=names.__getitem__)
        raise _refused(
            archive, twice, Message("is there more than once"), Message("Unpack it first.")
        )
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise _refused(
                archive,
                entry.filename,
                Message("shares its bytes with another"),
                Message("Leave the archive out."),
            )
        end = entry.header_offset + entry.compress_size


def _refused(archive: Path, name: Any, problem: Message, remedy: Message) -> DatasetError:
    return DatasetError(
        archive.name,
        Message("{name} in it {problem}", name=quoted(name), problem=problem),
        remedy,
    )
