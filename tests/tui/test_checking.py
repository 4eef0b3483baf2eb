from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from citytech_data.dataset import open_dataset
from citytech_data.proven import evidence_of
from citytech_tui.__main__ import main
from citytech_tui.proofs import conflict_sentences, proof_sentences, retraction_sentences
from tests.helpers import city, claim, make_dataset, observation

Check = Callable[..., tuple[int, str, str]]


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["citytech-tui", "check", *arguments])
        status = main()
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_the_published_claims_contradict_in_one_pair(check: Check) -> None:
    status, out, _ = check("--format", "json")
    report = json.loads(out)
    assert status == 1
    assert report["diagnoses"] == [["total-ranking:330100>310000"]]
    assert all("total-ranking:330100>310000" in each["claims"] for each in report["conflicts"])
    intervals = {(each["code"], each["measure"]): each for each in report["intervals"]}
    jinan = intervals["370100", "total"]
    assert jinan["lower"] is None
    assert jinan["upper"] == pytest.approx(2171.5608)
    assert jinan["proof"][0] == "density:310000:article-2023"
    assert jinan["proof"][-1] == "population:370100:population-panel"


def test_text_and_markdown_tell_the_same(check: Check) -> None:
    for form in ("text", "markdown"):
        status, out, _ = check("--format", form)
        assert status == 1
        assert "Shanghai's total is below Hangzhou's (total list, places 3 and 4)" in out
        assert "≤ 2,171" in out


def test_no_claims_are_consistent(check: Check) -> None:
    assert check("china-inventions-2016")[0] == 0
    status, out, _ = check("china-inventions-2016", "--format", "json")
    assert (status, json.loads(out)["conflicts"]) == (0, [])


def test_unreadable_data_is_status_2(check: Check, tmp_path: Path) -> None:
    status, out, err = check(str(tmp_path))
    assert (status, out) == (2, "")
    assert err.startswith("citytech-tui: error: ")


def test_counts_confirm_or_refute(check: Check, tmp_path: Path) -> None:
    cities = [city("a", "Aton"), city("b", "Bton")]
    claims = [claim("k", "ranking", "total", "a;b")]
    said = make_dataset(tmp_path, cities=cities, claims=claims, name="said")
    for name, count, verdict, expected in (("more", 9, "holds", 0), ("less", 1, "fails", 1)):
        observations = [observation("a", "apps", count), observation("b", "apps", 5)]
        counts = make_dataset(tmp_path, cities=cities, observations=observations, name=name)
        status, out, _ = check(str(said), "--strict-against", str(counts))
        assert status == expected
        assert "Aton above Bton by total" in out
        assert verdict in out


def test_a_proof_is_told_step_by_step() -> None:
    dataset = open_dataset()
    evidence = evidence_of(dataset, 2021)
    assert evidence is not None
    bound = evidence.interval("330100", "total").upper
    assert bound is not None
    assert proof_sentences(bound, evidence, dataset.manifest) == [
        "Shanghai's density is 3.58 per 10,000 residents, so it is at most 3.585 [article-2023].",
        "Hangzhou's density is below Shanghai's (density list, places 3 and 4), "
        "so it is below 3.585 [article-2023].",
        "Hangzhou's total is its density × 12,204,000 residents ÷ 10,000, "
        "so it is below 4,375.3 [article-2023].",
    ]
    outside = evidence.interval("320600", "proportion").upper
    assert outside is not None
    assert proof_sentences(outside, evidence, dataset.manifest)[-1] == (
        "Nantong is not in the proportion list and so below all that are, also Nanjing "
        "(place 2 of 13), so Nantong's proportion is below 8.45 % [article-2023]."
    )


def test_every_bound_and_conflict_can_be_told() -> None:
    dataset = open_dataset()
    evidence = evidence_of(dataset, 2021)
    assert evidence is not None
    told = 0
    for interval in evidence.intervals.values():
        for bound in (interval.lower, interval.upper):
            if bound is not None:
                sentences = proof_sentences(bound, evidence, dataset.manifest)
                assert len(sentences) == len(bound.steps)
                assert all(sentence.endswith(".") for sentence in sentences)
                told += 1
    assert told > 153
    for conflict in evidence.conflicts:
        assert conflict_sentences(conflict, evidence, dataset.manifest)[-1].endswith(
            "they cannot all be true."
        )
    assert len(retraction_sentences(evidence, dataset.manifest)) == 2
