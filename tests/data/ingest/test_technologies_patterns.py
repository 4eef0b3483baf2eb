"""Patterns decide as the rules say: compared with plain Python that knows no patterns."""

from __future__ import annotations

import re

import narwhals as nw
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from citytech_data.ingest import technologies
from citytech_data.ingest.patterns import (
    code_sequences,
    exclusion,
    factored,
    keyword_sequences,
)

RULES = technologies.load()
CODES = sorted({code for rule in RULES.file.rules for code in (*rule.codes, *rule.together)})


def means(code: str, symbol: str) -> bool:
    """Return whether `code` means `symbol`, by splitting and comparing texts."""
    if "/" not in code:
        return symbol.startswith(code)
    head, tail = code.split("/", 1)
    start, digits = symbol.split("/")
    if head != start:
        return False
    if tail == "*":
        return True
    longer, tail = tail.endswith("*"), tail.removesuffix("*")
    low, _, high = tail.partition("-")
    high = high.partition("/")[2] or low
    return low <= digits <= high or (longer and digits.startswith(high))


def found(sequences: list[tuple[str, ...]], texts: list[str]) -> list[bool]:
    """Return where Polars finds a pattern, having checked that Python finds it there too."""
    pattern = factored(sequences)
    frame = nw.from_native(pl.DataFrame({"t": texts}, schema={"t": pl.String}))
    rust = frame.select(nw.col("t").str.contains(pattern)).to_native().to_series().to_list()
    assert rust == [re.search(pattern, text) is not None for text in texts]
    return rust


# --- Codes -----------------------------------------------------------------------------

digits = st.text("0123456789", min_size=2, max_size=6)


@given(digits, digits, st.booleans(), st.lists(digits, min_size=1, max_size=20))
def test_a_range_means_what_lies_between(
    one: str, other: str, longer: bool, subgroups: list[str]
) -> None:
    low, high = sorted((one, other))
    code = f"G06N3/{low}-3/{high}{'*' * longer}"
    near = [low, high, low + "0", high + "0", low[:-1], high[:-1], high[:-1] + "9", low[:-1] + "0"]
    subgroups = [each for each in (*subgroups, *near) if 2 <= len(each) <= 6]
    symbols = [f"G06N3/{each}" for each in subgroups] + [f"G06N30/{each}" for each in subgroups]
    texts = [f";A01B1/00;{symbol};" for symbol in symbols]
    assert found(code_sequences(code), texts) == [means(code, symbol) for symbol in symbols]


@st.composite
def near_symbols(draw: st.DrawFn) -> tuple[str, str]:
    """A code of the rules, and a symbol that is much like it."""
    code = draw(st.sampled_from(CODES))
    subclass = (code + "A")[:4] if "/" not in code else code[:4]
    group = code[4:].split("/")[0] or "1"
    subgroup = re.split("[*-]", code.partition("/")[2])[0] or "00"
    group = draw(st.sampled_from([group, group + "0", group[:-1] or "9", "1"]))
    cut = draw(st.integers(0, len(subgroup)))
    subgroup = (subgroup[:cut] + draw(st.text("0123456789", max_size=3)))[:6]
    assume(len(subgroup) >= 2 and group[0] != "0")
    return code, f"{subclass}{group}/{subgroup}"


@given(st.lists(near_symbols(), min_size=1, max_size=10))
def test_every_code_of_the_rules_means_what_it_says(pairs: list[tuple[str, str]]) -> None:
    for code, symbol in pairs:
        assert found(code_sequences(code), [f";{symbol};"]) == [means(code, symbol)]


@pytest.mark.parametrize("technology", ["ai", "blockchain", "cloud", "bigdata", "iot"])
@given(pairs=st.lists(near_symbols(), min_size=1, max_size=20))
def test_one_pattern_of_all_codes_means_any_of_them(
    technology: str, pairs: list[tuple[str, str]]
) -> None:
    rules = [rule for rule in RULES.rules("broad") if rule.technology == technology]
    codes = [code for rule in rules for code in rule.codes if code not in ("G06", "H04")]
    sequences = [sequence for code in codes for sequence in code_sequences(code)]
    symbols = [symbol for _, symbol in pairs]
    expected = [any(means(code, symbol) for code in codes) for symbol in symbols]
    assert found(sequences, [f";B01D1/00;{symbol};" for symbol in symbols]) == expected


