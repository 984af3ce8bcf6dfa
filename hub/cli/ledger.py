"""``ledger export``, ``erase``, ``looks``, ``recover``: what an operator does with the local log 账本管理."""

from __future__ import annotations

import argparse
import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hub.cli.files import writable
from hub.settings import Settings
from schema.errors import Refused, UsageError
from schema.times import instant_to_us, now_us, us_to_iso


def add_actions(actions: Any) -> None:
    """Beside ``ledger verify`` and ``ledger rotate-key``."""
    part = actions.add_parser(
        "export",
        help="a part of the log for an auditor 导出账本",
        description="Write every entry of a time with its proofs, for `credit-hub verify FILE` anywhere. 导出账本",
    )
    part.add_argument("--from", dest="since", type=_instant, required=True, metavar="T", help="first day or instant 起")
    part.add_argument("--to", dest="until", type=_until, required=True, metavar="T", help="last day, or instant 止")
    part.add_argument("file", type=Path, metavar="FILE", help="file to write 输出文件")
    part.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    part.set_defaults(func=_export)
    erasure = actions.add_parser(
        "erase",
        help="erase personal detail 擦除明细",
        description="Erase personal detail of entries, or single fields of it. The tree, the other fields and every "
        "proof stay; that it was done, and why, is an entry of the log. 擦除明细",
    )
    erasure.add_argument("--subject", metavar="CODE", help="entries that asked about or told of it 主体")
    erasure.add_argument("--client", metavar="ID", help="entries of a client 客户端")
    erasure.add_argument("--id", action="append", default=[], metavar="RECEIPT", help="an entry; repeatable 回执编号")
    erasure.add_argument("--before", type=_instant, metavar="T", help="only entries recorded before 截止")
    erasure.add_argument(
        "--field", action="append", default=[], metavar="NAME", help="only this field; repeatable 只擦除该字段"
    )
    erasure.add_argument("--because", required=True, metavar="TEXT", help="the reason, kept in the log 理由")
    erasure.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    erasure.set_defaults(func=_erase)
    looks = actions.add_parser(
        "looks",
        help="who asked what 查阅记录",
        description="Print who asked what with which values, newest first; the looking is logged too. 查阅记录",
    )
    looks.add_argument("--client", metavar="ID", help="only of this client 客户端")
    looks.add_argument("--subject", metavar="CODE", help="only what asked about or told of it 主体")
    looks.add_argument("--limit", type=_count, default=200, metavar="N", help="at most so many (default 200) 条数")
    looks.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    looks.set_defaults(func=_looks)
    recovery = actions.add_parser(
        "recover",
        help="go on without keys/ledger.checkpoint 恢复账本",
        description="Take the newest head of the database for the log's, after keys/ledger.checkpoint was lost or the "
        "database was restored from a backup. The whole log is verified first, and that it was done is an entry. "
        "Witnesses that have seen more go on refusing it: entries that were lost are then known to be. 恢复账本",
    )
    recovery.add_argument("--size", type=int, required=True, metavar="N", help="entries that the log is to have 条目数")
    recovery.add_argument("--because", required=True, metavar="TEXT", help="what happened, kept in the log 原因")
    recovery.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    recovery.set_defaults(func=_recover)


def _instant(text: str) -> int:
    """Microseconds of a day (its start in Asia/Shanghai) or of an RFC 3339 instant."""
    try:
        given = datetime.fromisoformat(text if len(text) > 10 else f"{text}T00:00:00+08:00")
        if given.tzinfo is None:
            raise ValueError
        return instant_to_us(given)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no day and no instant such as 2026-03-01T08:00:00+08:00"
        ) from None


def _until(text: str) -> int:
    """As ``_instant``; a day is taken whole."""
    return _instant(text) + (int(timedelta(days=1).total_seconds()) * 1_000_000 if len(text) <= 10 else 0)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 100_000):
        raise argparse.ArgumentTypeError("a number from 1 to 100000")
    return int(text)


async def _export(args: argparse.Namespace, settings: Settings) -> int:
    from federation.directory.current import CurrentDirectory
    from hub.federated.cosigners import wanted
    from hub.ledger import Ledger

    writable(args.file)
    accepted = settings.data / "directory" / "accepted.json"
    directory = CurrentDirectory(settings.directory, settings.trust_anchors, accepted)
    async with await Ledger.open(settings) as ledger:
        await asyncio.to_thread(directory.reload)
        made = await ledger.export(args.since, args.until, wanted(directory.get(), settings.region, settings))
        detail = {"from": made["from"], "to": made["to"], "entries": len(made["entries"])}
        await ledger.note("ledger-exported", detail)
    await asyncio.to_thread(args.file.write_text, json.dumps(made, ensure_ascii=False), "utf-8")
    told = f"{detail['entries']} entries are in {args.file}; check it with: credit-hub verify {args.file} 已导出"
    print(json.dumps(detail) if args.json else told)
    return 0


async def _erase(args: argparse.Namespace, settings: Settings) -> int:
    from hub.ledger import Ledger
    from hub.ledger.erasure import Erasure

    Erasure(0, args.subject, args.client, args.id, args.field).check()
    if args.before is not None and args.before > now_us():
        raise UsageError("--before lies ahead", hint="what is not yet recorded cannot be erased")
    async with await Ledger.open(settings) as ledger:
        count = await ledger.erase(
            subject=args.subject,
            client=args.client,
            ids=args.id,
            before_us=args.before,
            fields=args.field,
            because=args.because,
        )
    print(json.dumps({"entries": count}) if args.json else f"erased: {count} entries 已擦除")
    return 0


async def _looks(args: argparse.Namespace, settings: Settings) -> int:
    from hub.ledger import Ledger

    async with await Ledger.open(settings) as ledger:
        detail = {"client": args.client, "subject": args.subject, "limit": args.limit}
        await ledger.note("ledger-read", {name: value for name, value in detail.items() if value is not None})
        found = await asyncio.to_thread(ledger.reader.looks, args.client, args.subject, args.limit)
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    for row in found:
        asked = json.dumps(row["variables"], ensure_ascii=False) if row["variables"] else ""
        who = row["client"] + (f" for {row['onBehalfOf']}" if row["onBehalfOf"] else "")
        print(f"{row['at']}  {who}  {row['purpose'] or ''}  {row['case'] or ''}  {row['kind']}  {asked}")
    return 0


async def _recover(args: argparse.Namespace, settings: Settings) -> int:
    from hub.ledger import Ledger
    from hub.ledger.audit import audit_ledger
    from hub.ledger.recovery import accept_head

    audit = await asyncio.to_thread(audit_ledger, settings, recovering=True)
    if not audit.ok:
        raise Refused(f"the log does not hold: {audit.problems[0]}", hint="restore the database from a backup")
    if audit.covered != args.size:
        raise Refused(
            f"the log has {audit.covered} entries, not {args.size}",
            hint="compare with what the witnesses and your backups know, then give the number of entries it has",
        )
    before = await asyncio.to_thread(accept_head, settings, args.size)
    async with await Ledger.open(settings) as ledger:
        detail = {"size": args.size, "root": audit.root, "before": before, "because": args.because}
        await ledger.note("head-accepted", detail)
    facts = {"size": args.size, "root": audit.root, "at": us_to_iso(now_us())}
    print(json.dumps(facts) if args.json else f"the log goes on from {args.size} entries 账本已恢复")
    return 0
