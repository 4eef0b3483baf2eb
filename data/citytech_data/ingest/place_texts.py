"""Read many texts at once: Polars finds the words, and each combination of words is judged once.

A million addresses hold a few thousand combinations of province, city and district.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

import polars as pl

from citytech_data.ingest.place_english import XIAN, english_words, judge_english
from citytech_data.ingest.place_rules import (
    APPLICANT,
    CITY_COLUMN,
    LIKELY,
    Verdict,
    judge_applicant,
    judge_chinese,
    judge_name,
)
from citytech_data.ingest.place_words import START, Words, chinese_words, exact_names

VERDICT: Final = dict.fromkeys(Verdict._fields, pl.String)
"""The columns of what is read: those of a verdict."""
HAN: Final = r"\p{Han}"

_Judge = Callable[[Sequence[str], bool], Verdict]
_HEAD = 40
_WORDS = 5
_PART = "|"
# Characters that must be made those that they look like: radicals, compatibility forms.
_LOOKALIKE = "[\u2e80-\u2fdf\uf900-\ufaff]"
_BLANKS = r"[^\p{L}\p{N}]+"
# Postcode and country, before the place.
_BEFORE = r"^\P{Han}*(?:邮编\P{Han}*)?(?:中华人民共和国|中国)?"
# What makes a name at the beginning that of a street, a village, a school or a firm.
_NO_PLACE = (
    "^(?:[东西南北中一二三四五六七八九十]{0,2}(?:路|街|大街|大道|大路|道|巷|胡同|弄)"
    "|街道|镇|乡|村|社区|新村|小区|公园|花园|门|大厦|宾馆|酒店|饭店"
    "|[^省市区县州镇乡村路街道号园旗盟]{0,12}"
    "(?:大学|学院|中学|小学|公司|集团|研究院|研究所|医院|银行|工厂))"
)
_SCHOOL = "大学|学院|中学|小学|学校"
# What tells a firm in Latin letters from a person.
_FIRM = (
    r"(?i)\b(?:co|corp|corporation|company|ltd|limited|inc|llc|group|holdings?|tech|technology"
    r"|technologies|inst|institute|academy|hospital|bank|factory|works|acad|electric|bureau)\b"
)
_ACCENTS = r"[\p{M}'’‘`´ʼ]+"
_CHINA = r"\b(?:p ?r ?(?:of )?china|peoples republic of china|china|prc|p r c|chn|cn)\b"
_STREETS = (
    r"\b[a-z]+ (?:(?:east|west|north|south|middle|mid|central|dong|xi|nan|bei|zhong|first|second"
    r"|yi|er|san|[nesw]) ){0,2}(?:road|rd|street|st|avenue|ave|av|boulevard|blvd|lane|drive"
    r"|highway|hwy|expressway|lu|jie|da ?dao|da ?jie|hutong|university|univ|college)\b"
    r"|\buniv(?:ersity)?(?: of)? [a-z]+"
)


def read_texts(texts: pl.Series, in_china: pl.Series | None = None) -> pl.DataFrame:
    """Return a verdict for each text, in their order; nulls for a text that is null.

    `in_china` says of which texts in Latin letters it is known that they lie in China.
    """
    known = pl.repeat(False, len(texts), eager=True) if in_china is None else in_china
    frame = pl.DataFrame({"text": texts, "in_china": known}).with_row_index("at")
    han = frame["text"].str.contains(HAN)
    parts = [frame.filter(han.is_null()).select("at")]
    if han.any():
        parts.append(_read_chinese(frame.filter(han)))
    if not han.all():
        parts.append(_read_english(frame.filter(~han)))
    return pl.concat(parts, how="diagonal").sort("at").select(*VERDICT)


def _read_chinese(frame: pl.DataFrame) -> pl.DataFrame:
    words = chinese_words()
    text = pl.col("text")
    if frame["text"].str.contains(_LOOKALIKE).any():
        text = text.str.normalize("NFKC")
    text = text.str.replace_all(_BLANKS, "").str.replace(_BEFORE, "").str.head(_HEAD)
    found = _find(frame.select("at", pl.lit(START) + text), words)
    first, second = (pl.col("words").list.get(index, null_on_oob=True) for index in (0, 1))
    rest = pl.col("text").str.slice(first.str.len_chars())
    named = ~rest.str.starts_with(second.fill_null(START))
    flag = first.str.starts_with(START) & rest.str.contains(_NO_PLACE) & named
    return _judged(found, flag, lambda each, flag: judge_chinese(each, words.meanings, flag))


def _read_english(frame: pl.DataFrame) -> pl.DataFrame:
    words = english_words()
    text = pl.col("text").str.normalize("NFKD").str.to_lowercase()
    text = text.str.replace_all(r"\bxi['’‘`´ʼ] ?an\b", XIAN).str.replace_all(_ACCENTS, "")
    text = text.str.replace_all("[^a-z,;]+", " ").str.replace_all("[,;]", " , ")
    text = text.str.replace_all(" +", " ").str.replace_all(_STREETS, " ")
    china = text.str.contains(_CHINA)
    parts = pl.lit(" , ") + text.str.replace_all(_CHINA, " , ") + pl.lit(" , ")
    parts = parts.str.replace_all(" +(?:, +)*, +", " , ").str.replace_all(" +", "  ")
    found = _find(frame.select("at", parts, china=china | pl.col("in_china")), words)
    return _judged(
        found, pl.col("china"), lambda each, flag: judge_english(each, words.meanings, flag)
    )


def read_cities(texts: pl.Series, in_china: pl.Series | None = None) -> pl.DataFrame:
    """Return a verdict for each cell of a column of cities: a name by itself, or an address."""
    frame = pl.DataFrame({"name": texts.str.replace_all(f"[^{HAN}]+", "")}).with_row_index("at")
    told = frame.join(_named(), on="name", how="left", maintain_order="left").drop("name")
    # Most are names by themselves, and there are few others.
    others = told["place"].is_null() & told["reason"].is_null() & texts.is_not_null()
    if others.any():
        known = None if in_china is None else in_china.filter(others)
        by_words = read_texts(texts.filter(others), known)
        parts = [told.filter(~others), by_words.insert_column(0, told["at"].filter(others))]
        told = pl.concat(parts).sort("at")
    return told.select(*VERDICT).with_columns(
        method=pl.when(pl.col("place").is_not_null()).then(pl.lit(CITY_COLUMN))
    )


def read_applicants(texts: pl.Series) -> pl.DataFrame:
    """Return a verdict for each applicant's name that tells a city, else nulls.

    It may begin with the city, or have it in brackets. Names of persons tell none.
    """
    names = pl.DataFrame({"text": texts.str.normalize("NFKC")}).with_row_index("at")
    in_brackets = names.select(
        "at", name=pl.col("text").str.extract(r"\(([^()]+)\)").str.strip_suffix("市")
    ).join(_named(), on="name")
    han = names.filter(pl.col("text").str.contains(f"{HAN}{{2}}.*{HAN}{{3}}"))
    latin = names.filter(pl.col("text").str.contains(_FIRM) & ~pl.col("text").str.contains(HAN))
    parts = [in_brackets.filter(pl.col("place").is_not_null())]
    words = chinese_words()
    text = pl.lit(START) + pl.col("text").str.replace_all(f"[^{HAN}]+", "").str.head(_HEAD)
    found = _find(han.select("at", text), words)
    school = pl.col("text").str.contains(_SCHOOL)
    parts.append(
        _judged(found, school, lambda each, flag: judge_applicant(each, words.meanings, flag))
    )
    if latin.height:
        parts.append(_read_english(latin.with_columns(in_china=pl.lit(False))))
    told = pl.concat(parts, how="diagonal").filter(pl.col("place").is_not_null())
    told = told.unique("at", keep="first", maintain_order=True)
    return (
        names.select("at")
        .join(told, on="at", how="left", maintain_order="left")
        .select(*VERDICT)
        .with_columns(
            pl.when(pl.col("place").is_not_null()).then(pl.lit(value)).alias(name)
            for name, value in (("confidence", LIKELY), ("method", APPLICANT))
        )
    )


@cache
def _named() -> pl.DataFrame:
    """What the names say that stand by themselves."""
    rows = [(name, *judge_name(meanings)) for name, meanings in exact_names().items()]
    return pl.DataFrame(rows, schema={"name": pl.String} | VERDICT, orient="row")


def _find(frame: pl.DataFrame, words: Words) -> pl.DataFrame:
    """Add the first words found in `text`."""
    patterns = words.patterns_for(frame["literal"])
    found = pl.col("literal").str.extract_many(patterns, leftmost=True)
    return frame.with_columns(words=found.list.head(_WORDS)).rename({"literal": "text"})


def _judged(found: pl.DataFrame, flag: pl.Expr, judge: _Judge) -> pl.DataFrame:
    """Judge each combination of words and flag once."""
    key = pl.col("words").list.join(_PART)
    keyed = found.select("at", flag.fill_null(False).alias("flag"), key.alias("key"))
    cases = keyed.select("flag", "key").unique()
    rows = [judge(key.split(_PART) if key else (), flag) for flag, key in cases.iter_rows()]
    verdicts = pl.DataFrame(rows, schema=VERDICT, orient="row")
    return keyed.join(cases.hstack(verdicts), on=["flag", "key"], how="left").drop("flag", "key")
