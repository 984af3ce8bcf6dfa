"""``backup`` and ``restore``: everything of one hub, while it runs 备份与恢复."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from hub.settings import Settings


def register(subparsers: Any) -> None:
    backup = subparsers.add_parser(
        "backup",
        help="copy everything of this hub, while it runs 备份",
        description="SQL store, graph and keys into a new folder; the keys are encrypted to a recipient 备份",
    )
    backup.add_argument("folder", type=Path, metavar="DIR", help="a new folder 目标目录")
    backup.add_argument(
        "--recipient", type=Path, required=True, metavar="JWK", help="public key, see keys recipient 接收方公钥"
    )
    backup.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    backup.set_defaults(func=_backup)
    restore = subparsers.add_parser(
        "restore",
        help="put a backup into an empty place 恢复",
        description="Into an empty data folder, SQL store and graph; then the log is checked 恢复",
    )
    restore.add_argument("folder", type=Path, metavar="DIR", help="folder made by backup 备份目录")
    restore.add_argument(
        "--key", type=Path, required=True, metavar="JWK", help="the recipient's private key 接收方私钥"
    )
    restore.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    restore.set_defaults(func=_restore)


async def _backup(args: argparse.Namespace, settings: Settings) -> int:
    from hub.backup import make_backup
    from hub.cli.load import ready_engine

    async with ready_engine(settings) as engine:
        manifest = await make_backup(settings, engine, args.folder, args.recipient)
    if args.json:
        print(json.dumps({"ok": True, **manifest}, ensure_ascii=False))
    else:
        print(f"{args.folder}: facts {manifest['graph_hash'][:16]}…, {', '.join(manifest['files'])} 备份完成")
    return 0


async def _restore(args: argparse.Namespace, settings: Settings) -> int:
    from hub.backup import restore_backup

    manifest, audit = await restore_backup(settings, args.folder, args.key)
    if args.json:
        print(json.dumps({**audit.as_json(), "graph_hash": manifest["graph_hash"], "made_at": manifest["made_at"]}))
    else:
        print(f"{settings.data}: as of {manifest['made_at']}, {audit.entries} log entries 恢复完成")
    for problem in audit.problems:
        print(f"  {problem}", file=sys.stderr)
    return 0 if audit.ok else 1
