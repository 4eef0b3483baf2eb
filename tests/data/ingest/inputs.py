"""What tests of the import need: files as they come from databases, sound and damaged."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl

from citytech_data.ingest.archives import InputFile
from citytech_data.ingest.clean import Cleaner
from citytech_data.ingest.delimited import LINE
from citytech_data.ingest.formats import Format
from citytech_data.ingest.readers import Reader, open_reader
from citytech_data.ingest.text import BLOCK, Reject

PATSNAP = {
    "application": "申请号",
    "publication": "公开(公告)号",
    "office": "受理局",
    "kind": "专利类型",
    "filing_date": "申请日",
    "publication_date": "公开(公告)日",
    "codes": "IPC分类号",
    "title": "标题",
    "applicant": "[标]原始申请(专利权)人",
    "address": "原始申请(专利权)人地址",
    "city": "原始申请(专利权)人地市",
}
"""Columns of a record, and what PatSnap calls them."""

HANGZHOU, SUZHOU, SHENZHEN = "330100", "320500", "440300"
_SERIAL = 12345


def record(number: int = 0, **more: str) -> dict[str, str]:
    """Return a record in PatSnap's columns: of Hangzhou, about neural networks, unless told."""
    cells = {
        "application": f"CN20211{_SERIAL + number:07}.9",
        "publication": f"CN{113000000 + number}A",
        "office": "中国",
        "kind": "发明申请",
        "filing_date": "2021-03-05",
        "publication_date": "2021-09-10",
        "codes": "G06N3/08 | G06F17/16",
        "title": "一种神经网络训练方法",
        "applicant": "某某科技有限公司",
        "address": "浙江省杭州市西湖区文三路1号",
        "city": "杭州",
    }
    return {PATSNAP[name]: value for name, value in (cells | more).items()}


def csv_text(rows: Iterable[Mapping[str, str]], delimiter: str = ",", end: str = "\n") -> str:
    """Return rows as delimited text."""
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_xlsx(
    path: Path, rows: Sequence[Sequence[object]], *, sheet: str = "sheet1", lie: bool = False
) -> None:
    """Write a workbook of one sheet; `lie` declares its size as one cell, as incoPat does."""
    lines = [
        f'<row r="{number}">{"".join(_cell(cell, number, i) for i, cell in enumerate(row))}</row>'
        for number, row in enumerate(rows, 1)
    ]
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    size = '<dimension ref="A1"/>' if lie else ""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        f'<sheet name="{escape(sheet)}" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        # Style 1 is a date, as Excel writes it.
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">{size}'
        f"<sheetData>{''.join(lines)}</sheetData></worksheet>",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)


def _cell(value: object, row: int, column: int) -> str:
    name = f"{chr(ord('A') + column)}{row}"
    if isinstance(value, float | int):  # a date of Excel, if anything
        return f'<c r="{name}" s="1"><v>{value}</v></c>'
    text = str(value)
    if text.startswith("=HYPERLINK"):
        shown = text.rsplit('"', 2)[1]
        return f'<c r="{name}" t="str"><f>{escape(text[1:])}</f><v>{shown}</v></c>'
    return f'<c r="{name}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def read_all(
    path: InputFile, wanted: Format | None = None, *, whole: bool = False, block: int = BLOCK
) -> tuple[pl.DataFrame, list[Reject], Reader]:
    """Return all cleaned records of a file, its rejects, and its reader."""
    reader = open_reader(path, wanted, block)
    cleaner = Cleaner(reader.layout, whole_applicants=whole)
    frames: list[pl.DataFrame] = []
    rejects: list[Reject] = []
    for batch in reader:
        records = cleaner.clean(batch.frame).with_columns(cleaner.numbers(batch.frame))
        frames.append(records.drop("place").hstack(cleaner.places(batch.frame)))
        rejects += batch.rejects
    return pl.concat(frames), rejects, reader


def lines_of(frame: pl.DataFrame) -> list[int]:
    """Return the line that each record begins on."""
    return frame[LINE].to_list()
