"""Try everything in a served session while Python reports each file, process and connection.

Run as a program, with the part that is to be tried, as what listens to Python's audit events cannot
be removed again. Prints what was done that a kiosk must not do.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import os
import string
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import textual
import textual.screen
from textual.widgets import Input

import citytech_data
import citytech_tui
from citytech_tui.bindings import KEYS, Place
from citytech_tui.commands import CityTechCommands
from citytech_tui.serve.app import ServedApp
from citytech_tui.serve.rehearsal import rehearse
from tests.tui.loop import FRAME, Loop, idle
from tests.tui.serve.guests import Guest, Served, connected, serving, shell, wait_until

ABOVE = "+"
"""What is the same on every tab, and the commands that need no terminal."""
# Tabs by their keys; 3 and 4 are of the class that 2 is of. Each part takes a process as long.
PARTS = ("21", "5v" + ABOVE)
# These end a session, which another test shows.
ENDING = {"quit", "help_quit"}
ARGUMENTS = {
    "tab": "total", "key": "j", "selector": "*", "class_name": "x", "widget_id": "panes",
    "message": "x", "mode": "_default", "screen": "_default", "step": 1, "lines": 1, "rows": 1,
    "action": "copy", "attribute": "title",
}  # fmt: skip
_FORBIDDEN = (
    "subprocess.", "os.system", "os.fork", "os.exec", "os.posix_spawn", "os.spawn", "pty.",
    "webbrowser.", "shutil.", "tempfile.", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
    "os.link", "os.symlink", "os.chmod", "os.chown", "os.truncate", "os.utime",
    "os.chdir", "os.kill", "socket.connect", "socket.bind",
)  # fmt: skip
_READING = ("open", "os.listdir", "os.scandir", "ctypes.dlopen")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_MAY_READ = tuple(
    str(Path(each).resolve())
    for each in (
        Path(citytech_data.__file__).parent,
        Path(citytech_tui.__file__).parent,
        Path(textual.__file__).parents[1],
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("platstdlib"),
    )
)

done: list[str] = []
tried: list[str] = []
watched: set[Any] = set()
"""The address of the service, while it is watched: the client is in this process too."""


def listen(event: str, details: tuple[Any, ...]) -> None:
    """Note what a kiosk must not do."""
    if not watched or (event == "socket.connect" and details[1] in watched):
        return
    if event.startswith(_FORBIDDEN):
        done.append(f"{event} {details!r}"[:300])
    elif event in _READING and isinstance(details[0], str | bytes):
        path = os.path.realpath(os.fsdecode(details[0]))
        flags = details[2] if event == "open" and isinstance(details[2], int) else 0
        if flags & _WRITING or not path.startswith(_MAY_READ):
            done.append(f"{event} {path} flags {flags:#o}, after {tried[-1:]}")


async def settle(app: ServedApp) -> None:
    """Let the app do what it was told, and go back to one screen."""
    await idle()
    await app.workers.wait_for_complete(
        [worker for worker in app.workers if worker.name == "load_dataset"]
    )
    while app._running and len(app.screen_stack) > 1:
        app.pop_screen()
        await idle()


def has_ended(app: ServedApp) -> bool:
    """Whether what was done has ended the session."""
    return not app._running or app._exit


def calls(target: Any, namespace: str) -> Iterable[str]:
    """Yield every action of a node, called with arguments that fit."""
    for name in sorted(dir(target)):
        method = getattr(target, name, None) if name.startswith(("action_", "_action_")) else None
        action = name.removeprefix("_").removeprefix("action_")
        if not callable(method) or action in ENDING:
            continue
        needed = [
            ARGUMENTS.get(parameter.name, "x")
            for parameter in inspect.signature(method).parameters.values()
            if parameter.default is inspect.Parameter.empty
            and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        ]
        yield f"{namespace}.{action}({', '.join(map(repr, needed))})"


class Probe:
    """Sessions in which all is tried, one after another."""

    def __init__(self, service: Served) -> None:
        self.service = service
        self._ran: set[str] = set()
        """Entries of the palette."""

    async def session(self, connection: Any) -> tuple[Guest, ServedApp]:
        """Begin a session."""
        guest = await shell(connection, size=(80, 24))
        await guest.wait_for("CityTech")
        asyncio.get_running_loop().create_task(_drain(guest))
        app = max(self.service.sessions, key=lambda session: session._began)._app
        assert app is not None
        return guest, app

    async def actions(self, tab: str, namespace: str) -> None:
        """Run every action of a namespace on a tab; begin again when one ends the session."""
        left: list[str] | None = None
        while left is None or left:
            async with connected(self.service) as connection:
                guest, app = await self.session(connection)
                guest.send(tab)
                await settle(app)
                target = {"app": app, "screen": app.screen, "focused": app.focused}[namespace]
                if left is None:
                    left = [*calls(target, namespace)]
                    if namespace == "focused":
                        left += [*calls(app.pane, "focused")]
                while left and not has_ended(app):
                    tried.append(left.pop())
                    node: Any = app.pane if namespace == "focused" else app
                    # What is no action, or needs what is not there, does nothing.
                    with contextlib.suppress(Exception), app._context():
                        await app.run_action(tried[-1], node)
                    await settle(app)
                connection.abort()
            await wait_until(lambda: not self.service.sessions)

    async def keys(self, tab: str) -> None:
        """Press every key of the keyboard on a tab."""
        sent = [character for character in string.printable if character not in "qQ"]
        sent += [chr(code) for code in range(1, 32) if chr(code) not in "\x03\x11"]
        sent += [f"\x1b[{code}" for code in ("A", "B", "C", "D", "F", "H", "Z", "2~", "3~", "5~")]
        sent += [f"\x1b[{code}~" for code in range(11, 35)]
        places = ((x, y) for x in (5, 20, 40, 70) for y in (1, 2, 3, 5, 24))
        sent += [f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m" for x, y in places]
        while sent:
            async with connected(self.service) as connection:
                guest, app = await self.session(connection)
                guest.send(tab)
                await settle(app)
                home = app.tab
                while sent and not has_ended(app):
                    key = sent.pop()
                    tried.append(f"key {key!r} on {tab}")
                    with contextlib.suppress(BrokenPipeError):  # a click on “quit”
                        guest.send(key)
                        await settle(app)
                        if has_ended(app):
                            break
                        if isinstance(app.focused, Input):
                            guest.send("\x1b[27u")
                            await settle(app)
                        if app.tab != home:
                            guest.send(tab)
                            await settle(app)
                connection.abort()
            await wait_until(lambda: not self.service.sessions)

    async def palette(self, tab: str) -> int:
        """Run the entries of the palette, the app's on one tab; return how many there are."""
        async with connected(self.service) as connection:
            guest, app = await self.session(connection)
            guest.send(tab)
            await settle(app)
            entries = [hit async for hit in CityTechCommands(app.screen).discover()]
            own = app.pane.places if app.pane is not None else ()
            anew = {key.help.split(";")[0] for place in own for key in KEYS[place]}
            for hit in entries:
                if "Leave" in str(hit.text) or hit.text in self._ran - anew:
                    continue
                self._ran.add(str(hit.text))
                tried.append(f"palette {hit.text}")
                with app._context():
                    result = hit.command()
                    if inspect.isawaitable(result):
                        await result
                await settle(app)
            connection.abort()
        await wait_until(lambda: not self.service.sessions)
        return len(entries)

    async def tab(self, tab: str) -> None:
        """Try all that there is on a tab."""
        await self.keys(tab)
        assert await self.palette(tab) > len(KEYS[Place.APP])
        await self.actions(tab, "focused")

    async def above(self) -> None:
        """Try what is the same on every tab, and the commands that need no terminal."""
        await self.actions("2", "app")
        await self.actions("2", "screen")
        async with connected(self.service) as connection:
            for verb in ("rank total", "city Wuhan", "trend", "datasets", "check", "help"):
                tried.append(verb)
                await connection.run(verb)


async def _drain(guest: Guest) -> None:
    while await guest.process.stdout.read(65536):
        pass


async def main(part: str) -> None:
    """Try a part, and print what was done."""
    sys.addaudithook(listen)
    textual.screen.UPDATE_PERIOD = FRAME  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        async with serving(Path(folder)) as service:
            await rehearse(service.offer)
            async with connected(service) as connection:
                await connection.run("datasets")
            watched.add(("127.0.0.1", service.port))
            probe = Probe(service)
            for each in part:
                await (probe.above() if each == ABOVE else probe.tab(each))
            seen = len(done)
            Path("left").touch()
            watched.clear()
            assert len(done) > seen, "the probe is blind"
            del done[seen:]
            Path("left").unlink()
            assert not [path for path in Path().iterdir() if path.name != "host_key"]
    sys.stdout.write(json.dumps({"done": done, "tried": len(tried)}))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(main(sys.argv[1]))
