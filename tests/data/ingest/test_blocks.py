"""What is read never depends on how much is read at once: damage stays where it is."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from citytech_data.ingest import run, text
from citytech_data.ingest.damaged import Careful
from citytech_data.ingest.delimited import LINE, Dialect, Parser
from citytech_data.ingest.options import Options
from citytech_data.ingest.readers import open_reader
from citytech_data.ingest.run import ingest
from citytech_data.ingest.spans import spans
from citytech_data.ingest.text import Span

SIZES = (7, 40, 150, 1 << 20)
HEADER = "application,filing_date,codes,city,more"
GOOD = "CN20211{:07}.9,2021-03-05,G06N3/08,杭州,x"

Found = tuple[list[tuple[Any, ...]], list[tuple[int, str, str]], dict[str, int], str]


def read(path: Path, block: int, span: Span | None = None) -> Found:
    """Return the rows of a file as they stand there, its rejects, repairs and SHA-256."""
    reader = open_reader(path, None, block, span)
    rows: list[tuple[Any, ...]] = []
    rejects = []
    for batch in reader:
        rows += batch.frame.select(*reader.layout.used, LINE).rows()
        rejects += [(each.line, each.reason, each.text) for each in batch.rejects]
    return rows, rejects, dict(reader.repairs), reader.sha256


@pytest.fixture(scope="module", autouse=True)
def small() -> Any:
    """Make all limits so small that a few lines reach them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_SAMPLE", 100)
        patch.setattr(text, "_PIECE", 11)
        patch.setattr(text, "LONGEST_LINE", 120)
        patch.setattr(text, "_SHOWN", 50)
        patch.setattr("citytech_data.ingest.delimited._PIECE", 90)
        patch.setattr("citytech_data.ingest.spans._SPAN", 70)
        patch.setattr("citytech_data.ingest.spans._AT_ONCE", 30)
        patch.setattr("citytech_data.ingest.spans.LONGEST_LINE", 120)
        for module in ("damaged", "delimited"):
            patch.setattr(f"citytech_data.ingest.{module}.MOST_LINES", 4)
            patch.setattr(f"citytech_data.ingest.{module}.MOST_BYTES", 200)
        yield


def alike(name: str, content: bytes) -> Found:
    """Read a file in blocks of several sizes, all with the same result."""
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        first, *others = (read(path, size) for size in SIZES)
    for other in others:
        assert other == first
    return first


