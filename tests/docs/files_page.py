"""docs/files.md, made from the readers: kinds, columns, containers, types, units, reasons."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import get_args

from graph_loaders.file_kinds import FileKindInfo, file_kinds
from graph_loaders.file_kinds.columns import TYPES
from graph_loaders.sources import profile_names
from graph_loaders.sources.archive import LARGEST_MEMBER, MOST_MEMBERS
from graph_loaders.sources.book import MOST_COLUMNS
from graph_loaders.sources.container import REFUSED
from graph_loaders.sources.headers import MOST_LINES, WITHIN
from graph_loaders.sources.json_rows import LARGEST_DOCUMENT
from graph_loaders.sources.model import Container
from graph_loaders.sources.open import DELIMITERS
from graph_loaders.sources.profile import ENCODINGS, UNITS
from graph_loaders.transform.faults import HINTS, WARNINGS
from schema.records import ENDING_KINDS, SUBJECT_KINDS, TIERS

CONTAINERS: dict[str, tuple[str, str]] = {
    "csv": ("分隔文本，扩展名不限（.csv .tsv .txt …）", "delimited text under any name"),
    "jsonl": ("JSON Lines，每行一个对象", "JSON Lines, one object a line"),
    "json": ('JSON 对象数组，或含数组的对象（如 `{"data": […]}`）', "an array of objects, also inside of objects"),
    "xlsx": ("Excel 工作簿 .xlsx（含 Strict Open XML）", "Excel workbooks, Strict Open XML too"),
    "xls": ("旧版 Excel / WPS 工作簿 .xls .et", "old workbooks of Excel and WPS"),
    "html": ("网页表格（常被命名为 .xls）", "HTML tables, often named .xls"),
    "spreadsheetml": ("2003 版 XML 电子表格", "XML spreadsheets of 2003"),
    "ods": ("OpenDocument 电子表格 .ods", "OpenDocument spreadsheets"),
}
EXAMPLES: dict[str, str] = {
    "missing_uscc": "（空）",
    "bad_uscc_check": "91320404XY0001218X",
    "bad_org_code_check": "91320404XY00012190",
    "bad_uscc_prefix": "Z1320404XY00012182",
    "citizen_number": "****（公民身份号码）",
    "bad_person_id_check": "****（校验不符）",
    "unparsable_date": "2026年13月1日",
    "future_decision_date": "2099-01-01",
    "non_numeric_amount": "约五万",
    "foreign_currency": "5000美元",
    "negative_amount": "-1",
    "amount_out_of_range": "99999999999999999999",
    "publication_end_before_decision": "决定 2026-05-01，截止 2025-05-01",
    "conflicting_duplicate": "同一文号：罚款 1 与 2",
    "code_conflict": "同一代码：甲公司、乙公司",
    "broken_bytes": "�",
    "broken_row": '…,"未闭合,…',
    "broken_json": '{"决定书文号": ',
    "ambiguous_column": "两列“名称”：甲 / 乙",
    "ragged_row": "16 / 15",
    "formula_without_result": "=EDATE(A1,3)（未保存结果）",
    "error_value": "#N/A",
    "merged_across": "C2:D2 合并",
    "over_long_row": "131073 个字符",
    "end_before_start": "2020-01-01 至 2019-01-01",
    "bad_share": "120%",
    "bad_score": "优",
    "missing_document": "无",
    "missing_number": "/",
    "missing_name": "（空）",
    "missing_list_type": "（空）",
    "unknown_ending": "其他",
    "unknown_subject_kind": "其他",
}
_HEAD = """# 文件 Files

本页由代码生成（`make docs`），测试比对两者。This page is made from the readers (`make docs`); a test compares the two.

`credit-hub load PATH…` 读取文件与目录（含子目录）。文件类别与容器按**内容**识别，与文件名无关。
Files and folders, with the folders in them, are read; kind and container are told by **content**, never by name.

- `credit-hub files --kind KIND --template 模板.xlsx`：生成空白模板，第二张表为填写示例。An empty template with a filled example.
- `credit-hub load --explain 文件`：说明每一列如何理解，不加载。Says how each column is understood, loads nothing.
- `credit-hub load --dry-run 文件`：检查全部行，不写入。Checks every row, writes nothing.

