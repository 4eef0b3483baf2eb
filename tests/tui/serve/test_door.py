"""Who comes in, and what may be asked for: all else is refused."""

from __future__ import annotations

import asyncio
import contextlib
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from citytech_data.errors import CityTechError
from citytech_tui.serve.keys import host_key
from citytech_tui.serve.limits import Doorkeeper, Limits, party_of
from citytech_tui.serve.ssh import Settings
from tests.tui.serve.guests import (
    Served,
    connected,
    serving,
    shell,
    visiting,
    wait_until,
)
from tests.tui.terminal import LIMIT


def new_key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


def allow(path: Path, *keys: asyncssh.SSHKey, options: str = "") -> Path:
    lines = [f"{options} {key.export_public_key().decode()}".strip() for key in keys]
    path.write_text("\n".join(lines) + "\n")
    return path


async def runs(service: Served, **options: Any) -> str:
    async with connected(service, **options) as connection:
        result = await connection.run("rank total --top 1")
        return str(result.stdout)


# --- Keys ----------------------------------------------------------------------------


async def test_only_authorized_keys_come_in_and_the_file_is_followed(tmp_path: Path) -> None:
    one, two = new_key(), new_key()
    file = allow(tmp_path / "keys", one)
    async with serving(tmp_path, authorized_keys=file) as service:
        assert "Beijing" in await runs(service, client_keys=[one])
        with pytest.raises(asyncssh.PermissionDenied):
            await runs(service, client_keys=[two])
        with pytest.raises(asyncssh.PermissionDenied):
            await runs(service, client_keys=None)
        with pytest.raises(asyncssh.PermissionDenied):
            await runs(service, client_keys=None, password="secret")
        allow(file, two, options="no-pty")
        assert "Beijing" in await runs(service, client_keys=[two])
        with pytest.raises(asyncssh.PermissionDenied):
            await runs(service, client_keys=[one])
        file.write_text("no key\n")
        with pytest.raises(asyncssh.PermissionDenied):
            await runs(service, client_keys=[two])
        file.unlink()
        with pytest.raises(asyncssh.PermissionDenied):
            await runs(service, client_keys=[two])
        keys = [line["key"] for line in service.logged("session")]
        assert keys == [one.get_fingerprint(), two.get_fingerprint()]
        assert len(service.logged("no authorized keys")) == 1
        assert "secret" not in str(service.lines)


async def test_options_of_a_key_hold(tmp_path: Path) -> None:
    away, bound = new_key(), new_key()
    file = allow(tmp_path / "keys", away, options='from="10.1.2.3"')
    file.write_text(
        file.read_text() + allow(tmp_path / "more", bound, options="no-pty").read_text()
    )
    async with serving(tmp_path, authorized_keys=file) as service:
        with pytest.raises(asyncssh.PermissionDenied):
            await runs(service, client_keys=[away])
        async with connected(service, client_keys=[bound]) as connection:
            with pytest.raises(asyncssh.ChannelOpenError):
                await shell(connection)


def test_the_host_key_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key"
    made = host_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [*path.parent.iterdir()] == [path]
    assert host_key(path).get_fingerprint() == made.get_fingerprint()
    assert made.get_algorithm() == "ssh-ed25519"
    path.chmod(0o640)
    with pytest.raises(CityTechError, match="chmod 600"):
        host_key(path)
    path.chmod(0o600)
    path.write_text("no key")
    with pytest.raises(CityTechError, match="holds no host key"):
        host_key(path)


def test_it_must_be_said_who_may_come_in(tmp_path: Path) -> None:
    Settings(anonymous=True).check()
    Settings(authorized_keys=tmp_path).check()
    with pytest.raises(CityTechError, match="--authorized-keys FILE, or --anonymous"):
        Settings().check()
    with pytest.raises(CityTechError, match="not both"):
        Settings(authorized_keys=tmp_path, anonymous=True).check()


async def test_missing_keys_and_a_taken_port_are_told(tmp_path: Path) -> None:
    with pytest.raises(CityTechError, match=r"no authorized keys in .*nothing"):
        async with serving(tmp_path, authorized_keys=tmp_path / "nothing"):
            pass
    server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        service = Served(
            Settings(port=port, anonymous=True, host_key=tmp_path / "key"),
            (await _view()),
            "total",
            {},
        )
        with pytest.raises(CityTechError, match=f"cannot listen on 127.0.0.1 port {port}"):
            await service.start()


async def _view() -> Any:
    from tests.tui.serve.guests import published

    return published()


# --- Requests ------------------------------------------------------------------------


async def test_nothing_is_forwarded_or_copied(tmp_path: Path) -> None:
    async with serving(tmp_path) as service, connected(service) as connection:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_connection("127.0.0.1", service.port)
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_unix_connection("/tmp/socket")
        with pytest.raises(asyncssh.ChannelListenError):
            await connection.forward_remote_port("", 0, "127.0.0.1", 1)
        with pytest.raises(asyncssh.ChannelListenError):
            await connection.forward_remote_path("/tmp/socket", "/tmp/other")
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.start_sftp_client()
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.create_process(
                term_type="xterm", x11_forwarding=True, x11_display="127.0.0.1:1"
            )
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.create_tun(asyncssh.SSHTunTapSession)


async def test_no_file_is_copied(tmp_path: Path) -> None:
    async with serving(tmp_path) as service, connected(service) as connection:
        with contextlib.suppress(asyncssh.Error):
            await asyncssh.scp((connection, "/etc/passwd"), tmp_path / "stolen")
        await wait_until(lambda: service.logged("session"))
        assert service.logged("session")[0]["kind"] == "command unknown"
        assert service.logged("session")[0]["status"] == 2
    assert not (tmp_path / "stolen").exists()


