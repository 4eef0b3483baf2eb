"""Tests of blocks of text: their marks, and the SHA-256 of what was read."""

from __future__ import annotations

import gzip
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytech_data.ingest import marks as marks_module
from citytech_data.ingest import text
from citytech_data.ingest.marks import Marks, count
from citytech_data.ingest.text import HashedFile, TextBlocks


@given(st.binary(max_size=300), st.sampled_from([b"\n", b',"\n', b'|"\n', "，\n".encode()]))
def test_marks_are_what_of_a_text_is_kept(data: bytes, kept: bytes) -> None:
    expected = bytes(byte for byte in data if byte in kept)
    with pytest.MonkeyPatch.context() as patch:
        # As many parts as a text of many megabytes has.
        patch.setattr(marks_module, "_SMALL", 0)
        patch.setattr(marks_module, "_AT_ONCE", 7)
        assert Marks(kept).of(data) == expected
    assert Marks(kept).of(data) == expected


@given(st.text(',a\n\r"，\0 ', max_size=60).map(str.encode), st.sampled_from([b"\n", b",", b"\t"]))
def test_a_mark_is_counted_wherever_it_stands(data: bytes, mark: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(marks_module, "_SMALL", 1)
        assert count(mark, data) == data.count(mark)


def test_a_mark_is_counted_in_a_large_text() -> None:
    data = ("一种，a,,b\r\n\n" * 200_000).encode()
    assert [count(mark, data) for mark in (b",", b"\n", b'"')] == [400_000, 400_000, 0]


@pytest.mark.parametrize("packed", [False, True])
def test_the_hash_is_that_of_the_file_however_it_is_read(tmp_path: Path, packed: bool) -> None:
    data = b"".join(b"%d,%d\n" % (i, i * i) for i in range(400_000))
    path = tmp_path / ("t.csv.gz" if packed else "t.csv")
    path.write_bytes(gzip.compress(data, 1) if packed else data)
    blocks = TextBlocks(path, block=1 << 20)
    found = list(blocks)
    assert b"".join(block.data for block in found) == data
    assert blocks.sha256 == sha256(path.read_bytes()).hexdigest()


def test_large_and_small_pieces_are_hashed_in_their_order(tmp_path: Path) -> None:
    data = bytes(range(256)) * 4096
    path = tmp_path / "t"
    path.write_bytes(data)
    file = HashedFile(path)
    try:
        for size in (300_000, 10, 200_000, 70_000, 1, 65_536):
            file.read(size)
        assert file.done == 300_000 + 10 + 200_000 + 70_000 + 1 + 65_536
        assert file.finish() == sha256(data).hexdigest()
    finally:
        file.close()


@given(
    st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=20),
    st.integers(1, 60),
    st.integers(1, 50),
)
def test_lines_are_read_in_one_piece_and_the_same_whatever_is_near(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], size: int, near: int
) -> None:
    data = b"\n".join(lines)
    path = tmp_path_factory.mktemp("lines") / "t"
    path.write_bytes(data)
    file = HashedFile(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_LINE", near)
        pieces = list(iter(lambda: file.read_lines(size), b""))
    try:
        assert b"".join(pieces) == data
        start = 0
        for number, piece in enumerate(pieces, 1):
            # Up to the last line feed that so many pieces reach, if it is near and not at the end.
            until = number * size
            end = data.rfind(b"\n", max(start, until - near), until) + 1
            start += len(piece)
            assert start == (min(until, len(data)) if until > len(data) or not end else end)
        assert file.finish() == sha256(data).hexdigest()
    finally:
        file.close()


@pytest.mark.parametrize("at_once", [5, 64, 1 << 20])
def test_a_line_too_long_is_left_out_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(text, "LONGEST_LINE", 20)
    monkeypatch.setattr(text, "_PIECE", at_once)
    monkeypatch.setattr(text, "_SAMPLE", 8)
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n1,2\n" + b"x" * 100 + b"\n3,4\n5,6")
    blocks = list(TextBlocks(path, block=16))
    assert b"".join(block.data for block in blocks) == b"a,b\n1,2\n3,4\n5,6\n"
    left_out = [i for i, block in enumerate(blocks) if block.left_out is not None]
    (at,) = left_out
    assert not blocks[at].data
    assert b"".join(block.data for block in blocks[:at]).count(b"\n") == 2
    (reject,) = blocks[at].rejects(3)
    assert (reject.line, reject.reason, set(reject.text)) == (3, text.TOO_LONG, {"x"})
