"""``credit-hub directory …``: making, signing and checking the signed directory of hubs 枢纽名录."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from hub.cli.hub_entry import hub_entry, json_file, jwk_file, read_file
from hub.settings import Settings
from schema import times
from schema.errors import UsageError

ANCHORS = "public JWK of each anchor, made by `directory anchor` 信任锚公钥"
ANCHOR_HELP = """Make the key pair of one anchor 生成信任锚密钥对

An anchor is a person or office that vouches for the directory: each makes its own key where it
stays, hands on the public file only, and signs by `directory sign`.

  credit-hub directory anchor jiangsu     writes jiangsu.jwk (private, mode 600), jiangsu.pub.jwk

HUB_TRUST_ANCHORS takes the public files, joined by ':'. `directory verify --trust` takes one file: a
public JWK, a JWK set {"keys": [...], "threshold": M}, a list of JWKs, or a signed directory saved earlier."""


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "directory",
        help="the signed directory of hubs 枢纽名录",
        description="Make, sign and check a directory 枢纽名录",
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=type(parser))

    raw = argparse.RawDescriptionHelpFormatter
    words = "make the key pair of an anchor 生成信任锚"
    anchor = actions.add_parser("anchor", help=words, description=ANCHOR_HELP, formatter_class=raw)
    anchor.add_argument("name", metavar="NAME", help="name of the anchor, also of its files 名称")
    anchor.set_defaults(func=_anchor)

    init = actions.add_parser("init", help="a new, empty directory 新建")
    init.add_argument("file", type=Path, metavar="FILE", help="the directory 名录文件")
    init.add_argument("--anchor", type=Path, nargs="+", action="extend", required=True, metavar="JWK", help=ANCHORS)
    init.add_argument("--threshold", type=int, required=True, metavar="M", help="signatures needed 需要的签名数")
    init.add_argument("--expires", type=_date, metavar="DATE", help="last day (default: in a year) 有效期至")
    _witnessing(init)
    init.set_defaults(func=_init)

    add = actions.add_parser("add", help="add or renew a hub, an agreement or anchors 增加")
    add.add_argument("file", type=Path, metavar="FILE", help="the directory 名录文件")
    add.add_argument("url", nargs="?", metavar="URL", help="base URL of a hub; keys are asked for there 枢纽地址")
    add.add_argument("--region", metavar="R", help="GB/T 2260 code 行政区划代码")
    add.add_argument("--name", metavar="N", help="name of the hub 名称")
    add.add_argument("--keys", type=Path, metavar="JWKS", help="public keys, instead of asking the hub 公钥文件")
    words = "its next keys count when a listed one announces them 允许预告新密钥"
    add.add_argument("--successors", action="store_true", help=words)
    add.add_argument("--agreement", type=Path, metavar="PACK", help="policy pack of an agreement 协议")
    add.add_argument("--anchor", type=Path, nargs="+", action="extend", metavar="JWK", help="the next anchors 信任锚")
    add.add_argument("--threshold", type=int, metavar="M", help="with --anchor: signatures needed 签名数")
    add.add_argument("--expires", type=_date, metavar="DATE", help="a new last day 有效期至")
    _witnessing(add)
    add.set_defaults(func=_add)

    words = "take out a hub or an agreement, or end a key 撤下"
    withdraw = actions.add_parser("withdraw", aliases=["remove"], help=words, description=words)
    withdraw.add_argument("file", type=Path, metavar="FILE", help="the directory 名录文件")
    which = withdraw.add_mutually_exclusive_group(required=True)
    which.add_argument("--region", metavar="R", help="the hub of this region 枢纽")
    which.add_argument("--agreement", metavar="ID", help="an agreement: ID, or ID@VERSION 协议")
    which.add_argument("--witness", metavar="VKEY", help="a witness that is no hub 见证方")
    which.add_argument("--key", metavar="KID", help="end one key of a hub now 停用密钥")
    withdraw.set_defaults(func=_withdraw)

    sign = actions.add_parser("sign", help="add a signature 签名")
    sign.add_argument("file", type=Path, metavar="FILE", help="the directory 名录文件")
    sign.add_argument("--key", type=Path, required=True, metavar="JWK", help="private JWK of an anchor 信任锚私钥")
    sign.set_defaults(func=_sign)

    verify = actions.add_parser("verify", help="check signatures, age and content 验证")
    verify.add_argument("file", type=Path, metavar="FILE", help="the directory 名录文件")
    verify.add_argument("--trust", type=Path, metavar="FILE", help="anchors, or a directory saved earlier 信任来源")
    verify.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    verify.set_defaults(func=_verify)

    diff = actions.add_parser("diff", help="what changed 比较")
    diff.add_argument("old", type=Path, metavar="OLD", help="directory before 旧名录")
    diff.add_argument("new", type=Path, metavar="NEW", help="directory after 新名录")
    diff.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    diff.set_defaults(func=_diff)


def _witnessing(parser: argparse.ArgumentParser) -> None:
    words = "verifier key of a witness that is no hub, as `witness --once` prints it 另设见证方公钥"
    parser.add_argument("--witness", nargs="+", action="extend", default=[], metavar="VKEY", help=words)
    words = "cosignatures that evidence must have (default: two where there are three hubs) 需要的见证数"
    parser.add_argument("--wanted", type=int, metavar="N", help=words)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date YYYY-MM-DD") from None


def _anchor(args: argparse.Namespace, settings: Settings) -> int:
    from hub.auth.jose import generate_jwk, public_part
    from hub.cli.client import write_key

    name = Path(args.name).name
    private, public = Path(f"{args.name}.jwk"), Path(f"{args.name}.pub.jwk")
    if not name.isprintable() or not name.strip():
        raise UsageError("an anchor needs a name", hint="printable text, such as the name of its office")
    if public.exists():
        raise UsageError(f"{public} is there already", hint="choose another name: keys are never replaced")
    key = {**generate_jwk(), "kid": name}
    write_key(private, key)
    _write(public, json.dumps({**public_part(key), "kid": name}).encode() + b"\n")
    print(f"{private} stays with the anchor; {public} is for everybody 私钥自存，公钥分发")
    return 0


def _withdraw(args: argparse.Namespace, settings: Settings) -> int:
    from federation.directory import edit

    data, today, now = read_file(args.file), times.today(), int(time.time())
    if args.region is not None:
        data = edit.withdraw_hub(data, args.region, issued=today, now=now)
    elif args.witness is not None:
        data = edit.withdraw_witness(data, args.witness, issued=today)
    elif args.agreement is not None:
        data = edit.withdraw_agreement(data, args.agreement, issued=today)
    else:
        data = edit.end_key(data, args.key, issued=today, now=now)
    _write(args.file, data)
    return 0


def _init(args: argparse.Namespace, settings: Settings) -> int:
    from federation.directory import edit

    if args.file.exists():
        raise UsageError(f"{args.file} is there already", hint="choose another name, or add to it")
    data = edit.init([jwk_file(p) for p in args.anchor], args.threshold, issued=times.today(), expires=args.expires)
    if args.witness or args.wanted is not None:
        data = edit.put_witnesses(data, args.witness, args.wanted, issued=times.today())
    _write(args.file, data)
    return 0


def _add(args: argparse.Namespace, settings: Settings) -> int:
    from federation.directory import edit
    from federation.directory.trust import payload_of

    data, today = read_file(args.file), times.today()
    witnessing = bool(args.witness) or args.wanted is not None
    if not (args.url or args.agreement or args.anchor or args.expires or witnessing):
        hint = "give a URL, --agreement PACK, --anchor JWK, --witness VKEY, --wanted N or --expires DATE"
        raise UsageError("nothing to add", hint=hint)
    if args.url:
        data = edit.put_hub(data, hub_entry(args), issued=today)
    if args.agreement:
        from policies.agreements import read_agreement

        pack = read_agreement(args.agreement)
        digest = hashlib.sha256(args.agreement.read_bytes()).hexdigest()
        entry = edit.agreement_entry(pack.id, pack.version, pack.parties, digest)
        data = edit.put_agreement(data, entry, issued=today)
    if args.anchor:
        threshold = args.threshold or payload_of(data)["anchors"]["threshold"]
        data = edit.put_anchors(data, [jwk_file(p) for p in args.anchor], threshold, issued=today)
    if witnessing:
        data = edit.put_witnesses(data, args.witness, args.wanted, issued=today)
    if args.expires:
        data = edit.renew(data, args.expires, issued=today)
    _write(args.file, data)
    return 0


def _sign(args: argparse.Namespace, settings: Settings) -> int:
    from federation.directory import sign

    _write(args.file, sign(read_file(args.file), jwk_file(args.key)))
    return 0


def _verify(args: argparse.Namespace, settings: Settings) -> int:
    from federation.directory import read_anchors, verify

    paths = [args.trust] if args.trust else list(settings.trust_anchors)
    if not paths:
        raise UsageError("no trust given", hint="give --trust FILE or set HUB_TRUST_ANCHORS", message_zh="缺少信任锚")
    data, earlier = read_file(args.file), None
    if args.trust and isinstance(saved := json_file(args.trust), dict) and "payload" in saved:
        from federation.directory.trust import decode, payload_of

        text = read_file(args.trust)
        earlier = (payload_of(text)["version"], hashlib.sha256(decode(text)[0]).hexdigest())
    verdict = verify(data, read_anchors(paths), today=times.today(), accepted=earlier)
    facts = verdict.facts()
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
    else:
        print(" ".join(f"{key}={value}" for key, value in facts.items()))
    if verdict.ok and verdict.directory and verdict.directory.days_left(times.today()) <= 30 and not args.json:
        print(f"it expires in {verdict.directory.days_left(times.today())} days 即将到期")
    return 0 if verdict.ok else 1


def _diff(args: argparse.Namespace, settings: Settings) -> int:
    from federation.directory.edit import diff

    changes = diff(read_file(args.old), read_file(args.new))
    if args.json:
        print(json.dumps(changes, ensure_ascii=False))
    else:
        for change in changes:
            print(change["change"], change["what"], change["id"])
            for side in ("from", "to"):
                if side in change:
                    print("\n".join(_lines(side, change[side])))
    return 0


def _lines(side: str, value: Any) -> list[str]:
    """One side of a change: an address or a key a line."""
    if not isinstance(value, Mapping):
        return [f"  {side:<4} {value}"]
    found = []
    for name, one in value.items():
        if name == "keys" and isinstance(one, Mapping):
            for kid, key in one.items():
                times_ = " ".join(f"{k}={v}" for k, v in key.items() if v is not None)
                found.append(f"  {side:<4} key {kid} {times_}")
        else:
            found.append(f"  {side:<4} {name} {one}")
    return found


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(path.name + f".{os.getpid()}.tmp")
    draft.write_bytes(data)
    draft.replace(path)
