"""Hostile and impatient clients by the thousand: `python -m tests.tui.serve.hammer` runs all.

The tests run a few of each; what the service does must not depend on the number.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import asyncssh

from tests.tui.serve.guests import Guest, Served, connected, serving, shell, wait_until

PIECES = (
    b"\x1b",
    b"\x1b[",
    b"\x1b[200~",
    b"\x1b[201~",
    b"\x1b[<0;10;10M",
    b"\x1b[<35;9999;9999M",
    b"\x1b[<64;20;20M",
    b"\x1b[M   ",
    b"\x1b[48;99999;99999;9;9t",
    b"\x1b[99999999999u",
    b"\x1b[57358;1;1114112u",
    b"\x1b[55296u",
    b"\x1b[?2026;2$y",
    b"\x1b[?2048;1$y",
    b"\x1b]52;c;aGk=\x07",
    b"\x1bP+q\x1b\\",
    b"\x1b[I",
    b"\x1b[O",
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xf0\x9f\x87\xa8\xf0\x9f\x87\xb3",
    "京".encode(),
    b"[/]",
    b"[@click=app.quit]",
    b"/",
    b"\r",
    b"\x10",
    b"\t",
)
# These end the session, which is no fault: without them more is reached.
LEAVING = b"qQ\x03\x11"
_SILENCE = 120.0
"""Seconds without a byte after which a session hangs; how long it takes depends on the machine."""
_WARM = 1_000
"""Visits after which what all sessions share, of bounded size, is filled."""


def random_keys(generator: random.Random) -> bytes:
    """Return a sequence of keys that nobody would press."""
    pieces: list[bytes] = []
    for _ in range(generator.randint(1, 6)):
        if generator.random() < 0.5:
            pieces.append(generator.choice(PIECES))
        else:
            pieces.append(generator.randbytes(generator.randint(1, 6)))
    return b"".join(pieces).translate(None, LEAVING)


async def fuzz_keys(
    service: Served,
    count: int,
    seed: int,
    at_once: int = 1,
    tell: Callable[[str], object] = lambda text: None,
) -> int:
    """Press `count` random sequences; return how many sessions that took.

    Each session that ends is told of, as the full number takes an hour.

    Raises:
        AssertionError: if a session ended by a fault.
    """
    per_session = min(500, count)
    sessions = -(-count // per_session)
    done = asyncio.Semaphore(at_once)

    async def one(number: int) -> None:
        generator = random.Random(seed + number)
        async with done, connected(service) as connection:
            guest = await shell(connection, size=(100, 30))
            await guest.wait_for("CityTech")
            reading = asyncio.create_task(drain(guest, _SILENCE))
            for _ in range(per_session):
                guest.send(random_keys(generator))
                if generator.random() < 0.02:
                    size = generator.randint(0, 300), generator.randint(0, 100)
                    guest.process.change_terminal_size(*size)
                await asyncio.sleep(0)
            # All is read before the last: then the app is left. A sequence that does not end can
            # swallow a key, as on any terminal.
            while not reading.done():
                with suppress(BrokenPipeError):  # it has just been left
                    guest.send(b"\x1b[201~\x1b\x1b\x1b\x03")
                await asyncio.wait((reading,), timeout=2)
            await reading
        tell(f"session {number + 1} of {sessions}, seed {seed + number}: ended in order")

    await asyncio.gather(*(one(number) for number in range(sessions)))
    await wait_until(lambda: not service.sessions)
    assert not service.logged("app failed"), service.logged("app failed")[0]["traceback"]
    assert not service.logged("session failed"), service.logged("session failed")[0]["traceback"]
    assert {line["status"] for line in service.logged("session")} <= {0}
    return sessions


async def drain(guest: Guest, patience: float | None = None) -> None:
    """Read to the end without looking; each time there must be something within `patience`.

    Raises:
        TimeoutError: if nothing came for so many seconds.
    """
    while await asyncio.wait_for(guest.process.stdout.read(65536), patience):
        pass


def malformed(generator: random.Random) -> Iterator[bytes]:
    """Yield what a client that does not know SSH, or hates it, could send."""
    version = b"SSH-2.0-Guest\r\n"
    kind = generator.randrange(8)
    if kind == 0:
        yield generator.randbytes(generator.randint(1, 4000))
    elif kind == 1:
        yield b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    elif kind == 2:
        yield b"SSH-1.5-Guest\r\n"
    elif kind == 3:
        yield version + generator.randbytes(generator.randint(1, 4000))
    elif kind == 4:  # a packet that claims to be long
        yield version + generator.choice((2**32 - 1, 2**31, 40_000)).to_bytes(4, "big") + b"\x04"
    elif kind == 5:  # a packet of a random type
        payload = bytes([generator.randrange(256)]) + generator.randbytes(40)
        padding = 8 - (len(payload) + 5) % 8 + 8
        length = (1 + len(payload) + padding).to_bytes(4, "big")
        yield version + length + bytes([padding]) + payload + bytes(padding)
    elif kind == 6:
        yield b"x" * generator.randint(1, 20_000)
    else:
        for byte in version:
            yield bytes([byte])


async def fuzz_protocol(service: Served, count: int, seed: int) -> None:
    """Connect `count` times with what is no SSH; the service must answer others afterwards."""
    generator = random.Random(seed)
    for _ in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        try:
            for data in malformed(generator):
                writer.write(data)
                await writer.drain()
            if generator.random() < 0.5:
                async with asyncio.timeout(0.02):
                    await reader.read(65536)
        except (TimeoutError, ConnectionError):
            pass
        finally:
            writer.transport.abort()
    await wait_until(lambda: not service.connections)
    async with connected(service) as connection:
        assert "published" in str((await connection.run("datasets")).stdout)


async def come_and_go(service: Served, number: int) -> None:
    """Be one of five guests: one who leaves, one who vanishes, and three who vanish midway."""
    manner = number % 5
    async with connected(service) as connection:
        guest = await shell(connection, window=4096 if manner == 4 else 2**21)
        if manner in (0, 1):
            await guest.wait_for("q quit")
        if manner == 0:
            guest.send("q")
            assert await guest.end() == 0
            return
        if manner == 2:  # mid-paint
            await guest.read()
        elif manner == 3:  # mid-paste
            await guest.wait_for("q quit")
            guest.send(b"/\x1b[200~" + b"x" * 3000)
            await asyncio.sleep(0)
        elif manner == 4:  # reads nothing
            for _ in range(20):
                guest.send("35421")
                await asyncio.sleep(0)
        connection.abort()


def measures(service: Served) -> dict[str, float]:
    """Return what must not grow: sessions, tasks, descriptors, objects, and memory in MB.

    Memory is what is the process's own; of libraries, its share depends on who else runs.
    """
    gc.collect()
    with Path("/proc/self/smaps_rollup").open() as lines:
        own = next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:")) / 1024
    return {
        "sessions": len(service.sessions),
        "connections": len(service.connections),
        "tasks": len(asyncio.all_tasks()),
        "descriptors": len(os.listdir("/proc/self/fd")),  # noqa: PTH208
        "objects": len(gc.get_objects()),
        "memory": own,
    }


async def soak(
    service: Served, count: int, warm: int, at_once: int = 10
) -> tuple[dict[str, float], dict[str, float]]:
    """Come and go `count` times after `warm` times; return the measures before and after."""
    gate = asyncio.Semaphore(at_once)

    async def one(number: int) -> None:
        async with gate:
            await come_and_go(service, number)

    async def all_of(numbers: Sequence[int]) -> dict[str, float]:
        await asyncio.gather(*map(one, numbers))
        await wait_until(lambda: not service.sessions and not service.connections)
        await asyncio.sleep(0.3)
        service.lines.clear()
        return measures(service)

    before = await all_of(range(warm))
    return before, await all_of(range(count))


async def main(arguments: Sequence[str]) -> None:
    """Run the full numbers and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=1_000)
    parser.add_argument("--visits", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder)) as service:
            for name, number in (("clients", chosen.clients), ("keys", chosen.keys)):
                start = time.monotonic()
                if name == "keys" and number:
                    await fuzz_keys(service, number, chosen.seed, at_once=4, tell=tell)
                elif number:
                    await fuzz_protocol(service, number, chosen.seed)
                tell(f"{number} {name}: {time.monotonic() - start:.0f} s, no fault")
            if chosen.visits:
                start = time.monotonic()
                before, after = await soak(service, chosen.visits, warm=_WARM)
                for name, value in after.items():
                    change = value / before[name] - 1 if before[name] else 0
                    tell(f"{name}: {before[name]:.0f} -> {value:.0f} ({change:+.1%})")
                tell(f"{chosen.visits} visits: {time.monotonic() - start:.0f} s")


def tell(text: str) -> None:
    """Say something at once: what runs for an hour may be ended before its end."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncssh.set_log_level("CRITICAL")
    asyncio.run(main(sys.argv[1:]))
