"""``credit-hub client``: machine clients of the built-in authorization server.

Works on the store directly, with or without a running hub; a running one notices within a second.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.settings import Settings
from schema.bounded_json import read_json
from schema.errors import HubError, UsageError


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "client", help="machine clients 客户端", description="Clients of the built-in authorization server 管理客户端"
    )
    commands = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = _command(commands, "add", "register a client 登记客户端", _add)
    add.add_argument("name", metavar="NAME", help="name shown to people 名称")
    add.add_argument("--scope", required=True, metavar="SCOPES", help="scopes, separated by spaces 权限范围")
    key = add.add_mutually_exclusive_group(required=True)
    key.add_argument("--jwk", type=Path, metavar="FILE", help="its public JWK or JWK set 公钥文件")
    key.add_argument("--generate", type=Path, metavar="FILE", help="write a new private JWK there 生成私钥文件")
    key_help = "a purpose it may name, repeatable (default: those of its scopes) 用途"
    add.add_argument("--purpose", action="append", default=[], metavar="P", help=key_help)
    add.add_argument("--subject", metavar="USCC", help="the one subject of a credit:self client 本主体代码")
    gateway_help = "may name others for whom it asks (Credit-On-Behalf-Of) 可代他方查询的网关"
    add.add_argument("--gateway", action="store_true", help=gateway_help)
    _command(commands, "list", "clients and their state 列出客户端", _list)
    revoke = _command(commands, "revoke", "end a client and all its tokens 注销客户端", _revoke)
    revoke.add_argument("client_id", metavar="ID", help="its client_id 客户端编号")


def _command(commands: Any, name: str, text: str, func: Callable[..., int]) -> Any:
    parser = commands.add_parser(name, help=text, description=text)
    parser.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    parser.set_defaults(func=func)
    return parser


@contextmanager
def _register_of(settings: Settings) -> Iterator[Any]:
    from hub.auth.clients import Clients
    from hub.auth.database import Database
    from hub.auth.tables import create_tables

    database = Database(settings.sql_url)
    try:
        create_tables(database)
        yield Clients(database)
    finally:
        database.close()


def _add(args: argparse.Namespace, settings: Settings) -> int:
    from hub.auth.clients import new_client
    from hub.auth.jose import generate_jwk, public_part

    made = generate_jwk() if args.generate else None
    jwks = [public_part(made)] if made else read_keys(args.jwk)
    client = new_client(
        args.name,
        scope=args.scope,
        jwks=jwks,
        purposes=args.purpose,
        subject=args.subject,
        gateway=args.gateway,
    )
    with _register_of(settings) as clients:
        if made is not None:
            write_key(args.generate, made)
        try:
            clients.add(client)
        except HubError:
            if made is not None:
                args.generate.unlink()  # the key of a client that does not exist
            raise
    facts: dict[str, Any] = {
        "client_id": client.client_id,
        "scope": client.scope,
        "purposes": sorted(client.purposes),
        **({"gateway": True} if client.gateway else {}),
    }
    print(json.dumps(facts, ensure_ascii=False, indent=None if args.json else 2))
    return 0


def _list(args: argparse.Namespace, settings: Settings) -> int:
    with _register_of(settings) as clients:
        facts = [_facts(client) for client in clients.all()]
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
        return 0
    for fact in facts:
        state = f"revoked 已注销 {fact['revoked_at']}" if fact["revoked_at"] else "active 有效"
        print(f"{fact['client_id']}  {fact['name']}  [{fact['scope']}]  {state}")
    return 0


def _revoke(args: argparse.Namespace, settings: Settings) -> int:
    with _register_of(settings) as clients:
        fact = _facts(clients.revoke(args.client_id))
    if args.json:
        print(json.dumps({"client_id": fact["client_id"], "revoked_at": fact["revoked_at"]}))
    else:
        print(f"{fact['client_id']} is revoked 已注销")
    return 0


def _facts(client: Any) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "name": client.name,
        "scope": client.scope,
        "purposes": sorted(client.purposes),
        "subject": client.subject,
        "gateway": client.gateway,
        "kids": [key.kid for key in client.keys],
        "created_at": _instant(client.created_at),
        "revoked_at": None if client.revoked_at is None else _instant(client.revoked_at),
    }


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def read_keys(path: Path) -> list[dict[str, Any]]:
    """The keys of a JWK or JWK set file; private members are not kept. Raises UsageError."""
    try:
        held = read_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="give the client's public JWK") from None
    except ValueError as error:
        raise UsageError(f"{path} is not JSON: {error}", hint="give a JWK or a JWK set") from None
    keys = held.get("keys", [held]) if isinstance(held, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise UsageError(f"{path} is neither a JWK nor a JWK set", hint="give the client's public key as JSON")
    return keys


def write_key(path: Path, jwk: dict[str, Any]) -> None:
    """A private key, for its owner's eyes, never over another file. Raises UsageError."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps(jwk) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise UsageError(f"{path} is there already", hint="choose another file: keys are never replaced") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="choose another file") from None
