"""For tests/: the walk-through of docs/ingest.md prints what it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from citytech_tui import PROGRAM
from tests.examples import ROOT, blocks, run

OPENS_THE_SCREEN = f"{PROGRAM} --dataset patents"
WITH_SPARK = "--engine spark"
"""What test_spark runs."""


def test_the_walk_through_prints_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    document = ROOT / "docs" / "ingest.md"
    parts = [each for each in blocks("csv", "toml", "sh", "text") if each.document == document]
    printed = ""
    for part in parts:
        if part.name:
            (tmp_path / part.name).write_text(part.content, encoding="utf-8")
    for part in parts:
        if part.language == "sh":
            commands = [line.partition("#")[0].strip() for line in part.content.splitlines()]
            wanted = [each for each in commands if WITH_SPARK not in each]
            results = [run(each) for each in wanted if each != OPENS_THE_SCREEN]
            # `check` has status 1 where counts contradict claims.
            assert {status for status, _ in results} <= {0, 1}
            printed = "".join(text for _, text in results)
        elif part.language == "text":
            assert [line.rstrip() for line in printed.splitlines()] == part.content.splitlines()
