"""What goes into a directory: the entry of a hub, from what it publishes or from files."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schema.bounded_json import read_json
from schema.errors import UsageError


def hub_entry(args: argparse.Namespace) -> dict[str, Any]:
    """From what the hub publishes; what the arguments say wins. Keys given by file need no connection."""
    from federation.directory.model import check_url
    from federation.directory.trust import public_jwk

    url = check_url(args.url, "URL")
    if args.keys and args.region and args.name is not None:
        published: Mapping[str, Any] = {}
    else:
        published = _published(url)
    keys = json_file(args.keys) if args.keys else published
    listed = keys.get("keys") if isinstance(keys, dict) and "keys" in keys else [keys]
    if not isinstance(listed, list) or not listed or not all(isinstance(key, dict) for key in listed):
        raise UsageError(f"{args.keys or url} holds no keys", hint="give a JWK or a JWK set of the hub's public keys")
    ledger = (keys.get("ledger") if isinstance(keys, dict) else None) or published.get("ledger") or {}
    region = args.region or published.get("region")
    if published and args.region and published.get("region") != args.region:
        raise UsageError(f"{url} says it is {published.get('region')}, not {args.region}", hint="check the address")
    return {
        "region": region,
        "name": args.name if args.name is not None else published.get("name", ""),
        "url": url,
        "keys": [public_jwk(key) for key in listed or ()],
        "ledger": ledger,
        **({"successors": True} if args.successors else {}),
    }


def _published(url: str) -> Mapping[str, Any]:
    import httpx

    try:
        answer = httpx.get(f"{url}/.well-known/credit-hub", timeout=10, follow_redirects=False, trust_env=False)
        answer.raise_for_status()
        value = read_json(answer.content)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise UsageError(
            f"{url} does not publish its keys: {error}", hint="start it, or give --region --name --keys"
        ) from None
    if not isinstance(value, dict):
        raise UsageError(f"{url} does not publish its keys", hint="check the address")
    return value


def read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="give a directory file") from None


def json_file(path: Path) -> Any:
    try:
        return read_json(read_file(path))
    except ValueError as error:
        raise UsageError(f"{path}: {error}", hint="give a JSON file") from None


def jwk_file(path: Path) -> Mapping[str, Any]:
    value = json_file(path)
    if not isinstance(value, dict) or "kty" not in value:
        raise UsageError(f"{path} is not a JWK", hint="give a file with one JSON Web Key")
    return value
