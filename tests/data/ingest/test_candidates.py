"""No record with a technology is left out by the quick look that tells which to look at."""

from __future__ import annotations

import re

import narwhals as nw
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from citytech_data.ingest import technologies
from citytech_data.ingest.symbols import normalise
from tests.data.ingest.test_technologies_symbols import SEPARATORS, any_cell, spelled

RULES = technologies.load()
CODES = {code for rule in RULES.file.rules for code in (*rule.codes, *rule.together)}
# Keywords in abstracts count only beside a code, so every flag is for a code.
FIELDS: dict[str, str | None] = {"codes": "codes", "title": None, "abstract": "abstract"}
KEYWORDS = "区块链 云计算 大数据 物联网 人工智能 神经网络"

_PARTS = (re.match("(.{4})(?:([0-9]+)/([0-9]*))?", code) for code in sorted(CODES))
parts_of_rules = st.sampled_from(
    [(found[1], int(found[2] or 1), found[3] or "00") for found in _PARTS if found]
)
of_rules = spelled(parts_of_rules).map(lambda pair: pair[1])
cells = st.lists(of_rules | any_cell, max_size=4)


def looked_at(cells: list[str | None], preset: str) -> pl.DataFrame:
    """Return for each cell whether it has a technology, and whether it is looked at for one."""
    frame = nw.from_native(pl.DataFrame({"codes": cells, "abstract": KEYWORDS}))
    maybe = RULES.candidates(preset, **FIELDS).alias("maybe")
    found = frame.with_columns(maybe, normalise("codes").alias("codes"))
    flags = found.select(nw.any_horizontal(*RULES.flags(preset, **FIELDS), ignore_nulls=False))
    return pl.DataFrame(
        {"counts": flags.to_native().to_series(), "maybe": found["maybe"].to_native()}
    )


@settings(max_examples=15)  # the expressions of all rules are built for each
@given(st.lists(st.tuples(cells, st.sampled_from(SEPARATORS)), min_size=1, max_size=50))
def test_whatever_its_spelling_a_code_that_counts_is_looked_at(
    parts: list[tuple[list[str], str]],
) -> None:
    texts: list[str | None] = [separator.join(codes) for codes, separator in parts]
    for preset in RULES.presets:
        assert looked_at(texts, preset).filter(pl.col("counts") & ~pl.col("maybe")).is_empty()


def test_a_quick_look_is_never_null_and_spares_what_has_no_such_code() -> None:
    found = looked_at(["H04L 9/32; G06N3/08", "g06n3/08", None, "", "A61K31/00", "G06N"], "strict")
    assert found["maybe"].to_list() == [True, True, False, False, False, False]
    assert found["counts"].to_list()[:2] == [True, True]