## 报告 Report

`--json`、`--report` 与 `--quarantine`（隔离行，JSON Lines）。

| 键 key | 含义 | meaning |
|---|---|---|
| `files.<kind>` | 按类别的行数：`rows` = `accepted` + `duplicates` + `quarantined` | counts by kind |
| `files.<kind>.columns.read` | 已读取的列 | headers that were read |
| `files.<kind>.columns.unread` | 未读取的列，全部列出 | headers that were not, all of them |
| `files.<kind>.columns.doubtful` | 其中名称涉及状态、范围、期限、金额者，另在标准错误提示 | those of them whose names say status, scope, end or amount; said on standard error too |
| `files.<kind>.notes` | 已读取的隐藏行、隐藏工作表 | rows and sheets that were read although hidden |
| `skipped` | 未读取的文件或工作表：`path` `reason` `hint` | files and sheets that were not read |

目录中有**疑似数据而未能读取**的文件时，其余照常加载，退出码为 1；与 `--full-snapshot` 同用则拒绝（退出码 2）。直接指定的文件无法
读取时退出码为 2。A file in a folder that looks like a table and cannot be read is named, the others are loaded, and the exit
code is 1; with `--full-snapshot` nothing is loaded (2). A file given by name that cannot be read: 2.

行号 `row`：数据行从 1 起，不含表头与表头以上的说明，也不含空行。Rows of data count from 1; header, notes above it and blank rows
do not count.

