"""``acts …``: the journal of acts at a terminal, checked against the log, and brought into the graph again 办理日志."""

from __future__ import annotations

import argparse
import json
from typing import Any

from hub.settings import Settings
from schema.errors import NotFound
from schema.times import us_to_iso

NEWEST = 20


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "acts", help="the journal of acts 办理日志", description="The journal of acts 办理日志"
    )
    commands = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = commands.add_parser("list", help="acts, newest first 列出", description="Acts, newest first 列出办理记录")
    listing.add_argument("--subject", metavar="USCC", help="about this subject 主体")
    listing.add_argument("--kind", metavar="KIND", help="of this kind, such as gate-check 类别")
    listing.add_argument("--limit", type=int, default=NEWEST, metavar="N", help=f"how many (default {NEWEST}) 条数")
    listing.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    listing.set_defaults(func=_list)
    show = commands.add_parser("show", help="one case 查看案件", description="One case, whole 查看案件全部经过")
    show.add_argument("case", metavar="ID", help="case, act or receipt 案件、办理或回执标识")
    show.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    show.set_defaults(func=_show)
    verify = commands.add_parser(
        "verify",
        help="every row against its receipt 核对",
        description="Compares every act with the receipt that it was committed with 逐条核对办理日志与回执",
    )
    verify.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    verify.set_defaults(func=_verify)
    replay = commands.add_parser(
        "replay",
        help="bring the facts of acts into the graph again 重放",
        description="Loads every fact of the journal into the graph, as load --acts does 将办理日志重放入图",
    )
    replay.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    replay.set_defaults(func=_replay)


async def _list(args: argparse.Namespace, settings: Settings) -> int:
    from sqlalchemy import select

    from hub.acts.journal import Journal
    from hub.acts.tables import acts
    from hub.ledger import Ledger

    query = select(acts)
    if args.subject:
        query = query.where(acts.c.subject == args.subject)
    if args.kind:
        query = query.where(acts.c.kind == args.kind)
    async with await Ledger.open(settings) as ledger:
        journal = Journal(ledger)
        await journal.open()
        found = await journal.acts(query.order_by(acts.c.seq.desc()).limit(max(1, args.limit)))
    if args.json:
        print(json.dumps([_facts(act, whole=False) for act in found], ensure_ascii=False))
        return 0
    for act in found:
        print(f"{us_to_iso(act.at_us)}  {act.kind:<16} {act.case}#{act.step}  {act.subject or '—'}  {act.client}")
    if not found:
        print("no acts 没有办理记录")
    return 0


async def _show(args: argparse.Namespace, settings: Settings) -> int:
    from sqlalchemy import or_, select

    from hub.acts.journal import Journal
    from hub.acts.tables import acts
    from hub.ledger import Ledger

    named = or_(acts.c.case_id == args.case, acts.c.id == args.case, acts.c.receipt == args.case)
    async with await Ledger.open(settings) as ledger:
        journal = Journal(ledger)
        await journal.open()
        cases = list(dict.fromkeys(act.case for act in await journal.acts(select(acts).where(named))))
        found = [act for case in cases for act in await journal.case(case)]
    if not found:
        raise NotFound("no act has this id", hint="see credit-hub acts list 请查看列表", message_zh="没有此办理记录")
    if args.json:
        print(json.dumps([_facts(act, whole=True) for act in found], ensure_ascii=False))
        return 0
    for act in found:
        print(f"{us_to_iso(act.at_us)}  {act.kind} {act.case}#{act.step}  receipt 回执 {act.receipt}")
        print(json.dumps(act.body, ensure_ascii=False, indent=2))
    return 0


async def _verify(args: argparse.Namespace, settings: Settings) -> int:
    from hub.acts.checking import check_acts
    from hub.acts.journal import Journal
    from hub.ledger import Ledger

    async with await Ledger.open(settings) as ledger:
        journal = Journal(ledger)
        await journal.open()
        checked = await check_acts(journal)
    ok = not checked.faults
    if args.json:
        print(json.dumps({"ok": ok, "acts": checked.acts, "receipts": checked.receipts, "faults": checked.faults}))
    else:
        print(
            f"{checked.acts} acts under {checked.receipts} receipts: " + ("all hold 全部相符" if ok else "NOT ok 不符")
        )
        for fault in checked.faults:
            print(f"{fault['receipt']}  {fault['reason']}")
    return 0 if ok else 1


async def _replay(args: argparse.Namespace, settings: Settings) -> int:
    count = await replay(settings)
    print(json.dumps({"claims": count}) if args.json else f"{count} facts of acts are in the graph 已重放入图")
    return 0


async def replay(settings: Settings) -> int:
    """Every claim of the journal into the graph; how many."""
    from hub.acts.replay import replay_claims
    from hub.cli.load import ready_engine
    from hub.ledger import Ledger

    async with ready_engine(settings) as engine, await Ledger.open(settings) as ledger:
        return await replay_claims(settings, ledger, engine)


def _facts(act: Any, *, whole: bool) -> dict[str, Any]:
    names = ("id", "kind", "case", "step", "client", "subject", "receipt")
    facts = {name: getattr(act, name) for name in names} | {"at": us_to_iso(act.at_us)}
    return facts | ({"body": act.body} if whole else {})
