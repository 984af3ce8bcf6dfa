"""``keys list``, ``keys rotate``, ``ledger verify``: the hub's signing keys and its local log 密钥与账本."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from typing import Any

from hub.auth.service import rotate_token_keys
from hub.ledger import Ledger
from hub.ledger.audit import audit_ledger
from hub.settings import Settings
from hub.signing.keys import KeyStore, PublicKey
from schema.times import us_to_iso

MOST_AHEAD = 90 * 86_400  # seconds


def register(subparsers: Any) -> None:
    keys = subparsers.add_parser("keys", help="signing keys of this hub 签名密钥", description="Signing keys 签名密钥")
    commands = keys.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = commands.add_parser("list", help="all keys, newest first 列出密钥", description="List the keys 列出密钥")
    listing.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    listing.set_defaults(func=list_keys)
    rotation = commands.add_parser(
        "rotate",
        help="sign with a new key from now on 轮换密钥",
        description="Make a new signing key; a running hub uses it within a second. Old public keys stay. 轮换密钥",
    )
    rotation.add_argument("--alg", choices=("EdDSA", "ES256"), help="algorithm (default: that of the newest key) 算法")
    rotation.add_argument(
        "--in",
        dest="after",
        type=_seconds,
        default=0,
        metavar="SECONDS",
        help="publish it now, use it then, so that the directory of hubs can list it first 延迟启用",
    )
    rotation.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    rotation.set_defaults(func=rotate_keys)
    ledger = subparsers.add_parser("ledger", help="the local log 账本", description="The local log 账本")
    actions = ledger.add_subparsers(dest="action", metavar="ACTION", required=True)
    verification = actions.add_parser(
        "verify",
        help="recompute the whole log 校验账本",
        description="Recompute every leaf, tile and signed checkpoint of the local log 校验账本",
    )
    verification.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    verification.set_defaults(func=verify_ledger)


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 8 and int(text) <= MOST_AHEAD):
        raise argparse.ArgumentTypeError(f"seconds from 0 to {MOST_AHEAD}")
    return int(text)


def list_keys(args: argparse.Namespace, settings: Settings) -> int:
    keys = KeyStore(settings.data / "keys").public()
    if args.json:
        print(json.dumps([_shown(key) for key in keys]))
        return 0
    for key in keys:
        shown = _shown(key)
        print(f"{key.kid}  {shown['alg']:6}  {_day(key.nbf)} … {_day(key.exp)}  {shown['state']}")
    if not keys:
        print("no signing key yet; one is made when the hub first starts 尚无签名密钥")
    return 0


async def rotate_keys(args: argparse.Namespace, settings: Settings) -> int:
    keys = KeyStore(settings.data / "keys")
    await asyncio.to_thread(keys.ensure)
    async with await Ledger.open(settings, keys=keys) as ledger:
        made = await ledger.rotate_keys(args.alg, args.after)
    if not args.after:
        await asyncio.to_thread(rotate_token_keys, settings)
    if args.json:
        print(json.dumps(_shown(made)))
    else:
        print(f"new signing key {made.kid}, valid until {_day(made.exp)} 新密钥已启用")
    return 0


def verify_ledger(args: argparse.Namespace, settings: Settings) -> int:
    audit = audit_ledger(settings)
    if args.json:
        print(json.dumps(audit.as_json()))
    else:
        state = "holds 完好" if audit.ok else "does NOT hold 校验失败"
        print(
            f"the log {state}: {audit.covered} of {audit.entries} entries covered, "
            f"{audit.checkpoints} checkpoints, {audit.erased} erased"
        )
        for problem in audit.problems:
            print(f"  {problem}")
    return 0 if audit.ok else 1


def _shown(key: PublicKey) -> dict[str, Any]:
    now = time.time()
    state = "current" if key.valid_at(now) else "ended" if now >= key.exp else "not yet"
    return {"kid": key.kid, "alg": key.jwk.get("alg"), "nbf": key.nbf, "exp": key.exp, "state": state, "jwk": key.jwk}


def _day(seconds: int) -> str:
    return us_to_iso(seconds * 1_000_000)[:19] + "Z"
