from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from citytech_data.ingest.known import Known, Memo

hashes = st.lists(st.integers(-(1 << 63), (1 << 63) - 1) | st.integers(-9, 9), max_size=30)


@given(st.lists(hashes, max_size=5))
def test_what_is_new_is_said_once_and_nothing_new_is_kept_quiet(batches: list[list[int]]) -> None:
    # With few slots much is forgotten: then it may be said again, but never left out.
    for slots in (4, 1 << 12):
        known, said = Known(slots), set[int]()
        for batch in batches:
            new = [batch[at] for at in known.new(pl.Series(batch, dtype=pl.Int64))]
            assert len(set(new)) == len(new)
            said |= set(new)
            assert set(batch) <= said


def test_what_is_known_is_not_said_again() -> None:
    known = Known()
    assert known.new(pl.Series([0, 5, 0, -7])).to_list() == [0, 1, 3]
    assert known.new(pl.Series([5, 6, -7, 0])).to_list() == [1]


@given(st.lists(st.lists(st.none() | st.text(max_size=2), max_size=30), max_size=5))
def test_a_memo_tells_what_the_function_tells(batches: list[list[str | None]]) -> None:
    asked: list[str] = []

    def read(texts: pl.Series) -> pl.Series:
        asked.extend(texts)
        return texts.str.len_chars().cast(pl.Int16).replace(0, None)

    for slots in (4, 1 << 12):
        memo = Memo(read, pl.Int16, slots)
        for batch in batches:
            found = memo(pl.Series(batch, dtype=pl.String))
            assert found.dtype == pl.Int16
            assert found.to_list() == [len(each) or None if each else None for each in batch]
    asked.clear()
    memo = Memo(read, pl.Int16)
    memo(pl.Series(["a", "b", "a"]))
    memo(pl.Series(["b", None, "a", "c"]))
    assert sorted(asked) == ["a", "b", "c"]
