"""The app in a browser: as a person uses it, and as somebody who means no good does."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from citytech_data.errors import CityTechError
from citytech_tui.serve.limits import Limits
from citytech_tui.serve.web import Service, Settings
from citytech_tui.serve.websession import whole_number
from tests.tui.emulator import Emulator
from tests.tui.serve.browser import CHROMIUM, browser
from tests.tui.serve.guests import logged, published, wait_until
from tests.tui.terminal import LIMIT

needs_browser = pytest.mark.skipif(
    # CI installs it.
    CHROMIUM is None and "CI" not in os.environ,
    reason="chromium is not installed",
)


class Server:
    """A service of pages, and what it has logged."""

    def __init__(self, port: int, lines: list[dict[str, Any]]) -> None:
        self.port = port
        self._lines = lines
        self._read = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def event(self, name: str) -> dict[str, Any]:
        """Return the next line of the log on an event."""
        while True:
            await wait_until(lambda: len(self._lines) > self._read, name)
            self._read += 1
            if (line := self._lines[self._read - 1])["event"] == name:
                return line


@asynccontextmanager
async def serving(origins: Iterable[str] = (), **limits: Any) -> AsyncIterator[Server]:
    """Serve in this process, which saves the start of one."""
    settings = Settings("127.0.0.1", 0, frozenset(origins), Limits(**limits))
    service = Service(settings, published(), "total")
    with logged() as lines:
        try:
            yield Server(await service.start(), lines)
        finally:
            await service.stop()


@asynccontextmanager
async def connected(
    server: Server, origin: str | None = None, link: str = "", **headers: str
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    address = URL(f"{server.address}/ws{link}?width=120&height=40", encoded=True)
    async with (
        aiohttp.ClientSession() as client,
        client.ws_connect(address, origin=origin or server.address, headers=headers) as socket,
    ):
        yield socket


async def shown(socket: aiohttp.ClientWebSocketResponse, *texts: str) -> None:
    """Wait until all these texts are shown."""
    emulator = Emulator(120, 40)
    async with asyncio.timeout(LIMIT):
        while not all(text in emulator.text() for text in texts):
            message = await socket.receive()
            assert message.type is aiohttp.WSMsgType.BINARY, message
            emulator.feed(message.data.decode())


async def ended(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Wait until no more comes."""
    async with asyncio.timeout(LIMIT):
        while (await socket.receive()).type is aiohttp.WSMsgType.BINARY:
            pass


@needs_browser
@pytest.mark.slow
async def test_a_person_types_sorts_and_opens_a_city() -> None:
    async with serving() as server, browser() as page:
        await page.open(f"{server.address}/?tab=density")
        await page.until(lambda: any(each.startswith("ws:") for each in page.requested), "terminal")
        await page.shows("51 cities")
        await page.type("/guang")
        await page.shows("5 cities")
        await page.type("\x1b")
        await page.shows("51 cities")
        await page.type("s")
        await page.shows("Sort by")
        await page.type("j\r")
        await page.until(lambda: "City▲" in page.text() or "City ▲" in page.text(), "the order")
        await page.type("\r")
        await page.shows("Around it by density")
        elsewhere = [each for each in page.requested if f"127.0.0.1:{server.port}" not in each]
        assert [each for each in elsewhere if not each.startswith("data:")] == []
        await page.type("q")
        async with asyncio.timeout(LIMIT):
            while "-closed" not in await page.evaluate("document.body.className"):
                await asyncio.sleep(0.1)
        assert (await server.event("session"))["reason"] == "left"


async def test_only_pages_of_this_server_may_connect() -> None:
    proxy = "https://cities.example.org"
    async with serving([proxy]) as server:
        for origin in ("http://evil.example", "null", f"{server.address}.evil.example"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                async with connected(server, origin):
                    pass
            assert refused.value.status == 403
        rebound = f"evil.example:{server.port}"  # a name that its owner lets point here
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with connected(server, f"http://{rebound}", Host=rebound):
                pass
        async with (
            aiohttp.ClientSession() as client,
            client.get(server.address, headers={"Host": rebound}) as answer,
        ):
            assert answer.status == 403
            assert f"--origin http://{rebound}" in await answer.text()
        for origin, host in (
            (server.address, server.address.removeprefix("http://")),
            (f"http://localhost:{server.port}", f"localhost:{server.port}"),
            (proxy, proxy.removeprefix("https://")),
        ):
            async with connected(server, origin, Host=host) as socket:
                await shown(socket, "51 cities")


async def test_what_is_served_is_only_the_page() -> None:
    async with serving() as server, aiohttp.ClientSession() as client:
        for path, status in {
            "/": 200,
            "/static/js/textual.js": 200,
            "/page/page.css": 200,
            "/static/": 403,
            "/static/../server.py": 404,
            "/static/%2e%2e/server.py": 404,
            "/page/..%2fweb.py": 404,
            "/download/x": 404,
            "/ws": 403,
        }.items():
            async with client.get(f"{server.address}{path}") as answer:
                assert answer.status == status, path
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                assert "http://fonts" not in await answer.text()


async def test_each_page_is_in_the_language_of_its_browser() -> None:
    chinese = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}
    async with (
        serving() as server,
        connected(server, **chinese) as one,
        connected(server) as other,
    ):
        await shown(one, "51个城市")
        await shown(other, "51 cities")
        async with aiohttp.ClientSession() as client:
            for headers, language, ended in (
                (chinese, "zh", "会话已结束。"),
                ({}, "en", "The session has ended."),
            ):
                async with client.get(server.address, headers=headers) as answer:
                    page = await answer.text()
                assert f'<html lang="{language}">' in page
                assert ended in page


