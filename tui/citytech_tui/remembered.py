"""The remembered frame: the first screen of the last start, shown before anything is imported.

It is kept under all that decides how a first screen looks: arguments, terminal, size, colours.
It is shown only while the files that it came from are what they were: the program, the libraries,
the dataset, the person's settings. The app then compares it with its own first frame and writes
that if it differs, so that whatever else may be wrong with it lasts only while the app starts.

This runs first, so it imports little. A file that another person could have written is not
used, and nothing but text, colours and cursor moves of it reaches the terminal.
"""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import sys
import termios
import time
from _blake2 import blake2b  # hashlib has it too, but loads OpenSSL
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from itertools import chain
from types import FrameType, TracebackType
from typing import Any, NoReturn, Self

import citytech_data
from citytech_data import DEFAULT
from citytech_tui import PREFERENCES, PROGRAM

OFF = "CITYTECH_NO_CACHE"
"""The variable that switches all this off, whatever its value."""

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
LEAVE = "\x1b[?7h\x1b[?1049l\x1b[?25h"
"""What takes the whole screen, without cursor and line wrap, and what gives it back."""

MOST_BYTES = 64 * 1024
MOST_FRAMES = 16

_LOOKS = ("COLORTERM", "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR", "TERM")
_LOOKS_TOO = ("CITYTECH", "LANG", "LC_", "TERM_", "TEXTUAL")
_HARMLESS = re.compile("(?:\x1b\\[[0-9;]*[BCDGHJKXm]|\r\n?|\x08|[^\x00-\x1f\x7f-\x9f])*")
_UNSEEN = ("hinted", "recent")
"""What of the preferences has no say in how the first screen looks."""
_UNWRITTEN = json.dumps({"program": PROGRAM}).encode()
"""What stands for preferences that nobody has written yet."""
_STEADY = 2_000_000_000
"""Nanoseconds after which a further change of a file is sure to show in its times."""


class RememberedFrame:
    """The first screen of a start with these arguments: shows the last one, keeps the next one.

    Within `with`, a terminal that was taken over is given back, unless the app takes it.
    """

    def __init__(self, arguments: Iterable[str]) -> None:
        """Find the frame; there is none if the program has no terminal of its own."""
        self.text = ""
        """What is on the terminal; empty if that is not known."""
        self._settings: list[Any] | None = None
        self._sources: list[str] = []
        self._signature = ""
        arguments = [*arguments]
        self._names_dataset = any(each.partition("=")[0] == "--dataset" for each in arguments)
        self._key = _key(arguments) if OFF not in os.environ and _has_terminal() else ""
        if self._key:
            self._path = f"{_folder('XDG_CACHE_HOME', '.cache', 'Caches')}/{self._key}.frame"
            self.text = self._read()

    def __enter__(self) -> Self:
        """Watch over the terminal."""
        return self

    def show(self) -> None:
        """Show the frame if there is one; from now on what is typed waits for the app."""
        if not self.text:
            return
        try:
            settings = termios.tcgetattr(0)
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, _end)
            signal.signal(signal.SIGWINCH, self._distrust)
            self._settings = settings
            termios.tcsetattr(0, termios.TCSANOW, _raw(settings))
            _write(ENTER + self.text)
        except (OSError, termios.error):  # it has gone, as the app will notice
            self.text = ""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give back a terminal that the app has not taken."""
        settings = self.take()
        if settings is not None:
            with suppress(OSError, termios.error):  # it has gone
                _write(LEAVE)
                termios.tcsetattr(0, termios.TCSANOW, settings)

    def take(self) -> list[Any] | None:
        """Hand over the terminal: return its settings before, None if it was not taken over."""
        settings, self._settings = self._settings, None
        return settings

    def comes_from(self, *paths: str) -> None:
        """Name files and folders that the first screen comes from, before they are read."""
        if self._key:
            self._sources += map(os.path.abspath, paths)
            self._signature = self._sign(self._sources)

    def keep(self, text: str) -> None:
        """Keep the app's first frame for the next start, if it is another one."""
        if self._signature and text != self.text and is_harmless(text):
            data = self._sealed(self._signature, "\n".join(self._sources), text)
            if len(data) <= MOST_BYTES:
                with suppress(OSError):  # without a cache the next start is only slower
                    _replace(self._path, data)

    def _sealed(self, signature: str, sources: str, text: str) -> bytes:
        """Return the content of a file; its seal fits only what it was made for."""
        seal = _digest(self._key, signature, sources, text)
        return "\0".join((seal, sources, text)).encode("utf-8", "surrogateescape")

    def _read(self) -> str:
        data = _private(self._path)
        try:
            _, sources, text = data.decode("utf-8", "surrogateescape").split("\0")
        except ValueError:
            return ""
        signature = self._sign(sources.split("\n") if sources else [])
        whole = signature and data == self._sealed(signature, sources, text)
        return text if whole and is_harmless(text) else ""

    def _sign(self, sources: Iterable[str]) -> str:
        """Return what changes with any of the program's, the person's and these files.

        Empty where that is not sure, as for files that are missing or were just changed.
        """
        try:
            own = _program_states(), _settings(self._names_dataset)
            return _digest(*chain(*own, *map(_states, sources)))
        except (OSError, _Unsteady):
            return ""

    def _distrust(self, *_: object) -> None:
        """The size has changed, and with it what the terminal shows."""
        self.text = ""


