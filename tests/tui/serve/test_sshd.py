"""The app behind a real sshd, as docs/serving.md sets it up."""

from __future__ import annotations

import getpass
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.tui.terminal import LIMIT, Terminal

_SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
_PRESENT = _SSHD is not None and all(map(shutil.which, ("ssh", "ssh-keygen")))

pytestmark = [
    pytest.mark.pty,
    # CI installs it.
    pytest.mark.skipif(not _PRESENT and "CI" not in os.environ, reason="OpenSSH is not installed"),
]

_DOCUMENT = Path(__file__).parents[3] / "docs/serving.md"
_PROGRAM = "/opt/citytech/bin/citytech-tui"
_SERVER = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
PermitRootLogin prohibit-password
"""


@dataclass
class Server:
    """A running sshd; `app` is the file in which an app leaves its process number."""

    port: int
    folder: Path

    def command(self, *more: str) -> tuple[str, ...]:
        """Return what connects to it."""
        options = (
            *("-F", "none", "-p", str(self.port), "-i", f"{self.folder}/client"),
            *("-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.folder}/known"),
            *("-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none"),
        )
        ssh = shutil.which("ssh")
        assert ssh is not None
        return (ssh, *options, "127.0.0.1", *more)

    @property
    def app(self) -> int:
        """The process number of the app that was started last."""
        return int((self.folder / "app").read_text())


def documented(folder: Path) -> str:
    """Return the block of the documentation, for this account and this program."""
    (block,) = re.findall(
        r"```text\n(# \S*sshd_config\S*\n.*?)```", _DOCUMENT.read_text(), re.DOTALL
    )
    app = shlex.join((sys.executable, "-m", "citytech_tui"))
    start = f"cd {folder} && echo $$ >app && exec env PYTHONDONTWRITEBYTECODE=1 {app}"
    replaced = {
        "Match User cities": f"Match User {getpass.getuser()}",
        _PROGRAM: start,
        "/etc/citytech/authorized_keys": f"{folder}/client.pub",
    }
    for old, new in replaced.items():
        assert block.count(old) == 1, old
        block = block.replace(old, new)
    return str(block)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    server = Server(free_port(), folder)
    for key in ("host", "client"):
        keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)]
        subprocess.run(keygen, check=True)
    config = folder / "config"
    config.write_text(_SERVER.format(port=server.port, folder=folder) + documented(folder))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # its own place to be without rights
    assert _SSHD is not None, "openssh-server is missing"
    subprocess.run([_SSHD, "-t", "-f", str(config)], check=True)
    log = folder / "log"
    process = subprocess.Popen([_SSHD, "-D", "-f", str(config), "-E", str(log)])
    try:
        wait_until(lambda: log.exists() and "listening" in log.read_text(), log)
        yield server
    finally:
        process.terminate()
        process.wait()


def wait_until(holds: object, log: Path) -> None:
    assert callable(holds)
    end = time.monotonic() + LIMIT
    while not holds():
        assert time.monotonic() < end, log.read_text() if log.exists() else "sshd says nothing"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("sshd")) as server:
        yield server


def connected(server: Server, size: tuple[int, int] = (120, 40), **env: str) -> Terminal:
    return Terminal(server.command(), size, {"COLORTERM": "", "TERM": "xterm-256color"} | env)


def is_running(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_the_app_works_as_on_ones_own_machine(server: Server) -> None:
    with connected(server) as terminal:
        terminal.wait_for("51 cities")
        assert "Beijing" in terminal.text
        codes = set(re.findall(rb"[;\[](38;[25])", terminal.written))
        assert codes == {b"38;5"}, "SSH passes no COLORTERM on: 256 colours"
        terminal.press("/guang", "5 cities")
        terminal.press("\x1b", "51 cities")
        terminal.press("5", "Around it by total")
        terminal.press("2", "Applications")
        terminal.resize(80, 24)
        terminal.until(lambda: "110000" not in terminal.text and "Beijing" in terminal.text)
        terminal.resize(120, 40)
        terminal.wait_for("110000")
        terminal.send("q")
        assert terminal.finish() == 0
        assert b"\x1b[?1049l" in terminal.written


def test_all_colours_where_the_client_sends_for_them(server: Server) -> None:
    command = server.command()
    with Terminal(
        (*command[:-1], "-o", "SetEnv=COLORTERM=truecolor", command[-1]),
        env={"TERM": "xterm-256color"},
    ) as terminal:
        terminal.wait_for("51 cities")
        assert b"38;2;" in terminal.written
        terminal.send("q")
        assert terminal.finish() == 0


def test_a_client_that_vanishes_ends_the_app(server: Server) -> None:
    with connected(server) as terminal:
        terminal.wait_for("51 cities")
        app = server.app
        assert is_running(app)
        os.kill(terminal.pid, 9)
        terminal.finish()
    wait_until(lambda: not is_running(app), server.folder / "log")


def test_there_is_nothing_but_the_app(server: Server) -> None:
    for command in (server.command("id"), (*server.command(), "-s", "sftp")):
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT, check=False
        )
        assert done.returncode == 2
        assert done.stdout == b""
        # Of a subsystem sshd passes no errors on.
        assert b"this is no terminal" in done.stderr or "sftp" in command


@pytest.mark.parametrize(
    "option",
    [("-N", "-L", "{port}:127.0.0.1:{server}"), ("-N", "-R", "{port}:127.0.0.1:{server}")],
    ids=["local", "remote"],
)
def test_nothing_is_forwarded(server: Server, option: tuple[str, ...]) -> None:
    port = free_port()
    words = [word.format(port=port, server=server.port) for word in option]
    command = [*server.command()[:-1], "-o", "ExitOnForwardFailure=yes", *words, "127.0.0.1"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        if "-R" in option:
            assert process.wait(LIMIT) == 255
            return
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    client.settimeout(LIMIT)
                    with suppress(ConnectionResetError):
                        assert client.recv(20) == b""
                    return
            time.sleep(0.05)
        pytest.fail("ssh does not listen")
    finally:
        process.kill()
        process.communicate()