def test_common_beginnings_stand_once() -> None:
    codes = ["G06N3/*", "G06N5/*", "G06N7/*", "G06N20/*"]
    assert factored(s for code in codes for s in code_sequences(code)) == ";G06N(?:20/|[357]/)"
    assert factored([tuple("abc"), tuple("ab"), tuple("abd")]) == "ab"


@given(st.lists(st.text("abc", min_size=1, max_size=4), min_size=1), st.text("abcd", max_size=12))
def test_a_factored_pattern_matches_as_the_list_does(words: list[str], text: str) -> None:
    assert found([tuple(word) for word in words], [text]) == [any(w in text for w in words)]


# --- Keywords ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keyword", "yes", "no"),
    [
        (
            "IoT",
            ["IoT", "基于iot的", "an IOT-hub", "（ＩｏＴ）", "IoT\n", "IoT\r", "x\nIoT", "4 IoT 4"],
            ["riot", "IoTs", "aIoT", "IoT1", "ＸＩｏＴ", "I oT"],
        ),
        (
            "deep learn*",
            ["deep learning", "Deep-Learned", "DEEP  LEARN", "deep\nlearning", "deep - learning"],
            ["deeplearning", "deep unlearning", "adeep learning", "deep, learning"],
        ),
        ("NB IoT", ["NB-IoT", "nb iot"], ["NBIoT", "NB-IoTs"]),
        ("K近邻", ["K近邻算法", "的k近邻"], ["AK近邻"]),
        ("区块链", ["区块链", "一种区块链方法"], ["区块 链", "区块"]),
        ("中继链[^接路]", ["中继链", "中继链与", "中继链路和中继链"], ["中继链路", "中继链接"]),
        ("[^办]公链", ["公链", "一公链", "办公链公链"], ["办公链"]),
        ("批处理 + 分布式", ["批处理与分布式", "分布式\n\r批处理"], ["批处理", "分布式"]),
        ("5G", ["5G", "的5g网", "５Ｇ"], ["15G", "5Ghz"]),
    ],
)
def test_a_keyword_is_found_where_it_should_be(keyword: str, yes: list[str], no: list[str]) -> None:
    expected = [True] * len(yes) + [False] * len(no)
    assert found(keyword_sequences(keyword), yes + no) == expected


def test_a_long_text_between_two_words_does_not_matter() -> None:
    text = "批处理" + "一\n" * 50_000 + "分布式"
    assert found(keyword_sequences("批处理 + 分布式"), [text, text[1:]]) == [True, False]


@pytest.mark.parametrize(
    "keyword", ["", " ", "*", "a*b", "[^a", "[a]b", "a.b", "(a)", "a|b", "^a", "a_b", "\\w", "a + "]
)
def test_what_is_no_keyword_is_refused(keyword: str) -> None:
    with pytest.raises(ValueError, match="expected a keyword"):
        keyword_sequences(keyword)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "G",
        "G0",
        "G06N3",
        "G06N3/",
        "G06N3/4",
        "G06N03/04",
        "G06N3/*-3/04",
        "G06N*",
        "G06N3/04 ",
        "Z06N3/04",
        "G06N3/1234567",
        "G06N3/04-05",
        "G06N3/04**",
        "G06N.3/04",
    ],
)
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="expected a code"):
        code_sequences(code)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("点云平台", " 平台"),
        ("三维点云平台", "三维 平台"),
        ("热点云平台", "点 云平台"),
        ("点云点云平台", "  平台"),
        ("云平台Point Clouds的", "云平台 s的"),
        ("a point-cloud server", "a   server"),
        ("viewpoint cloud", "viep oint cloud"),
        ("云平台", "云平台"),
    ],
)
def test_excluded_words_are_taken_out(text: str, left: str) -> None:
    expr, plain = nw.col("t"), text
    for pattern, value in exclusion(["[^热节]点云", "point cloud"]):
        expr = expr.str.replace_all(pattern, value)
        plain = re.sub(pattern, value, plain)
    frame = nw.from_native(pl.DataFrame({"t": [text]})).select(expr).to_native()
    assert frame.to_series().to_list() == [plain] == [left]
