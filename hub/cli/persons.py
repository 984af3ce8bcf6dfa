"""``person-token`` and ``person-key rotate``: tokens of persons, and the key that makes them 人员标识."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

from hub.settings import Settings
from schema.errors import UsageError

MOST = 100_000  # numbers in one call


def register(subparsers: Any) -> None:
    token = subparsers.add_parser(
        "person-token",
        help="tokens of ID numbers from standard input 人员标识",
        description="Reads ID numbers from standard input, one a line, and prints Person.token for each as the client "
        "sees it (default: the local operator's client, which query uses). Logged 从标准输入读取证件号码，逐行输出",
    )
    token.add_argument("--client", metavar="ID", help="client_id (default: the local operator's client) 客户端编号")
    token.set_defaults(func=_token)

    key = subparsers.add_parser(
        "person-key", help="the hub's secret key of person tokens 人员标识密钥", description="Person key 人员标识密钥"
    )
    actions = key.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=type(key))
    rotate = actions.add_parser(
        "rotate",
        help="a new key, without the ID numbers 轮换",
        description="Gives every person a new token under a new key and destroys the old key. Loads wait; an "
        "interrupted rotation is finished by running it again. Tokens that clients keep do not work afterwards "
        "轮换密钥，不需要证件号码",
    )
    rotate.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    rotate.set_defaults(func=_rotate)


async def _token(args: argparse.Namespace, settings: Settings) -> int:
    from graph_loaders.persons import Persons
    from hub.ledger import Ledger

    numbers = _numbers(sys.stdin.buffer.read())
    persons = Persons.open(settings.person_key, settings.data)
    client = args.client or await asyncio.to_thread(_local_client, settings)
    tokens = await asyncio.to_thread(persons.tokens, numbers)
    async with await Ledger.open(settings) as ledger:
        await ledger.note("person-token", {"client": client, "count": len(numbers)})
    for token in tokens:
        print(persons.for_client(token, client))
    return 0


def _numbers(given: bytes) -> list[str]:
    """Valid numbers in normal form. Raises UsageError with the line, never with what it says."""
    from schema.identifiers import is_person_id, normalise_person_id

    numbers = []
    for line, raw in enumerate(given.decode("utf-8-sig", "replace").splitlines(), 1):
        if not raw.strip():
            continue
        number = normalise_person_id(raw)
        if not is_person_id(number):
            raise UsageError(
                f"line {line} is not a valid ID number (GB 11643)",
                hint="give 18 characters with a right check digit, one number a line; nothing was printed",
                message_zh=f"第 {line} 行不是有效的证件号码",
            )
        numbers.append(number)
    if not numbers or len(numbers) > MOST:
        raise UsageError(
            "no ID number was given" if not numbers else f"more than {MOST} ID numbers",
            hint="write them to standard input, one a line",
            message_zh="请从标准输入逐行提供证件号码",
        )
    return numbers


def _local_client(settings: Settings) -> str:
    """The operator's own client; made where no hub has run yet."""
    from hub.auth.clients import Clients
    from hub.auth.database import Database
    from hub.auth.local import ensure_local_client
    from hub.auth.tables import create_tables

    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.sql_url)
    try:
        create_tables(database)
        return ensure_local_client(settings, Clients(database))
    finally:
        database.close()


async def _rotate(args: argparse.Namespace, settings: Settings) -> int:
    from graph_loaders.load import rotate_person_key
    from graph_loaders.persons import Persons
    from hub.cli.load import ready_engine
    from hub.ledger import Ledger

    persons = Persons.open(settings.person_key, settings.data)
    before = persons.key_id
    async with await Ledger.open(settings) as ledger:
        async with ready_engine(settings) as engine:
            moved = await rotate_person_key(engine, persons)
        await ledger.note("person-key-rotate", {"persons": moved, "from": before, "to": persons.key_id})
    if args.json:
        print(json.dumps({"persons": moved, "key": persons.key_id}))
    else:
        print(f"{moved} persons have new tokens; the old key is destroyed 已轮换，旧密钥已销毁")
    return 0
