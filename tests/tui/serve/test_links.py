"""Links over SSH: `ssh -t host -- --tab density` opens the app there, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from citytech_tui.serve.client import speech_of
from tests.tui.serve.guests import Guest, connected, serving, shell


async def told(tmp_path: Path, command: str, **options: Any) -> tuple[int | None, str]:
    """Return exit status and output of a command on a terminal."""
    async with serving(tmp_path) as service, connected(service) as connection:
        guest = await shell(connection, command=command, **options)
        status = await guest.end()
        return status, guest.raw.decode() + (await guest.process.stderr.read()).decode()


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("--tab density --city Shanghai", ["Density", "Shanghai 上海 ·"]),
        ("--city 杭州", ["Hangzhou 杭州 ·", "Around it by total"]),
        ("--filter guangdong --printed", ["filter “guangdong”", "printed only"]),
        ("--scope gdp5 --tab=proportion", ["5 cities"]),
        ("citytech-tui --dataset gii-2023", ["gii-2023 · 2023", "Tokyo–Yokohama"]),
        ("citytech-tui", ["51 cities"]),
        ("--lang zh --tab density", ["密度", "51个城市"]),
    ],
)
async def test_a_link_opens_the_app_there(tmp_path: Path, command: str, shown: list[str]) -> None:
    async with serving(tmp_path) as service, connected(service) as connection:
        guest = await shell(connection, command=command)
        for text in shown:
            await guest.wait_for(text)
        guest.send("q")
        assert await guest.end() == 0
    (line,) = service.logged("session")
    assert line["kind"] == "app"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("--tab nowhere", "no tab is called 'nowhere'"),
        ("--year 1900", "the dataset has no figures for 1900"),
        ("--city atlantis", "no city is called 'atlantis'"),
        ("--dataset /etc/passwd", "no dataset is called '/etc/passwd' here"),
        ("--dataset ../../etc", "no dataset is called '../../etc' here"),
        ("--filter 'x>1'", "no field is called 'x'"),
        ("--lang xx", "there is no language 'xx'"),
        ("--no-config", "there is no option --no-config"),
        ("--version", "there is no option --version"),
        ("--tab density rank total", "put the options of rank after it"),
        ("--install-completion", "there is no option --install-completion"),
    ],
)
async def test_what_cannot_be_opened_is_told(tmp_path: Path, command: str, said: str) -> None:
    status, output = await told(tmp_path, command)
    assert status == 1
    assert said in output
    assert "\x1b[?1049h" not in output


async def test_mistakes_in_a_link_are_told_in_the_language_of_the_client(tmp_path: Path) -> None:
    status, output = await told(tmp_path, "--tab nowhere", env={"LANG": "zh_CN.UTF-8"})
    assert status == 1
    assert "没有名为'nowhere'的标签页" in output


async def test_a_link_needs_a_terminal(tmp_path: Path) -> None:
    async with serving(tmp_path) as service, connected(service) as connection:
        result = await connection.run("--tab density")
        assert (result.exit_status, result.stdout) == (2, "")
        assert "connect with `ssh -t`" in str(result.stderr)


async def test_a_verb_on_a_terminal_is_still_a_verb(tmp_path: Path) -> None:
    status, output = await told(tmp_path, "citytech-tui rank total --top 1")
    assert status == 0
    assert "Beijing" in output and "\x1b[?1049h" not in output


@pytest.mark.parametrize("name", ["C.UTF-8", "", "../../x", "en_US.UTF-8"])
def test_numbers_without_another_locale_are_plain(name: str) -> None:
    assert speech_of({"LC_ALL": name}).separators == {}


async def test_each_session_writes_numbers_as_its_client_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def separators_of(name: str) -> dict[int, str]:
        return {ord(","): ".", ord("."): ","} if name.startswith("de") else {}

    # Few systems have other locales than C.
    monkeypatch.setattr("citytech_tui.serve.client.separators_of", separators_of)
    async with serving(tmp_path) as service, connected(service) as connection:
        one = await shell(connection, env={"LC_NUMERIC": "de_DE.UTF-8"})
        await one.wait_for("10.279–12.836")
        async with connected(service) as second:
            other: Guest = await shell(second)
            await other.wait_for("10,279–12,836")
        await one.press("3", "5,86")
