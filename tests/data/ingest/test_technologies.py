"""Which records count for which technology, checked on a labelled table and on traps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from citytech_data.errors import CityTechError, DatasetError
from citytech_data.ingest import technologies
from citytech_data.ingest.symbols import has_unread, normalise
from citytech_data.ingest.technologies import DEFAULT_FILE, DEFAULT_PRESET, RuleSet
from citytech_data.vocabulary import TECHNOLOGIES
from tests.data.ingest.conftest import Spark

PRESETS = ("strict", "broad", "cnipa")
FIELDS = {"codes": "codes", "title": "title", "abstract": "abstract"}
TEXTS = ("codes", "title", "abstract", "strict", "broad", "why")


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return technologies.load()


@pytest.fixture(scope="module")
def labelled() -> pl.DataFrame:
    """Records as exports spell them, the technologies of each preset, and what each row tests."""
    path = Path(__file__).with_name("technologies.csv")
    return pl.read_csv(path, schema_overrides=dict.fromkeys(TEXTS, pl.String))


def classified(
    frame: Any, rules: RuleSet, preset: str, fields: dict[str, str | None] | None = None
) -> Any:
    """Return the rows of `frame`, of any engine, with the flags and the candidates."""
    columns: Any = FIELDS | (fields or {})
    found = nw.from_native(frame).with_columns(
        rules.candidates(preset, **columns).alias("candidate"),
        normalise("codes").alias("codes"),
    )
    return found.with_columns(*rules.flags(preset, **columns)).to_native()


def one(
    rules: RuleSet, codes: str, title: str = "", abstract: str = "", preset: str = "strict"
) -> str:
    frame = pl.DataFrame({"codes": [codes], "title": [title], "abstract": [abstract]})
    row = classified(frame, rules, preset).row(0, named=True)
    return " ".join(name for name in TECHNOLOGIES if row[name])


# --- The labelled table --------------------------------------------------------------


@pytest.mark.parametrize("preset", ["strict", "broad"])
def test_polars_itself_decides_as_the_definition_in_narwhals(
    labelled: pl.DataFrame, rules: RuleSet, preset: str
) -> None:
    empty = pl.DataFrame({name: [None, ""] for name in FIELDS}, dict.fromkeys(FIELDS, pl.String))
    for records in (labelled.select(*FIELDS), empty):
        own: Any = {"api": pl, **FIELDS}
        expected = classified(records, rules, preset).drop("codes")
        found = records.with_columns(
            rules.candidates(preset, **own).alias("candidate"),
            nw.from_native(records)
            .select(normalise("codes"))
            .to_native()
            .to_series()
            .alias("codes"),
        ).with_columns(rules.flags(preset, **own))
        assert found.drop("codes").equals(expected)


@pytest.mark.parametrize("preset", ["strict", "broad"])
def test_every_labelled_record_has_the_technologies_it_should(
    labelled: pl.DataFrame, rules: RuleSet, preset: str
) -> None:
    wrong = []
    for row in classified(labelled, rules, preset).iter_rows(named=True):
        found = " ".join(name for name in TECHNOLOGIES if row[name])
        if found != (row[preset] or ""):
            wrong.append(f"{row['why']}: {row['codes']} {row['title']} -> {found}")
    assert wrong == []


def test_the_labelled_table_is_large_and_has_both_kinds_for_every_technology(
    labelled: pl.DataFrame,
) -> None:
    assert labelled.height >= 150
    assert labelled["why"].null_count() == 0
    assert not labelled.select("codes", "title", "abstract").is_duplicated().any()
    for preset in ("strict", "broad"):
        for technology in TECHNOLOGIES:
            positive = labelled[preset].fill_null("").str.split(" ").list.contains(technology)
            assert positive.sum() >= 25
            assert (~positive).sum() >= 150


@pytest.mark.parametrize("preset", PRESETS)
def test_flags_are_never_null_and_lie_within_the_candidates(
    labelled: pl.DataFrame, rules: RuleSet, preset: str
) -> None:
    found = classified(labelled, rules, preset)
    flags = found.select(*TECHNOLOGIES, "candidate")
    assert flags.dtypes == [pl.Boolean] * 6
    assert flags.null_count().sum_horizontal().item() == 0
    assert found.filter(pl.any_horizontal(TECHNOLOGIES) & ~pl.col("candidate")).is_empty()


@pytest.mark.parametrize("preset", PRESETS)
def test_an_eager_and_a_lazy_frame_give_the_same(
    labelled: pl.DataFrame, rules: RuleSet, preset: str
) -> None:
    lazy = classified(labelled.lazy(), rules, preset)
    expected = classified(labelled, rules, preset)
    assert lazy.collect().equals(expected)
    assert lazy.collect(engine="streaming").equals(expected)


def test_wider_presets_lose_nothing(labelled: pl.DataFrame, rules: RuleSet) -> None:
    strict = classified(labelled, rules, "strict")
    for preset in ("broad", "cnipa"):
        wider = classified(labelled, rules, preset)
        for technology in TECHNOLOGIES:
            assert not (strict[technology] & ~wider[technology]).any()


@pytest.mark.slow
@pytest.mark.parametrize("preset", PRESETS)
def test_spark_and_polars_give_the_same(
    labelled: pl.DataFrame, rules: RuleSet, spark: Spark, preset: str
) -> None:
    columns = ", ".join(f"{name} string" for name in labelled.columns)
    rows = [tuple(row) for row in labelled.iter_rows()]
    frame = nw.from_native(spark.session.createDataFrame(rows, columns))
    frame = frame.with_columns(has_unread("codes").alias("unread"))
    found = classified(frame.to_native(), rules, preset).collect()
    expected = classified(
        nw.from_native(labelled).with_columns(has_unread("codes").alias("unread")).to_native(),
        rules,
        preset,
    )
    assert [tuple(row) for row in found] == expected.rows()


# --- What is missing -------------------------------------------------------------------


def test_without_texts_only_codes_count(labelled: pl.DataFrame, rules: RuleSet) -> None:
    bare = labelled.with_columns(title=pl.lit(None, pl.String), abstract=pl.lit(None, pl.String))
    for preset in PRESETS:
        without = classified(labelled, rules, preset, {"title": None, "abstract": None})
        nulls = classified(bare, rules, preset)
        assert without.select(TECHNOLOGIES).equals(nulls.select(TECHNOLOGIES))


def test_without_codes_only_titles_count(labelled: pl.DataFrame, rules: RuleSet) -> None:
    found = classified(labelled, rules, "strict", {"codes": None})
    bare = classified(labelled.with_columns(codes=pl.lit(None, pl.String)), rules, "strict")
    assert found.select(TECHNOLOGIES).equals(bare.select(TECHNOLOGIES))
    assert not found["ai"].any()
    assert found["cloud"].any()


def test_without_any_column_nothing_is_found(rules: RuleSet) -> None:
    nothing: Any = dict.fromkeys(FIELDS)
    frame = nw.from_native(pl.DataFrame({"a": [1, 2]}))
    found = frame.with_columns(*rules.flags("broad", **nothing)).to_native()
    assert not found.select(pl.any_horizontal(TECHNOLOGIES)).to_series().any()


def test_needs_say_what_can_be_found_without_texts_or_cpc(rules: RuleSet) -> None:
    strict = rules.needs("strict")
    assert tuple(strict) == TECHNOLOGIES
    assert strict["blockchain"].left(cpc=False, title=False, abstract=False) == "none"
    assert strict["blockchain"].left(cpc=False) == "some"
    assert strict["ai"].left(title=False, abstract=False) == "all"
    assert strict["ai"].left(cpc=False) == "some"
    assert strict["ai"].left(codes=False) == "none"
    assert strict["iot"].left(title=False, abstract=False) == "some"
    assert strict["iot"].left(codes=False) == "some"
    assert strict["iot"].left(codes=False, title=False) == "none"
    assert rules.needs("broad")["ai"].left(codes=False) == "some"
    assert all(needs.left() == "all" for needs in strict.values())


def test_needs_agree_with_what_flags_find(labelled: pl.DataFrame, rules: RuleSet) -> None:
    for preset in PRESETS:
        for gone in (["codes"], ["title", "abstract"], ["title"], ["codes", "title"]):
            found = classified(labelled, rules, preset, dict.fromkeys(gone))
            for technology, needs in rules.needs(preset).items():
                has = {name: name not in gone for name in FIELDS}
                assert found[technology].any() == (needs.left(**has) != "none")


# --- Presets and the description -------------------------------------------------------


def test_there_are_three_presets_and_strict_is_the_default(rules: RuleSet) -> None:
    assert rules.presets == PRESETS
    assert DEFAULT_PRESET == "strict"


def test_an_unknown_preset_is_refused_with_those_there_are(rules: RuleSet) -> None:
    with pytest.raises(CityTechError, match="no preset is called 'wide'; there are strict, broad"):
        rules.flags("wide", codes="codes", title=None, abstract=None)


def test_every_rule_is_described_with_its_source(rules: RuleSet) -> None:
    rows = rules.describe()
    assert len(rows) >= 200
    assert {row.technology for row in rows} == set(TECHNOLOGIES)
    assert {row.preset for row in rows} == set(PRESETS)
    assert {row.level for row in rows} == {"code", "code+kw", "kw"}
    assert all(row.source for row in rows)
    assert all(row.keywords for row in rows if row.level != "code")
    pair = next(row for row in rows if row.rule.startswith("H04L9/3236 and"))
    assert pair.rule == "H04L9/3236 and H04L2209/56*"
    assert pair.scheme == "CPC"
    assert next(row for row in rows if row.rule == "H04L67/12*").scheme == "CPC, IPC since 2022"


def test_no_rule_and_no_source_is_there_twice_or_for_nothing(rules: RuleSet) -> None:
    keys = [(row.technology, row.rule, row.level, row.preset) for row in rules.describe()]
    assert len(keys) == len(set(keys))
    used = {text.partition(" ")[0] for rule in rules.file.rules for text in rule.source}
    lists = rules.file.keywords.values()
    used |= {text.partition(" ")[0] for each in lists for text in each.source}
    assert used == set(rules.file.sources)
    named = {name for rule in rules.file.rules for name in rule.keywords}
    assert named == set(rules.file.keywords)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("一种粒子群算法", "ai"),
        ("人脸识别门禁", "ai"),
        ("面向联邦学习的聚合方法", "ai"),
        ("基于拜占庭容错的账本", "blockchain"),
        ("矿池收益分配", "blockchain"),
        ("选矿池清洗装置", ""),
        ("同态加密方法", "blockchain"),
        ("云边协同调度", "cloud"),
        ("工业大数据分析平台", "bigdata"),
        ("CRISP-DM流程", "bigdata"),
        ("工业互联网网关", "iot"),
        ("紫蜂模块", "iot"),
        ("哈希数字签名", ""),
        ("大规模MIMO天线", ""),
    ],
)
def test_cnipa_finds_its_own_keywords_in_titles(rules: RuleSet, title: str, expected: str) -> None:
    assert one(rules, "A01B1/00", title, preset="cnipa") == expected
    assert one(rules, "A01B1/00", "", title, preset="cnipa") == ""


# --- A file of one's own -----------------------------------------------------------------

SMALL = """
title = "Small"
[presets.strict]
title = "all"
[sources.own]
title = "own"
[keywords.k]
words = ["quantum"]
source = ["own"]
[[rule]]
technology = "ai"
preset = "strict"
codes = ["G06N10/*"]
source = ["own"]
[[rule]]
technology = "iot"
preset = "strict"
codes = ["B60"]
keywords = ["k"]
source = ["own, page 3"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_user_can_give_other_rules(tmp_path: Path) -> None:
    rules = technologies.load(written(tmp_path, SMALL.replace("own, page", "own page")))
    assert rules.presets == ("strict",)
    assert one(rules, "G06N10/20") == "ai"
    assert one(rules, "B60L1/00", "Quantum car") == "iot"
    assert one(rules, "G16Y10/00", "Quantum thing") == ""
    assert rules.needs("strict")["cloud"].left() == "none"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("", "[[rule", "is not TOML"),
        ('["own, page 3"]', '["own, page 3"]', "[[rule]] 2 source: expected one of own"),
        ('"G06N10/*"', '"G06N10"', "[[rule]] 1 codes: expected a code such as G06N3/*"),
        ('"G06N10/*"', '"G06N5/04-3/02"', "expected a range upwards within one main group"),
        ('"G06N10/*"', '"G06N5/04-5/02"', "expected a range upwards within one main group"),
        ('"G06N10/*"', '"g06n10/00"', "found 'g06n10/00'"),
        ('technology = "ai"', 'technology = "5g"', "expected one of ai, blockchain"),
        ('preset = "strict"', 'preset = "loose"', "preset: expected one of strict, found 'loose'"),
        ('keywords = ["k"]', 'keywords = ["q"]', "keywords: expected one of k, found 'q'"),
        ('["quantum"]', '["qu*ntum"]', "[keywords.k] words: expected a keyword such as"),
        ('["quantum"]', "[]", "[keywords.k] words: expected a list of keywords, found 'nothing'"),
        ('["quantum"]', "[3]", "[keywords.k] words: expected a list of texts"),
        ('codes = ["B60"]\nkeywords = ["k"]', "", "expected codes, keywords or both"),
        ('keywords = ["k"]', 'and = ["B61"]\nkeywords = ["k"]', "and: expected no keywords"),
        ('codes = ["B60"]', 'code = ["B60"]', "found 'code'"),
        ('title = "all"', 'title = "all"\nincludes = ["more"]', "expected one of strict"),
        ('title = "Small"', "", "title: expected a text"),
        ('title = "Small"', "title = 1", "title: expected a text"),
        ('preset = "strict"', 'preset = "strict"\nipc = "no"', "ipc: expected true, false or"),
        ("[[rule]]", "[[rules]]", "found 'rules'"),
        ("[presets.strict]", "[presets]", "expected a table, found 'all'"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_table(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = SMALL.replace("own, page", "own page" if "page" not in old else "own, page")
    path = written(tmp_path, text.replace(old, new, 1) if old else new)
    with pytest.raises(DatasetError, match=re.escape(message)) as caught:
        technologies.load(path)
    assert str(caught.value).startswith("mine.toml: ")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"none\.toml: cannot be read \(No such file"):
        technologies.load(tmp_path / "none.toml")
    (tmp_path / "gb.toml").write_bytes("title = '区块链'".encode("gb18030"))
    with pytest.raises(DatasetError, match=r"gb\.toml: is not UTF-8"):
        technologies.load(tmp_path / "gb.toml")


def test_the_own_file_can_be_copied_and_given_back(tmp_path: Path) -> None:
    copy = written(tmp_path, "\ufeff" + DEFAULT_FILE.read_text(encoding="utf-8"))
    assert technologies.load(copy).describe() == technologies.load().describe()
