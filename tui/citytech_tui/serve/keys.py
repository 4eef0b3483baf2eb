"""The keys: the server's own, and those of the people who may come in."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import asyncssh

from citytech_data.errors import CityTechError, system_reason
from citytech_tui.language import _, translated
from citytech_tui.serve.journal import tell

_HOST_KEY = "ssh_host_ed25519_key"


def host_key(path: Path | None = None) -> asyncssh.SSHKey:
    """Return the server's key, made on the first start; by default it is in the data folder.

    Raises:
        CityTechError: if it cannot be read or made, or others may read it.
    """
    if path is None:
        from platformdirs import user_data_path

        path = user_data_path("citytech-tui") / _HOST_KEY
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise CityTechError(
                _("others may read the host key {path}. Run: chmod 600 {path}").format(path=path)
            )
        return asyncssh.read_private_key(path)
    except asyncssh.KeyImportError as error:
        words = _("{path} holds no host key: {reason}.")
        raise CityTechError(words.format(path=path, reason=error)) from None
    except OSError as error:
        words = _("no host key in {path}: {reason}.")
        raise CityTechError(
            words.format(path=path, reason=translated(system_reason(error)))
        ) from None


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key()
    # Complete before it has its name, and never open to others.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(
            os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
        ) as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another server was faster: its key counts
            os.link(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


class AuthorizedKeys:
    """A file of keys in OpenSSH's format, read anew when it changes."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            CityTechError: if it cannot be read or holds no key.
        """
        self._path = path
        self._read: tuple[int, ...] = ()
        self._keys: asyncssh.SSHAuthorizedKeys | None = None
        try:
            self._refresh()
        except OSError as error:
            raise _no_keys(path, translated(system_reason(error))) from None
        except ValueError as error:
            raise _no_keys(path, error) from None

    @property
    def current(self) -> asyncssh.SSHAuthorizedKeys | None:
        """The keys that count now; None, so nobody, if the file has become unreadable."""
        try:
            self._refresh()
        except (OSError, ValueError) as error:
            if self._keys is not None:
                tell("no authorized keys", logging.ERROR, file=str(self._path), error=str(error))
            self._keys, self._read = None, ()
        return self._keys

    def _refresh(self) -> None:
        status = self._path.stat()
        seen = (status.st_mtime_ns, status.st_size, status.st_ino)
        if seen != self._read:
            self._keys = asyncssh.read_authorized_keys(self._path)
            self._read = seen


def _no_keys(path: Path, reason: object) -> CityTechError:
    words = _("no authorized keys in {path}: {reason}.")
    return CityTechError(words.format(path=path, reason=reason))


class WatchedKeys(asyncssh.SSHAuthorizedKeys):
    """The authorized keys for one connection: tells which key was accepted or not."""

    def __init__(
        self, keys: asyncssh.SSHAuthorizedKeys, asked: Callable[[str, bool], None]
    ) -> None:
        """Call `asked` with the fingerprint of each key and whether it is known."""
        super().__init__()
        self._watched, self._asked = keys, asked

    def validate(
        self,
        key: asyncssh.SSHKey,
        client_host: str,
        client_addr: str,
        cert_principals: Sequence[str] | None = None,
        ca: bool = False,
    ) -> Any:
        """Return the options of a key; None if it is not authorized."""
        options = self._watched.validate(key, client_host, client_addr, cert_principals, ca)
        self._asked(key.get_fingerprint(), options is not None)
        return options

    def validate_x509(self, cert: Any, client_host: str, client_addr: str) -> Any:
        """Accept no X.509 certificates."""
        return None, None
