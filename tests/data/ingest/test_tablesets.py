"""PATSTAT and PatentsView: several tables with their real headers, joined into records."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citytech_data.dataset import Dataset, read_dataset
from citytech_data.errors import DatasetError
from citytech_data.ingest import engine
from citytech_data.ingest.files import find_files
from citytech_data.ingest.gathering import JoinedFile, gather
from citytech_data.ingest.joining import JoinReader
from citytech_data.ingest.options import Options, Surveyed
from citytech_data.ingest.run import ingest
from tests.data.ingest.inputs import HANGZHOU, SHENZHEN, SUZHOU

ANHUI = "341300"
"""The other Suzhou."""
APPLN = (
    "appln_id,appln_auth,appln_nr,appln_kind,appln_filing_date,appln_filing_year,appln_nr_epodoc,"
    "appln_nr_original,ipr_type,receiving_office,internat_appln_id,int_phase,reg_phase,nat_phase,"
    "earliest_filing_date,earliest_filing_year,earliest_filing_id,earliest_publn_date,"
    "earliest_publn_year,earliest_pat_publn_id,granted,docdb_family_id,inpadoc_family_id,"
    "docdb_family_size,nb_citing_docdb_fam,nb_applicants,nb_inventors"
)
PERSON = (
    "person_id,person_name,person_name_orig_lg,person_address,person_ctry_code,nuts,nuts_level,"
    "doc_std_name_id,doc_std_name,psn_id,psn_name,psn_level,psn_sector,han_id,han_name,"
    "han_harmonized"
)
ASSIGNEE = (
    "assignee_sequence,assignee_id,disambig_assignee_individual_name_first,"
    "disambig_assignee_individual_name_last,disambig_assignee_organization,assignee_type,"
    "location_id"
)
CPC = "cpc_sequence,cpc_section,cpc_class,cpc_subclass,cpc_group,cpc_type"


def appln(number: int, **more: str) -> str:
    """A row of tls201_appln: a Chinese invention of 2021, unless told otherwise."""
    cells = dict.fromkeys(APPLN.split(","), "") | {
        "appln_id": str(number),
        "appln_auth": "CN",
        "appln_nr": f"20211000000{number}",
        "appln_kind": "A ",
        "appln_filing_date": "2021-03-05",
        "appln_filing_year": "2021",
        "ipr_type": "PI",
        "earliest_publn_date": "2021-09-10",
        "earliest_publn_year": "2021",
    }
    return ",".join(f'"{cell}"' for cell in (cells | more).values())


def person(number: int, name: str, address: str = "", country: str = "CN") -> str:
    """A row of tls206_person."""
    cells = dict.fromkeys(PERSON.split(","), "")
    cells |= {"person_id": str(number), "person_name": name}
    cells |= {"person_address": address, "person_ctry_code": country}
    return ",".join(f'"{cell}"' for cell in cells.values())


PATSTAT: Mapping[str, list[str]] = {
    "tls201_part01.csv": [
        APPLN,
        appln(1),
        appln(2),
        appln(3, appln_kind="U ", ipr_type="UM", appln_nr="202120000003"),
        appln(4, appln_filing_date="9999-12-31", appln_filing_year="9999"),
        appln(5, appln_auth="US", appln_nr="65784810"),
        "6,CN",
    ],
    "tls202_part01.csv": ["appln_id,appln_title_lg,appln_title", "2,en,Blockchain ledger"],
    "tls206_part01.csv": [
        PERSON,
        person(10, "Second applicant", "Shenzhen, Guangdong"),
        person(11, "First applicant", "Hangzhou, Zhejiang"),
        person(12, "Inventor", "Beijing"),
        person(13, "SOMETHING ELSE CO LTD"),
        person(14, "Acme | Sons", "1 Main Street", "US"),
    ],
    "tls207_part01.csv": [
        "person_id,appln_id,applt_seq_nr,invt_seq_nr",
        "10,1,2,0",
        "12,1,0,1",
        "11,1,1,0",
        "13,2,1,0",
        "11,3,1,0",
        "11,4,1,0",
        "14,5,1,0",
        "11,5,2,0",
        "11,99,1,0",
    ],
    "tls209_part01.csv": [
        "appln_id,ipc_class_symbol,ipc_class_level,ipc_version,ipc_value,ipc_position,"
        "ipc_gener_auth",
        "1,G06N   3/08,A,2006-01-01,I,F,EP",
        "1,G06F  17/16,A,2006-01-01,I,L,EP",
        "2,H04L   9/32,A,2006-01-01,I,F,EP",
        "3,B65G  17/00,A,2006-01-01,I,F,EP",
        "4,G06N   3/08,A,2006-01-01,I,F,EP",
        "5,G06N   3/08,A,2006-01-01,I,F,EP",
    ],
    "tls212_part01.csv": ["pat_publn_id,citn_id,cited_pat_publn_id", "1,1,2"],
}

GRANTS: Mapping[str, list[str]] = {
    "g_patent.tsv": [
        "patent_id,patent_type,patent_date,patent_title,wipo_kind,num_claims,withdrawn,filename",
        "10000001,utility,2023-06-01,Neural network training,B2,20,0,x.xml",
        "10000002,utility,2023-06-01,Conveyor,B2,20,0,x.xml",
        "D1000003,design,2023-06-01,Chair,S1,1,0,x.xml",
        "10000004,utility,2023-06-01,Learning,B2,20,0,x.xml",
        "10000005,utility,2023-06-01,Learning,B2,20,0,x.xml",
        "10000006,utility,2023-06-01,Learning,B2,20,0,x.xml",
    ],
    "g_application.tsv": [
        "application_id,patent_id,patent_application_type,filing_date,series_code,rule_47_flag",
        "17000001,10000001,17,2021-02-03,17,0",
        "17000002,10000002,17,2021-02-03,17,0",
        "29000003,D1000003,29,2021-02-03,29,0",
        "17000004,10000004,17,2021-02-03,17,0",
        "17000005,10000005,17,2021-02-03,17,0",
        "17000006,10000006,17,2021-02-03,17,0",
    ],
    "g_assignee_disambiguated.tsv": [
        f"patent_id,{ASSIGNEE}",
        "10000001,1,a,,,Other Co,3,l-shenzhen",
        '10000001,0,b,,,"First, Co | Ltd",3,l-suzhou',
        "10000002,0,c,Jane,Doe,,4,l-anhui",
        "D1000003,0,d,,,Third Co,3,l-shenzhen",
        "10000004,0,e,,,Fourth Inc,2,l-us",
        "10000005,0,f,,,Fifth Co,3,",
    ],
    "g_location_disambiguated.tsv": [
        "location_id,disambig_city,disambig_state,disambig_country,latitude,longitude,county,"
        "state_fips,county_fips",
        "l-shenzhen,Shenzhen,,CN,22.54,114.06,,,",
        "l-suzhou,Suzhou,,CN,31.30,120.60,,,",
        "l-anhui,Suzhou,,CN,33.64,116.98,,,",
        "l-us,San Jose,CA,US,37.3,-121.9,Santa Clara,06,06085",
    ],
    "g_ipc_at_issue.tsv": [
        "patent_id,ipc_sequence,classification_level,section,ipc_class,subclass,main_group,"
        "subgroup,classification_value,classification_status,classification_data_source,"
        "action_date",
        "10000001,0,A,G,06,N,3,08,I,B,H,2023-06-01",
        "10000002,0,A,B,65,G,17,00,I,B,H,2023-06-01",
    ],
    "g_cpc_current.tsv": [
        f"patent_id,{CPC}",
        "10000001,0,H,H04,H04L,H04L9/50,inventional",
        "10000004,0,G,G06,G06N,G06N3/08,inventional",
        "10000005,0,G,G06,G06N,G06N3/08,inventional",
        "10000006,0,G,G06,G06N,G06N3/08,inventional",
    ],
    "g_inventor_disambiguated.tsv": [
        "patent_id,inventor_sequence,inventor_id,location_id",
        "10000006,0,i,l-shenzhen",
    ],
}

PUBLISHED: Mapping[str, list[str]] = {
    "pg_published_application.tsv": [
        "pgpub_id,application_id,filing_date,patent_type,filing_type,published_date,wipo_kind,"
        "series_code,application_title,application_abstract,rule_47_flag,filename",
        "20220000001,17000001,2021-02-03,utility,15,2022-01-06,A1,17,Neural training,,0,x",
        "20220000009,17000009,2021-04-03,utility,15,2022-01-06,A1,17,Learning,,0,x",
    ],
    "pg_assignee_disambiguated.tsv": [
        f"pgpub_id,{ASSIGNEE}",
        "20220000001,0,b,,,First Co,3,l-suzhou",
        "20220000009,0,g,,,Ninth Co,3,l-shenzhen",
    ],
    "pg_location_disambiguated.tsv": GRANTS["g_location_disambiguated.tsv"],
    "pg_cpc_current.tsv": [
        f"pgpub_id,{CPC}",
        "20220000009,0,G,G06,G06N,G06N3/08,inventional",
    ],
}


def written(folder: Path, tables: Mapping[str, list[str]]) -> Path:
    """Write tables as their source does: TSV with all values in quotes, or CSV."""
    folder.mkdir(exist_ok=True)
    for name, lines in tables.items():
        text = "".join(f"{line}\n" for line in lines)
        if name.endswith(".tsv"):
            rows = pl.read_csv(text.encode(), infer_schema=False)
            text = rows.write_csv(separator="\t", quote_style="always")
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def imported(folder: Path, **options: Any) -> tuple[Any, Dataset, list[Surveyed]]:
    """Import a folder: the report, the dataset, and what was said of the files before."""
    told: list[Surveyed] = []
    outcome = ingest(
        Options((str(folder),), folder.parent / "out", **options),
        lambda event: told.append(event) if isinstance(event, Surveyed) else None,
    )
    return outcome.report, read_dataset(outcome.folder), told


def digital(dataset: Dataset, year: int = 2021) -> dict[str, float]:
    own = dataset.observations.filter(
        (pl.col("measure") == "digital_applications")
        & (pl.col("technology") == "all")
        & (pl.col("year") == year)
    )
    return dict(own.select("place", "value").iter_rows())


def without(tables: Mapping[str, list[str]], *names: str) -> dict[str, list[str]]:
    return {name: lines for name, lines in tables.items() if not name.startswith(names)}


def in_two_parts() -> dict[str, list[str]]:
    lines = PATSTAT["tls201_part01.csv"]
    parts = {"tls201_part01.csv": lines[:3], "tls201_part02.csv": [lines[0], *lines[3:]]}
    return without(PATSTAT, "tls201") | parts


# --- PATSTAT -----------------------------------------------------------------------------


def test_patstat_is_joined_and_accounted_for(tmp_path: Path) -> None:
    report, dataset, told = imported(written(tmp_path / "in", PATSTAT))
    assert (report["rows_read"], report["applications"], report["duplicates"]) == (6, 5, 0)
    assert report["rejected_by_reason"] == {"too few fields": 1}
    assert (report["placed"], report["unplaced"], report["outside"]) == (3, 1, 1)
    # The first applicant is the lowest in order; an inventor is none. The number tells the year.
    assert digital(dataset) == {HANGZHOU: 2, "CN": 3}
    assert report["technologies"]["ai"] == 3
    assert report["technologies"]["blockchain"] == 1
    rejects = pl.read_parquet(tmp_path / "out" / "rejects.parquet")
    assert rejects.select("line", "reason").rows() == [(7, "too few fields")]
    (file,) = report["files"]
    assert file["file"].endswith("tls201_part01.csv")
    assert file["format"] == "patstat"
    assert {each["table"]: each["rows_read"] for each in file["joined"]} == {
        "tls202_appln_title": 1,
        "tls206_person": 5,
        "tls207_pers_appln": 9,
        "tls209_appln_ipc": 6,
    }
    (survey,) = told
    said = " ".join(survey.lacks)
    assert survey.format == "EPO PATSTAT"
    assert "joined with tls202_appln_title" in said
    assert "person_address is often empty" in said
    assert "no tls224_appln_cpc: rules that need a CPC code find nothing" in said
    assert "not used: tls212_part01.csv" in said


def test_patstat_in_fractions(tmp_path: Path) -> None:
    _, dataset, _ = imported(written(tmp_path / "in", PATSTAT), count_by="fractional")
    assert digital(dataset) == {HANGZHOU: 2, SHENZHEN: 0.5, "CN": 3.5}


def test_kinds_of_patstat(tmp_path: Path) -> None:
    report, _, _ = imported(written(tmp_path / "in", PATSTAT), kinds=("invention",))
    assert report["rejected_by_reason"] == {"kind not asked for": 1, "too few fields": 1}


def test_an_applicant_without_address_is_never_placed_where_the_next_one_is(
    tmp_path: Path,
) -> None:
    links = [PATSTAT["tls207_part01.csv"][0], "15,1,1,0", "10,1,2,0", "11,2,1,0"]
    persons = [*PATSTAT["tls206_part01.csv"], person(15, "NOBODY KNOWN")]
    tables = {**PATSTAT, "tls207_part01.csv": links, "tls206_part01.csv": persons}
    _, dataset, _ = imported(written(tmp_path / "in", tables))
    assert SHENZHEN not in digital(dataset)
    unplaced = pl.read_csv(tmp_path / "out" / "unplaced.csv")
    assert "NOBODY KNOWN" in unplaced["applicant"].to_list()


def test_parts_zipped_as_they_are_sold_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, whole, _ = imported(written(tmp_path / "in", PATSTAT))
    parted = written(tmp_path / "parted", in_two_parts())
    for path in list(parted.iterdir()):
        with zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(path, path.name)
        path.unlink()
    monkeypatch.setattr("citytech_data.ingest.joining._WORKING_SET", 1 << 18)
    monkeypatch.setattr("citytech_data.ingest.joining._ROWS_AT_ONCE", 2)
    report, dataset, _ = imported(parted, memory=300_000_000)
    assert digital(dataset) == digital(whole)
    assert [each["rows_read"] for each in report["files"]] == [2, 4]
    assert pl.read_parquet(tmp_path / "out" / "rejects.parquet")["line"].to_list() == [5]


def test_the_tables_that_must_be_there(tmp_path: Path) -> None:
    cases = {
        "tls206": "needs the table tls206_person: it tells who and where the applicants are",
        "tls207": "needs the table tls207_pers_appln",
        "tls201": r"tls202_part01.csv: is the table tls202_appln_title.*tls201_appln.*is missing",
    }
    for name, said in cases.items():
        folder = written(tmp_path / name, without(PATSTAT, name))
        with pytest.raises(DatasetError, match=said):
            imported(folder)
    folder = written(tmp_path / "codes", without(PATSTAT, "tls209", "tls202"))
    with pytest.raises(DatasetError, match=r"neither classification codes nor titles. Add tls202"):
        imported(folder)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.csv").write_text("x,y\n1,2\n")
    with pytest.raises(DatasetError, match="is no table of EPO PATSTAT"):
        imported(tmp_path / "other", format="patstat")


def test_other_tables_beside_are_left_only_if_they_are_of_the_database(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", PATSTAT)
    (folder / "notes.csv").write_text("x,y\n1,2\n")
    with pytest.raises(DatasetError, match=r"notes.csv: is of no format"):
        imported(folder)
    assert digital(imported(folder, format="patstat")[1]) == {HANGZHOU: 2, "CN": 3}


def test_names_of_files_cannot_steer_a_terminal(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", PATSTAT)
    (folder / "tls212_part01.csv").rename(folder / "tls212_\x1b[2J.csv")
    _, _, told = imported(folder)
    assert "\x1b" not in "".join(told[0].lacks)


def test_titles_count_beside_codes(tmp_path: Path) -> None:
    report, _, _ = imported(written(tmp_path / "in", without(PATSTAT, "tls202")))
    assert report["technologies"]["blockchain"] == 0


def test_damaged_rows_of_other_tables_are_noted(tmp_path: Path) -> None:
    tables = {**PATSTAT, "tls209_part01.csv": [*PATSTAT["tls209_part01.csv"], "7,G06N"]}
    report, _, _ = imported(written(tmp_path / "in", tables))
    assert report["files"][0]["repaired"] == {"tls209_appln_ipc: too few fields": 1}


def test_a_resumed_import_does_not_read_the_tables_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path / "in", in_two_parts())
    original = vars(engine)["read_file"]

    def interrupted(reader: Any, number: int, *rest: Any) -> None:
        if number == 1:
            raise KeyboardInterrupt
        original(reader, number, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(engine, "read_file", interrupted)
        with pytest.raises(KeyboardInterrupt):
            imported(folder)
    with monkeypatch.context() as patch:
        patch.setattr("citytech_data.ingest.joining.JoinReader._link", None)
        _, dataset, _ = imported(folder, resume=True)
    assert digital(dataset) == {HANGZHOU: 2, "CN": 3}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in", "out"]


@pytest.mark.parametrize("memory", [1 << 30, 1 << 13])
def test_joining_in_parts_is_joining_by_hand(tmp_path: Path, memory: int) -> None:
    noise = random.Random(memory)
    numbers = range(1, 200)
    links = sorted(
        {(noise.randrange(220), noise.randrange(4), noise.randrange(40)) for _ in range(600)}
    )
    codes = [(noise.randrange(220), noise.choice("ABCDEFGH")) for _ in range(500)]
    tables = {
        "tls201.csv": ["appln_id,appln_auth,appln_nr", *(f"{n},CN,{n}" for n in numbers)],
        "tls206.csv": ["person_id,person_name", *(f"{n},name {n}" for n in range(30))],
        "tls207.csv": [
            "person_id,appln_id,applt_seq_nr",
            *(f"{who},{number},{order}" for number, order, who in links),
        ],
        "tls209.csv": ["appln_id,ipc_class_symbol", *(f"{n},{code}" for n, code in codes)],
    }
    (file,) = gather(find_files([str(written(tmp_path / "in", tables))]), None)
    assert isinstance(file, JoinedFile)
    reader = JoinReader(file, tmp_path / "parts", memory)
    frame = pl.concat(batch.frame for batch in reader).sort("_line")
    assert frame["_line"].to_list() == [number + 1 for number in numbers]
    for number, row in zip(numbers, frame.iter_rows(named=True), strict=True):
        applicants = sorted(
            (order, str(who)) for n, order, who in links if n == number and order > 0
        )
        names = [f"name {who}" if int(who) < 30 else "-" for _, who in applicants]
        assert row["person_name"] == ("|".join(names) or None)
        expected = sorted(code for n, code in codes if n == number)
        assert sorted((row["ipc_class_symbol"] or "").split(";")) == (expected or [""])


# --- PatentsView -------------------------------------------------------------------------


def test_grants_of_patentsview(tmp_path: Path) -> None:
    report, dataset, told = imported(written(tmp_path / "in", GRANTS))
    assert (report["rows_read"], report["applications"]) == (6, 6)
    assert (report["placed"], report["outside"]) == (3, 1)
    assert report["unplaced_by_reason"] == {"applicant name only": 1, "empty": 1}
    # Of two cities of one name, the coordinates tell which.
    assert digital(dataset) == {SUZHOU: 1, ANHUI: 0, SHENZHEN: 0, "CN": 3}
    assert report["technologies"]["ai"] == 4
    assert report["technologies"]["blockchain"] == 1
    said = " ".join(told[0].lacks)
    assert "another measure than applications at the Chinese" in said
    assert "not used: g_inventor_disambiguated.tsv" in said


def test_designs_are_told_by_the_type(tmp_path: Path) -> None:
    report, _, _ = imported(written(tmp_path / "in", GRANTS), kinds=("design",))
    assert report["rejected_by_reason"] == {"kind not asked for": 5}


def test_an_application_and_its_grant_are_one(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", GRANTS)
    written(folder, PUBLISHED)
    report, dataset, told = imported(folder, format="patentsview")
    assert (report["rows_read"], report["applications"], report["duplicates"]) == (8, 7, 1)
    assert digital(dataset) == {SUZHOU: 1, ANHUI: 0, SHENZHEN: 1, "CN": 4}
    assert len(told) == 2


def test_published_applications_by_themselves(tmp_path: Path) -> None:
    _, dataset, _ = imported(written(tmp_path / "in", PUBLISHED))
    assert digital(dataset) == {SUZHOU: 0, SHENZHEN: 1, "CN": 1}


def test_the_tables_of_patentsview_that_must_be_there(tmp_path: Path) -> None:
    for name in ("g_application", "g_assignee_disambiguated", "g_location_disambiguated"):
        folder = written(tmp_path / name, without(GRANTS, name))
        with pytest.raises(DatasetError, match=f"needs the table {name}"):
            imported(folder)
