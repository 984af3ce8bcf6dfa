"""``credit-hub user``: people who sign in at this hub 用户.

Works on the store directly, with or without a running hub; each command is an entry of the ledger, which has the
person's id and never the name.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hub.settings import Settings
from schema.errors import UsageError
from schema.scopes import ROLES

MAX_FILE = 200  # bytes of a file with one number


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "user", help="people who sign in 用户", description="People who sign in at this hub 管理登录用户"
    )
    commands = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = _command(commands, "add", "a person, and the link that enrols a passkey 添加用户", _add)
    add.add_argument("name", metavar="NAME", help="as colleagues know them 姓名或工号")
    add.add_argument("--role", required=True, choices=list(ROLES), help="what they do; gives the scopes 角色")
    number_help = "file with their ID number, which is turned into the person's token and not kept 证件号码文件"
    add.add_argument("--id-number-from", type=Path, metavar="FILE", help=number_help)
    link = _command(commands, "link", "another link, for another passkey 新的登记链接", _link)
    link.add_argument("name", metavar="NAME", help="name or id 姓名或编号")
    link.add_argument("--id-number-from", type=Path, metavar="FILE", help=f"{number_help}; anew after a rotation")
    _command(commands, "list", "people and their state 列出用户", _list)
    disable = _command(commands, "disable", "end a person's sessions, tokens and links 停用用户", _disable)
    disable.add_argument("name", metavar="NAME", help="name or id 姓名或编号")


def _command(commands: Any, name: str, text: str, func: Callable[..., Awaitable[int]]) -> Any:
    parser = commands.add_parser(name, help=text, description=text)
    parser.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    parser.set_defaults(func=func)
    return parser


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[Any, Any]]:
    """The store of people and the ledger."""
    from hub.auth.database import Database
    from hub.auth.people.store import People
    from hub.auth.tables import create_tables
    from hub.ledger import Ledger

    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.sql_url)
    try:
        await asyncio.to_thread(create_tables, database)
        async with await Ledger.open(settings) as ledger:
            yield People(database), ledger
    finally:
        database.close()


async def _add(args: argparse.Namespace, settings: Settings) -> int:
    from hub.auth.people.store import new_person

    person = new_person(args.name, args.role)
    base = _address(settings)
    if args.id_number_from is not None:
        person = await asyncio.to_thread(_bound, person, args.id_number_from, settings)
    async with _opened(settings) as (people, ledger):
        await asyncio.to_thread(people.require_free, person.name)
        detail = {"person": person.person_id, "role": person.role, "bound": person.token is not None}
        await ledger.note("user-added", detail)
        await asyncio.to_thread(people.add, person)
        code = await asyncio.to_thread(people.make_link, person)
    _tell_link(args, base, person, code)
    return 0


async def _link(args: argparse.Namespace, settings: Settings) -> int:
    base = _address(settings)
    async with _opened(settings) as (people, ledger):
        person = await asyncio.to_thread(people.named, args.name)
        if args.id_number_from is not None:
            person = await asyncio.to_thread(_bound, person, args.id_number_from, settings)
        await ledger.note("user-link", {"person": person.person_id, "bound": args.id_number_from is not None})
        await asyncio.to_thread(people.bind, person)
        code = await asyncio.to_thread(people.make_link, person)
    _tell_link(args, base, person, code)
    return 0


async def _list(args: argparse.Namespace, settings: Settings) -> int:
    async with _opened(settings) as (people, ledger):
        key_id = await asyncio.to_thread(_key_id, settings)
        facts = await asyncio.to_thread(lambda: [_facts(people, person, key_id) for person in people.all()])
        await ledger.note("user-list", {"count": len(facts)})
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
        return 0
    for fact in facts:
        state = f"disabled 已停用 {fact['disabled_at']}" if fact["disabled_at"] else "active 有效"
        print(f"{fact['id']}  {fact['name']}  {fact['role']}  passkeys 通行密钥 {fact['passkeys']}  {state}")
    return 0


async def _disable(args: argparse.Namespace, settings: Settings) -> int:
    async with _opened(settings) as (people, ledger):
        person = await asyncio.to_thread(people.named, args.name)
        await asyncio.to_thread(people.disable, person)
        await ledger.note("user-disabled", {"person": person.person_id})
        person = await asyncio.to_thread(people.named, person.person_id)
    if args.json:
        print(json.dumps({"id": person.person_id, "disabled_at": _instant(person.disabled_at)}))
    else:
        print(f"{person.name} is disabled 已停用")
    return 0


def _bound(person: Any, path: Path, settings: Settings) -> Any:
    """The person with the token of the one number in the file. Raises UsageError that never repeats the number."""
    from dataclasses import replace

    from graph_loaders.persons import Persons
    from schema.identifiers import is_person_id, normalise_person_id

    try:
        with path.open("rb") as file:
            text = file.read(MAX_FILE).decode("utf-8-sig", "replace")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="give a file with one ID number") from None
    number = normalise_person_id(text.strip())
    if not is_person_id(number):
        raise UsageError(
            f"{path} does not hold one valid ID number (GB 11643)",
            hint="18 characters with a right check digit, and nothing else",
            message_zh="证件号码无效",
        )
    persons = Persons.open(settings.person_key, settings.data)
    return replace(person, token=persons.tokens([number])[0], key_id=persons.key_id)


def _tell_link(args: argparse.Namespace, base: str, person: Any, code: str) -> None:
    from hub.auth.people.store import LINK_LIFE

    url = f"{base}/sign-in/link/{code}"
    if args.json:
        print(json.dumps({"id": person.person_id, "role": person.role, "link": url, "expires_in": LINK_LIFE}))
        return
    print(f"{person.person_id}  {person.name}  {person.role}")
    print(f"{url}\nfor {LINK_LIFE // 60} minutes, once; give it to nobody else 十分钟内有效，仅可使用一次")


def _address(settings: Settings) -> str:
    """Where the link leads. Raises ServiceError when no hub runs and no address is set."""
    from hub.cli.query import hub_url

    url = hub_url(settings)
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname != "localhost":
        print(
            "browsers allow passkeys for https and localhost only; set HUB_BASE_URL, such as "
            f"http://localhost:{parts.port or 80} 通行密钥仅限 https 或 localhost",
            file=sys.stderr,
        )
    return url


def _key_id(settings: Settings) -> str:
    from graph_loaders.persons import Persons

    return Persons.open(settings.person_key, settings.data).key_id


def _facts(people: Any, person: Any, key_id: str) -> dict[str, Any]:
    """``bound``: known in the graph, under the person key that is in use now."""
    return {
        "id": person.person_id,
        "name": person.name,
        "role": person.role,
        "bound": person.token is not None and person.key_id == key_id,
        "passkeys": len(people.passkeys_of(person.person_id)),
        "created_at": _instant(person.created_at),
        "disabled_at": None if person.disabled_at is None else _instant(person.disabled_at),
    }


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
