"""``keys …``, ``ledger verify``, ``ledger rotate-key``: the hub's signing keys and its local log 密钥与账本."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from hub.auth.service import rotate_token_keys
from hub.cli.ledger import add_actions
from hub.ledger import Ledger
from hub.ledger.audit import audit_ledger
from hub.ledger.rotation import rotate_log_key
from hub.peers import unaware_neighbours
from hub.settings import Settings
from hub.signing.keys import KeyStore, PublicKey
from schema.times import instant_to_us, us_to_iso

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
        "--after",
        "--in",
        dest="after",
        type=_seconds,
        default=0,
        metavar="SECONDS",
        help="publish it now, use it then, so that the directory of hubs can list it first 延迟启用",
    )
    rotation.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    rotation.set_defaults(func=rotate_keys)
    invalidation = commands.add_parser(
        "invalidate",
        help="a key may have been in wrong hands 密钥失效",
        description="End a key at an instant in the past: what it signed from then on counts no more, here and with "
        "everybody who reads the well-known document or the directory. 密钥自某时起失效",
    )
    invalidation.add_argument("kid", metavar="KID", help="name of the key, see keys list 密钥标识")
    invalidation.add_argument(
        "--since", type=_instant, required=True, metavar="T", help="from when on, with its time zone 起始时刻"
    )
    invalidation.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    invalidation.set_defaults(func=invalidate_key)
    recipient = commands.add_parser(
        "recipient",
        help="a key that backups are encrypted to 备份接收方密钥",
        description="Write a private key to FILE (mode 600), to be kept away from the hub, and print the public one. "
        "备份接收方密钥",
    )
    recipient.add_argument("file", type=Path, metavar="FILE", help="where the private key goes 私钥文件")
    recipient.set_defaults(func=make_recipient)
    ledger = subparsers.add_parser("ledger", help="the local log 账本", description="The local log 账本")
    actions = ledger.add_subparsers(dest="action", metavar="ACTION", required=True)
    verification = actions.add_parser(
        "verify",
        help="recompute the whole log 校验账本",
        description="Recompute every leaf, tile and signed checkpoint of the local log 校验账本",
    )
    verification.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    verification.set_defaults(func=verify_ledger)
    renewal = actions.add_parser(
        "rotate-key",
        help="a new key for the log itself 轮换账本密钥",
        description="Announce a new log key in the log, then sign heads with it; earlier heads stay good. 轮换账本密钥",
    )
    renewal.add_argument(
        "--compromised",
        action="store_true",
        help="the old key may be in wrong hands: it does not sign along 旧密钥泄露",
    )
    renewal.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    renewal.set_defaults(func=rotate_log)
    add_actions(actions)


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 8 and int(text) <= MOST_AHEAD):
        raise argparse.ArgumentTypeError(f"seconds from 0 to {MOST_AHEAD}")
    return int(text)


def _instant(text: str) -> int:
    """Unix seconds of RFC 3339 text, or of a whole number of them."""
    try:
        if text.isascii() and text.isdigit() and len(text) == 10:
            return int(text)
        given = datetime.fromisoformat(text)
        if given.tzinfo is None:
            raise ValueError("eight hours lie between two readings of it")
        return instant_to_us(given) // 1_000_000
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no instant such as 2026-03-01T08:00:00+08:00") from None


def make_recipient(args: argparse.Namespace, settings: Settings) -> int:
    from hub.backup.sealed_keys import new_recipient

    print(json.dumps(new_recipient(args.file)))
    return 0


def list_keys(args: argparse.Namespace, settings: Settings) -> int:
    store = KeyStore.of(settings)
    keys, places = store.public(), store.places()
    if args.json:
        print(json.dumps([{**_shown(key), "place": places[key.kid]} for key in keys]))
        return 0
    for key in keys:
        shown = _shown(key)
        times = f"{_day(key.nbf)} … {_day(key.exp)}"
        print(f"{key.kid}  {shown['alg']:6}  {times}  {shown['state']}  {places[key.kid]}")
    if not keys:
        print("no signing key yet; one is made when the hub first starts 尚无签名密钥")
    return 0


async def rotate_keys(args: argparse.Namespace, settings: Settings) -> int:
    keys = KeyStore.of(settings)
    await asyncio.to_thread(keys.ensure)
    async with await Ledger.open(settings, keys=keys) as ledger:
        made = await ledger.rotate_keys(args.alg, args.after)
    if not args.after:
        await asyncio.to_thread(rotate_token_keys, settings)
    unknown = await asyncio.to_thread(unaware_neighbours, settings, made.kid)
    if args.json:
        print(json.dumps({**_shown(made), "unknown_to": unknown}))
    else:
        print(f"new signing key {made.kid}, in use from {_day(made.nbf)}, valid until {_day(made.exp)} 新密钥")
    _warn(settings, made, unknown)
    return 0


async def invalidate_key(args: argparse.Namespace, settings: Settings) -> int:
    keys = KeyStore.of(settings)
    before = keys.current().kid if any(key.valid_at(time.time()) for key in keys.public()) else ""
    async with await Ledger.open(settings, keys=keys) as ledger:
        ended = await ledger.invalidate_key(args.kid, args.since)
    if args.kid == before:
        await asyncio.to_thread(rotate_token_keys, settings)
    now = keys.current()
    unknown = await asyncio.to_thread(unaware_neighbours, settings, now.kid)
    if args.json:
        print(json.dumps({**_shown(ended), "replaced_by": now.kid, "unknown_to": unknown}))
    else:
        print(f"the key {ended.kid} is invalid since {_day(args.since)}; {now.kid} signs now 密钥已失效")
    print("renew this hub in the directory, so that neighbours and verifiers know 请更新名录", file=sys.stderr)
    return 0


def _warn(settings: Settings, made: PublicKey, unknown: list[str]) -> None:
    """Neighbours take keys from the directory alone, so one that is not listed there makes every answer invalid."""
    if not unknown:
        return
    when = f"before {_day(made.nbf)}" if made.nbf > time.time() else "NOW: until then they refuse this hub's answers"
    print(
        f"credit-hub: {', '.join(unknown)} do not know the new key yet: run `credit-hub directory add FILE "
        f"{settings.base_url or 'URL'}` and have it signed {when}; --after leaves time for it 邻市尚不知新密钥",
        file=sys.stderr,
    )


async def rotate_log(args: argparse.Namespace, settings: Settings) -> int:
    async with await Ledger.open(settings) as ledger:
        before, after = await rotate_log_key(ledger, settings, compromised=args.compromised)
        facts = ledger.identity
    if args.json:
        print(json.dumps({"before": before, "after": after, "ledger": facts}))
    else:
        print(f"the log signs with {after} now 账本密钥已更换")
    print("renew this hub in the directory, so that witnesses know the log's key 请更新名录", file=sys.stderr)
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
    state = "invalid" if key.revoked_at is not None else state
    return {"kid": key.kid, "alg": key.jwk.get("alg"), "nbf": key.nbf, "exp": key.exp, "state": state, "jwk": key.jwk}


def _day(seconds: int) -> str:
    return us_to_iso(seconds * 1_000_000)[:19] + "Z"
