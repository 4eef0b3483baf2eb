"""Many people on one server: the app by SSH, beside a minimal app in a process for each person."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.processes import processor_time, proportional_memory
from bench.report import Group
from bench.terminal import Timeout, clean_environment

_OURS, _THEIRS = "citytech-tui serve ssh", "minimal DataTable app, sshd"
_PEOPLE, _TYPISTS = 100, 10
_KEYS, _PAUSE = 50, 0.2
_STEPS = 1_000_000
_PATIENCE = 120
_MINIMAL = "import sys; from bench.minimal_datatable import main; sys.exit(main())"
_SSHD_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
AuthenticationMethods publickey
StrictModes no
UsePAM no
PidFile none
PrintMotd no
PrintLastLog no
AcceptEnv COLORTERM TEXTUAL_ANIMATIONS
ForceCommand cd {root} && exec {python} -c '{code}'
"""
_REMARK = (
    "Client and server share the machine, so the client's own work counts too. Keys are timed from"
    " the key to the first byte of the answer.\n"
    "The loop runs in the client alone, after the keys: its p99 is what the machine adds."
)


def measure(runs: int) -> list[Group]:
    """Start the servers and be their clients; empty with a sentence where one is missing."""
    try:
        import asyncssh
    except ImportError:
        return [Group("serve", "Serving", "", remark="Skipped: asyncssh is not installed.")]
    asyncssh.set_log_level("CRITICAL")
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder), runs))


async def _measure(folder: Path, runs: int) -> list[Group]:
    import asyncssh

    key = asyncssh.generate_private_key("ssh-ed25519")
    (folder / "authorized_keys").write_bytes(key.export_public_key())
    first = Group("serve", "First screen of one session more, from connecting on", "ms")
    written = Group("serve", "The same, bytes in the session", "bytes")
    with contextlib.ExitStack() as stack:
        ports = {_OURS: (stack.enter_context(_citytech(folder)), "Beijing")}
        theirs = _sshd()
        if theirs is not None:
            ports[_THEIRS] = (stack.enter_context(_openssh(folder, theirs)), "Shanghai")
        else:
            first.remark = "sshd is not installed, so there is nothing beside it."
        for server, text in ports.values():
            await _first_screen(server.port, key, text)  # pages cached
        for _ in range(runs):
            for name, (server, text) in ports.items():
                seconds, count = await _first_screen(server.port, key, text)
                against = _THEIRS if name == _OURS and _THEIRS in ports else None
                first.row(name, against).samples.append(seconds * 1000)
                written.row(name, against).samples.append(count)
        crowd = await _crowd(ports[_OURS][0], key)
    return [first, written, *crowd]


class _Server:
    """A running server and where it listens."""

    def __init__(self, port: int, pid: int) -> None:
        self.port, self.pid = port, pid


@contextlib.contextmanager
def _citytech(folder: Path) -> Iterator[_Server]:
    port = _free_port()
    command = [str(Path(sys.executable).with_name("citytech-tui")), "serve", "ssh"]
    command += ["--port", str(port), "--authorized-keys", str(folder / "authorized_keys")]
    command += ["--host-key", str(folder / "citytech_key"), "--max-per-address", "1000"]
    with _running(command, port, clean_environment()) as server:
        yield server


@contextlib.contextmanager
def _openssh(folder: Path, sshd: str) -> Iterator[_Server]:
    import asyncssh

    port = _free_port()
    key = folder / "host_key"
    key.write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_private_key())
    key.chmod(0o600)
    config = folder / "sshd_config"
    root = Path(__file__).parent.parent
    config.write_text(
        _SSHD_CONFIG.format(
            port=port, folder=folder, root=root, python=sys.executable, code=_MINIMAL
        )
    )
    with contextlib.suppress(OSError):
        Path("/run/sshd").mkdir(exist_ok=True)
    with _running([sshd, "-D", "-e", "-f", str(config)], port, clean_environment()) as server:
        yield server


@contextlib.contextmanager
def _running(command: Sequence[str], port: int, env: dict[str, str]) -> Iterator[_Server]:
    process = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + _PATIENCE
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None or time.monotonic() > deadline:
                raise Timeout(f"{command[0]} does not listen")
            time.sleep(0.05)
        yield _Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _sshd() -> str | None:
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class _Person:
    """A session whose output is counted and dropped."""

    def __init__(self) -> None:
        self.output = b""
        self.count = 0
        self.answered = asyncio.Event()

    async def follow(self, process: Any) -> None:
        """Read to the end."""
        while data := await process.stdout.read(65536):
            self.count += len(data)
            self.output = (self.output + data)[-65536:]
            self.answered.set()


