"""The filter language: a line of words and conditions that every place shown must fit.

    filter    = { term }
    term      = [ "!" ] ( word | condition | flag )
    word      = what is found in names, province or code, in quotes if it looks like a condition
    condition = field ":" value { "," value } | number-field comparison number
    flag      = "conflict" | "doubtful"

Names, values and fields are written in any case; see docs/using.md for what each means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from citytech_data.errors import CityTechError, quoted
from citytech_data.messages import Message
from citytech_data.text import search_key, search_text
from citytech_data.vocabulary import BASES, MEASURES

if TYPE_CHECKING:
    import polars as pl

TEXT_FIELDS = ("city", "province", "code", "basis", "source")
NUMBER_FIELDS = {
    **{measure: measure for measure in MEASURES},
    **{f"{measure}_rank": f"{measure}_rank" for measure in MEASURES},
    "gdp": "gdp",
    "gdp_rank": "gdp_rank",
    "population": "population",
    "value": "{measure}",
    "rank": "{measure}_rank",
    "change": "{measure}_rank_change",
}
"""What can be compared with a number, and its column; `{measure}` is the measure of the tab."""
FLAGS = ("conflict", "doubtful")
FIELDS = (*TEXT_FIELDS, *NUMBER_FIELDS)
SEARCHED = ("city", "city_zh", "code", "province", "province_zh")
"""The columns of the standings that words are looked for in."""

_OPERATORS = {
    "：": ":",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "＞": ">",
    "＜": "<",
    "＝": "=",
    "==": "=",
}
_TERM = re.compile(
    r"""(?P<not>[!！]?)
    (?:(?P<field>[^\W\d]\w*)
       (?:(?P<is>[:：])|\s*(?P<op>>=|<=|!=|==|[<>=≥≤≠＞＜＝]))
       \s*(?P<value>(?:"[^"]*(?:"|$)|[^\s"])*)
    |(?P<word>(?:"[^"]*(?:"|$)|[^\s"])+))""",
    re.VERBOSE,
)
_NUMBER = re.compile(
    r"(-?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?)(k|m|bn|%|万|亿|)", re.IGNORECASE
)
_SCALES = {"k": 1e3, "m": 1e6, "bn": 1e9, "万": 1e4, "亿": 1e8}
_RANGE = ".."


class FilterError(CityTechError):
    """A filter that is not understood; `start` and `end` bound the word that is wrong."""

    def __init__(self, problem: Message, start: int, end: int) -> None:
        """Say what is wrong with the characters from `start` up to `end`."""
        self.problem = problem
        self.start = start
        self.end = end
        where = Message("the filter at character {number}", number=start + 1)
        super().__init__(Message("{where}: {problem}", where=where, problem=problem))


class Term(NamedTuple):
    """One term: words to search (`field` empty), a flag, or a condition on a field."""

    field: str
    operator: str
    texts: tuple[str, ...]
    numbers: tuple[tuple[float, float], ...]
    """Ranges that a number must be in; for a comparison both ends are its number."""
    negated: bool


@lru_cache(256)
def parse_filter(text: str) -> tuple[Term, ...]:
    """Return the terms of a filter; all must be true of a place.

    Raises:
        FilterError: pointing at the first word that is not understood.
    """
    return tuple(term for found in _TERM.finditer(text) if (term := _term(found)) is not None)


def has_words(text: str) -> bool:
    """Whether a filter looks for words in the names of a place.

    Raises:
        FilterError: pointing at the first word that is not understood.
    """
    return any(not term.field for term in parse_filter(text))


def fits(
    frame: pl.DataFrame, text: str, measure: str, search: pl.Series | None = None
) -> pl.Series | None:
    """Return of each row of the `standings` whether it fits the filter; None if all do.

    `basis`, `source`, `value`, `rank`, `change` and the flags are about `measure`. `search` is
    the `search_text` of each row; without it, it is computed, which takes time.

    Raises:
        FilterError: pointing at the first word that is not understood.
    """
    terms = parse_filter(text)
    if not terms:
        return None
    import polars as pl

    if has_words(text):
        names = search_text(*SEARCHED) if search is None else search
        frame = frame.with_columns(names.alias("search"))
    tests = [_test(term, frame, measure).fill_null(False) for term in terms]
    negated = [~test if term.negated else test for term, test in zip(terms, tests, strict=True)]
    return frame.select(pl.all_horizontal(negated).alias("fits")).to_series()


def filter_places(frame: pl.DataFrame, text: str, measure: str = MEASURES[0]) -> pl.DataFrame:
    """Return the rows of the `standings` that fit a filter, see `fits`.

    Raises:
        FilterError: pointing at the first word that is not understood.
    """
    mask = fits(frame, text, measure)
    return frame if mask is None else frame.filter(mask)


def completed(text: str, names: Mapping[str, Sequence[str]]) -> str | None:
    """Return `text` with its last word completed, None if nothing fits.

    `names` holds the names that the fields `city` and `province` can have.
    """
    terms = [found for found in _TERM.finditer(text) if found.end() == len(text)]
    if not terms or '"' in terms[-1][0]:
        return None
    found = terms[-1]
    if found["field"] is not None:
        field, typed = found["field"].lower(), found["value"].split(",")[-1]
        offered = BASES if field == "basis" else names.get(field, ())
    else:
        typed = found["word"].lstrip("!！")
        conditions = [f"{name}:" for name in TEXT_FIELDS] + [f"{name}>" for name in NUMBER_FIELDS]
        offered = [*(FLAGS if found["not"] else ()), *conditions, *names.get("city", ())]
    # Spaces do not matter in a name, and without them it is one word.
    fitting = (name for name in (name.replace(" ", "") for name in offered) if _begins(name, typed))
    return next((text + name[len(typed) :] for name in fitting if name != typed), None)


def _begins(name: str, typed: str) -> bool:
    return len(typed) > 0 and name[: len(typed)].lower() == typed.lower()


def _term(found: re.Match[str]) -> Term | None:
    negated = bool(found["not"])
    if found["field"] is None:
        word = found["word"].replace('"', "")
        if word.lower() in FLAGS and '"' not in found["word"]:
            return Term(word.lower(), "", (), (), negated)
        key = search_key(word)
        return Term("", "", (key,), (), negated) if key else None
    field, value = found["field"].lower(), found["value"]
    operator = found["is"] or found["op"]
    operator = _OPERATORS.get(operator, operator)
    if field not in FIELDS:
        from difflib import get_close_matches

        near = get_close_matches(field, FIELDS, 1)
        name = quoted(found["field"])
        problem = Message(
            "no field is called {name}; there are {names}.", name=name, names=", ".join(FIELDS)
        )
        if near:
            problem = Message(
                "no field is called {name}; did you mean {near}?", name=name, near=near[0]
            )
        raise FilterError(problem, found.start("field"), found.end("field"))
    if field in TEXT_FIELDS:
        return _text_term(found, field, operator, negated)
    if not value:
        problem = Message("{field} needs a number after {operator}", field=field, operator=operator)
        raise FilterError(problem, found.start("field"), found.end())
    if operator == ":":
        start, ranges = found.start("value"), []
        for part in _parts(value):
            ranges.append(_range(part, start))
            start += len(part) + 1
        return Term(field, ":", (), tuple(ranges), negated)
    number = _number(value, found.start("value"))
    return Term(field, operator, (), ((number, number),), negated)


def _parts(value: str) -> list[str]:
    """Split `1..5,10` at commas, but not `1,000` at those between thousands."""
    return re.split(r",(?!\d{3}(?!\d))", value)


def _text_term(found: re.Match[str], field: str, operator: str, negated: bool) -> Term:
    if operator not in (":", "=", "!="):
        value = found["value"] or Message("name")
        problem = Message("{field} is a text: write {field}:{value}", field=field, value=value)
        raise FilterError(problem, found.start("field"), found.end())
    texts, start = [], found.start("value")
    for part in found["value"].split(","):
        text = part.replace('"', "").strip()
        key = text.lower() if field == "basis" else search_key(text)
        if field == "basis" and text and not any(basis.startswith(key) for basis in BASES):
            problem = Message(
                "no basis is called {name}; there are {names}.",
                name=quoted(text),
                names=", ".join(BASES),
            )
            raise FilterError(problem, start, start + len(part))
        texts += [key] if key else []
        start += len(part) + 1
    if not texts:
        problem = Message("{field} needs a text after {operator}", field=field, operator=operator)
        raise FilterError(problem, found.start("field"), found.end())
    return Term(field, ":", tuple(texts), (), negated != (operator == "!="))


def _range(text: str, start: int) -> tuple[float, float]:
    """Return the ends of `2..5`, `2..`, `..5` or `2`."""
    low, dots, high = text.partition(_RANGE)
    if not dots:
        number = _number(text, start)
        return number, number
    least = _number(low, start) if low else float("-inf")
    most = _number(high, start + len(low) + len(dots)) if high else float("inf")
    return least, most


def _number(text: str, start: int) -> float:
    found = _NUMBER.fullmatch(text)
    if found is None:
        problem = Message("{text} is no number", text=quoted(text))
        raise FilterError(problem, start, start + max(1, len(text)))
    return float(found[1].replace(",", "")) * _SCALES.get(found[2].lower(), 1.0)


def _test(term: Term, frame: pl.DataFrame, measure: str) -> pl.Expr:
    import polars as pl

    if not term.field:
        search = pl.col("search")
        return pl.all_horizontal(search.str.contains(word, literal=True) for word in term.texts)
    if term.field == "conflict":
        return pl.col(f"{measure}_disputed")
    if term.field == "doubtful":
        return pl.col(f"{measure}_note").str.to_lowercase().str.contains("doubtful", literal=True)
    if term.field in TEXT_FIELDS:
        return _text_test(term, frame, measure)
    column = NUMBER_FIELDS[term.field].format(measure=measure)
    if column not in MEASURES:
        return _compare(term, pl.col(column), pl.col(column))
    value, lower, upper = (pl.col(f"{column}_{name}") for name in ("value", "lower", "upper"))
    return _compare(term, pl.coalesce(value, lower), pl.coalesce(value, upper))


def _compare(term: Term, lower: pl.Expr, upper: pl.Expr) -> pl.Expr:
    """What is proven of a figure between `lower` and `upper`; of a value both are the value."""
    import polars as pl

    number = term.numbers[0][0]
    match term.operator:
        case ">":
            return lower > number
        case ">=":
            return lower >= number
        case "<":
            return upper < number
        case "<=":
            return upper <= number
        case "!=":
            return (lower > number) | (upper < number)
    return pl.any_horizontal(
        (pl.lit(least == float("-inf")) | (lower >= least))
        & (pl.lit(most == float("inf")) | (upper <= most))
        & lower.is_not_null().or_(upper.is_not_null())
        for least, most in term.numbers
    )


def _text_test(term: Term, frame: pl.DataFrame, measure: str) -> pl.Expr:
    import polars as pl

    if term.field == "basis":
        basis = pl.col(f"{measure}_basis")
        return pl.any_horizontal(basis.str.starts_with(text) for text in term.texts)
    names = {
        "city": ("city", "city_zh"),
        "province": ("province", "province_zh"),
        "code": ("code",),
        "source": (f"{measure}_source",),
    }[term.field]
    # A name is brought to its search key once, however many rows have it.
    return pl.any_horizontal(
        pl.col(name).is_in(_matching(frame[name], term.texts).implode()) for name in names
    )


def _matching(names: pl.Series, texts: Sequence[str]) -> pl.Series:
    unique = names.drop_nulls().unique()
    keys = unique.to_frame("name").select(search_text("name")).to_series()
    mask = keys.str.contains_any(list(texts))
    return unique.filter(mask)
