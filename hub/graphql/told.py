"""Which subjects an answer told of, where the question named none: what the log needs to find receipts by later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub.graphql.own import subjects_of
from hub.graphql.plan import Plan
from schema.selection import Select

MOST = 1000
"""Codes of one answer that are kept at most: each is a row of the log's side table."""

Walk = Callable[[Any, dict[str, None]], None]


def told_of(plan: Plan, arguments: Mapping[int, Mapping[str, Any]], data: Mapping[str, Any]) -> list[str]:
    """Codes of subjects in the answers of root fields that ask about no subject."""
    found: dict[str, None] = {}
    for root in plan.roots:
        if root.select is None or subjects_of(root.name, arguments.get(root.select.index, {})):
            continue
        walk = _walk(root.select)
        if walk is not None:
            walk(data.get(root.key), found)
    return list(found)[:MOST]


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
        if child.name == "code" and "Subject" in (child.on, child.parent):
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