@contextlib.asynccontextmanager
async def _session(port: int, key: Any) -> AsyncIterator[tuple[Any, _Person]]:
    import asyncssh

    async with asyncssh.connect(
        "127.0.0.1", port, known_hosts=None, config=None, client_keys=[key], agent_path=None
    ) as connection:
        process = await connection.create_process(
            term_type="xterm-256color",
            term_size=(120, 40),
            env={"COLORTERM": "truecolor", "TEXTUAL_ANIMATIONS": "none"},
            encoding=None,
        )
        person = _Person()
        following = asyncio.create_task(person.follow(process))
        try:
            yield process, person
        finally:
            following.cancel()
            connection.abort()


async def _shown(person: _Person, text: str) -> None:
    async with asyncio.timeout(_PATIENCE):
        while text.encode() not in person.output:
            person.answered.clear()
            await person.answered.wait()


async def _first_screen(port: int, key: Any, text: str) -> tuple[float, int]:
    start = time.perf_counter()
    async with _session(port, key) as (process, person):
        await _shown(person, text)
        seconds = time.perf_counter() - start
        await asyncio.sleep(0.5)
        process.stdin.write(b"\x11")
        return seconds, person.count


async def _crowd(server: _Server, key: Any) -> list[Group]:
    memory = Group("serve", f"Memory (PSS) of the server with {_PEOPLE} sessions", "MB")
    keys = Group("serve", f"A key, {_PEOPLE} sessions, {_TYPISTS} of which type", "ms")
    together = Group("serve", f"All {_PEOPLE} press a key at once", "ms", remark=_REMARK)
    spent = Group("serve", "Processor time of the server for each of these keys", "ms")
    before = proportional_memory(server.pid)
    async with contextlib.AsyncExitStack() as stack:
        people = []
        for _ in range(_PEOPLE):
            process, person = await stack.enter_async_context(_session(server.port, key))
            await _shown(person, "Beijing")
            people.append((process, person))
        await asyncio.sleep(2)
        grown = proportional_memory(server.pid)
        if before is not None and grown is not None:
            memory.row("without sessions").samples.append(before / 1e6)
            memory.row("each session").samples.append((grown - before) / _PEOPLE / 1e6)
        typed = await asyncio.gather(*(_type(*each) for each in people[:_TYPISTS]))
        latencies = sorted(1000 * value for each in typed for value in each)
        bare = sorted([1000 * value async for value in _bare(latencies[len(latencies) // 2])])
        for percent in (50, 95, 99):
            yardstick = f"  p{percent} of a loop that takes as long"
            for name, values in ((f"p{percent}", latencies), (yardstick, bare)):
                index = min(len(values) - 1, len(values) * percent // 100)
                keys.row(name, yardstick if values is latencies else None).samples.append(
                    values[index]
                )
        for key_pressed in (b"j", b"k") * 5:
            before_keys = processor_time(server.pid)
            answers = sorted(1000 * value for value in await _all_press(people, key_pressed))
            after_keys = processor_time(server.pid)
            together.row("half are answered").samples.append(answers[len(answers) // 2])
            together.row("all are answered").samples.append(answers[-1])
            if before_keys is not None and after_keys is not None:
                spent.row("a key").samples.append(1000 * (after_keys - before_keys) / _PEOPLE)
            await asyncio.sleep(1)
    return [memory, keys, together, spent]


async def _type(process: Any, person: _Person) -> list[float]:
    latencies = []
    generator = random.Random(id(person))
    for number in range(_KEYS):
        await asyncio.sleep(_PAUSE * (0.5 + generator.random()))
        latencies.append(await _press(process, person, b"jk"[number % 2 : number % 2 + 1]))
    return latencies


async def _bare(milliseconds: float) -> AsyncIterator[float]:
    """Yield how long a loop takes that does nothing else: what the machine adds by itself."""
    start = time.perf_counter()
    _count(_STEPS)
    steps = int(_STEPS * milliseconds / 1000 / (time.perf_counter() - start))
    for _ in range(_KEYS * _TYPISTS):
        await asyncio.sleep(_PAUSE / _TYPISTS)
        start = time.perf_counter()
        _count(steps)
        yield time.perf_counter() - start


def _count(steps: int) -> None:
    for _ in range(steps):
        pass


async def _press(process: Any, person: _Person, keys: bytes) -> float:
    person.answered.clear()
    start = time.perf_counter()
    process.stdin.write(keys)
    async with asyncio.timeout(_PATIENCE):
        await person.answered.wait()
    return time.perf_counter() - start


async def _all_press(people: Sequence[tuple[Any, _Person]], keys: bytes) -> list[float]:
    return await asyncio.gather(*(_press(process, person, keys) for process, person in people))
