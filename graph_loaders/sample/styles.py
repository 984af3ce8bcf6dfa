"""Writes the tables of a sample city as real platforms send them, in one of five styles."""

from __future__ import annotations

import csv
import io
import json
import zlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from graph_loaders.sample.tables import TITLES, WORKBOOK_HEADERS, Row, Style, Tables, Value, columns_of
from schema.times import SHANGHAI

ENCODINGS: dict[Style, str] = {"utf8": "utf-8", "bom": "utf-8-sig", "gb18030": "gb18030"}


def write_tables(folder: Path, tables: Tables, style: Style, city: str, region: str) -> None:
    """One file for each kind that has rows. Complaints come from one national hotline: JSON Lines in every style."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, rows in tables.rows.items():
        if not rows:
            continue
        if kind == "complaints":
            _write_json(folder / "complaints.jsonl", kind, rows, epoch=style == "jsonl")
        elif style == "jsonl":
            _write_json(folder / f"{kind}.jsonl", kind, rows, epoch=True)
        elif style == "xlsx":
            _write_workbook(folder / f"{kind}.xlsx", kind, rows, city)
        else:
            _write_csv(folder / f"{kind}.csv", kind, rows, style, region)


def _text(value: Value, slashes: bool = False) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%Y/%m/%d}" if slashes else value.isoformat()
    return "" if value is None else str(value)


def _write_csv(path: Path, kind: str, rows: list[Row], style: Style, region: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n" if style == "bom" else "\n")
    columns = columns_of(kind, style)
    writer.writerow(columns)
    older = kind == "xzcf" and style == "gb18030"
    for row in rows:
        given = _older_penalty(row, region) if older else row
        writer.writerow([_text(given[column], slashes=style == "gb18030") for column in columns])
    path.write_bytes(text.getvalue().encode(ENCODINGS[style]))


def _older_penalty(row: Row, region: str) -> Row:
    """The older columns: no amount of its own, the fine is in the text; no tier."""
    kinds = str(row["CF_CFLB"]).split(";")
    decided = row["CF_JDRQ"]
    stamp = f"{decided + timedelta(days=5):%Y/%m/%d} 09:30:00" if isinstance(decided, date) else ""
    content = str(row["CF_NR"])
    return row | {
        "CF_CFMC": f"{row['CF_WFXW']}案",
        "CF_CFLB1": kinds[0],
        "CF_CFLB2": kinds[1] if len(kinds) > 1 else "",
        "CF_JG": content,
        "CF_FR": "",
        "CF_XZJG": row["CF_CFJG"],
        "CF_ZT": "0",
        "DFBM": region,
        "SJC": stamp,
    }


def _json_value(value: Value, epoch: bool) -> Any:
    if isinstance(value, Decimal):
        return float(value) if value % 1 else int(value)
    if isinstance(value, datetime) and epoch:
        return int(value.replace(tzinfo=SHANGHAI).timestamp() * 1000)
    if isinstance(value, date) and not isinstance(value, datetime) and epoch:
        return int(datetime(value.year, value.month, value.day, tzinfo=SHANGHAI).timestamp() * 1000)
    return None if value is None else _text(value)


def _write_json(path: Path, kind: str, rows: list[Row], epoch: bool) -> None:
    columns = columns_of(kind, "jsonl")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            line = {column: _json_value(row[column], epoch) for column in columns}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _write_workbook(path: Path, kind: str, rows: list[Row], city: str) -> None:
    """Notes above the header, and dates as date cells or as texts in two ways, as they come from many hands."""
    columns = columns_of(kind, "xlsx")
    book = Workbook(write_only=True)
    sheet = book.create_sheet(TITLES[kind])
    sheet.append([f"{city}{TITLES[kind]}归集表（示例数据）"])
    sheet.append(["表格说明：金额单位为万元；带代码的列请按文本填写。"])
    sheet.append([WORKBOOK_HEADERS.get(column, column) for column in columns])
    for row in rows:
        who = repr(list(row.values()))
        sheet.append([_cell(row[column], who + column) for column in columns])
    book.save(path)


def _cell(value: Value, who: str) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        way = zlib.crc32(who.encode()) % 3
        return datetime(value.year, value.month, value.day) if way == 0 else _text(value, slashes=way == 1)
    return value
