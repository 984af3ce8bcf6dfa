"""``credit-hub policy``: check packs, and try one over the live graph before it is put in force 策略包."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from hub.settings import Settings
from policies import PackError
from policies.packs import SECTIONS
from schema.errors import UsageError
from schema.times import now_us, today

LOCAL = "policy-simulate"  # whose view of person tokens is printed: nobody's own


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "policy", help="check and try policy packs 策略包", description="Check and try policy packs 策略包的检查与试算"
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=type(parser))

    check = actions.add_parser("check", help="all packs load, all cases hold 检查")
    check.add_argument("dir", nargs="?", type=Path, metavar="DIR", help="a folder of packs beside the shipped 目录")
    check.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    check.set_defaults(func=_check)

    new = actions.add_parser("new", help="a pack to be filled in 新建策略包")
    new.add_argument("kind", metavar="KIND", choices=tuple(SECTIONS), help=f"one of {', '.join(SECTIONS)} 类别")
    new.set_defaults(func=_new)

    simulate = actions.add_parser(
        "simulate",
        help="who would newly be reached, who no longer 试算",
        description="Tries a pack over the live graph; nothing is written 试算，不写入",
    )
    simulate.add_argument("pack", type=Path, metavar="PACK", help="a TOML file with piercing rules 规则文件")
    simulate.add_argument("--as-of", type=_date, metavar="DATE", help="day asked about (default: today) 基准日")
    simulate.add_argument("--json", action="store_true", help="JSON, every case too, persons by token only 输出 JSON")
    simulate.set_defaults(func=_simulate)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a date such as 2026-11-01") from None


def _check(args: argparse.Namespace, settings: Settings) -> int:
    from policies.check import check_packs

    if args.dir is not None and not args.dir.is_dir():
        raise UsageError(f"{args.dir} is not a folder", hint="give a folder of packs 请给出策略包目录")
    folders = (*settings.policies, args.dir) if args.dir else settings.policies
    try:
        checked = check_packs(settings.region, folders)
    except PackError as error:
        return _no(error, as_json=args.json)
    if args.json:
        print(json.dumps({"ok": True, **asdict(checked)}, ensure_ascii=False))
    else:
        print(
            f"{checked.files} packs, {checked.rules} rules with {checked.cases} cases, "
            f"{checked.agreements} agreements with {checked.agreement_cases} cases, "
            f"{checked.matters} matters with {checked.matter_cases} cases: all hold 全部通过"
        )
    return 0


def _new(args: argparse.Namespace, settings: Settings) -> int:
    from policies.shape import skeleton

    if args.kind != "agreement":
        print('[pack]\ntitle = "…"\ntitle_zh = "…"\n')
    print(skeleton(args.kind, SECTIONS[args.kind]), end="")
    return 0


async def _simulate(args: argparse.Namespace, settings: Settings) -> int:
    from graph_loaders.engine import GraphConfig, open_engine
    from graph_loaders.persons import Persons
    from graph_loaders.reader.piercing_scan import Found, everywhere
    from policies.trial import with_pack, without_pack

    if not args.pack.is_file():
        raise UsageError(f"{args.pack} is not a file", hint="give a TOML file with piercing rules 请给出规则文件")
    try:
        before = without_pack(settings.region, settings.policies, args.pack)
        after = with_pack(settings.region, settings.policies, args.pack)
    except PackError as error:
        return _no(error, as_json=args.json)
    as_of = (args.as_of or (date.fromisoformat(settings.as_of) if settings.as_of else today())).isoformat()
    reached: tuple[dict[tuple[str, str, str], Found], ...] = ({}, {})
    async with open_engine(GraphConfig.of(settings)) as engine:
        async for index, found in everywhere(engine, (before, after), as_of, now_us()):
            if found.decision.reached:
                key = (found.decision.rule_id, found.record, found.decision.person or "")
                reached[index][key] = found
    newly = [found for key, found in reached[1].items() if key not in reached[0]]
    no_longer = [found for key, found in reached[0].items() if key not in reached[1]]
    persons = Persons.open(settings.person_key, settings.data)

    def shown(found: Found) -> dict[str, str]:
        return {
            "rule": found.decision.rule_id,
            "document": found.document,
            "subject": found.subject,
            "region": found.region,
            "person": persons.for_client(found.decision.person or "", LOCAL),
            "until": found.decision.until,
        }

    report = {
        "as_of": as_of,
        "reached_before": len(reached[0]),
        "reached_after": len(reached[1]),
        "newly": _counts(newly),
        "no_longer": _counts(no_longer),
    }
    if args.json:
        report["newly_reached"] = [shown(found) for found in newly]
        report["no_longer_reached"] = [shown(found) for found in no_longer]
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print(report)
    return 0


def _counts(found: list[Any]) -> dict[str, Any]:
    """By rule and by region of the subject, and of how many different persons."""
    return {
        "effects": len(found),
        "persons": len({one.decision.person for one in found}),
        "by_rule": dict(sorted(Counter(one.decision.rule_id for one in found).items())),
        "by_region": dict(sorted(Counter(one.region for one in found).items())),
    }


def _print(report: dict[str, Any]) -> None:
    print(f"as of {report['as_of']}: {report['reached_before']} effects now, {report['reached_after']} with the pack")
    for key, words in (("newly", "newly reached 新触及"), ("no_longer", "no longer reached 不再触及")):
        counts = report[key]
        print(f"{words}: {counts['effects']} effects, {counts['persons']} persons")
        for by in ("by_rule", "by_region"):
            for name, number in counts[by].items():
                print(f"  {name}: {number}")


def _no(error: PackError, *, as_json: bool) -> int:
    """A pack that fails is the answer "no": exit 1 with file and line."""
    if as_json:
        print(json.dumps({"ok": False, "place": error.place, "message": error.message, "hint": error.hint}))
    else:
        print(f"{error.message}; {error.hint}", file=sys.stderr)
    return 1
