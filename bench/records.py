"""Synthetic patent records in PatSnap's columns, the same for the same seed.

One row in five is a second publication of an application; about one application in twelve has
a digital technology. `python -m bench.records 5000000 records.parquet` (or `.csv`).
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from citytech_data.ingest.gazetteer import gazetteer

_AT_ONCE = 1_000_000
_SEED = 4
_DIGITAL = (
    "G06N3/08",
    "G06N20/00",
    "H04L9/50",
    "G06F9/455",
    "G06F16/2458",
    "G16Y40/30",
    "H04W4/70",
)
_OTHER_CLASSES = ("A61K", "B65G", "C08L", "E04B", "F16K", "G01N", "H01L", "B23K", "A47J", "H04N")
_DIGITAL_TITLES = (
    "一种基于深度学习的图像识别方法",
    "基于区块链的存证方法及系统",
    "一种云平台资源调度方法",
    "大数据挖掘装置",
    "物联网网关及其控制方法",
)
_OTHER_TITLES = ("一种输送装置", "一种注塑模具", "复合材料及其制备方法", "一种阀门", "半导体器件")
_ABSTRACT = "本发明公开了该技术方案，包括壳体以及设于壳体内的主体，结构简单，使用方便。"


def records(count: int, seed: int = _SEED, first: int = 0) -> pl.DataFrame:
    """Return `count` records, those from number `first` on."""
    cities = gazetteer()
    index = pl.int_range(first, first + count, eager=True)
    frame = pl.DataFrame({"i": index}).with_columns(
        # Every fifth record repeats the application of the one before it.
        application=pl.when(pl.col("i") % 5 == 4).then(pl.col("i") - 1).otherwise("i"),
    )
    number = pl.col("application")
    draw = [number.hash(seed + k) for k in range(8)]
    year = 2015 + (draw[0] % 8).cast(pl.Int64)
    digital = draw[1] % 12 == 0
    firm = draw[2] % 200_000
    # Cities of the gazetteer, the first of which have the most firms.
    city = ((firm.hash(seed) % 10_000).cast(pl.Float64) / 10_000) ** 3 * cities.height
    places = cities.with_row_index("c").select("c", "name_zh", "province_zh")
    frame = frame.with_columns(year=year, digital=digital, firm=firm, c=city.cast(pl.UInt32))
    frame = frame.join(places, on="c", how="left", maintain_order="left")
    return frame.select(**_columns(draw))


def _columns(draw: list[pl.Expr]) -> dict[str, pl.Expr]:
    serial = (pl.col("application") % 10_000_000).cast(pl.String).str.zfill(7)
    year = pl.col("year")
    kind = pl.when(draw[3] % 3 == 0).then(pl.lit("2")).otherwise(pl.lit("1"))
    granted = pl.col("i") != pl.col("application")
    month, day = draw[4] % 12 + 1, draw[5] % 28 + 1
    date = pl.concat_str(
        pl.lit("-"),
        month.cast(pl.String).str.zfill(2),
        pl.lit("-"),
        day.cast(pl.String).str.zfill(2),
    )
    other = pl.concat_str(
        _pick(_OTHER_CLASSES, draw[6]),
        (draw[6] % 90 + 1).cast(pl.String),
        pl.lit("/"),
        (draw[7] % 90 + 10).cast(pl.String),
    )
    code = pl.when("digital").then(pl.concat_str(_pick(_DIGITAL, draw[6]), pl.lit(" | "), other))
    company = pl.concat_str(pl.lit("某某科技"), pl.col("firm").cast(pl.String), pl.lit("有限公司"))
    address = pl.concat_str(
        pl.col("province_zh"),
        pl.col("name_zh"),
        pl.lit("市科技路"),
        (pl.col("firm") % 900 + 1).cast(pl.String),
        pl.lit("号"),
    )
    letter = (
        pl.when(kind == "2")
        .then(pl.lit("U"))
        .when(granted)
        .then(pl.lit("B"))
        .otherwise(pl.lit("A"))
    )
    return {
        "公开(公告)号": pl.concat_str(
            pl.lit("CN"), (pl.col("i") + 100_000_000).cast(pl.String), letter
        ),
        "申请号": pl.concat_str(
            pl.lit("CN"),
            year.cast(pl.String),
            kind,
            serial,
            pl.lit("."),
            (draw[0] % 10).cast(pl.String),
        ),
        "申请日": pl.concat_str(year.cast(pl.String), date),
        "公开(公告)日": pl.concat_str((year + 1 + granted.cast(pl.Int64)).cast(pl.String), date),
        "专利类型": pl.when(kind == "2")
        .then(pl.lit("实用新型"))
        .when(granted)
        .then(pl.lit("授权发明"))
        .otherwise(pl.lit("发明申请")),
        "受理局": pl.lit("中国"),
        "标题": pl.when("digital")
        .then(_pick(_DIGITAL_TITLES, draw[7]))
        .otherwise(_pick(_OTHER_TITLES, draw[7])),
        "摘要": pl.lit(_ABSTRACT),
        "IPC分类号": code.otherwise(other),
        "[标]原始申请(专利权)人": pl.when(draw[2] % 7 == 0)
        .then(pl.concat_str(company, pl.lit(" | 某某大学")))
        .otherwise(company),
        "原始申请(专利权)人地址": address,
        "原始申请(专利权)人地市": pl.col("name_zh"),
    }


def _pick(values: tuple[str, ...], draw: pl.Expr) -> pl.Expr:
    return (draw % len(values)).replace_strict(
        list(range(len(values))), list(values), return_dtype=pl.String
    )


def write_records(count: int, path: Path) -> None:
    """Write records to a Parquet or CSV file, a million at a time."""
    starts = range(0, count, _AT_ONCE)
    if path.suffix == ".parquet":
        parts = [records(min(_AT_ONCE, count - at), first=at).lazy() for at in starts]
        pl.concat(parts).sink_parquet(path, maintain_order=True)
        return
    with path.open("wb") as file:
        for at in starts:
            part = records(min(_AT_ONCE, count - at), first=at)
            part.write_csv(file, include_header=at == 0)


if __name__ == "__main__":
    write_records(int(sys.argv[1]), Path(sys.argv[2]))
