"""``credit-hub peers``: the neighbours as the running hub sees them, and a conformance check of one address."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from typing import Any

from hub.settings import Settings
from schema.errors import HubError
from schema.scopes import OPERATE


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "peers", help="the neighbouring hubs 邻市枢纽", description="The neighbours of the running hub 邻市枢纽状态"
    )
    parser.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    parser.set_defaults(func=_peers)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=type(parser))
    probe = actions.add_parser("probe", help="check one hub's conformance 一致性检查")
    probe.add_argument("url", metavar="URL", help="base URL of the hub 枢纽地址")
    probe.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    probe.set_defaults(func=_probe)


async def _peers(args: argparse.Namespace, settings: Settings) -> int:
    from hub.cli.query import LocalAsker

    async with LocalAsker(settings) as asker:
        rows = await asker.get("/federation/peers", OPERATE)
    if args.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    if not rows:
        print("no peers: set HUB_DIRECTORY to a signed directory 没有邻市枢纽")
    for row in rows:
        latency = f"{row['latency_ms']:.0f} ms" if row["latency_ms"] is not None else "—"
        print(
            f"{row['region']} {row['status']:<18} {latency:>8}  feed {row['last_feed'] or '—'}  "
            f"key until {row['key_expires'] or '—'}  {row['url']}" + (f"  ({row['reason']})" if row["reason"] else "")
        )
    return 0


async def _probe(args: argparse.Namespace, settings: Settings) -> int:
    from hub.cli.query import hub_url
    from hub.federated.conformance import Probe

    try:
        here, joined = replace(settings, base_url=hub_url(settings)), True
    except HubError:  # before joining there may be no hub here to ask as: what is public can be looked at all the same
        here, joined = settings, False
    findings = await Probe(args.url, here, joined=joined).run()
    if args.json:
        print(json.dumps([asdict(one) for one in findings], ensure_ascii=False))
    else:
        for one in findings:
            mark = {True: "ok  ", False: "FAIL", None: "–   "}[one.ok]
            print(f"{mark} {one.check}" + (f" ({one.detail})" if one.detail else ""))
        if any(one.ok is None for one in findings):
            print("– could not be checked 未能检查")
    return 1 if any(one.ok is False for one in findings) else 0