def alike_in_parts(content: bytes) -> int:
    """Read a file as a whole and in parts, both with the same result; return how many parts."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        path.write_bytes(content)
        whole = read(path, 40)
        parts = [read(path, 40, span) for span in spans(path)]
    if parts:
        rows, rejects, repairs, hashes = zip(*parts, strict=True)
        assert [*chain(*rows)] == whole[0]
        assert [*chain(*rejects)] == whole[1]
        assert sum(map(Counter, repairs), Counter()) == whole[2]
        assert hashes == (whole[3], *[""] * (len(parts) - 1))
    return len(parts)


pieces = st.sampled_from(
    [",", '"', '""', '","', "a", "b", " ", "\r", "\n", "\r\n", "\0", ",,,,", "-", "﻿", "x" * 70]
).map(str.encode) | st.sampled_from([b"\xff", "神".encode(), "神".encode("gb18030")])
good = st.integers(0, 99).map(lambda number: GOOD.format(number).encode())
# A quote that another record seems to close.
astray = st.sampled_from(['"G06N3/08', 'G06N3/08"']).map(
    lambda codes: GOOD.format(9).replace("G06N3/08", codes).encode()
)
lines = st.lists(pieces, max_size=12).map(b"".join) | good | astray
csv_fields = st.sampled_from(["a", "", '"', "b\nc", "d,e", "神"]).map(
    lambda field: '"' + field.replace('"', '""') + '"'
)
sound = st.lists(csv_fields, min_size=5, max_size=5).map(lambda row: ",".join(row).encode())


@settings(max_examples=60)
@given(st.lists(lines | sound, max_size=14), st.sampled_from([b"\n", b"\r\n"]))
def test_damaged_text_reads_alike_in_blocks_of_any_size(body: list[bytes], end: bytes) -> None:
    first = [HEADER.encode(), GOOD.format(0).encode()]
    rows, rejects, *_ = alike("a.csv", end.join([*first, *body]))
    # What is no empty line is somewhere, and nothing is there twice.
    numbers = [row[-1] for row in rows] + [line for line, *_ in rejects]
    assert len(set(numbers)) == len(numbers)
    assert rows[0][-1] == 2


@settings(max_examples=60)
@example([b'x,"a""b,c"'] * 20, b"\n", b"\xef\xbb\xbf", 7)
@example([b"x" * 200, b"a,b"] * 9, b"\r\n", b"", 2)
@given(
    st.lists(lines | sound, max_size=30),
    st.sampled_from([b"\n", b"\r\n"]),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.integers(0, 99),
)
def test_a_file_reads_alike_in_parts(
    body: list[bytes], end: bytes, mark: bytes, number: int
) -> None:
    first = [mark + HEADER.encode(), GOOD.format(number).encode()]
    alike_in_parts(end.join([*first, *body]) + end)


def test_a_file_whose_records_go_on_over_lines_is_not_parted() -> None:
    line = GOOD.format(1).encode()
    first = [HEADER.encode(), *[line] * 9]
    assert alike_in_parts(b"\n".join(first)) > 3
    assert alike_in_parts(b"\n".join([*first, b'a,"b,c', b'd",e,f'])) == 0
    assert alike_in_parts(b"\r".join(first)) == 0
    assert alike_in_parts("\n".join([HEADER, *["神"] * 90]).encode("utf-16")) == 0


@settings(max_examples=40)
@given(st.lists(lines | sound, max_size=10))
def test_a_file_in_gb18030_reads_alike_in_blocks_of_any_size(body: list[bytes]) -> None:
    first = [HEADER.encode(), GOOD.format(0).encode("gb18030")] * 2
    alike("a.csv", b"\n".join([*first[:2], first[1], *body]))


@settings(max_examples=60)
@example('a",a",', 2, 0)
@given(st.text('a",\r ', max_size=16), st.integers(1, 4), st.integers(0, 9))
def test_a_record_alone_reads_as_in_a_block(record: str, width: int, used: int) -> None:
    names = tuple("abcd"[:width])
    some = [name for index, name in enumerate(names) if used >> index & 1] or [names[-1]]
    parser = Parser(Dialect(",", names, width, 0), some, 1)
    careful = Careful(",", width, [names.index(name) for name in some])
    lines = careful.sort(f"{record}\n".encode(), 1, last=True).single
    if lines and width > 1:
        whole = parser._read(b"".join(lines.values()), len(lines), guarded=True)
        row = careful._as_polars(record)
        assert row == (None if whole is None else list(whole.select(some).row(0)))


objects = st.sampled_from(
    [
        '{"application": "202110012345", "filing_date": "2021", "codes": "G06N3/08", "city": "杭"}',
        '{"application": 202110012345, "filing_date": 2021.0, "codes": ["a", null], "city": true}',
        '{"application": {"a": 1}, "filing_date": [], "codes": ["a", 1], "city": null, "x": 1}',
        '{"application": "1"} {"application": "2"}',
        '{"application": "\\ud800"}',
        '{"application": 1e400, "city": -0.0, "codes": 123456789012345678901234567890}',
        '{"application": "1", "application": "2"}',
        "{}",
        "[1]",
        '{"application": ',
        "null",
        "",
        " ",
        "NaN",
        '{"city": NaN}',
    ]
)


@settings(max_examples=40)
@given(st.lists(objects, max_size=12))
def test_objects_read_alike_in_blocks_of_any_size(body: list[str]) -> None:
    first = '{"application": "1", "filing_date": "2021", "codes": ["a", "b"], "city": "杭州"}'
    alike("a.ndjson", "\n".join([first, *body]).encode())


@settings(max_examples=3)
@given(st.lists(lines | sound, max_size=12), st.permutations([(9, 1), (64, 3), (1 << 20, 5)]))
def test_a_dataset_is_the_same_with_any_memory(body: list[bytes], ways: list[Any]) -> None:
    first = [HEADER.encode(), *(GOOD.format(number).encode() for number in range(3))]
    found = []
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder, "a.csv")
        path.write_bytes(b"\n".join([*first, *body, first[1], *body]))
        for block, parts in ways:
            patch.setattr(run, "block_size", lambda _, block=block: block)
            patch.setattr(run, "parts_needed", lambda *_, parts=parts: parts)
            to = ingest(Options((str(path),), Path(folder, "out"))).folder
            found.append({each.name: each.read_bytes() for each in to.iterdir()})
    assert found[0] == found[1] == found[2]
    assert {"ingest-report.json", "rejects.parquet", "observations.csv"} <= set(found[0])
