"""``gate check FILE --matter M``: gate checks of tens of thousands of subjects, in parts, resumed where they were cut.

Each part is one ``gateCheckBatch`` under a key of the job, so a part that was answered and not written down is answered
again, never checked again. The whole has one receipt: an entry of the log with the Merkle root (RFC 6962) over the
lines of the result.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from hub.settings import Settings
from schema.errors import Refused, ServiceError, UsageError
from schema.scopes import GATE

PART = 500
TRIES = 5
FIELDS = """code error { code hint } case { id decision checkedAt validUntil feedbackDueOn staleRegions receipt
 findings { kind rule article until region agreement measure { id title class basis } } }"""
DOCUMENT = f"mutation Check($input: GateCheckBatchInput!) {{ gateCheckBatch(input: $input) {{ {FIELDS} }} }}"
COLUMNS = ("row", "code", "decision", "rules", "measures", "case", "receipt", "error")


def register(subparsers: Any) -> None:
    about = "gate checks 办事核查"
    commands = subparsers.add_parser("gate", help=about, description=about).add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    check = commands.add_parser(
        "check",
        help="check every subject of a file 批量核查",
        description="Checks every code of a file (text, CSV or XLSX, one a row) at a matter of the running hub. Ctrl-C "
        "stops it; the same command goes on from there 逐行核查文件中的代码，可中断后续办",
    )
    check.add_argument("file", type=Path, metavar="FILE", help="codes, one a row 代码文件")
    check.add_argument("--matter", required=True, metavar="M", help="matter 事项")
    check.add_argument("--stage", metavar="S", help="stage of the matter 环节")
    check.add_argument("--out", type=Path, metavar="PREFIX", help="PREFIX.jsonl and PREFIX.xlsx 结果文件前缀")
    check.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    check.set_defaults(func=_check)


async def _check(args: argparse.Namespace, settings: Settings) -> int:
    from hub.cli.gate_files import Job, read_codes, write_workbook
    from hub.cli.query import LocalAsker

    codes = await asyncio.to_thread(read_codes, args.file)
    prefix = args.out or args.file.with_suffix(".gate")
    job = await asyncio.to_thread(Job.open, prefix, codes, args.matter, args.stage or "")
    async with LocalAsker(settings) as asker:
        while job.done < len(codes):
            part = codes[job.done : job.done + PART]
            rows = await _ask(asker, args, part, job.key)
            await asyncio.to_thread(job.add, rows)
            share = 100 * job.done // len(codes)
            print(f"{job.done} of {len(codes)} checked 已核查 ({share} %)", file=sys.stderr)
    root, counts = await asyncio.to_thread(job.finish)
    await asyncio.to_thread(write_workbook, prefix.with_name(prefix.name + ".xlsx"), job.result, COLUMNS)
    receipt = await _receipt(settings, job, root, counts)
    said = {"rows": len(codes), "decisions": counts, "root": root, "receipt": receipt, "result": str(job.result)}
    if args.json:
        print(json.dumps(said, ensure_ascii=False))
    else:
        print(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
        print(f"result 结果 {job.result}; root {root}; receipt 回执 {receipt}")
    return 0


async def _ask(asker: Any, args: argparse.Namespace, part: list[str], key: str) -> list[dict[str, Any]]:
    given = {"subjects": part, "matter": args.matter, **({"stage": args.stage} if args.stage else {})}
    body = json.dumps({"query": DOCUMENT, "variables": {"input": given}}).encode()
    headers = {"Content-Type": "application/json", "Credit-Purpose": "gate-check", "Idempotency-Key": f'"{key}"'}
    for attempt in range(TRIES):
        try:
            answer = await asker.ask(GATE, headers, body)
            found = json.loads(answer.answer)
            if "errors" not in found:
                rows: list[dict[str, Any]] = found["data"]["gateCheckBatch"]
                return rows
            error = found["errors"][0]
            code = error["extensions"]["code"]
            if code not in ("TIMEOUT", "GRAPH_UNAVAILABLE", "IDEMPOTENCY_KEY_IN_USE"):
                kind = UsageError if code == "BAD_USER_INPUT" else Refused
                raise kind(error["message"], hint=error["extensions"]["hint"])
        except ServiceError:
            if attempt == TRIES - 1:
                raise
        await asyncio.sleep(2**attempt)
    raise ServiceError("the hub does not answer in time", hint="run the same command again 请重新执行")


async def _receipt(settings: Settings, job: Any, root: str, counts: dict[str, int]) -> str:
    from hub.ledger import Ledger

    detail = {"job": job.id, "matter": job.matter, "rows": job.done, "decisions": counts, "root": root}
    async with await Ledger.open(settings) as ledger:
        return (await ledger.note("gate-bulk", detail)).id
