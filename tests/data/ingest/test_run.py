from __future__ import annotations

import csv
import gzip
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citytech_data.dataset import Dataset, read_dataset
from citytech_data.errors import CityTechError, DatasetError
from citytech_data.extract import spreadsheet_safe
from citytech_data.ingest import engine, run
from citytech_data.ingest.options import (
    Options,
    Outcome,
    Progress,
    Surveyed,
    read_kinds,
    read_size,
)
from citytech_data.ingest.run import ingest, parts_needed
from citytech_data.vocabulary import TECHNOLOGIES
from tests.data.ingest.inputs import HANGZHOU, SHENZHEN, SUZHOU, csv_text, record

CITIES = {
    HANGZHOU: {"address": "浙江省杭州市西湖区文三路1号", "city": "杭州"},
    SUZHOU: {"address": "215300 江苏省苏州市昆山市前进路2号", "city": "苏州"},
    SHENZHEN: {"address": "518057 广东省深圳市南山区科技园", "city": "深圳"},
}
CODES = {
    "ai": "G06N3/08",
    "blockchain": "H04L9/50",
    "cloud": "G06F9/455",
    "bigdata": "G06F16/2458",
    "iot": "G16Y40/30",
    "none": "B65G17/00",
}
NOTHING = {"codes": CODES["none"], "title": "一种输送装置"}
"""What makes a record of none of the technologies."""

Rows = list[dict[str, str]]
Import = Callable[..., Outcome]


@pytest.fixture
def imported(tmp_path: Path) -> Import:
    def call(*files: Rows, to: str = "out", **options: Any) -> Outcome:
        names = []
        for number, rows in enumerate(files, 1):
            names.append(str(tmp_path / f"{number}.csv"))
            Path(names[-1]).write_text(csv_text(rows), encoding="utf-8")
        return ingest(Options(tuple(names), tmp_path / to, **options))

    return call


def of(city: str, number: int, **more: str) -> dict[str, str]:
    return record(number, **CITIES[city] | more)


def plain(number: int, **more: str) -> dict[str, str]:
    return record(number, **NOTHING | more)


def values(dataset: Dataset, measure: str = "digital_applications", year: int = 2021) -> Any:
    rows = dataset.observations.filter(
        (pl.col("measure") == measure) & (pl.col("year") == year) & (pl.col("technology") == "all")
    )
    return dict(rows.select("place", "value").iter_rows())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def accounted(report: Any) -> None:
    """Check that every row and application of a report is where it should be."""
    for each in (report, *report["files"]):
        assert each["rows_read"] == each["applications"] + each["duplicates"] + each["rejected"]
        places = each["placed"] + each["unplaced"] + each["outside"]
        assert each["applications"] == pytest.approx(places)
        assert each["rejected"] == sum(each["rejected_by_reason"].values())
    for name in ("rows_read", "applications", "duplicates", "rejected"):
        assert report[name] == sum(each[name] for each in report["files"])
    assert report["placed"] == pytest.approx(sum(each["applications"] for each in report["cities"]))
    assert report["placed"] == pytest.approx(sum(report["placed_by_method"].values()))
    assert report["unplaced"] == pytest.approx(sum(report["unplaced_by_reason"].values()))
    assert report["outside"] == pytest.approx(sum(report["outside_by_reason"].values()))


# --- What is counted ---------------------------------------------------------------------