async def test_an_address_is_a_link() -> None:
    async with serving() as server, aiohttp.ClientSession() as client:
        for query, texts in {
            "tab=density&city=Shanghai": ["Density", "Shanghai 上海 ·"],
            "filter=guangdong&printed": ["filter “guangdong”", "printed only"],
            "dataset=gii-2023&lang=zh": ["gii-2023 · 2023", "34个集群"],
            "tab=nowhere": ["no tab is called 'nowhere'"],
            "no-config": ["there is no option --no-config"],
            "dataset=/etc/passwd": ["no dataset is called '/etc/passwd' here"],
            "=rank&x%20y=%1b%5b31m": ["error:"],
        }.items():
            async with client.get(URL(f"{server.address}/?{query}", encoded=True)) as answer:
                (link,) = re.findall(r'/ws(/[^"]*)"', await answer.text())
            async with connected(server, link=link) as socket:
                await shown(socket, *texts)


async def test_more_than_there_is_room_for_are_told_so() -> None:
    async with serving(max_sessions=1) as server:
        async with connected(server) as first:
            await shown(first, "51 cities")
            async with connected(server) as second:
                message = await second.receive(LIMIT)
                assert b"All places are taken" in message.data
        await server.event("session")
        async with connected(server) as third:
            await shown(third, "51 cities")


async def test_what_no_page_sends_ends_the_session_and_no_other() -> None:
    unknown = ("[]", "{}", "1", '["stdin", 1]', "no JSON", "[[[[")
    async with serving() as server, connected(server) as other:
        await shown(other, "51 cities")
        for text in (*unknown, '["resize", {"width": "x", "height": 1}]'):
            async with connected(server) as socket:
                await shown(socket, "51 cities")
                await socket.send_str(text)
                await ended(socket)
            assert (await server.event("session"))["reason"] == "refused"
        await other.send_json(["stdin", "5"])
        await shown(other, "Around it")


async def test_an_idle_page_ends() -> None:
    async with serving(idle_timeout=0.2) as server, connected(server) as socket:
        await ended(socket)
        assert (await server.event("session"))["reason"] == "idle"


async def test_a_signal_ends_the_server_and_all_sessions() -> None:
    command = (sys.executable, "-m", "citytech_tui", "serve", "web", "--port", "0")
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    try:
        async with asyncio.timeout(LIMIT):
            listening = json.loads(await process.stderr.readline())
        async with connected(Server(listening["port"], [])) as socket:
            await shown(socket, "51 cities")
            process.terminate()
            await ended(socket)
        async with asyncio.timeout(LIMIT):
            _, log = await process.communicate()
        session, stopped = map(json.loads, log.splitlines())
        assert (session["reason"], stopped["event"]) == ("stopped", "stopped")
        assert process.returncode == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize(
    ("text", "number"),
    [(None, 0), ("", 0), ("16", 16), ("-1", 0), ("²", 0), ("99999", 99999), ("9" * 5000, 0)],
)
def test_a_size_that_no_page_has_is_none(text: str | None, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("origin", ["cities.example.org", "https://a.example/path", "ftp://a", "*"])
def test_an_origin_is_an_address_without_a_path(origin: str) -> None:
    with pytest.raises(CityTechError, match="--origin"):
        Settings("127.0.0.1", 0, frozenset((origin,)), Limits()).check()


def test_the_page_asks_for_nothing_from_elsewhere() -> None:
    folder = Path(__file__).parents[3] / "tui/citytech_tui/serve/page"
    for path in folder.iterdir():
        assert "//" not in path.read_text().replace("// ", "").replace("http://www.w3.org", "")
