"""The text of the piercing fragments, put together from the files under ``cypher/read/piercing``."""

from __future__ import annotations

from dataclasses import dataclass, field

from graph_loaders.reader.fragments import fragment, own


@dataclass(slots=True)
class Chosen:
    """List expressions of what a request selects of each node of a candidate; nothing else is fetched of them."""

    records: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Names:
    """The variables of one use of the fragments."""

    number: int
    record: str
    subject: str
    holder: str
    other: str

    @classmethod
    def of_subject(cls, bound: str, number: int) -> Names:
        return cls(number, own("rec", number), bound, own("holder", number), own("other", number))

    @classmethod
    def of_person(cls, bound: str, number: int) -> Names:
        return cls(number, own("rec", number), own("subject", number), bound, own("other", number))


def of_subject(names: Names, chosen: Chosen) -> str:
    """A list expression: candidates of a bound subject, with everyone in office at the attribution date."""
    return _piece("of_subject", names, standing=_piece("standing", names), candidate=_everyone(names, chosen))


def of_person(names: Names, chosen: Chosen) -> str:
    """A list expression: candidates of a bound person, each with one role of this person."""
    candidate = _candidate(names, chosen, f"[{_role(names, chosen)}]")
    return _piece(
        "of_person",
        names,
        standing=_piece("standing", names),
        in_office=_piece("in_office", names),
        candidate=candidate,
    )


def page() -> str:
    """A whole statement over all records, page by page; each candidate also has its document."""
    names = Names.of_subject("subject0", 0)
    chosen = Chosen(records=[f"{names.record}.document"])
    return _piece("page", names, standing=_piece("standing", names), candidate=_everyone(names, chosen))


def _everyone(names: Names, chosen: Chosen) -> str:
    roles = _piece("everyone", names, in_office=_piece("in_office", names), role=_role(names, chosen))
    return _candidate(names, chosen, roles)


def _candidate(names: Names, chosen: Chosen, roles: str) -> str:
    return _piece(
        "candidate",
        names,
        registered=fragment("piercing/registered", names.number, subject=names.subject),
        lifts=_piece("lifts", names),
        roles=roles,
        record=_entry("records", chosen.records) + _entry("subjects", chosen.subjects),
    )


def _role(names: Names, chosen: Chosen) -> str:
    reported = ""
    if chosen.reported:
        registered = fragment("piercing/registered", names.number, subject=names.other)
        reported = ", reported: " + _piece(
            "reported", names, registered=registered, subjects=f"[{', '.join(chosen.reported)}]"
        )
    return _piece("role", names, person=_entry("persons", chosen.persons), reported=reported)


def _piece(name: str, names: Names, **parts: str) -> str:
    return fragment(f"piercing/{name}", names.number, subject=names.subject, holder=names.holder, **parts)


def _entry(key: str, expressions: list[str]) -> str:
    return f", {key}: [{', '.join(expressions)}]" if expressions else ""
