"""Changing the hub's person key without the numbers: each token is multiplied by new key / old key.

The new key waits in a file beside the old one until every person in the graph has been moved; a page of persons moves
in one transaction, and each person names its key, so a rotation that was killed is finished by whoever changes facts
next. Only then does the new key take the old one's place, and the old one is overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graph_loaders.engine import Engine
from graph_loaders.load.lock import load_lock
from graph_loaders.load.steady import read_page, run_steps
from graph_loaders.load.version import Clock
from graph_loaders.persons import Persons, group, keyfile
from graph_loaders.persons.tokens import key_id, rotated
from graph_loaders.statements import statement
from graph_loaders.transform.identity import lift_ids, role_ids
from schema.errors import SettingsError

PAGE = 500  # persons moved in one transaction


async def rotate_person_key(engine: Engine, persons: Persons) -> int:
    """Gives the hub a new person key, or finishes a rotation that was interrupted; the number of persons moved now.

    Holds the load lock: loads wait. Raises SettingsError when the key file's folder cannot be written.
    """
    async with load_lock(engine.config.data):
        key_ids = [persons.key_id]
        if persons.successor_file.exists():
            key_ids.append(key_id(keyfile.read(persons.successor_file, group.is_scalar)))
        if await read_page(engine, statement("rotate/other_key"), {"key_ids": key_ids}, "rotate"):
            raise _foreign_key(persons)
        try:
            keyfile.create(persons.successor_file, group.random_scalar())
        except OSError as error:
            raise SettingsError(
                f"the new person key cannot be written beside {persons.key_file}: {error.strerror}",
                hint="give this user the right to write in that folder; nothing was changed",
                message_zh="无法写入新密钥",
            ) from None
        return await finish_rotation(engine, persons)


async def finish_rotation(engine: Engine, persons: Persons) -> int:
    """Moves what a rotation under way has left; nothing when there is none. The caller holds the load lock."""
    if not persons.successor_file.exists():
        return 0
    new = keyfile.read(persons.successor_file, group.is_scalar)
    factor = group.quotient(new, persons.key())
    clock = await Clock.start(engine)
    moved = 0
    while found := await _pass(engine, persons.key_id, key_id(new), factor):
        moved += found
    await engine.write(statement("rotate/done"), {"now": clock.tick()}, name="rotate")
    keyfile.replace(persons.key_file, persons.successor_file)
    return moved


async def check_key(engine: Engine, persons: Persons) -> None:
    """Raises SettingsError when the graph's persons were made with another key: the same people would get second
    tokens, and nothing known of them would be found. One point read."""
    rows = await read_page(engine, statement("rotate/any_key"), {})
    if rows and rows[0]["key_id"] != persons.key_id:
        raise _foreign_key(persons)


def _foreign_key(persons: Persons) -> SettingsError:
    return SettingsError(
        f"{persons.key_file} is not the key of the persons in this graph",
        hint="restore the person key from a backup, or set HUB_PERSON_KEY_FILE to the right file; nothing was changed",
        message_zh="人员标识密钥与图数据不符",
    )


async def _pass(engine: Engine, old_id: str, new_id: str, factor: bytes) -> int:
    """Once through all persons that are under the old key."""
    moved, after = 0, ""
    while True:
        values = {"after": after, "key_id": old_id, "limit": PAGE}
        page = await read_page(engine, statement("rotate/persons"), values, "rotate")
        if not page:
            return moved
        tokens = rotated((row["token"] for row in page), factor)
        pairs = list(zip(page, tokens, strict=True))
        steps = [
            (
                statement("rotate/tokens"),
                {"rows": [{"old": row["token"], "new": token} for row, token in pairs], "key_id": new_id},
            )
        ]
        for relation, column in (("REPRESENTS", "represents"), ("HOLDS", "holds")):
            rows = [ids for row, token in pairs for ids in _roles(row, column, relation, token)]
            if rows:
                steps.append((statement("rotate/roles").replace(":ROLE", f":{relation}"), {"rows": rows}))
        if lifts := [ids for row, token in pairs for ids in _lifts(row, token)]:
            steps.append((statement("rotate/lifts"), {"rows": lifts}))
        await run_steps(engine, steps, "rotate")
        moved += len(page)
        after = page[-1]["token"]


def _roles(person: Mapping[str, Any], column: str, relation: str, token: str) -> Iterator[dict[str, str]]:
    for role in person[column]:
        whole = {"share": 0.0, **role, "role": relation, "token": token, "adult_on": person["adult_on"]}
        yield _ids(token, role["vid"], role_ids(whole))


def _lifts(person: Mapping[str, Any], token: str) -> Iterator[dict[str, str]]:
    for lift in person["lifts"]:
        yield _ids(token, lift["vid"], lift_ids({**lift, "token": token}))


def _ids(token: str, old: str, new: tuple[str, str]) -> dict[str, str]:
    """An earlier time of a version keeps its mark after the new id."""
    key, vid = new
    _, mark, rest = old.partition("~")
    return {"token": token, "old": old, "vid": vid + mark + rest, "key": key}
