"""What findings rest on, read again at each answer: what has ended since is null, whatever a case says of it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hub.acts.rows import Ref, own_numbers
from schema.ports import Asking, Graph, PersonTokens
from schema.selection import Arguments, Select

KEY = "!key"  # response keys that no document can have
RULE = "!rule"
ORIGIN = "!source"


@dataclass(frozen=True, slots=True)
class SourceRef:
    """``kind``: ``Record``, ``Effect`` or ``Commitment``; ``key`` as ``facts`` wrote it. Exactly one of ``code`` and
    ``person`` (the hub's own token) says about whom."""

    kind: str
    key: str
    code: str = ""
    person: str = ""


class SourceReader:
    """One batch of ``subjects`` for each kind of source that is there; ``person`` for each person."""

    def __init__(self, select: Select, graph: Graph, scopes: frozenset[str], persons: PersonTokens) -> None:
        self._batch, self._records = own_numbers(select)
        self._persons = persons
        self._numbers = itertools.count(self._records + 1)
        parts = self._parts(select)
        nodes = self._made("nodes", "RecordConnection", "Record", parts["Record"])
        given = frozenset(("first", "filter"))
        records = Select(self._records, "records", "records", "Subject", "RecordConnection", (nodes,), None, given)
        effects = self._made("effects", "Person", "Effect", parts["Effect"])
        person = (self._leaf(KEY, "id", "Person"), effects)
        inner = {
            "Record": records,
            "Commitment": self._made("commitments", "Subject", "Commitment", parts["Commitment"]),
            "Effect": self._made("representatives", "Subject", "Person", person),
        }
        self._subjects = {kind: graph.prepare(self._of_subjects(part), scopes) for kind, part in inner.items()}
        self._people = graph.prepare(
            Select(self._batch, "person", "person", "Query", "Person", person, None, frozenset(("token",))), scopes
        )

    async def __call__(self, refs: Sequence[Any], arguments: Arguments, asking: Asking) -> Mapping[Ref, Any]:
        found: dict[Ref, Any] = {}
        wanted = {"first": 200, "filter": {"kinds": ["PENALTY", "LIST_ENTRY", "AWARD"], "states": ["ACTIVE"]}}
        given = {**arguments, self._records: wanted}
        for asked, read in self._subjects.items():
            codes = list(dict.fromkeys(ref.code for ref in refs if ref.code and ref.kind == asked))
            if not codes:
                continue
            rows = await read({**given, self._batch: {"codes": codes}}, asking)
            for code, row in zip(codes, rows, strict=True):
                found |= {SourceRef(kind, key, code): value for kind, key, value in _sources(row["subject"] or {})}
        for token in dict.fromkeys(ref.person for ref in refs if ref.person):
            shown = self._persons.for_client(token, asking.caller.client_id)
            person = await self._people({**given, self._batch: {"token": shown}}, asking)
            for kind, key, value in _effects(person or {}):
                found[SourceRef(kind, key, "", token)] = value
        return found

    def _parts(self, select: Select) -> dict[str, tuple[Select, ...]]:
        """The children by concrete type, with what a source is recognised by."""
        parts: dict[str, list[Select]] = {"Record": [], "Effect": [], "Commitment": []}
        for child in select.children:
            if child.on is not None:
                parts[child.on].append(replace(child, parent=child.on, on=None))
        parts["Record"].append(self._leaf(KEY, "id", "Record"))
        parts["Commitment"].append(self._leaf(KEY, "number", "Commitment"))
        source = (self._leaf(KEY, "id", "Record"),)
        parts["Effect"] += [
            self._leaf(RULE, "ruleId", "Effect"),
            self._made("source", "Effect", "Record", source, ORIGIN),
        ]
        return {name: tuple(found) for name, found in parts.items()}

    def _of_subjects(self, part: Select) -> Select:
        subject = self._made("subject", "SubjectResult", "Subject", (part,))
        given = frozenset(("codes",))
        return Select(self._batch, "subjects", "subjects", "Query", "SubjectResult", (subject,), None, given)

    def _leaf(self, key: str, name: str, parent: str) -> Select:
        return Select(next(self._numbers), key, name, parent, "String")

    def _made(
        self, name: str, parent: str, type_name: str, children: tuple[Select, ...], key: str | None = None
    ) -> Select:
        return Select(next(self._numbers), key or name, name, parent, type_name, children)


def _sources(subject: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """Kind, key and value of everything in force about a subject."""
    found = [("Record", row[KEY], _selected(row)) for row in (subject.get("records") or {}).get("nodes") or ()]
    for row in subject.get("commitments") or ():
        found.append(("Commitment", row[KEY], _selected(row)))
    for person in subject.get("representatives") or ():
        found += _effects(person)
    return found


def _effects(person: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    return [
        ("Effect", f"{row[RULE]}|{(row[ORIGIN] or {}).get(KEY, '')}|{person[KEY]}", _selected(row))
        for row in person.get("effects") or ()
    ]


def _selected(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in (KEY, RULE, ORIGIN)}
