from __future__ import annotations

from pathlib import Path

import pytest

from citytech_data.confirming import Finding, Verdict, confirm
from citytech_data.dataset import open_dataset, read_dataset
from citytech_data.errors import CityTechError
from tests.helpers import YEAR, claim, make_dataset, observation


def found(tmp_path: Path, *claims: dict[str, object]) -> list[Finding]:
    """Hold claims on the cities a to d against counts of 40, 30, 30 and nothing."""
    cities = ("a", "b", "c", "d")
    said = read_dataset(make_dataset(tmp_path, cities=cities, claims=claims, name="said"))
    counted = [observation("a", "apps", 40), observation("b", "apps", 30)]
    counted.append(observation("c", "apps", 30))
    counts = read_dataset(
        make_dataset(tmp_path, cities=cities, observations=counted, name="counts")
    )
    return confirm(said, counts, YEAR)


def test_a_list_is_held_pair_by_pair(tmp_path: Path) -> None:
    findings = found(tmp_path, claim("k", "ranking", "total", "b;a;d;c"))
    assert [(finding.places, finding.figures, finding.verdict) for finding in findings] == [
        (("b", "a"), (30, 40), Verdict.FAILS),
        (("a", "d"), (40, None), Verdict.CANNOT_TELL),
        (("d", "c"), (None, 30), Verdict.CANNOT_TELL),
        (("a", "c"), (40, 30), Verdict.HOLDS),
    ]


@pytest.mark.parametrize(
    ("places", "pair", "verdict"),
    [("b;d", ("b", "a"), Verdict.FAILS), ("a;d", ("a", "b"), Verdict.HOLDS)],
)
def test_a_city_outside_a_list_must_lie_below_its_last(
    tmp_path: Path, places: str, pair: tuple[str, str], verdict: Verdict
) -> None:
    *_, last = found(tmp_path, claim("k", "ranking", "total", places))
    assert (last.places, last.verdict) == (pair, verdict)


@pytest.mark.parametrize(("op", "verdict"), [("", Verdict.FAILS), (">=", Verdict.HOLDS)])
def test_equal_counts_confirm_only_an_order_that_allows_them(
    tmp_path: Path, op: str, verdict: Verdict
) -> None:
    first, *_ = found(tmp_path, claim("k", "ranking", "total", "b;c", op=op))
    assert first.verdict is verdict


@pytest.mark.parametrize(
    ("op", "value", "verdict"),
    [
        (">", 39, Verdict.HOLDS),
        (">", 40, Verdict.FAILS),
        (">=", 40, Verdict.HOLDS),
        ("<", 40, Verdict.FAILS),
        ("<=", 40, Verdict.HOLDS),
    ],
)
def test_a_bound_is_held_as_printed(
    tmp_path: Path, op: str, value: float, verdict: Verdict
) -> None:
    (finding,) = found(tmp_path, claim("k", "bound", "total", "a", op=op, value=value))
    assert finding.verdict is verdict


def test_a_member_must_have_such_a_rank(tmp_path: Path) -> None:
    members = [
        claim("one", "member", "total", "b", op="top", value=2),
        claim("two", "member", "total", "b", op="top", value=1),
        claim("three", "member", "total", "d", op="top", value=4),
    ]
    verdicts = [finding.verdict for finding in found(tmp_path, *members)]
    assert verdicts == [Verdict.HOLDS, Verdict.FAILS, Verdict.CANNOT_TELL]


def test_another_year_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CityTechError, match=r"no figures for 2021.*It has 2016"):
        confirm(open_dataset(), open_dataset("china-inventions-2016"), 2021)
