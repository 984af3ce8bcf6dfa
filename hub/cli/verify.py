"""``verify FILE``: one evidence bundle, offline, against trust that does not come from it 验证证据."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.x509 import Certificate

from hub.evidence import trust_for, verify_file
from hub.evidence.directories import trust_in_directory
from hub.evidence.exported import is_export, verify_export
from hub.evidence.reading import read_bundle
from hub.ledger.timestamps import read_roots, stamped
from hub.settings import Settings
from schema.errors import UsageError

WORDS = {
    "answer_changed": ("the answer is not the one that was signed", "答复被改动"),
    "question_mismatch": ("the answer was given to another question", "与提问不符"),
    "unknown_key": ("it is signed by a key that the trust does not list", "签名密钥不可信"),
    "key_not_valid_then": ("its key was not valid at that time", "签名时密钥无效"),
    "proof_missing": ("nothing proves that it was logged", "缺少入账证明"),
    "proof_invalid": ("the proof does not lead to the log's head", "入账证明无效"),
    "checkpoint_invalid": ("the log's head is not signed by the hub's log", "账本检查点无效"),
    "asker_mismatch": ("it was given to another client, for another end client or in another case", "查询方不符"),
    "unwitnessed": ("too few witnesses saw the log's head: its keys alone could have made this", "见证不足"),
}


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "verify",
        help="check an evidence bundle offline 离线验证证据",
        description="Check an evidence bundle offline; trust never comes from the bundle 离线验证证据",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="bundle written by `query --save` 证据文件")
    parser.add_argument(
        "--trust",
        type=Path,
        metavar="FILE",
        help="signed directory, or a saved /.well-known/credit-hub (default: HUB_TRUST_ANCHORS) 信任来源",
    )
    parser.add_argument(
        "--witnesses",
        type=_count,
        metavar="N",
        help="cosignatures wanted (default: what the trust says: two of the hubs of a directory of three or more, "
        "none with a key list) 见证数",
    )
    parser.add_argument(
        "--tsa",
        type=Path,
        action="append",
        default=[],
        metavar="PEM",
        help="root of a timestamp authority; one of its timestamps (RFC 3161) is wanted then 时间戳根证书",
    )
    parser.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    parser.set_defaults(func=verify)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 64):
        raise argparse.ArgumentTypeError("a number from 0 to 64")
    return int(text)


def verify(args: argparse.Namespace, settings: Settings) -> int:
    try:
        data = args.file.read_bytes()
    except OSError as error:
        raise UsageError(f"{args.file} cannot be read: {error.strerror}", hint="give a bundle file") from None
    trust = trust_for(args.trust, settings, trust_in_directory)
    part_of_log = is_export(data)
    found = (verify_export if part_of_log else verify_file)(data, trust, args.witnesses)
    if args.tsa:
        note = json.loads(data)["checkpoint"] if part_of_log else read_bundle(data).checkpoint
        _timestamps(found, str(note or ""), read_roots(args.tsa))
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for line in _export_lines(found) if part_of_log else _lines(found):
            print(line)
    return 0 if found["ok"] else 1


def _timestamps(found: dict[str, Any], note: str, roots: Sequence[Certificate]) -> None:
    """Adds what the timestamps of the head say; without one of a named authority the verdict is no."""
    seen = stamped(note, roots)
    found["timestamps"] = [{"authority": name, "at": at.isoformat()} for name, at in sorted(seen.items())]
    if found["ok"] and not seen:
        found |= {"ok": False, "reason": "unwitnessed", "detail": "no timestamp of the authorities named by --tsa"}


def _lines(found: dict[str, Any]) -> list[str]:
    receipt = found["receipt"]
    lines = [f"receipt {receipt['jti']} of {receipt['iss']}"]
    if found["ok"]:
        lines.insert(0, "verified: signed, for this question, and logged 验证通过")
        lines.append(_witnessed(found))
    else:
        english, chinese = WORDS[found["reason"]]
        lines.insert(0, f"NOT verified ({found['reason']}): {english} {chinese}")
        lines.append(f"seen: {found['detail']}")
    for each in found.get("timestamps", ()):
        lines.append(f"timestamp: {each['at']} by {each['authority']} 时间戳")
    for part in found.get("parts", ()):
        lines.append(f"  part {part['region']}: {'ok' if part['ok'] else part['reason']}")
    return lines


def _export_lines(found: dict[str, Any]) -> list[str]:
    what = f"{found['entries']} entries of {found['origin']}, {found['erased']} of them erased"
    if not found["ok"]:
        english, chinese = WORDS[found["reason"]]
        return [f"NOT verified ({found['reason']}): {english} {chinese}", f"seen: {found['detail']}"]
    return [f"verified: {what} 验证通过", _witnessed(found)]


def _witnessed(found: dict[str, Any]) -> str:
    count = found["witnesses"]
    if found["witnesses_wanted"]:
        return f"witnesses: {count} of {found['witnesses_wanted']} wanted 见证 {count}"
    return f"witnesses: {count}; the trust wants none, so the hub's keys alone could have made this 未要求见证"