def test_a_small_import_from_rows_to_figures(imported: Import) -> None:
    first = [
        of(HANGZHOU, 1),
        of(HANGZHOU, 1, publication="CN113000001B", kind="授权发明", codes=CODES["cloud"]),
        of(HANGZHOU, 2, **NOTHING),
        of(SUZHOU, 3, codes=CODES["iot"] + " | " + CODES["ai"]),
        of(SUZHOU, 4, **NOTHING),
    ]
    second = [
        of(SUZHOU, 4, **NOTHING),
        plain(5, address="-", city="-", applicant="-"),
        plain(6, address="美国加利福尼亚州", city="-", applicant="-"),
        plain(7, application="-", publication="-"),
    ]
    outcome = imported(first, second)
    report: Any = outcome.report
    accounted(report)
    assert (report["rows_read"], report["applications"], report["duplicates"]) == (9, 6, 2)
    assert report["rejected_by_reason"] == {"no application or publication number": 1}
    assert (report["placed"], report["unplaced"], report["outside"]) == (4, 1, 1)
    dataset = read_dataset(outcome.folder)
    assert values(dataset) == {HANGZHOU: 1, SUZHOU: 1, "CN": 2}
    assert values(dataset, "applications") == {HANGZHOU: 2, SUZHOU: 2, "CN": 5}
    counts = {name: report["technologies"][name] for name in ("all", *TECHNOLOGIES, "several")}
    assert counts == {
        "all": 2,
        "ai": 2,
        "blockchain": 0,
        "cloud": 1,
        "bigdata": 0,
        "iot": 1,
        "several": 2,
    }
    assert set(dataset.observations.filter(pl.col("source") == "records")["basis"]) == {"counted"}
    rejects = pl.read_parquet(outcome.folder / "rejects.parquet")
    assert rejects.columns == ["file", "line", "reason", "text"]
    assert rejects.select("line", "reason").rows() == [(5, "no application or publication number")]
    assert rejects["file"][0].endswith("2.csv")


def test_publications_in_two_cities_count_in_one(imported: Import) -> None:
    rows = [of(SUZHOU, 1, publication_date="2022-01-01"), of(HANGZHOU, 1), of(SUZHOU, 2), plain(3)]
    assert values(read_dataset(imported(rows).folder)) == {HANGZHOU: 1, SUZHOU: 1, "CN": 2}


def test_the_earliest_filing_date_counts(imported: Import) -> None:
    rows = [of(HANGZHOU, 1, filing_date="2022-05-05"), of(HANGZHOU, 1, filing_date="2020-05-05")]
    dataset = read_dataset(imported([*rows, plain(2)]).folder)
    assert values(dataset, year=2020) == {HANGZHOU: 1, "CN": 1}


def test_publication_years(imported: Import) -> None:
    rows = [of(HANGZHOU, 1, publication_date="2023-01-05"), plain(2)]
    dataset = read_dataset(imported(rows, year="publication").folder)
    assert values(dataset, year=2023) == {HANGZHOU: 1, "CN": 1}


def test_kinds(imported: Import) -> None:
    rows = [of(HANGZHOU, 1), of(HANGZHOU, 2, kind="实用新型"), plain(3, kind="外观设计"), plain(4)]
    report: Any = imported(rows, kinds=("invention",)).report
    accounted(report)
    assert report["applications"] == 2
    assert report["rejected_by_reason"] == {"kind not asked for": 2}


def test_what_has_no_date_is_rejected_unless_a_twin_has_one(imported: Import) -> None:
    nothing = {"filing_date": "0000-00-00", "application": "US 65784810 A"}
    rows = [of(HANGZHOU, 1), plain(2, **nothing), plain(2, **nothing)]
    outcome = imported([*rows, of(HANGZHOU, 3, filing_date="-"), of(HANGZHOU, 3)])
    report: Any = outcome.report
    accounted(report)
    assert (report["applications"], report["rejected_by_reason"]) == (2, {"no date": 2})
    rejects = pl.read_parquet(outcome.folder / "rejects.parquet")
    assert rejects.select("line", "reason").rows() == [(3, "no date"), (4, "no date")]


def test_fractional_counting_gives_every_applicant_a_part(imported: Import) -> None:
    shared = {
        "applicant": "甲公司 | 乙公司 | 丙公司",
        "address": "浙江省杭州市西湖区 | 江苏省苏州市昆山市 | 浙江省杭州市",
        "city": "杭州 | 苏州 | 杭州",
    }
    rows = [record(1, **shared), of(SUZHOU, 2), plain(3, **CITIES[SUZHOU])]
    outcome = imported(rows, count_by="fractional")
    accounted(outcome.report)
    found = values(read_dataset(outcome.folder))
    assert found == {HANGZHOU: pytest.approx(2 / 3), SUZHOU: pytest.approx(4 / 3), "CN": 2}
    first = values(read_dataset(imported(rows, to="first").folder))
    assert first == {HANGZHOU: 1, SUZHOU: 1, "CN": 2}


def test_fractional_applicants_without_a_place_of_their_own_are_not_placed(
    imported: Import,
) -> None:
    rows = [of(HANGZHOU, 1, applicant="某公司 | 乙"), plain(2, **CITIES[HANGZHOU])]
    report: Any = imported(rows, count_by="fractional").report
    accounted(report)
    assert (report["placed"], report["unplaced"]) == (1.5, 0.5)


