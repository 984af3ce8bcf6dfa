"""``dataQuality``: faults that the data of the city show, for its operator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from graph_loaders.reader.composer import Composer
from graph_loaders.reader.fields.subject import name_of
from graph_loaders.reader.fragments import fragment, own
from graph_loaders.reader.makers import masked
from graph_loaders.reader.reading import Reading
from graph_loaders.reader.roots.root import Making, Root, always
from schema.selection import Select

GROUP, WITHIN_DAYS = 5, 30  # complaints on one organisation within so many days are told as a group

Convert = Callable[[Any, Reading], Any]


def data_quality(making: Making, select: Select) -> Callable[[Reading], Root]:
    composer = making.composer()
    parts = [(child.key, *_part(composer, child)) for child in select.children]
    text = "RETURN [" + ", ".join(expression for _, expression, _ in parts) + "] AS value"

    def shape(rows: Any, reading: Reading) -> Any:
        found = zip(parts, rows[0]["value"], strict=True)
        return {key: convert(value, reading) for (key, _, convert), value in found}

    return always(Root(text, composer.producers, shape))


def _as_it_is(value: Any, _reading: Reading) -> Any:
    return value


def _part(composer: Composer, select: Select) -> tuple[str, Convert]:
    number = composer.number()
    match select.name:
        case "codeConflicts":
            return fragment("quality/code_conflicts", number), _objects(select, _code_conflict)
        case "conflictingDuplicates":
            return fragment("quality/conflicting_duplicates", number), _objects(select, _conflicting_duplicate)
        case "contractsOverdue":
            overdue = fragment("contract/overdue", composer.number(), node=own("contract", number))
            return fragment("quality/contracts_overdue", number, overdue=overdue), _as_it_is
        case "contractsCompletedLate":
            return fragment("quality/contracts_completed_late", number), _as_it_is
        case "commitmentsBreached":
            return _commitments(composer, number, "BREACHED"), _as_it_is
        case "commitmentsKeptLate":
            return _commitments(composer, number, "KEPT_LATE"), _as_it_is
        case "complaintGroups":
            name = name_of(composer, own("subject", number))
            return fragment("quality/complaint_groups", number, name=name), _objects(select, _complaint_group)
        case "unmatchedEndings":
            return fragment("quality/unmatched_endings", number), _objects(select, _unmatched_ending)
        case "sameNameRepresentatives":
            unmask = composer.unmask
            return fragment("quality/same_names", number), _objects(select, lambda raw: _same_name(raw, unmask))
        case _:
            return f"'{select.parent}'", _as_it_is


def _commitments(composer: Composer, number: int, state: str) -> str:
    expression = fragment("held/commitment_state", composer.number(), node=own("promise", number))
    return fragment("quality/commitments", number, wanted=f"'{state}'", state=expression)


def _objects(select: Select, make: Callable[[Any], dict[str, Any] | None]) -> Convert:
    """Objects of a list; ``make`` gives the values of one by field name, or None to leave it out."""
    fields = [(child.key, child.name) for child in select.children]

    def convert(value: Any, _reading: Reading) -> Any:
        made = (make(raw) for raw in value)
        return [{key: one.get(name, select.type) for key, name in fields} for one in made if one is not None]

    return convert


def _code_conflict(raw: Any) -> dict[str, Any]:
    return {"code": raw[0], "names": sorted(raw[1])}


def _conflicting_duplicate(raw: Any) -> dict[str, Any]:
    """Fines in 万元, the unit of the files, the smaller first."""
    fines = sorted(Decimal(amount) / 10_000 for amount in raw[2] if amount)
    return {"document": raw[0], "organisation": raw[1], "fines": [f"{fine.normalize():f}" for fine in fines]}


def _complaint_group(raw: Any) -> dict[str, Any] | None:
    """Days are counted as a window of thirty: the first and the thirtieth day both lie in it."""
    code, name, days = raw
    days = sorted(days)
    ordinals = [date.fromisoformat(day).toordinal() for day in days]
    begin, most = 0, 0
    for end, ordinal in enumerate(ordinals):
        while ordinal - ordinals[begin] >= WITHIN_DAYS:
            begin += 1
        most = max(most, end - begin + 1)
    if most < GROUP:
        return None
    return {
        "organisation": code,
        "name": name,
        "complaints": len(days),
        "mostIn30Days": most,
        "first": days[0],
        "last": days[-1],
    }


def _unmatched_ending(raw: Any) -> dict[str, Any]:
    return dict(zip(("document", "kind", "on", "authority", "reason"), raw, strict=True))


def _same_name(raw: Any, unmask: bool) -> dict[str, Any]:
    return {"name": raw[0] if unmask else masked(raw[0]), "persons": len(raw[1])}
