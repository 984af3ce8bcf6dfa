"""How each kind of fact lies in the graph: its label, its key, what must agree among claims, and its relations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from graph_loaders.statements import statement


@dataclass(frozen=True, slots=True)
class Table:
    """Facts that are nodes.

    ``key`` is the indexed property that holds the fact's key, ``clash`` the properties in which all claims of a key
    must agree to be held at all (``lenient``: where they are not empty), ``better`` the one whose smaller value favours
    the subject. ``links`` are the statements
    that make the relations of a new version. ``kinds`` are the kinds of file that such facts come from.
    """

    label: str
    key: str
    clash: tuple[str, ...]
    better: str
    links: tuple[str, ...]
    kinds: tuple[str, ...]
    lenient: str = ""

    @property
    def agreed(self) -> str:
        """The condition on ``claims`` under which one of them is held."""
        parts = [f"all(c IN claims WHERE c.{name} = claims[0].{name})" for name in self.clash]
        if name := self.lenient:
            said = f"[x IN claims WHERE x.{name} <> '']"
            parts.append(f"all(c IN {said} WHERE c.{name} = {said}[0].{name})")
        return " AND ".join(parts) or "true"


@dataclass(frozen=True, slots=True)
class RoleTable:
    """Facts that are relations to a subject. ``split``: a code under two names puts them in doubt."""

    relation: str
    split: bool
    kinds: tuple[str, ...]


STATES = Table("SubjectState", "code", ("compared",), "vid", ("link_state",), ("registry",))
RECORDS = Table(
    "Record", "id", ("amount", "decided_on"), "vid", ("link_about", "link_decided"), ("xzcf", "xzxk", "lists"), "by"
)
CONTRACTS = Table("Contract", "id", (), "completed_on", ("link_party_a", "link_party_b"), ("contracts",))
TABLES: dict[str, Table] = {
    table.label: table
    for table in (
        STATES,
        RECORDS,
        CONTRACTS,
        Table("Ending", "key", (), "on", ("link_ends",), ("repairs",)),
        Table("Lift", "key", (), "on", ("link_lifts", "link_for"), ("lifts",)),
        Table("Commitment", "key", (), "rank", ("link_about",), ("commitments",)),
        Table("Rating", "key", ("score", "grade"), "vid", ("link_about",), ("ratings",)),
        Table("Complaint", "key", (), "vid", ("link_concerns",), ("complaints",)),
    )
}
ROLES: dict[str, RoleTable] = {
    table.relation: table
    for table in (
        RoleTable("REPRESENTS", True, ("registry",)),
        RoleTable("HOLDS", False, ("shareholders",)),
    )
}
RECORD_KINDS: dict[str, tuple[str, ...]] = {
    "xzcf": ("PENALTY",),
    "xzxk": ("LICENCE",),
    "lists": ("LIST_ENTRY", "AWARD"),
}


@cache
def on_nodes(name: str, label: str) -> str:
    """A statement of ``cypher/write`` for one label. Only names of this module's tables get into its text."""
    table = TABLES[label]
    text = statement(f"write/{name}")
    for word, value in (
        ("FACT", table.label),
        ("KEY", table.key),
        ("AGREED", table.agreed),
        ("BETTER", table.better),
    ):
        text = text.replace(f":{word}" if word == "FACT" else word, f":{value}" if word == "FACT" else value)
    return text


@cache
def on_roles(name: str, relation: str) -> str:
    """A statement of ``cypher/write`` for one relation."""
    return statement(f"write/{name}").replace(":ROLE", f":{ROLES[relation].relation}")