def test_files_of_digital_records_only_have_no_share(imported: Import) -> None:
    outcome = imported([of(HANGZHOU, number) for number in range(5)])
    dataset = read_dataset(outcome.folder)
    assert values(dataset, "applications") == {}
    assert "proportion, are not known" in dataset.manifest.description


def test_years_that_may_be_incomplete_are_marked(imported: Import) -> None:
    rows = [
        of(HANGZHOU, 1, filing_date="2018-05-05", application="CN201810000001.1"),
        of(HANGZHOU, 2, filing_date="2020-05-05"),
        of(HANGZHOU, 3, filing_date="2019-05-05", publication_date="2021-06-30"),
        plain(4),
    ]
    dataset = read_dataset(imported(rows).folder)
    own = dataset.observations.filter(pl.col("source") == "records")
    notes = dict(own.select("year", "note").unique().iter_rows())
    assert [year for year, note in sorted(notes.items()) if note is None] == [2018, 2019]
    assert notes[2020].startswith("doubtful: incomplete")
    assert dataset.year == 2019


def test_population_and_gdp_come_with_chinese_cities(imported: Import) -> None:
    rows = [of(HANGZHOU, 1), of(SHENZHEN, 2, **NOTHING)]
    dataset = read_dataset(imported(rows).folder)
    population = values(dataset, "population")
    assert population[HANGZHOU] > 10_000_000
    assert set(population) == {HANGZHOU, SHENZHEN}


def test_population_and_gdp_of_ones_own(imported: Import, tmp_path: Path) -> None:
    table = tmp_path / "cities.csv"
    table.write_text('city,year,population,GDP\n杭州,2021,"1,000",5\nSuzhou (Jiangsu),2021,,7\n')
    rows = [of(HANGZHOU, 1), of(SUZHOU, 2, **NOTHING)]
    dataset = read_dataset(imported(rows, attributes=table).folder)
    assert values(dataset, "population") == {HANGZHOU: 1000}
    assert values(dataset, "gdp") == {HANGZHOU: 5, SUZHOU: 7}
    table.write_text("city,year,population\n杭州,2021,many\n")
    with pytest.raises(DatasetError, match=r"cities.csv, row 2, column population.*'many'"):
        imported(rows, attributes=table)
    table.write_text("city,year\n杭州,2021\n")
    with pytest.raises(DatasetError, match="neither population nor gdp"):
        imported(rows, attributes=table)


def test_a_table_of_names_places_what_has_no_address(imported: Import, tmp_path: Path) -> None:
    table = tmp_path / "names.csv"
    table.write_text("applicant,city\n无名公司,杭州\n", encoding="utf-8")
    bare = {"address": "-", "city": "-", "applicant": "无名公司"}
    rows = [record(1, **bare), of(SUZHOU, 2, **NOTHING)]
    assert HANGZHOU not in values(read_dataset(imported(rows).folder))
    assert values(read_dataset(imported(rows, names=table).folder))[HANGZHOU] == 1


def test_an_applicant_who_moved_is_placed_by_the_year_of_the_application(
    imported: Import, tmp_path: Path
) -> None:
    table = tmp_path / "names.csv"
    text = "applicant,city,from,to\n无名公司,北京,,2020\n无名公司,杭州,2021,\n乙,苏州,,\n"
    table.write_text(text, encoding="utf-8")
    bare = {"address": "-", "city": "-", "applicant": "无名公司"}
    earlier = {"application": "CN202010012345.9", "filing_date": "2020-12-31"}
    late = {"publication_date": "2022-03-01"}
    rows = [
        record(1, **bare, **earlier),
        record(2, **bare),
        record(3, **bare | {"applicant": "乙"}),
    ]
    rows += [record(1, **bare, **earlier, **late), of(SUZHOU, 4, **NOTHING)]
    dataset = read_dataset(imported(rows, names=table).folder)
    assert values(dataset) == {"110000": 0, HANGZHOU: 1, SUZHOU: 1, "CN": 2}
    assert values(dataset, year=2020) == {"110000": 1, HANGZHOU: 0, SUZHOU: 0, "CN": 1}
    # The year of publication counts, but where the applicant was is told by that of filing.
    dataset = read_dataset(imported(rows, names=table, year="publication").folder)
    assert values(dataset) == {"110000": 1, HANGZHOU: 1, SUZHOU: 1, "CN": 3}
    shared = bare | {"applicant": "乙 | 无名公司"}
    rows = [record(1, **shared, **earlier), record(2, **shared), of(SUZHOU, 4, **NOTHING)]
    dataset = read_dataset(imported(rows, names=table, count_by="fractional").folder)
    assert values(dataset) == {"110000": 0, HANGZHOU: 0.5, SUZHOU: 0.5, "CN": 1}