@pytest.mark.parametrize(
    ("command", "status", "answer"),
    [
        ("rank total --top 1 --format csv", 0, "1,110000,Beijing"),
        ("city 杭州", 0, "Hangzhou"),
        ("trend", 0, "2013"),
        ("datasets", 0, "published"),
        ("check", 1, "contradictions"),
        ("help", 0, "Usage"),
        ("rank --help", 0, "--top"),
        ("rank total --top 1 --dataset china-inventions-2016", 0, "2016"),
        ("rank total --dataset /etc", 2, "no dataset is called '/etc' here"),
        ("rank total --dataset .", 2, "no dataset is called '.' here"),
        ("check /etc", 2, "no dataset"),
        ("check --strict-against /etc", 2, "no dataset"),
        ("validate /etc", 2, "'validate' is not served"),
        ("ingest /etc/passwd", 2, "'ingest' is not served"),
        ("serve ssh --anonymous", 2, "'serve' is not served"),
        ("sh", 2, "'sh' is not served"),
        ("rank total; id", 2, "error"),
        ("rank $(id)", 2, "error"),
        ("rank 'total", 2, "cannot be read"),
        ("rank \x1b]52;c;aGk=\x07", 2, "error"),
        ("rank " + "x" * 2000, 2, "too long"),
        ("", 0, "Usage"),
    ],
)
async def test_commands(tmp_path: Path, command: str, status: int, answer: str) -> None:
    async with serving(tmp_path) as service, connected(service) as connection:
        result = await connection.run(command) if command else await connection.run(" ")
        output = str(result.stdout) + str(result.stderr)
        assert answer in output
        assert result.exit_status == status
        assert "\x1b" not in output and "Traceback" not in output
        assert bool(result.stdout) == (status < 2)


async def test_one_session_of_a_connection_at_a_time(tmp_path: Path) -> None:
    async with serving(tmp_path) as service, connected(service) as connection:
        guest = await shell(connection)
        await guest.wait_for("q quit")
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.run("datasets")
        guest.send("q")
        await guest.end()
        assert "published" in str((await connection.run("datasets")).stdout)


# --- Limits --------------------------------------------------------------------------


async def test_more_sessions_than_there_are_places(tmp_path: Path) -> None:
    async with serving(tmp_path, max_sessions=1) as service:
        async with visiting(service), connected(service) as connection:
            process = await connection.create_process(term_type="xterm")
            _, errors = await process.communicate()
            assert "all places are taken" in str(errors)
            assert process.exit_status == 1
        await wait_until(lambda: not service.sessions)
        async with visiting(service):
            pass


async def test_more_connections_than_an_address_may_have(tmp_path: Path) -> None:
    async with serving(tmp_path, max_per_address=1) as service:
        async with connected(service):
            with pytest.raises((asyncssh.Error, ConnectionError)):
                await runs(service)
        await wait_until(lambda: not service.connections)
        assert "Beijing" in await runs(service)
        (line,) = service.logged("refused")
        assert line["reason"] == "too many connections from your address"


async def test_after_failed_logins_nobody_of_the_address_comes_in(tmp_path: Path) -> None:
    key = new_key()
    file = allow(tmp_path / "keys", key)
    async with serving(tmp_path, authorized_keys=file, max_failures=3) as service:
        for _ in range(3):
            with pytest.raises(asyncssh.PermissionDenied):
                await runs(service, client_keys=[new_key()])
        await wait_until(lambda: not service.connections)
        with pytest.raises((asyncssh.Error, ConnectionError)):
            await runs(service, client_keys=[key])
        assert service.logged("refused")[0]["reason"] == "too many failed logins"


async def test_a_client_may_not_offer_keys_without_end(tmp_path: Path) -> None:
    file = allow(tmp_path / "keys", new_key())
    async with serving(tmp_path, authorized_keys=file) as service:
        with pytest.raises((asyncssh.Error, ConnectionError)):
            await runs(service, client_keys=[new_key() for _ in range(20)])
        await wait_until(lambda: service.logged("refused"))
        assert service.logged("refused")[0]["reason"] == "too many keys"


async def test_who_does_not_log_in_or_asks_for_nothing_is_dropped(tmp_path: Path) -> None:
    async with serving(tmp_path, login_grace=0.1) as service:
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        async with asyncio.timeout(LIMIT):
            assert (await reader.read()).startswith(b"SSH-2.0-CityTech")
        writer.close()
    async with serving(tmp_path) as service, connected(service) as connection:
        service.door.limits = replace(service.door.limits, login_grace=0)
        (client,) = service.connections
        client.auth_completed()
        async with asyncio.timeout(LIMIT):
            await connection.wait_closed()


def test_failures_are_forgotten_after_a_while() -> None:
    door = Doorkeeper(Limits(max_failures=2, failure_window=60))
    door.fail("a", 0)
    door.fail("a", 30)
    assert door.refusal("a", 31) == "too many failed logins"
    assert door.refusal("b", 31) is None
    assert door.refusal("a", 61) is None
    for number in range(20_000):
        door.fail(str(number), 100)
    assert len(door._failures) <= 10_000


@pytest.mark.parametrize(
    ("address", "party"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_whom_an_address_belongs_to(address: str, party: str) -> None:
    assert party_of(address) == party