def is_harmless(text: str) -> bool:
    """Whether a terminal that is sent `text` shows it and does nothing else."""
    return _HARMLESS.fullmatch(text) is not None


def _has_terminal() -> bool:
    if os.environ.get("TERM", "dumb") == "dumb" or not all(map(os.isatty, range(3))):
        return False
    try:
        return os.tcgetpgrp(0) == os.getpgrp()  # else it would be stopped
    except OSError:
        return False


def _key(arguments: list[str]) -> str:
    """Return what stands for all but files that decides how the first screen looks, if known."""
    looks = [
        f"{name}={value}"
        for name, value in sorted(os.environ.items())
        if name in _LOOKS or name.startswith(_LOOKS_TOO)
    ]
    try:
        # What an argument names depends on where the program was started.
        place = [os.getcwd(), *arguments] if arguments else []
        size = os.get_terminal_size(0)
    except OSError:
        return ""
    return _digest(sys.version, str(size.columns), str(size.lines), *looks, "", *place)


@cache
def _program_states() -> tuple[str, ...]:
    """Return what changes with the program and its libraries."""
    installed = [path for path in sys.path if path.endswith("-packages")]
    states = [f"{path} {os.stat(path).st_mtime_ns}" for path in installed]
    for path in (os.path.dirname(__file__), *citytech_data.__path__):
        states += _states(path)
    return tuple(states)


@cache
def _settings(names_dataset: bool) -> tuple[str, ...]:
    """Return what changes with the person's settings that the first screen comes from."""
    folder = _folder("XDG_CONFIG_HOME", ".config", "Application Support")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    # The program itself writes them at many a start.
    found = {name: _private(f"{folder}/{name}") for name in names}
    states = [_preferred(found.get(PREFERENCES, _UNWRITTEN), names_dataset)]
    for name, content in found.items():
        if not content:
            states += _states(f"{folder}/{name}")
        elif name != PREFERENCES:
            states += name, content.hex()
    return tuple(states)


def _preferred(content: bytes, names_dataset: bool) -> str:
    """Return the preferences that the first screen comes from, alike where they come to the same.

    The dataset shown last has no say where the command line names another.
    """
    try:
        preferences = json.loads(content)
    except (ValueError, RecursionError):
        return content.hex()
    if not isinstance(preferences, dict) or preferences.pop("program", "") != PROGRAM:
        return content.hex()  # which the app does not use either
    dataset = "" if names_dataset else preferences.get("dataset") or DEFAULT
    seen = {name: value for name, value in preferences.items() if value and name not in _UNSEEN}
    return json.dumps(seen | {"dataset": dataset}, sort_keys=True)


class _Unsteady(Exception):
    """A file was changed so lately that another change might not show."""


def _states(path: str) -> Iterator[str]:
    """Yield what changes with a file, or with any in a folder."""
    status = os.stat(path)
    if stat.S_ISDIR(status.st_mode):
        for name in sorted(os.listdir(path)):
            if name != "__pycache__":
                yield from _states(f"{path}/{name}")
        return
    if time.time_ns() - status.st_ctime_ns < _STEADY:
        raise _Unsteady
    yield f"{path} {status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def _folder(variable: str, elsewhere: str, on_macos: str) -> str:
    """Return the program's folder as platformdirs names it, without its import."""
    if sys.platform == "darwin":
        return os.path.expanduser(f"~/Library/{on_macos}/{PROGRAM}")
    parent = os.environ.get(variable, "")
    parent = parent if os.path.isabs(parent) else os.path.expanduser(f"~/{elsewhere}")
    return f"{parent}/{PROGRAM}"


def _private(path: str) -> bytes:
    """Return the content of a small file that only this person can use; else nothing."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        status = os.fstat(file)
        private = status.st_uid == os.geteuid() and not status.st_mode & 0o077
        small = stat.S_ISREG(status.st_mode) and status.st_size <= MOST_BYTES
        return os.read(file, MOST_BYTES) if private and small else b""
    finally:
        os.close(file)


def _replace(path: str, data: bytes) -> None:
    """Write a private file, whole or not at all, and forget the oldest where there are many."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if os.stat(folder).st_uid != os.geteuid():
        return  # the home of another person, as with sudo
    partial = f"{path}.{os.getpid()}"
    file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(data)
        os.replace(partial, path)
    except OSError:
        os.unlink(partial)
        raise
    with os.scandir(folder) as entries:
        frames = [entry for entry in entries if ".frame" in entry.name]
    for entry in sorted(frames, key=lambda entry: entry.stat().st_mtime_ns)[:-MOST_FRAMES]:
        os.unlink(entry.path)


def _raw(settings: list[Any]) -> list[Any]:
    """Return settings that show and interpret nothing that is typed, as the app will have them."""
    iflag, oflag, cflag, lflag, *speeds, characters = settings
    iflag &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    lflag &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    return [iflag, oflag, cflag, lflag, *speeds, [*characters]]


def _write(text: str) -> None:
    data = text.encode()
    while data:
        data = data[os.write(2, data) :]


def _end(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _digest(*parts: str) -> str:
    text = "\0".join(parts).encode("utf-8", "surrogateescape")
    return blake2b(text, digest_size=16).hexdigest()