def test_years_of_a_moved_applicant_outside_the_table_are_not_guessed(
    imported: Import, tmp_path: Path
) -> None:
    table = tmp_path / "names.csv"
    table.write_text("applicant,city,from,to\n无名公司,杭州,2010,2012\n", encoding="utf-8")
    bare = {"address": "-", "city": "-", "applicant": "无名公司"}
    rows = [record(1, **bare), record(2, **bare), of(SUZHOU, 3, **NOTHING)]
    outcome = imported(rows, names=table)
    assert HANGZHOU not in values(read_dataset(outcome.folder))
    unplaced = pl.read_csv(outcome.folder / "unplaced.csv")
    assert unplaced.select("applicant", "reason", "rows").rows() == [
        ("无名公司", "applicant name only", 2)
    ]


@pytest.mark.parametrize("count_by", ["first-applicant", "fractional"])
def test_cities_in_several_columns_in_english_and_chinese(
    imported: Import, tmp_path: Path, count_by: str
) -> None:
    english = {
        "Publication Number": "CN113000001A",
        "Application Number": "CN202110000001.5",
        "Application Date": "2021-01-08",
        "Title": "Neural network training",
        "IPC": "G06N3/08",
        "Original Assignee (Applicant)": "A Co | B Co",
        "Original Assignee State/Province": "Jiangsu | Zhejiang",
        "Original Assignee City": "Suzhou | Taizhou",
        "Original Assignee District": "Kunshan | Jiaojiang",
    }
    chinese = {
        "公开(公告)号": "CN113000002A",
        "申请号": "CN202110000002.0",
        "申请日": "2021-01-08",
        "标题": "一种神经网络训练方法",
        "IPC分类号": "G06N3/08",
        "原始申请(专利权)人": "甲 | 乙",
        "原始申请(专利权)人州/省": "江苏 | 浙江",
        "原始申请(专利权)人地市": "苏州 | 台州",
        "原始申请(专利权)人区县": "昆山 | 椒江",
    }
    share = 1 if count_by == "first-applicant" else 0.5
    for rows in ([english], [chinese]):
        found = values(read_dataset(imported(rows, count_by=count_by).folder))
        assert found == {SUZHOU: share, "CN": 1} | ({"331000": 0.5} if share < 1 else {})


