"""``witness``: cosign the checkpoints of other hubs' logs, away from them 见证其他枢纽的账本."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from hub.settings import Settings
from schema.errors import UsageError


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "witness",
        help="cosign other hubs' logs 见证账本",
        description="Cosign the checkpoints of other hubs' logs (C2SP tlog-witness), so that evidence of theirs could "
        "not have been made later by their keys alone. Run it away from them, as another owner; set what it prints as "
        "HUB_WITNESSES of the hub, and name its key in the directory. 见证其他枢纽的账本",
    )
    parser.add_argument(
        "--log",
        action="append",
        required=True,
        metavar="KEY",
        help="a log to cosign: its verifier key, or a saved /.well-known/credit-hub; repeatable 被见证的账本",
    )
    parser.add_argument("--name", required=True, help="name of this witness, such as witness.example.org 见证方名称")
    parser.add_argument("--once", action="store_true", help="print its verifier key and end 只显示公钥")
    parser.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    parser.set_defaults(func=_witness)


def _witness(args: argparse.Namespace, settings: Settings) -> int:
    from hub.serve.witness import WitnessServer

    server = WitnessServer(settings, args.name, [_vkey(one) for one in args.log])
    if args.once:
        _tell(args, {"key": server.key})
        return 0
    return server.serve(lambda url: _tell(args, {"ready": True, "url": url, "key": server.key}))


def _tell(args: argparse.Namespace, facts: dict[str, Any]) -> None:
    if args.json:
        print(json.dumps(facts), flush=True)
    elif "url" in facts:
        print(f"HUB_WITNESSES={facts['key']}@{facts['url']} 见证已启动", flush=True)
    else:
        print(facts["key"], flush=True)
    sys.stdout.flush()


def _vkey(text: str) -> str:
    """Raises UsageError."""
    if text.count("+") >= 2 and not Path(text).exists():
        return text
    try:
        document = json.loads(Path(text).read_bytes())
        return str(document["ledger"]["key"])
    except OSError as error:
        raise UsageError(f"{text!r} is no verifier key and no file: {error.strerror}", hint="see --help") from None
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{text} names no log", hint="save /.well-known/credit-hub of the hub") from None
