"""What an answer told of, and with what it was asked: what the log needs to find receipts, and looks, by later.

A search tells of subjects and persons whether or not their codes are selected, so the keys are read besides and left
out of the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import FieldNode, VariableNode

from hub.graphql.own import subjects_of
from hub.graphql.plan import Plan
from schema.selection import Select

MOST = 20_000
"""Keys of one answer that are kept at most: each is a row of the log's side table."""
KEY = "!told"
"""The response key of what was read for the log alone."""
SEARCHES = frozenset(
    {"searchSubjects", "searchPersons", "records", "contracts", "person", "node", "neighbourhood", "path"}
)
_OWN = {"Subject": "code", "Person": "token"}
_ABOUT = {"Record": "subject"}
_OF_OTHERS = frozenset({"recognised", "recognisedBatch", "held", "_entities", "peerPersons", "peerPenetration"})
_PAGING = frozenset({"first", "after"})

Walk = Callable[[Any, dict[str, None]], None]


def keys_wanted(root: str, nodes: Sequence[FieldNode]) -> frozenset[str]:
    """Types whose keys are to be read below a root field. Where it names the subject asked about, its records are found
    by that; what other cities told is named by the question."""
    if root in SEARCHES:
        return frozenset({*_OWN, *_ABOUT})
    regions = any(argument.name.value == "regions" for node in nodes for argument in node.arguments or ())
    return frozenset() if root in _OF_OTHERS or regions else frozenset({"Subject"})


def key_select(
    type_name: str, abstract: str | None, selects: Sequence[Select], wanted: frozenset[str], number: Callable[[], int]
) -> Select | None:
    """The field that names an object, where it is wanted and not selected anyway."""
    if type_name not in wanted:
        return None
    parent, on = abstract or type_name, type_name if abstract is not None else None
    name = _OWN.get(type_name)
    if name is not None:
        if any(select.name == name for select in selects):
            return None
        return Select(number(), KEY, name, parent, "String", on=on)
    about = _ABOUT[type_name]
    if any(select.name == about for select in selects):
        return None  # the subject's own key is below it
    index = number()
    code = Select(number(), KEY, "code", "Subject", "String")
    return Select(index, KEY, about, parent, "Subject", (code,), on)


def literals(plan: Plan, arguments: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """Arguments of fields, by path, where the document itself gives values: the variables do not tell them."""
    found: dict[str, Any] = {}
    for root in plan.roots:
        for asked in root.asked:
            given = asked.node.arguments or ()
            written = [one.name.value for one in given if not isinstance(one.value, VariableNode)]
            if not _PAGING.issuperset(written):
                found[".".join(asked.path)] = dict(arguments.get(asked.index, {}))
    return found


def told_of(plan: Plan, arguments: Mapping[int, Mapping[str, Any]], data: Mapping[str, Any]) -> list[str]:
    """Codes of subjects and tokens of persons in what was read, apart from the subjects asked about."""
    found: dict[str, None] = {}
    for root in plan.roots:
        if root.select is None or (root.name in _OF_OTHERS and subjects_of(root.name, _given(root.select, arguments))):
            continue
        walk = _walk(root.select)
        if walk is not None:
            walk(data.get(root.key), found)
    return list(found)[:MOST]


def _given(select: Select, arguments: Mapping[int, Mapping[str, Any]]) -> Mapping[str, Any]:
    return arguments.get(select.index, {})


def elsewhere(code: str) -> str:
    """What an answer discloses in which other cities' word on a subject counted."""
    return f"elsewhere {code}"


def told_from_elsewhere(plan: Plan, arguments: Mapping[int, Mapping[str, Any]], data: Mapping[str, Any]) -> list[str]:
    """``elsewhere`` of the subjects that root fields answered with the help of other cities."""
    found: dict[str, None] = {}
    for root in plan.roots:
        values = arguments.get(root.select.index, {}) if root.select is not None else {}
        if root.select is None or not (root.name.startswith("recognised") or values.get("regions")):
            continue
        found.update(dict.fromkeys(subjects_of(root.name, values)))
        walk = _walk(root.select)
        if walk is not None:
            walk(data.get(root.key), found)
    return [elsewhere(code) for code in found][:MOST]


def _walk(select: Select) -> Walk | None:
    """Collects below one field; None where no code is selected there."""
    inner: list[tuple[str, Walk]] = []
    codes: list[str] = []
    for child in select.children:
        if child.name in _OWN.values() and any(_OWN.get(kind or "") == child.name for kind in (child.on, child.parent)):
            codes.append(child.key)
        elif child.children:
            walk = _walk(child)
            if walk is not None:
                inner.append((child.key, walk))
    if not inner and not codes:
        return None

    def collect(value: Any, found: dict[str, None]) -> None:
        if isinstance(value, list):
            for item in value:
                collect(item, found)
        elif isinstance(value, dict):
            for key in codes:
                code = value.get(key)
                if isinstance(code, str):
                    found[code] = None
            for key, walk in inner:
                walk(value.get(key), found)

    return collect
