"""The stored openings: the same figures as computed ones, and never older than their dataset."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from citytech_data import opening
from citytech_data.catalogue import embedded_folder, embedded_manifest, embedded_names
from citytech_data.dataset import open_dataset
from citytech_data.evidence import store
from citytech_data.manifest import PACKAGE_FILE
from citytech_data.opening import FILE, Opening, opening_text, read_opening
from citytech_data.proven import proven_standings
from citytech_data.ranking import ranking
from citytech_data.schema import TABLES
from citytech_data.vocabulary import MEASURES

each_dataset = pytest.mark.parametrize("name", embedded_names())
each_measure = pytest.mark.parametrize("measure", MEASURES)


def stored(name: str) -> Opening:
    found = read_opening(name)
    assert found is not None, "run `make opening`"
    return found


@each_dataset
def test_the_stored_opening_is_what_would_be_computed_now(name: str) -> None:
    text = (embedded_folder(name) / FILE).read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(opening_text(name)), "run `make opening`"
    assert text == opening_text(name)


@each_measure
@each_dataset
def test_a_stored_ranking_is_the_computed_one(name: str, measure: str) -> None:
    dataset = open_dataset(name)
    computed = ranking(proven_standings(dataset, dataset.year), measure)
    rows = stored(name).ranking(measure)
    assert rows.height == computed.height == dataset.cities.height
    found = [dict(rows.row(index)) for index in range(rows.height)]
    assert found == list(computed.iter_rows(named=True))


@each_dataset
def test_an_opening_has_the_declarations_of_its_dataset(name: str) -> None:
    dataset = open_dataset(name)
    found = stored(name)
    assert found.manifest == dataset.manifest == embedded_manifest(name)
    assert found.year == dataset.year
    assert found.years == dataset.years
    assert found.technologies == dataset.technologies


def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy an embedded dataset, and let the module read the copy."""
    folder = tmp_path / "published"
    shutil.copytree(embedded_folder("published"), folder)
    monkeypatch.setattr(opening, "embedded_folder", lambda name: tmp_path / name)
    return folder


def test_an_unchanged_copy_has_an_opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied(tmp_path, monkeypatch)
    assert read_opening("published") is not None


@pytest.mark.parametrize("file", [PACKAGE_FILE, *(f"{table.name}.csv" for table in TABLES)])
def test_an_opening_older_than_its_dataset_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    path = copied(tmp_path, monkeypatch) / file
    data = path.read_bytes()
    path.write_bytes(data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])
    assert path.stat().st_size == len(data)
    assert read_opening("published") is None


def test_a_dataset_without_an_opening_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (copied(tmp_path, monkeypatch) / FILE).unlink()
    assert read_opening("published") is None


def test_the_stored_evidence_is_what_would_be_computed_now() -> None:
    stored = (embedded_folder("published") / store.FILE).read_text(encoding="utf-8")
    assert stored == store.evidence_text("published"), "run `make opening`"
    assert store.read_evidence("published") is not None
    assert store.read_evidence("china-inventions-2016") is None