**未知、无法读取与空白是三回事**：读取的列中有无法读取的单元格（未保存结果的公式、错误值、横向合并）时该行隔离，绝不当作空白。
Unknown, unreadable and empty are three things: a row with an unreadable cell in a column that is read is set aside.
"""


def files_page() -> str:
    parts = [_HEAD, _containers(), _types(), _profiles()]
    parts.append(
        "\n# 类别与列 Kinds and columns\n\n粗体为必备列。列名比较时不计全半角、空格、大小写、编号、`*`、（必填）与单位。"
    )
    parts.append("\nBold: needed. Headers are compared without width, blanks, case, numbering, `*`, notes and units.\n")
    parts += [_kind(info) for info in file_kinds().values()]
    parts += [_reasons(), _dictionaries()]
    return "".join(parts)


def _containers() -> str:
    lines = ["\n## 可读取的容器 Containers\n\n| | 说明 | |\n|---|---|---|\n"]
    lines += [f"| `{name}` | {CONTAINERS[name][0]} | {CONTAINERS[name][1]} |\n" for name in get_args(Container)]
    lines.append(
        "| `.zip` | 内含上述文件的压缩包（不解压到磁盘） | archives of them, never unpacked to named files |\n\n"
        f"编码 encodings: {', '.join(ENCODINGS)}（自动识别，含无标记的 UTF-16）。"
        f"分隔符 delimiters: {' '.join(repr(mark) for mark in DELIMITERS)}。\n"
        f"表头须在前 {WITHIN} 行内，可占 {MOST_LINES} 行，可合并或分组。"
        f"The header is within the first {WITHIN} rows, over up to {MOST_LINES} lines, merged or grouped.\n"
        f"上限 bounds: {MOST_COLUMNS} 列 columns; JSON {LARGEST_DOCUMENT >> 20} MB; "
        f"zip {MOST_MEMBERS} 个文件 files, {LARGEST_MEMBER >> 30} GB 每个 each.\n"
        "工作簿：1904 日期系统、百分比、补零、单位格式与 `_xHHHH_` 均按其含义读取；纵向合并的单元格对每行有效；隐藏行与工作表读取并提示；"
        "名称含“示例”“模板”的工作表跳过。Of workbooks the 1904 system, percent, zero-filled and unit formats and `_xHHHH_` keep their "
        "meaning; cells merged downwards hold for each row; sheets of examples are passed over.\n\n"
        "不读取 refused by name: "
    )
    lines.append("; ".join(dict.fromkeys(f"{what} ({hint})" for what, (hint, _), _ in REFUSED.values())) + ".\n")
    return "".join(lines)


def _types() -> str:
    lines = ["\n## 类型与单位 Types and units\n\n| | | |\n|---|---|---|\n"]
    lines += [f"| `{name}` | {zh} | {en} |\n" for name, (zh, en) in TYPES.items()]
    units = ", ".join(f"{name} = {value} CNY" for name, value in UNITS.items())
    lines.append(f"\n单位 units: {units}; 表头写法 in headers: `罚款金额（万元）` `金额(单位:元)` `金额/元`.\n")
    lines.append(
        "日期 dates: `2026-01-31` `2026/1/31` `2026.1.31` `2026年1月31日` `20260131`, "
        "日期单元格 date cells, 序列日期 day numbers of a spreadsheet, 毫秒或秒 milliseconds or seconds since 1970.\n"
    )
    return "".join(lines)


def _profiles() -> str:
    return (
        "\n## 来源配置 Profiles\n\n"
        f"`--source PROFILE`：内置 {', '.join(f'`{name}`' for name in profile_names())}，或自备 TOML 文件，只写与通用列名不同之处。"
        "A shipped name, or a TOML file that says only what differs:\n\n"
        '```toml\nname = "某市旧系统"\n[file]\nencoding = "gb18030"   # ' + ", ".join(ENCODINGS) + "\n"
        'delimiter = "|"\nheader_row = 3          # 0：无表头，列为位置\nsheet = "数据"\ndates = ["%d.%m.%Y"]\nunit = "元"\n'
        '[kinds.xzcf.columns]\ncode = "DWDM"           # 列名、列名列表或位置\n'
        '[kinds.repairs.values.ending]\n"已完成修复" = "信用修复"\n```\n'
    )


def _kind(info: FileKindInfo) -> str:
    lines = [
        f"\n## `{info.kind}` {info.title_zh} {info.title}\n\n| 列 column | 列名 headers | 含义 | meaning | 类型 type | 示例 |\n"
    ]
    lines.append("|---|---|---|---|---|---|\n")
    for column in info.columns:
        name = f"**`{column.name}`**" if column.needed else f"`{column.name}`"
        headers = " ".join(f"`{header}`" for header in column.headers)
        example = "*" * 18 if column.type == "person" and column.example else column.example
        lines.append(f"| {name} | {headers} | {column.meaning_zh} | {column.meaning} | {column.type} | {example} |\n")
    return "".join(lines)


def _reasons() -> str:
    lines = ["\n# 隔离原因 Reasons\n\n| code | 示例 example | 处理 | what to do |\n|---|---|---|---|\n"]
    for reason, (en, zh) in HINTS.items():
        lines.append(f"| `{reason}` | {EXAMPLES.get(reason, '')} | {zh} | {en} |\n".replace(" / ", " ∕ "))
    lines.append("\n# 提示 Warnings\n\n| code | 含义 | meaning |\n|---|---|---|\n")
    lines += [f"| `{warning}` | {zh} | {en} |\n" for warning, (en, zh) in WARNINGS.items()]
    return "".join(lines)


def _words() -> list[str]:
    """The texts that the national pack explains; a region's own pack adds to them."""
    pack = resources.files("policies").joinpath("packs", "national", "words.toml").read_text(encoding="utf-8")
    lines = []
    for entry in tomllib.loads(pack)["words"]:
        kinds = ", ".join(f"`{kind}`" for kind in entry["kinds"])
        lines.append(
            f"\n- `{entry['column']}` ({kinds})，策略包 words.toml，各地可增补 a region's own pack adds to it:\n"
        )
        for value in entry["value"]:
            lines.append(f"  - {value['means']}: {' '.join(f'`{text}`' for text in value['texts'])}\n")
    return lines


def _dictionaries() -> str:
    tables = (
        ("主体类别 `subject_kind`", SUBJECT_KINDS),
        ("处理类型 `ending`", ENDING_KINDS),
        ("失信程度 `tier`", dict.fromkeys(TIERS, "")),
    )
    lines = ["\n# 字典 Dictionaries\n"]
    for title, table in tables:
        told = ", ".join(f"{word} → {value}" if value else word for word, value in table.items())
        lines.append(f"\n- {title}: {told}\n")
    lines += _words()
    lines.append("- 名单类型 `list_type`: 见策略包 see the policy packs, [policies.md](policies.md)\n")
    return "".join(lines)
