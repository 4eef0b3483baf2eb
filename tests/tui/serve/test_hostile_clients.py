"""Clients that vanish, stall, press everything, or speak no SSH."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest

from citytech_tui.serve.app import ServedApp
from tests.tui.loop import idle
from tests.tui.serve import hammer
from tests.tui.serve.guests import connected, serving, shell, visiting, wait_until


@pytest.mark.parametrize("manner", range(5))
async def test_a_guest_who_vanishes_leaves_nothing(tmp_path: Path, manner: int) -> None:
    async with serving(tmp_path) as service:
        tasks = len(asyncio.all_tasks())
        await hammer.come_and_go(service, manner)
        await wait_until(lambda: not service.sessions and not service.connections)
        await wait_until(lambda: len(asyncio.all_tasks()) == tasks)
        await wait_until(lambda: service.logged("session"))


async def test_no_app_outlives_its_session(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        for number in range(10):
            await hammer.come_and_go(service, number)
        await wait_until(lambda: not service.sessions and not service.connections)

        def is_gone() -> bool:
            gc.collect()
            return not any(isinstance(each, ServedApp) for each in gc.get_objects())

        await wait_until(is_gone)


async def test_a_slow_reader_misses_frames_but_no_keys(tmp_path: Path) -> None:
    async with serving(tmp_path) as service, connected(service) as connection:
        guest = await shell(connection, window=2048)
        await wait_until(lambda: service.sessions)
        (session,) = service.sessions
        await wait_until(lambda: session._app is not None and session._app._dom_ready)
        guest.send("2" + "j" * 30)
        app = session._app
        assert app is not None
        rows = app.view.ranking("total", app.selection)
        assert rows is not None
        row = rows.row(30)
        await wait_until(lambda: app.selection.city == row["code"])
        channel = session._channel
        assert channel is not None
        await idle()
        held = channel.get_write_buffer_size()
        assert 0 < held < 65_536
        # As soon as it reads, it sees the last frame.
        await guest.wait_for(f"{row['city']} {row['city_zh']} ·")
        guest.send("q")
        assert await guest.end() == 0


async def test_input_without_end_is_held_back(tmp_path: Path) -> None:
    async with serving(tmp_path) as service, visiting(service) as guest, visiting(service) as other:
        reading = asyncio.create_task(hammer.drain(guest))
        guest.send(b"jk" * 100_000)
        await wait_until(lambda: any(each._received > 16_384 for each in service.sessions))
        await other.press("3", "per 10,000")
        assert max(each._received for each in service.sessions) < 150_000
        reading.cancel()


async def test_a_paste_without_end_is_cut(tmp_path: Path) -> None:
    async with serving(tmp_path) as service, visiting(service) as guest:
        guest.send(b"/\x1b[200~" + b"x" * 50_000 + b"\x1b[201~y")
        await guest.wait_for("filter “")
        (session,) = service.sessions
        app = session._app
        assert app is not None
        await wait_until(lambda: app.selection.filter.endswith("y"))
        assert app.selection.filter == "x" * 4096 + "y"


async def test_random_keys_end_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        await hammer.fuzz_keys(service, 150, seed=7)


async def test_what_is_no_ssh_ends_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        await hammer.fuzz_protocol(service, 40, seed=3)
