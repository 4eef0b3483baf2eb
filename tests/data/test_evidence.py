"""Evidence on `published` and on small cases that were worked out by hand."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from citytech_data.catalogue import embedded_folder
from citytech_data.dataset import Dataset
from citytech_data.evidence import evidence, faults, store
from citytech_data.evidence.model import Bound, Evidence, Interval, Rule, Side, steps_of
from citytech_data.evidence.weights import HALF, exact, weight
from tests.data.evidence_worlds import OFFICE, Row, dataset_of, said, seen

BEIJING, SHANGHAI, SHENZHEN, GUANGZHOU = "110000", "310000", "440300", "440100"
HANGZHOU, NANJING, JINAN, QINGDAO, CHONGQING = "330100", "320100", "370100", "370200", "500000"
PAIR = f"total-ranking:{HANGZHOU}>{SHANGHAI}"


@pytest.fixture(scope="module")
def article(published: Dataset) -> Evidence:
    return evidence(published, 2021)


def found(codes: str, claims: list[Row], observations: list[Row] | None = None) -> Evidence:
    """Return the evidence of a dataset, all of whose proofs are right."""
    dataset = dataset_of(codes, observations or [], claims)
    result = evidence(dataset)
    assert faults(dataset, result) == []
    return result


def upper(result: Evidence, code: str, measure: str = "total") -> float | None:
    bound = result.interval(code, measure).upper
    return None if bound is None else bound.value


def lower(result: Evidence, code: str, measure: str = "total") -> float | None:
    bound = result.interval(code, measure).lower
    return None if bound is None else bound.value


def at_least(code: str, value: float, op: str = ">=", measure: str = "total") -> Row:
    return said(f"{code}{op}{value}", "bound", measure, [code], op=op, value=value)


def at_most(code: str, value: float, op: str = "<=") -> Row:
    return at_least(code, value, op)


def people(**counts: int) -> list[Row]:
    return [seen(code, "population", count, source=OFFICE) for code, count in counts.items()]


# --- The article -------------------------------------------------------------------------------


def test_the_pair_hangzhou_above_shanghai_is_the_only_smallest_diagnosis(
    article: Evidence,
) -> None:
    assert [each.claims for each in article.diagnoses] == [(PAIR,)]
    assert article.retracted == (PAIR,)
    assert article.exhaustive
    assert all(PAIR in conflict.claims for conflict in article.conflicts)
    disputed = {key for key in article.intervals if article.disputed(*key)}
    assert disputed == {(HANGZHOU, "total"), (SHANGHAI, "total")}


def test_the_plain_contradiction_is_told_in_four_claims(article: Evidence) -> None:
    # Hangzhou has more in total but less per resident, and fewer residents.
    conflict = article.conflicts[0]
    assert set(conflict.claims) == {
        PAIR,
        f"density-ranking:{SHANGHAI}>{HANGZHOU}",
        f"population:{HANGZHOU}:article-2023",
        f"population:{SHANGHAI}:article-2023",
    }
    assert conflict.product == Fraction(12_204_500, 24_894_250)
    assert conflict in article.conflicts_of(HANGZHOU, "density")
    assert not article.conflicts_of(BEIJING, "total")


@pytest.mark.parametrize(
    ("code", "side", "value"),
    [
        # Its density lies below Shanghai's, which is 3.585 at most.
        (HANGZHOU, "upper", 3.585 * 12_204_500 / 10_000),
        # Its total lies below Hangzhou's.
        (GUANGZHOU, "upper", 3.585 * 12_204_500 / 10_000),
        # Its density lies below Hangzhou's.
        (NANJING, "upper", 3.585 * 9_423_400 / 10_000),
        # Its density lies below Guangzhou's.
        (JINAN, "upper", 3.585 * 12_204_500 / 18_810_600 * 9_336_100 / 10_000),
        # Not in the list by total, so below Jinan, the last.
        (CHONGQING, "upper", 3.585 * 12_204_500 / 18_810_600 * 9_336_100 / 10_000),
        # Its density lies below Shenzhen's, and its total above, each by the article's residents.
        (BEIJING, "upper", 5.865 * 21_886_500 / 10_000),
        (BEIJING, "lower", 5.855 * 17_555_000 / 10_000),
        (SHENZHEN, "lower", 5.855 * 17_555_000 / 10_000),
        (SHENZHEN, "upper", 5.865 * 17_565_000 / 10_000),
        (SHANGHAI, "lower", 3.575 * 24_894_250 / 10_000),
    ],
)
def test_totals_worked_out_by_hand(article: Evidence, code: str, side: str, value: float) -> None:
    bound = getattr(article.interval(code, "total"), side)
    assert bound.value == pytest.approx(value, rel=1e-12)


def test_the_figures_of_the_issue(article: Evidence) -> None:
    # Whole applications: the bounds rounded to what they allow.
    assert math.floor(upper(article, HANGZHOU) or 0) == 4_375
    assert math.floor(upper(article, GUANGZHOU) or 0) == 4_375
    assert math.floor(upper(article, NANJING) or 0) == 3_378
    assert math.floor(upper(article, JINAN) or 0) == 2_171
    assert math.floor(upper(article, BEIJING) or 0) == 12_836
    # With the residents of 2021 in place of the article's 17.56 million it would be 10,353.
    assert math.ceil(lower(article, BEIJING) or 0) == 10_279


def test_all_applications_follow_from_total_and_share(article: Evidence) -> None:
    interval = article.interval(SHANGHAI, "applications")
    assert interval.lower and interval.upper
    assert interval.lower.value == pytest.approx(3.575 * 2489.425 / 0.1135)
    assert interval.upper.value == pytest.approx(3.585 * 2489.435 / 0.1125)


def test_a_member_of_the_top_twenty_lies_below_the_tenth(article: Evidence) -> None:
    # Qingdao is no name of the list by density, of which Suzhou is the last.
    bound = article.interval(QINGDAO, "density").upper
    suzhou = article.interval("320500", "density").upper
    assert bound and suzhou
    assert not suzhou.tighter_than(bound)


def test_the_proof_of_jinan_names_its_claims_in_order(article: Evidence) -> None:
    bound = article.interval(JINAN, "total").upper
    assert bound
    assert bound.strict
    assert bound.proof == (
        f"density:{SHANGHAI}:article-2023",
        f"density-ranking:{SHANGHAI}>{HANGZHOU}",
        f"population:{HANGZHOU}:article-2023",
        f"total-ranking:{HANGZHOU}>{GUANGZHOU}",
        f"population:{GUANGZHOU}:population-panel",
        f"density-ranking:{GUANGZHOU}>{JINAN}",
        f"population:{JINAN}:population-panel",
    )
    assert bound.steps[0].value == 3.585
    for name in bound.proof:
        assert article.resolve(name)[0].source


def test_every_proof_holds_and_uses_nothing_retracted(
    published: Dataset, article: Evidence
) -> None:
    assert faults(published, article) == []
    ends = [b for one in article.intervals.values() for b in (one.lower, one.upper) if b]
    assert PAIR not in {name for step in steps_of(ends) for name in step.ids}


def test_doubts_about_the_article_are_remarks(article: Evidence) -> None:
    texts = " ".join(remark.text for remark in article.remarks)
    for words in ("names 13 cities", "Nanning is 51st", "prints no unit", "share of is in doubt"):
        assert words in texts


def test_a_dataset_without_claims_is_consistent(inventions: Dataset) -> None:
    result = evidence(inventions)
    assert result.consistent
    assert faults(inventions, result) == []
    beijing = result.interval(BEIJING, "total")
    assert beijing.lower and beijing.upper
    assert beijing.lower.value == beijing.upper.value == 104_643


# --- Lists -------------------------------------------------------------------------------------


def test_a_list_orders_its_names_and_all_others_below() -> None:
    result = found("abcd", [said("k", "ranking", "total", "ab"), at_most("a", 9), at_least("c", 2)])
    assert [upper(result, code) for code in "abcd"] == [9, 9, 9, 9]
    assert [lower(result, code) for code in "abcd"] == [2, 2, 2, None]
    bound = result.interval("d", "total").upper
    assert bound and bound.strict
    assert bound.proof == ("a<=9", "k:a>d")


def test_a_list_with_ties_is_not_strict() -> None:
    result = found("ab", [said("k", "ranking", "total", "ab", op=">="), at_most("a", 9)])
    bound = result.interval("b", "total").upper
    assert bound and not bound.strict


def test_two_lists_in_opposite_order_contradict_unless_ties_are_possible() -> None:
    lists = [said("k", "ranking", "total", "ab"), said("l", "ranking", "total", "ba")]
    result = found("ab", lists)
    assert [each.claims for each in result.diagnoses] == [("k:a>b",), ("l:b>a",)]
    assert result.retracted == ()
    lists[0]["op"] = lists[1]["op"] = ">="
    assert found("ab", lists).consistent


def test_equal_counts_may_be_listed_in_any_order() -> None:
    counts = [seen(code, "apps", 7, source=OFFICE, basis="counted") for code in "abd"]
    # c stands between two that are equal, so it equals them; d is equal though not listed.
    result = found("abcd", [said("k", "ranking", "total", "acb")], counts)
    assert result.consistent
    assert (lower(result, "c"), upper(result, "c")) == (7, 7)


def test_a_retracted_pair_leaves_all_other_pairs() -> None:
    # b and c are exchanged; a, d and the others still enclose both.
    claims = [said("k", "ranking", "total", "abcd"), at_most("b", 5), at_least("c", 6)]
    claims += [at_most("a", 9), at_least("e", 1), at_least("a", 3), at_most("d", 4)]
    claims += [said("l", "ranking", "total", "acbd")]
    result = found("abcdef", claims)
    assert result.retracted == ("k:b>c",)
    assert [upper(result, code) for code in "abcdef"] == [9, 5, 9, 4, 4, 4]
    assert [lower(result, code) for code in "abcdef"] == [6, 1, 6, 1, 1, None]


def test_a_misplaced_city_is_one_mistake_not_many() -> None:
    names = "abcdefgh"
    counts = [
        seen(code, "apps", 90 - place, source=OFFICE, basis="counted")
        for place, code in enumerate(names)
    ]
    result = found(names, [said("k", "ranking", "total", "ahbcdefg")], counts)
    assert result.retracted == ("k:h",)
    assert result.diagnoses[0].cost == 3


def test_a_city_wrongly_left_out_of_a_list() -> None:
    claims = [said("k", "ranking", "total", "ab"), at_least("c", 5), at_most("b", 4)]
    claims += [at_least("c", 6, ">"), at_most("b", 3, "<"), at_most("a", 9)]
    result = found("abc", claims)
    assert result.retracted == ("k:b>c",)
    assert (upper(result, "c"), upper(result, "b")) == (9, 3)


# --- Other claims ------------------------------------------------------------------------------


def test_a_member_of_the_top_n_is_not_below_the_nth_name() -> None:
    claims = [said("k", "ranking", "total", "abcd"), said("m", "member", "total", "e", op="top")]
    claims[1]["value"] = 2
    # The list has e below d, so the membership contradicts it.
    result = found("abcde", claims)
    assert not result.consistent
    assert ("m",) in [each.claims for each in result.diagnoses]
    other = said("l", "ranking", "density", "ab")
    claims = [said("m", "member", "density", "e", op="top", value=2), other]
    assert not found("abcde", claims).consistent
    claims[0]["value"] = 3
    assert found("abcde", claims).consistent


def test_a_member_of_the_top_n_has_the_nth_best_lower_bound() -> None:
    claims = [at_least("a", 9), at_least("b", 8, ">"), at_least("c", 7)]
    claims.append(said("m", "member", "total", "d", op="top", value=2))
    result = found("abcd", claims)
    bound = result.interval("d", "total").lower
    # At most one of a and b exceeds it, so it is not below the lesser of the two.
    assert bound and (bound.value, bound.strict, bound.rule) == (8, True, Rule.COUNT)
    claims.append(at_most("d", 8))
    result = found("abcd", claims)
    assert not result.consistent
    assert result.conflicts[0].crossing
    assert set(result.conflicts[0].claims) == {"a>=9", "b>8", "m", "d<=8"}


def test_all_together_have_no_more_than_the_country() -> None:
    country = [seen("CN", "apps", 100)]
    result = found("abc", [at_least("a", 60)], country)
    assert [upper(result, code) for code in "abc"] == [100, 40, 40]
    # a and b lie above c: three times c is at most 100, unless a has more.
    result = found("abc", [said("k", "ranking", "total", "abc")], country)
    assert upper(result, "c") == pytest.approx(100 / 3)
    assert upper(result, "b") == 50
    bound = result.interval("c", "total").upper
    assert bound and bound.proof == ("apps:CN:press", "k:a>c", "k:b>c")
    result = found("abc", [said("k", "ranking", "total", "abc"), at_least("a", 60)], country)
    assert [upper(result, code) for code in "abc"] == [100, 40, 20]


def test_more_than_the_country_is_a_conflict() -> None:
    claims = [at_least("a", 60), at_least("b", 30), at_least("c", 20)]
    result = found("abc", claims, [seen("CN", "apps", 85)])
    conflict = result.conflicts[0]
    assert set(conflict.claims) == {"a>=60", "b>=30", "apps:CN:press"}
    total, country = conflict.crossing
    assert (total.place, total.value, country.value) == ("CN", 90, 85)
    # Without any one of the three the rest fits: 60 and 20 are 80.
    assert {each.claims for each in result.diagnoses} == {
        ("a>=60",),
        ("b>=30",),
        ("apps:CN:press",),
    }


def test_a_part_is_at_most_the_whole() -> None:
    result = found("a", [at_least("a", 5)], [seen("a", "all_apps", 20, source=OFFICE)])
    assert (lower(result, "a"), upper(result, "a")) == (5, 20)
    assert (lower(result, "a", "proportion"), upper(result, "a", "proportion")) == (25, 100)
    result = found("a", [at_least("a", 25)], [seen("a", "all_apps", 20, source=OFFICE)])
    assert result.retracted == ("a>=25",)
    assert set(result.conflicts[0].claims) == {"a>=25", "all_apps:a:office"}


def test_nothing_is_a_figure_too() -> None:
    result = found("ab", [said("k", "ranking", "total", "ab", op=">=")], [seen("a", "apps", 0)])
    assert [upper(result, code) for code in "ab"] == [0, 0]
    assert not found("ab", [at_least("a", 1)], [seen("a", "apps", 0)]).consistent


def test_each_source_divides_by_the_residents_that_it_prints() -> None:
    own = [seen("a", "population", 20_000, lower=19_000, upper=21_000)]
    result = found("a", [at_least("a", 3, measure="density")], [*people(a=40_000), *own])
    assert lower(result, "a") == pytest.approx(3 * 1.9)
    assert lower(found("a", [at_least("a", 3, measure="density")], people(a=40_000)), "a") == 12


def test_statistics_yield_last() -> None:
    claims = [at_least(code, 10) for code in "ab"]
    counted = [seen(code, "apps", 5, source=OFFICE, basis="counted") for code in "ab"]
    result = found("ab", claims, counted)
    assert result.retracted == ("a>=10", "b>=10")


def test_many_equal_diagnoses_leave_out_all_they_might_retract() -> None:
    codes = "abcdefg"
    claims = [claim for code in codes for claim in (at_least(code, 9), at_most(code, 5))]
    claims.append(at_most("a", 20))
    result = found(codes, claims)
    assert not result.exhaustive
    assert (upper(result, "a"), lower(result, "a"), upper(result, "b")) == (20, None, None)


# --- Weights -----------------------------------------------------------------------------------


def test_weights_decide_ties_that_floats_misjudge() -> None:
    factors = [exact(value) for value in (0.1, 0.3, 1.1, 24_894_300.0, 5.865)]
    ring = [*factors, *(1 / factor for factor in factors)]
    assert abs(sum(map(weight, ring))) < HALF
    assert sum(map(weight, ring)) + weight(Fraction(1), strict=True) < -HALF
    # Ten populations apart by one resident are told apart.
    near = weight(Fraction(24_894_301, 24_894_300)) - 10 * weight(Fraction(1))
    assert near > HALF


# --- Verifying and storing ---------------------------------------------------------------------


@pytest.mark.parametrize("rule", [Rule.OBSERVED, Rule.LISTED, Rule.RATIO])
def test_a_bound_that_says_too_much_is_a_fault(
    published: Dataset, article: Evidence, rule: Rule
) -> None:
    interval = article.interval(JINAN, "total")
    assert interval.upper

    def narrowed(bound: Bound) -> Bound:
        premises = tuple(map(narrowed, bound.premises))
        exactly = bound.exact * Fraction(99, 100) if bound.rule is rule else bound.exact
        return dataclasses.replace(bound, exact=exactly, premises=premises)

    wrong = Interval(JINAN, "total", None, narrowed(interval.upper))
    changed = dataclasses.replace(article, intervals={(JINAN, "total"): wrong})
    (fault,) = faults(published, changed)
    assert f"total of {JINAN}, upper" in fault


def test_a_proof_by_a_retracted_claim_is_a_fault(published: Dataset, article: Evidence) -> None:
    used = f"density-ranking:{GUANGZHOU}>{JINAN}"
    wrong = dataclasses.replace(article, retracted=(used,))
    assert any(used in fault for fault in faults(published, wrong))


def test_json_keeps_everything(published: Dataset, article: Evidence) -> None:
    text = store.to_json(article)
    again = store.from_json(text)
    assert store.to_json(again) == text
    assert again.conflicts[0] == article.conflicts[0]
    assert (again.diagnoses, again.remarks) == (article.diagnoses, article.remarks)
    assert dict(again.statements) == dict(article.statements)
    assert faults(published, again) == []
    kept, bound = (each.interval(JINAN, "total").upper for each in (article, again))
    assert kept and bound
    assert (bound.exact, bound.strict, bound.proof) == (kept.exact, kept.strict, kept.proof)


def test_stored_evidence_is_used_only_while_it_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in embedded_folder("published").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(store, "embedded_folder", lambda name: tmp_path)
    monkeypatch.setattr(store, "embedded_names", lambda: ("published",))
    (tmp_path / store.FILE).unlink(missing_ok=True)
    assert store.read_evidence("published") is None
    store.write_all()
    read = store.read_evidence("published")
    assert read is not None
    assert read.retracted == (PAIR,)
    (tmp_path / "opening.json").write_text("{}")
    assert store.read_evidence("published") is not None
    (tmp_path / "claims.csv").write_text("changed")
    assert store.read_evidence("published") is None


def test_reading_stored_evidence_needs_no_polars(article: Evidence) -> None:
    code = (
        "import sys; from citytech_data.evidence.store import from_json;"
        "found = from_json(sys.stdin.read());"
        "assert found.interval('440300', 'total').lower.value > 10_000;"
        "print('polars' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        input=store.to_json(article),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert run.stdout.strip() == "False"
    assert json.loads(store.to_json(article))["format"] == 1


def test_tighter_compares_strictness_only_between_equals() -> None:
    five = Bound("a", "total", Side.UPPER, Fraction(5), False, Rule.OBSERVED, ("x",))
    below_five = dataclasses.replace(five, strict=True)
    six = dataclasses.replace(below_five, exact=Fraction(6))
    assert below_five.tighter_than(five)
    assert not five.tighter_than(below_five)
    assert five.tighter_than(six)
    assert five.tighter_than(None)
