"""A headless Chromium, driven by its own protocol."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp

from tests.tui.emulator import Emulator
from tests.tui.terminal import LIMIT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """One page of a browser, and the addresses that it asked for."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self.requested: list[str] = []
        self.received = b""
        """What came to the terminal in the page."""

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol; return its result."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        while True:
            answer = json.loads((await self._socket.receive(LIMIT)).data)
            self._notice(answer.get("method"), answer.get("params", {}))
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def _notice(self, method: str | None, params: Any) -> None:
        if method == "Network.requestWillBeSent":
            self.requested.append(params["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.requested.append(params["url"])
        elif method == "Network.webSocketFrameReceived" and params["response"]["opcode"] == 2:
            self.received += base64.b64decode(params["response"]["payloadData"])

    async def evaluate(self, code: str) -> Any:
        """Return the value of an expression in the page."""
        result = await self.call("Runtime.evaluate", expression=code, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    async def open(self, address: str) -> None:
        """Open a page."""
        for domain in ("Network", "Page", "Runtime"):
            await self.call(f"{domain}.enable")
        await self.call("Page.navigate", url=address)

    async def type(self, text: str) -> None:
        """Press the key of each character."""
        for character in text:
            key = {"\r": "Enter", "\x1b": "Escape"}.get(character, character)
            code = ord(character.upper()) if character.isalnum() else {"/": 191}.get(character, 0)
            code = {"\r": 13, "\x1b": 27}.get(character, code)
            more: dict[str, Any] = {} if character == "\x1b" else {"text": character}
            await self.call(
                "Input.dispatchKeyEvent",
                type="keyDown",
                key=key,
                windowsVirtualKeyCode=code,
                **more,
            )
            await self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def until(self, holds: Callable[[], object], what: str = "") -> None:
        """Wait until something holds."""
        end = time.monotonic() + LIMIT
        while not holds():
            assert time.monotonic() < end, f"waited in vain for {what}: {self.text()}"
            await self.evaluate("1")  # takes in what has come
            await asyncio.sleep(0.05)

    async def shows(self, text: str) -> None:
        """Wait until the terminal shows a text."""
        await self.until(lambda: text in self.text(), repr(text))

    def text(self) -> str:
        """Return what the terminal in the page shows."""
        (address,) = (each for each in self.requested if each.startswith("ws:"))
        size = dict(parse_qsl(urlsplit(address).query))
        emulator = Emulator(int(size["width"]), int(size["height"]))
        emulator.feed(self.received.decode())
        return emulator.text()


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Start a browser with one empty page."""
    assert CHROMIUM is not None, "chromium is missing"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ["--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}"]
        options += ["--disable-gpu", "--window-size=1400,900", "--disable-dev-shm-usage"]
        options += ["--no-first-run", "--disable-background-networking", "--no-proxy-server"]
        if os.geteuid() == 0:
            options.append("--no-sandbox")
        process = subprocess.Popen(
            [CHROMIUM, *options, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            port = await _port(Path(profile, "DevToolsActivePort"))
            async with aiohttp.ClientSession() as client:
                async with client.get(f"http://127.0.0.1:{port}/json/list") as answer:
                    pages = await answer.json(content_type=None)
                page = next(page for page in pages if page["type"] == "page")
                async with client.ws_connect(
                    page["webSocketDebuggerUrl"], max_msg_size=0
                ) as socket:
                    yield Browser(socket)
        finally:
            process.terminate()
            process.wait()


async def _port(file: Path) -> int:
    async with asyncio.timeout(LIMIT):
        while not (file.exists() and file.read_text().strip()):
            await asyncio.sleep(0.1)
    return int(file.read_text().split()[0])
