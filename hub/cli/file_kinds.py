"""``files``: which kinds of file can be loaded, their columns, and templates to fill in; ``load --explain``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from hub.settings import Settings
from schema.errors import UsageError
from schema.records import FILE_KINDS


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "files",
        help="kinds of file, their columns, templates 文件类别与模板",
        description="Lists the kinds of file that can be loaded and their columns; writes a template to fill in, with "
        "an example on its second sheet 列出可加载的文件类别与列，生成填报模板",
    )
    parser.add_argument("--kind", choices=FILE_KINDS, metavar="KIND", help=f"one of 类别: {', '.join(FILE_KINDS)}")
    parser.add_argument("--template", type=Path, metavar="FILE", help="write a template, .xlsx or .csv 模板文件")
    parser.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    parser.set_defaults(func=_files)


def _files(args: argparse.Namespace, settings: Settings) -> int:
    from graph_loaders.file_kinds import file_kinds, write_template

    kinds = file_kinds()
    if args.template:
        if not args.kind:
            raise UsageError("a template is of one kind", hint="give --kind KIND, one of: " + ", ".join(FILE_KINDS))
        if args.template.exists():
            raise UsageError(
                f"{args.template} is there already", hint="give another path, or remove it", message_zh="文件已存在"
            )
        write_template(kinds[args.kind], args.template)
        told = {"kind": args.kind, "template": str(args.template)}
        print(json.dumps(told, ensure_ascii=False) if args.json else f"{args.template} ({args.kind}) 模板已生成")
        return 0
    chosen = [kinds[args.kind]] if args.kind else list(kinds.values())
    if args.json:
        print(json.dumps([_as_json(info) for info in chosen], ensure_ascii=False))
    elif args.kind:
        _columns(chosen[0])
    else:
        for info in chosen:
            needed = ", ".join(column.headers[0] for column in info.columns if column.needed)
            print(f"{info.kind:13} {info.title_zh} {info.title}; needed 必备列: {needed}")
    return 0


def _as_json(info: Any) -> dict[str, Any]:
    return {
        "kind": info.kind,
        "title": f"{info.title_zh} {info.title}",
        "columns": [
            {
                "column": column.name,
                "headers": list(column.headers),
                "needed": column.needed,
                "type": column.type,
                "meaning": f"{column.meaning_zh} {column.meaning}",
                "example": column.example,
            }
            for column in info.columns
        ],
    }


def _columns(info: Any) -> None:
    print(f"{info.kind} {info.title_zh} {info.title}")
    for column in info.columns:
        mark = "*" if column.needed else " "
        print(f" {mark} {column.headers[0]}: {column.meaning_zh} {column.meaning} [{column.type}]")
        if len(column.headers) > 1:
            print(f"     also 亦作: {', '.join(column.headers[1:])}")


def explain_files(found: Any, as_json: bool) -> int:
    """Prints how each source is understood, and what was skipped. Exit code 1 where data were overlooked."""
    from graph_loaders.file_kinds import explain
    from hub.cli.load_notes import say_skipped

    told = [explain(source) for source in found.sources]
    if as_json:
        skipped = [entry.as_json() for entry in found.skipped]
        print(json.dumps({"files": told, "skipped": skipped}, ensure_ascii=False))
    else:
        for entry in told:
            _print(entry)
        say_skipped(found)
    return 1 if found.overlooked else 0


def _print(entry: dict[str, Any]) -> None:
    how = [entry["container"], entry["encoding"], repr(entry["delimiter"]) if entry["delimiter"] else None]
    how += [f"sheet 工作表 {entry['sheet']}" if entry["sheet"] else None, "hidden 隐藏" if entry["hidden"] else None]
    how += ["1904 date system" if entry["since_1904"] else None, f"header row 表头行 {entry['header_row']}"]
    print(f"{entry['path']}: {entry['kind']} ({', '.join(part for part in how if part)})")
    for column in entry["columns"]:
        said = f", e.g. {column['first']}" if column["first"] else ""
        lost = f", {column['unreadable']} unreadable 无法读取" if column["unreadable"] else ""
        unit = f", 1 = {column['cny_per_unit']} CNY" if column.get("cny_per_unit") else ""
        if column["column"]:
            what = f"{column['column']} ({column['type']}){unit}"
        else:
            doubt = ", although facts may hang on it，可能影响事实" if column["doubtful"] else ""
            what = f"NOT READ 未读取{doubt}"
        print(f"  {column['header'] or '(no header 无表头)'} → {what}; {column['filled']} filled 有值{lost}{said}")
    if entry["missing"]:
        print(f"  not there 未提供: {', '.join(entry['missing'])}")
    if entry["broken"]:
        print(f"  broken rows 坏行: {entry['broken']}")
