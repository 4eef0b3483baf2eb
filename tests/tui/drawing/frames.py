"""Standings of any shape, for tests of pictures."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import strategies as st

from citytech_data.vocabulary import MEASURES

NAMES = ["Beijing", "Xi'an", "Yulin (Shaanxi)", "哈尔滨市" * 4, "a" * 60, "e\u0301", "👩‍🔬", ""]
figures = st.none() | st.floats(0, 1e300) | st.sampled_from([0.0, 1.0])
ranks = st.none() | st.integers(1, 3000)


@st.composite
def rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return rows as `standings` has them, of up to eight places."""
    found = []
    for number in range(draw(st.integers(0, 8))):
        row: dict[str, Any] = {
            "code": f"{number:06}",
            "city": draw(st.sampled_from(NAMES)),
            "city_zh": draw(st.sampled_from([None, "北京", "呼和浩特"])),
            "province": None,
            "gdp": draw(figures),
            "gdp_rank": draw(ranks),
            "population": draw(figures),
            "lon": draw(st.none() | st.floats(-180, 180)),
            "lat": draw(st.none() | st.floats(-90, 90)),
        }
        for measure in MEASURES:
            for part in ("value", "lower", "upper"):
                row[f"{measure}_{part}"] = draw(figures)
            for part in ("rank", "rank_worst"):
                row[f"{measure}_{part}"] = draw(ranks)
        found.append(row)
    return found


def frame_of(found: list[dict[str, Any]]) -> pl.DataFrame:
    """Return the rows as a frame with the columns that pictures read."""
    schema: dict[str, Any] = {
        "code": pl.String,
        "city": pl.String,
        "city_zh": pl.String,
        "province": pl.String,
        "gdp": pl.Float64,
        "gdp_rank": pl.Int64,
        "population": pl.Float64,
        "lon": pl.Float64,
        "lat": pl.Float64,
    }
    for measure in MEASURES:
        schema |= {f"{measure}_{part}": pl.Float64 for part in ("value", "lower", "upper")}
        schema |= {f"{measure}_{part}": pl.Int64 for part in ("rank", "rank_worst")}
    frame = pl.DataFrame(found, schema=schema, orient="row")
    return frame.with_columns(
        pl.lit("counted").alias(f"{measure}_basis") for measure in MEASURES
    ).with_columns(
        (pl.col(f"{other}_rank") - pl.col(f"{measure}_rank")).alias(f"{measure}_rank_vs_{other}")
        for measure in MEASURES
        for other in MEASURES
        if other != measure
    )
