"""Writes one table of texts into every container, encoding and header style that the sources read."""

from __future__ import annotations

import csv
import html
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import xlwt
from openpyxl import Workbook

Table = Sequence[Sequence[str]]
Writer = Callable[[Path, Table], None]

_STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships"
    ),
}


def delimited(
    delimiter: str = ",", encoding: str = "utf-8", end: str = "\r\n", quoting: int = csv.QUOTE_MINIMAL
) -> Writer:
    def write(path: Path, table: Table) -> None:
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(table)  # type: ignore[arg-type]
        path.write_bytes(text.getvalue().encode(encoding))

    return write


def objects(table: Table) -> list[dict[str, str]]:
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


def json_lines(path: Path, table: Table) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in objects(table)), encoding="utf-8")


def json_document(wrapper: str = "", indent: int | None = None, encoding: str = "utf-8") -> Writer:
    def write(path: Path, table: Table) -> None:
        value: object = objects(table)
        for key in reversed(wrapper.split(".") if wrapper else []):
            value = {"code": 0, key: value}
        path.write_bytes(json.dumps(value, ensure_ascii=False, indent=indent).encode(encoding))

    return write


def workbook(path: Path, table: Table) -> None:
    book = Workbook()
    for row in table:
        book.active.append(list(row))
    book.save(path)


def strict_workbook(path: Path, table: Table) -> None:
    workbook(path, table)
    plain = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(plain) as given, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        for name in given.namelist():
            content = given.read(name)
            for old, new in _STRICT.items():
                content = content.replace(old, new)
            written.writestr(name, content)


def old_workbook(path: Path, table: Table) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("表")
    for number, row in enumerate(table):
        for column, text in enumerate(row):
            sheet.write(number, column, text)
    book.save(str(path))


def html_table(encoding: str = "utf-8", declared: bool = True) -> Writer:
    def write(path: Path, table: Table) -> None:
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(text).replace(chr(10), '<br>')}</td>" for text in row) + "</tr>\n"
            for row in table
        )
        meta = f'<meta http-equiv="Content-Type" content="text/html; charset={encoding}">' if declared else ""
        path.write_bytes(f"<html><head>{meta}</head><body><table>{rows}</table></body></html>".encode(encoding))

    return write


def xml_spreadsheet(path: Path, table: Table) -> None:
    rows = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{escape(text)}</Data></Cell>' for text in row) + "</Row>"
        for row in table
    )
    names = (
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'
    )
    text = f'<?xml version="1.0"?><Workbook {names}><Worksheet ss:Name="s"><Table>{rows}</Table></Worksheet></Workbook>'
    path.write_text(text, encoding="utf-8")


def open_document(path: Path, table: Table) -> None:
    rows = "".join(
        "<table:table-row>"
        + "".join(
            '<table:table-cell office:value-type="string">'
            + "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n"))
            + "</table:table-cell>"
            if text
            else "<table:table-cell/>"
            for text in row
        )
        + "</table:table-row>"
        for row in table
    )
    spaces = " ".join(
        f"xmlns:{name}={quoteattr('urn:oasis:names:tc:opendocument:xmlns:' + name + ':1.0')}"
        for name in ("office", "table", "text")
    )
    content = (
        f'<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="t">{rows}'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="1024"/>'
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", content)


def archive(inner: Writer, name: str) -> Writer:
    def write(path: Path, table: Table) -> None:
        member = path.with_name("member")
        inner(member, table)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.write(member, name)
        member.unlink()

    return write


WRITERS: dict[str, Writer] = {
    "csv": delimited(),
    "csv, mark": delimited(encoding="utf-8-sig", end="\n"),
    "csv, all quoted": delimited(quoting=csv.QUOTE_ALL),
    "csv, gb18030": delimited(encoding="gb18030"),
    "csv, utf-16": delimited(encoding="utf-16"),
    "csv, utf-16 without mark": delimited(encoding="utf-16-le"),
    "tabs": delimited("\t", end="\n"),
    "tabs, utf-16": delimited("\t", encoding="utf-16"),
    "bars": delimited("|"),
    "semicolons": delimited(";", end="\n"),
    "jsonl": json_lines,
    "json": json_document(),
    "json, printed": json_document(indent=2),
    "json, mark": json_document(encoding="utf-8-sig"),
    "json, wrapped": json_document("data"),
    "json, wrapped twice": json_document("result.records", indent=1),
    "xlsx": workbook,
    "xlsx, strict": strict_workbook,
    "xls": old_workbook,
    "html": html_table(),
    "html, gb18030": html_table("gb18030"),
    "html, undeclared": html_table("gb18030", declared=False),
    "xml": xml_spreadsheet,
    "ods": open_document,
    "zip of csv": archive(delimited(encoding="gb18030"), "处罚/数据.csv"),
    "zip of xlsx": archive(workbook, "a.xlsx"),
}
