"""Sessions over SSH as their people see them: a real client, the real server, on loopback."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import pytest

from citytech_tui.panes.ranking import RankingPane
from tests.tui.serve.guests import connected, serving, shell, visiting, wait_until

_COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;\d+)*m")


async def test_a_session_shows_the_app_and_ends_with_it(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        async with visiting(service) as guest:
            assert "Beijing 北京" in guest.text
            await guest.press("3", "Per 10,000")
            await guest.press("\r", "Guangdong · 440300")
            guest.send("q")
            assert await guest.end() == 0
            assert "\x1b[?1049l" in guest.raw.decode()
        await wait_until(lambda: service.logged("session"))
        (line,) = service.logged("session")
        assert (line["kind"], line["terminal"], line["reason"], line["status"]) == (
            "app",
            "xterm-256color",
            "left",
            0,
        )
        assert line["address"] == "127.0.0.1"
        assert line["received"] == 3
        assert line["sent"] == len(guest.raw)
        assert line["start"] < line["end"]


async def test_keys_typed_before_the_first_screen_are_kept(tmp_path: Path) -> None:
    async with serving(tmp_path) as service, connected(service) as connection:
        guest = await shell(connection)
        guest.send("/chengdu")
        await guest.wait_for("filter “chengdu”")


async def test_a_resize_is_followed_and_bounded(tmp_path: Path) -> None:
    async with serving(tmp_path) as service, visiting(service) as guest:
        guest.screen.resize(80, 24)
        guest.process.change_terminal_size(80, 24)
        await guest.until(lambda: "q quit" in guest.text.splitlines()[23:24].__str__(), "footer")
        guest.process.change_terminal_size(1_000_000, 1_000_000)
        (session,) = service.sessions
        app = session._app
        assert app is not None
        await wait_until(lambda: app.size.width > 80)
        assert app.size == (640, 240)


async def test_colours_of_sessions_side_by_side(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as service,
        visiting(service, "xterm") as sixteen,
        visiting(service, "xterm-256color") as many,
        visiting(service, "xterm-256color", {"COLORTERM": "truecolor"}) as true,
        visiting(service, "xterm-kitty") as kitty,
        visiting(service, "xterm-256color", {"NO_COLOR": "1"}) as none,
    ):
        for guest in (sixteen, many, true, kitty, none):
            await guest.press("3", "per 10,000")
            await guest.press("?", "Leave CityTech")
        for guest in (true, kitty):
            assert b"8;2;" in guest.raw and b"8;5;" not in guest.raw
        assert b"8;5;" in many.raw and b"8;2;" not in many.raw
        assert b"8;5;" not in sixteen.raw and b"8;2;" not in sixteen.raw
        assert _COLOUR.search(sixteen.raw)
        assert not _COLOUR.search(none.raw)


@pytest.mark.parametrize("lang", ["C", "POSIX", "en_US.US-ASCII"])
async def test_a_terminal_without_unicode_gets_none(tmp_path: Path, lang: str) -> None:
    async with serving(tmp_path) as service, visiting(service, env={"LANG": lang}) as guest:
        assert guest.raw.isascii()
        line = next(line for line in guest.text.splitlines() if "1     Beijing" in line)
        assert "Beijing ????" in line and "####" in line, line


async def test_a_terminal_with_another_character_set(tmp_path: Path) -> None:
    async with serving(tmp_path) as service, connected(service) as connection:
        guest = await shell(connection, env={"LANG": "zh_CN.GB18030"})
        guest.charset = "gb18030"
        await guest.wait_for("北京 Beijing")
        guest.send("/深圳".encode("gb18030"))
        await guest.wait_for("筛选“深圳”")


async def test_theme_and_animation_are_the_clients(tmp_path: Path) -> None:
    env = {"TEXTUAL_THEME": "nord", "TEXTUAL_ANIMATIONS": "full", "TEXTUAL_DRIVER": "os:system"}
    odd = {
        "TEXTUAL_THEME": "../nord",
        "TEXTUAL_ANIMATIONS": "1",
        "PATH": "/",
        "COLORTERM": "x" * 99,
    }
    async with (
        serving(tmp_path) as service,
        visiting(service, env=env),
        visiting(service, env=odd),
    ):
        apps = [session._app for session in service.sessions]
        seen = {(app.theme, app.animation_level) for app in apps if app is not None}
        assert seen == {("nord", "full"), ("textual-dark", "none")}
        sent = {name for app in apps if app is not None for name in app.surroundings.environ}
        assert sent == {"TEXTUAL_THEME", "TEXTUAL_ANIMATIONS", "TERM"}


@pytest.mark.parametrize(("term", "env"), [("dumb", {}), ("unknown", {}), ("", {})])
async def test_no_terminal_to_draw_on(tmp_path: Path, term: str, env: dict[str, str]) -> None:
    async with serving(tmp_path) as service, connected(service) as connection:
        process = await connection.create_process(term_type=term or None, env=env)
        output, errors = await process.communicate()
        assert not output
        assert "terminal" in str(errors)
        assert process.exit_status == 1


async def test_a_failing_session_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: RankingPane) -> None:
        secret = "secret"  # a traceback must not show it
        raise KeyError(len(secret))

    monkeypatch.setattr(RankingPane, "action_compare", fail)
    async with serving(tmp_path) as service, visiting(service) as other, visiting(service) as guest:
        guest.send("x")
        assert await guest.end() == 1
        assert "KeyError in CityTech. The operator's log has the details." in guest.text
        assert "Traceback" not in guest.text
        (line,) = service.logged("app failed")
        assert "KeyError: 6" in line["traceback"]
        assert "secret" not in line["traceback"].replace("len(secret)", "")
        await other.press("3", "per 10,000")
    assert next(line["reason"] for line in service.logged("session")) == "failed"


async def test_a_stop_is_told_to_everybody(tmp_path: Path) -> None:
    async with serving(tmp_path) as service, visiting(service) as one, visiting(service) as two:
        stopping = asyncio.create_task(service.stop())
        for guest in (one, two):
            assert await guest.end() == 0
            assert "CityTech is being stopped." in guest.text
        await stopping
        assert not service.sessions and not service.connections
    assert {line["reason"] for line in service.logged("session")} == {"stopped"}


async def test_an_idle_session_ends(tmp_path: Path) -> None:
    async with serving(tmp_path) as service, visiting(service) as guest:
        service.door.limits = replace(service.door.limits, idle_timeout=0)
        assert await guest.end() == 0
        assert "Nothing was pressed for" in guest.text
    (line,) = service.logged("session")
    assert line["reason"] == "idle"


async def test_farewells_are_in_the_language_of_the_client(tmp_path: Path) -> None:
    chinese = {"LANG": "zh_CN.UTF-8"}
    async with serving(tmp_path, idle_timeout=0.1) as service, connected(service) as connection:
        guest = await shell(connection, env=chinese)
        assert await guest.end() == 0
        assert "已有1分钟没有按键" in guest.text
    async with (
        serving(tmp_path) as service,
        connected(service) as connection,
        visiting(service) as other,
    ):
        one = await shell(connection, env=chinese)
        await one.wait_for("q 退出")
        stopping = asyncio.create_task(service.stop())
        assert await one.end() == await other.end() == 0
        assert "CityTech正在停止" in one.text
        assert "CityTech is being stopped." in other.text
        await stopping