def test_partitions_give_the_same(imported: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = random.Random(4)
    rows = [
        of(noise.choice([*CITIES]), noise.randrange(100), codes=noise.choice([*CODES.values()]))
        for _ in range(300)
    ]
    whole = contents(imported(rows).folder)
    monkeypatch.setattr(run, "parts_needed", lambda *_: 7)
    assert contents(imported(rows).folder) == whole
    # Distinct places, too, are placed so many at once as fit into memory.
    monkeypatch.setattr(engine, "_LEAST_SHARE", 2000)
    monkeypatch.setattr(engine, "_SHARE", 1 << 40)
    assert contents(imported(rows).folder) == whole


def test_more_input_or_less_memory_means_more_partitions(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x" * 3_000_000)
    assert parts_needed([path], 700_000_000) == 1
    assert parts_needed([path] * 500, 700_000_000) == 3
    assert parts_needed([path] * 500, 300_000_000) == 15


# --- What is written ---------------------------------------------------------------------


def test_a_repetition_gives_the_same_bytes_and_replaces(imported: Import) -> None:
    rows = [of(HANGZHOU, 1), of(SUZHOU, 2), plain(3), plain(4, application="-", publication="-")]
    once = contents(imported(rows).folder)
    again = contents(imported(rows).folder)
    assert again == once
    assert json.loads(once["datapackage.json"]).get("created") is None
    dated = imported(rows, created="2026-11-24T00:00:00Z").folder
    package = json.loads((dated / "datapackage.json").read_text(encoding="utf-8"))
    assert package["created"] == "2026-11-24T00:00:00Z"


def test_the_order_of_rows_and_files_does_not_matter(imported: Import) -> None:
    rows = [
        of(noise.choice([*CITIES]), noise.randrange(20), publication_date=f"2021-09-{day:02}")
        for noise in [random.Random(1)]
        for day in range(1, 29)
    ] + [plain(50 + number) for number in range(10)]
    forward = contents(imported(rows[:10], rows[10:]).folder)
    backward = contents(imported(rows[:9:-1], rows[9::-1]).folder)
    assert forward["observations.csv"] == backward["observations.csv"]


def test_another_folder_is_never_overwritten(imported: Import, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("x")
    with pytest.raises(DatasetError, match="not from an import"):
        imported([of(HANGZHOU, 1)])
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_what_is_written_has_no_formulas(imported: Import) -> None:
    cell = '=cmd|"/c calc"!A0'
    rows = [of(HANGZHOU, 1), plain(2, address="-", city="@SUM(1)", applicant=cell)]
    folder = imported(rows).folder
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [each for each in cells if each[:1] in tuple("=+-@")]
    assert "'=cmd" in (folder / "unplaced.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_formulas_become_texts(cell: str) -> None:
    frame = pl.DataFrame({"text": [cell, "x=1", None], "number": [-1, 2, 3]})
    assert spreadsheet_safe(frame).rows() == [("'" + cell, -1), ("x=1", 2), (None, 3)]


# --- What goes wrong ---------------------------------------------------------------------


def left(folder: Path) -> list[str]:
    """What a failed import left behind, beside its input."""
    return [path.name for path in folder.iterdir() if path.suffix != ".csv"]


def test_nothing_that_can_be_counted_or_placed_is_an_error(
    imported: Import, tmp_path: Path
) -> None:
    with pytest.raises(DatasetError, match="no application that can be counted"):
        imported([plain(1, application="-", publication="-")])
    with pytest.raises(DatasetError, match=r"no application that can be placed.*--names"):
        imported([plain(1, address="-", city="-", applicant="-")])
    assert not (tmp_path / "out").exists()


def interrupted_at(monkeypatch: pytest.MonkeyPatch, number: int) -> Callable[[], None]:
    """Make the reading of a file fail half way; return what repairs it."""
    original = vars(engine)["read_file"]

    def read_file(reader: Any, at: int, *rest: Any) -> None:
        if at == number:
            raise KeyboardInterrupt
        original(reader, at, *rest)

    monkeypatch.setattr(engine, "read_file", read_file)
    return lambda: monkeypatch.setattr(engine, "read_file", original)


def noting(read: list[int]) -> Callable[..., None]:
    """Return `read_file`, but it notes which files it reads."""
    original = vars(engine)["read_file"]

    def read_file(reader: Any, number: int, *rest: Any) -> None:
        read.append(number)
        original(reader, number, *rest)

    return read_file


FILES = ([of(HANGZHOU, 1)], [of(SUZHOU, 2)], [plain(3)])


def test_an_interrupted_import_leaves_no_dataset_and_can_be_resumed(
    imported: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = contents(imported(*FILES).folder)
    (tmp_path / "out").rename(tmp_path / "expected")
    repair = interrupted_at(monkeypatch, 2)
    with pytest.raises(KeyboardInterrupt):
        imported(*FILES)
    assert sorted(left(tmp_path)) == [".out-ingest", "expected"]
    repair()
    read: list[int] = []
    monkeypatch.setattr(engine, "read_file", noting(read))
    for path in tmp_path.glob("*.csv"):
        os.utime(path, ns=(1, 1))
    with pytest.raises(DatasetError, match="Start again without --resume"):
        imported(*FILES, resume=True)
    imported(*FILES)
    assert read == [0, 1, 2]
    assert contents(tmp_path / "out") == expected
    assert sorted(left(tmp_path)) == ["expected", "out"]


def test_resume_reads_only_what_was_not_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = []
    for number, rows in enumerate(FILES):
        names.append(str(tmp_path / f"{number}.csv"))
        Path(names[-1]).write_text(csv_text(rows), encoding="utf-8")
    expected = contents(ingest(Options(tuple(names), tmp_path / "out")).folder)
    (tmp_path / "out").rename(tmp_path / "expected")
    repair = interrupted_at(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        ingest(Options(tuple(names), tmp_path / "out"))
    repair()
    read: list[int] = []
    monkeypatch.setattr(engine, "read_file", noting(read))
    folder = ingest(Options(tuple(names), tmp_path / "out", resume=True)).folder
    assert read == [1, 2]
    assert contents(folder) == expected


def test_a_failure_before_the_first_file_is_finished_leaves_nothing(
    imported: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted_at(monkeypatch, 0)
    with pytest.raises(KeyboardInterrupt):
        imported(*FILES)
    assert left(tmp_path) == []


def test_a_file_that_is_cut_off_stops_the_import(tmp_path: Path) -> None:
    noise = random.Random(1)
    text = csv_text([record(i, title=str(noise.random())) for i in range(20_000)])
    data = gzip.compress(text.encode())
    (tmp_path / "a.csv.gz").write_bytes(data[: len(data) // 2])
    with pytest.raises(DatasetError, match="cut off"):
        ingest(Options((str(tmp_path / "a.csv.gz"),), tmp_path / "out"))
    assert left(tmp_path) == ["a.csv.gz"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.name != "posix" or os.geteuid() or subprocess.run(mount, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_leaves_no_dataset(small_disk: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    rows = [of(HANGZHOU, i, applicant=f"第{i}公司") for i in range(20_000)]
    source.write_text(csv_text(rows), encoding="utf-8")
    with pytest.raises(OSError, match="No space left"):
        ingest(Options((str(source),), small_disk / "out"))
    assert list(small_disk.iterdir()) == []


def test_bad_names_and_numbers() -> None:
    assert read_size("1.5 GB") == 1_500_000_000
    assert read_size("700mb") == 700_000_000
    assert read_kinds("design, invention") == ("invention", "design")
    for wrong in ("", "x", "1XB", "299MB", "-1GB"):
        with pytest.raises(CityTechError):
            read_size(wrong)
    for wrong in ("", "x", "invention,x"):
        with pytest.raises(CityTechError):
            read_kinds(wrong)


def test_progress_and_survey_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(csv_text([of(HANGZHOU, 1), plain(2)]), encoding="utf-8")
    told: list[Surveyed | Progress] = []
    ingest(Options((str(path),), tmp_path / "out"), told.append)
    assert isinstance(told[0], Surveyed)
    assert told[0].format.startswith("PatSnap")
    stages = [each.stage for each in told if isinstance(each, Progress)]
    assert list(dict.fromkeys(stages)) == ["read", "place", "count", "write"]
    assert [each.rows for each in told if isinstance(each, Progress)][1] == 2


def test_the_core_imports_no_terminal() -> None:
    code = (
        "import sys, citytech_data.ingest.run;"
        "names = ('rich', 'typer', 'textual', 'fastexcel', 'zstandard');"
        "print([name for name in names if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_all_files_that_cannot_be_used_are_named_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.csv").write_text(csv_text([record(1)]), encoding="utf-8")
    (folder / "a.csv").write_text("", encoding="utf-8")
    (folder / "b.csv.gz").write_bytes(gzip.compress(b"x" * 99)[:-9])
    with pytest.raises(
        CityTechError, match=r"^a\.csv: the file is empty\. Leave it out\."
    ) as error:
        ingest(Options((str(folder),), tmp_path / "out"))
    assert str(error.value).endswith(" Nor can these files be used: b.csv.gz.")
    for number in range(12):
        (folder / f"c{number:02}.txt").write_text("Read me", encoding="utf-8")
    with pytest.raises(CityTechError, match=r", c07\.txt, …\.$"):
        ingest(Options((str(folder),), tmp_path / "out"))
    assert {each.name for each in tmp_path.iterdir()} == {"in"}


def test_a_dataset_written_into_the_folder_of_the_files_is_no_input(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(csv_text([record(1)]), encoding="utf-8")
    first = contents(ingest(Options((str(tmp_path),), tmp_path / "out")).folder)
    assert contents(ingest(Options((str(tmp_path),), tmp_path / "out")).folder) == first
