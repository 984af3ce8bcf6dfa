"""``python -m tests.attacks URL [--client ID --jwk FILE] [ID …]``: a table of id, attack, outcome; 1 if any succeeded.

Against this machine only, unless ``--anywhere`` says that whoever runs the hub agreed.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from jwcrypto import jwk

from tests.attacks.attack import ATTACKS, Attack, Skipped
from tests.attacks.attacker import Attacker
from tests.attacks.catalogue import in_order


async def attempt(one: Attack, a: Attacker) -> tuple[str, str]:
    """``held``, ``SUCCEEDED``, ``skipped`` or ``FAILED`` (the attack itself), and what was seen."""
    if one.needs_client and a.client is None:
        return "skipped", "needs a client: CLIENT and JWK"
    try:
        return "held", await one.run(a)
    except Skipped as why:
        return "skipped", str(why)
    except AssertionError as why:
        return "SUCCEEDED", " ".join(str(why).split())[:200]
    except Exception as error:
        return "FAILED", f"{type(error).__name__}: {error}"[:200]


def is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def run(args: argparse.Namespace) -> int:
    key = jwk.JWK.from_json(Path(args.jwk).read_text(encoding="utf-8")) if args.jwk else None
    if key is not None and not args.client:
        args.client = json.loads(Path(args.jwk).read_text(encoding="utf-8")).get("client_id", "")
    a = Attacker(args.url, args.client, key)
    chosen = [one for one in in_order() if not args.ids or one.id in args.ids]
    bad = 0
    try:
        for one in chosen:
            outcome, seen = await attempt(one, a)
            bad += outcome in ("SUCCEEDED", "FAILED")
            if args.json:
                print(json.dumps({"id": one.id, "attack": one.title, "outcome": outcome, "seen": seen}), flush=True)
            else:
                print(f"{one.id:4} {one.title:60} {outcome:9} {seen}", flush=True)
    finally:
        await a.close()
    return 1 if bad else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("url", help="base URL of the hub, as it names itself")
    parser.add_argument("--client", default="", help="client id with credit:mutual")
    parser.add_argument("--jwk", default="", help="its private key, as `client add --generate` writes it")
    parser.add_argument("--anywhere", action="store_true", help="not only on this machine: the operator agreed")
    parser.add_argument("--json", action="store_true", help="JSON Lines")
    parser.add_argument("ids", nargs="*", metavar="ID", help=f"some of {' '.join(ATTACKS)} (default: all)")
    args = parser.parse_intermixed_args()
    if not is_here(args.url) and not args.anywhere:
        print("this attacks a hub of another machine; add --anywhere if its operator agreed", file=sys.stderr)
        return 2
    return asyncio.run(run(args))


if __name__ == "__main__":
    sys.exit(main())
