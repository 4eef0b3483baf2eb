"""What the app may use of the machine that it runs on: the one place where a kiosk differs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from citytech_tui.language import _

if TYPE_CHECKING:
    from textual.driver import Driver

    from citytech_tui.app import CityTechApp
    from citytech_tui.takeaway import Takeaway

_HONOURED = frozenset(("TEXTUAL_ANIMATIONS", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_THEME"))
"""What only changes how the screen looks; Textual's other variables open files and modules."""


@dataclass(frozen=True)
class Surroundings:
    """The machine and the terminal, as far as the app may know and use them."""

    environ: Mapping[str, str]
    """The environment of the person, who need not be the one that started the process."""
    export: Callable[[CityTechApp, Takeaway], None]
    """Hands the person something to take away."""
    keep_crash: Callable[[str], str]
    """Keeps a traceback and says where it is, in a sentence."""
    writes_files: bool = True
    """Whether files may be written in the current folder."""
    driver: type[Driver] | None = None
    """The way to the terminal; None for the process's own."""
    refused: frozenset[str] = frozenset()
    """Actions that nobody may run."""
    owns_process: bool = True
    """Whether signals and garbage of the process are this app's business."""


def own_machine() -> Surroundings:
    """Return the surroundings of a person at their own machine."""
    return Surroundings(os.environ, _write, _keep)


def kiosk(
    environ: Mapping[str, str],
    keep_crash: Callable[[str], str],
    driver: type[Driver],
    *,
    owns_process: bool = True,
) -> Surroundings:
    """Return surroundings in which no file is written and no process started.

    `driver` must be a `ClosedDoors`.
    """
    refused = frozenset(("screenshot", "suspend_process"))
    return Surroundings(environ, _show, keep_crash, False, driver, refused, owns_process)


def own_kiosk() -> Surroundings:
    """Return a kiosk in a process and a terminal of its own, such as sshd starts."""
    from citytech_tui.crash import place_of

    return kiosk(os.environ, place_of, closed_driver())


def forget_debugging() -> None:
    """Drop variables by which Textual would log, debug, or import what somebody names.

    It reads them when it is imported, so this must come before.
    """
    for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
        if name not in _HONOURED:
            del os.environ[name]


class ClosedDoors:
    """What keeps a driver from writing files and starting programs on this machine."""

    _app: Any

    @property
    def can_suspend(self) -> bool:
        """There is no shell to go to."""
        return False

    def open_url(self, url: str, new_tab: bool = True) -> None:
        """Show the address: a browser would open on this machine."""
        self._app.tell(url)

    def deliver_binary(self, *args: object, **options: object) -> None:
        """Refuse to save a file."""
        self._app.tell(_("No files are written here."))


def closed_driver() -> type[Driver]:
    """Return the driver of the process's own terminal with its doors closed."""
    from citytech_tui.driver import TerminalDriver

    class ClosedTerminalDriver(ClosedDoors, TerminalDriver):
        """A terminal that is all the person gets."""

    return ClosedTerminalDriver


def _write(host: CityTechApp, taken: Takeaway) -> None:
    from citytech_tui.screens.export import write_to_file

    write_to_file(host, taken)


def _show(host: CityTechApp, taken: Takeaway) -> None:
    from citytech_tui.screens.export import show_as_text

    show_as_text(host, taken)


def _keep(text: str) -> str:
    from citytech_tui.crash import keep_in_file

    return keep_in_file(text)
