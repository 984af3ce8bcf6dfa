"""A piercing rule as written in a pack, with the cases that a jurist can read beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from policies.cases import Case, read_case
from policies.dates import day_before
from policies.table import PackError, Table
from schema.piercing import RoleReach, Rule
from schema.records import SUBJECT_KINDS, TIERS
from schema.times import FIRST_DATE

SOURCES = ("pub", "std", "illustrative", "unsure")
RECORD_KINDS = ("PENALTY", "LICENCE", "LIST_ENTRY", "AWARD")
ADVERSE = ("PENALTY", "LIST_ENTRY")
ROLES = ("LEGAL_REPRESENTATIVE", "SHAREHOLDER")
EFFECTS = ("POINTS_INDICATOR", "CONSUMPTION_LIMIT", "ROLE_BAR")
KINDS = tuple(SUBJECT_KINDS.values())


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """A rule, where it stands, the version it replaces (0: none), its cases, and its last day as written: cases are
    about the rule as written, also after a later version has cut it short."""

    rule: Rule
    place: str
    supersedes: int
    cases: tuple[Case, ...]
    written_to: str

    @property
    def as_written(self) -> Rule:
        return replace(self.rule, valid_to=self.written_to)

    def until(self, last: str) -> WrittenRule:
        """The same with an earlier last day of validity."""
        return replace(self, rule=replace(self.rule, valid_to=last))

    def about(self, lists: tuple[str, ...]) -> WrittenRule:
        """The same about lists by all their names."""
        return replace(self, rule=replace(self.rule, lists=lists))


def read_rule(table: Table, region: str) -> WrittenRule:
    """One ``[[rule]]``. Raises PackError for a rule that could not be applied as written."""
    valid_from, valid_to = table.validity()
    if valid_from == FIRST_DATE:
        raise table.error("valid_from is missing", hint="give the first day on which the rule applies")
    values: dict[str, Any] = {
        "id": table.text("id"),
        "version": table.integer("version", least=1),
        "valid_from": valid_from,
        "valid_to": valid_to,
        "title": table.text("title"),
        "title_zh": table.text("title_zh"),
        "article": table.text("article"),
        "source": table.choice("source", SOURCES),
        "effect": table.choice("effect", EFFECTS),
        "measure": table.text("measure"),
        "record_kind": table.choice("record_kind", RECORD_KINDS),
        "lists": table.texts("lists", default=()),
        "tiers": table.texts("tiers", TIERS, default=()),
        "subject_kinds": table.texts("subject_kinds", KINDS),
        "attribution": table.choice("attribution", ("decision", "listing", "effective")),
        "roles": table.each("role", _role, needed=True),
        "adults_only": _adults_only(table),
        "years": _years(table),
        "stays": table.flag("stays_after_change"),
        "liftable": table.flag("liftable", False),
        "reported_on": table.texts("reported_on", KINDS, default=()),
        "illustrative": _illustrative(table, region),
    }
    supersedes = table.integer("supersedes", 0)
    cases = table.each("case", read_case, needed=True)
    listed = values["record_kind"] in ("LIST_ENTRY", "AWARD")
    if listed != bool(values["lists"]):
        raise table.error(
            "lists and record_kind do not fit together", hint="name lists for LIST_ENTRY and AWARD, and only for them"
        )
    if values["tiers"] and values["record_kind"] != "PENALTY":
        raise table.error("tiers narrow penalties only", "tiers", hint="remove tiers or use record_kind = PENALTY")
    if (values["attribution"] == "listing") and not listed:
        raise table.error("a penalty has no listing date", "attribution", hint="use decision or effective")
    if values["record_kind"] in ADVERSE and not values["adults_only"]:
        raise table.error(
            "minors are outside everything adverse", "exclusions", hint='write exclusions = ["under_18"] in the rule'
        )
    if not any(case.allows for case in cases) or not any(case.denies for case in cases):
        raise table.error(
            "cases must show someone reached and someone not", "case", hint="add a [[rule.case]] of the other sort"
        )
    return WrittenRule(Rule(**values), table.place(), supersedes, cases, valid_to)


def _role(table: Table) -> RoleReach:
    kind = table.choice("kind", ROLES)
    share = table.percent("share_at_least", 0.0)
    if share and kind != "SHAREHOLDER":
        raise table.error("share_at_least is for shareholders", "share_at_least", hint="remove it")
    return RoleReach(kind=kind, illustrative=table.flag("illustrative", False), share_at_least=share)  # type: ignore[arg-type]


def _adults_only(table: Table) -> bool:
    """Minors are outside everything adverse; such a rule must say so itself, so that a reader sees it."""
    return "under_18" in table.texts("exclusions", ("under_18",), default=())


def _years(table: Table) -> int:
    """``term``: of the record, until the removal date, or years from the attribution date."""
    term = table.table("term")
    kind = term.choice("kind", ("record", "removal", "years"))
    years = term.integer("years", least=1) if kind == "years" else 0
    term.done()
    return years


def _illustrative(table: Table, region: str) -> bool:
    """True everywhere, or everywhere outside the regions whose own rule it is."""
    if "illustrative_outside" not in table:
        return table.flag("illustrative", False)
    return region not in table.texts("illustrative_outside")


def in_force(rules: list[WrittenRule]) -> list[WrittenRule]:
    """Versions in order, each ended the day before the one that supersedes it. Raises PackError where two overlap."""
    ordered = sorted(rules, key=lambda written: (written.rule.id, written.rule.valid_from, written.rule.version))
    for newer in [written for written in ordered if written.supersedes]:
        last = day_before(newer.rule.valid_from)
        ordered = [
            written.until(min(written.rule.valid_to, last))
            if (written.rule.id, written.rule.version) == (newer.rule.id, newer.supersedes)
            else written
            for written in ordered
        ]
    for one, two in pairwise(ordered):
        if one.rule.id != two.rule.id:
            continue
        if two.rule.valid_from <= one.rule.valid_to or one.rule.version == two.rule.version:
            raise PackError(
                two.place,
                f"{two.rule.id} version {two.rule.version} overlaps version {one.rule.version} ({one.place})",
                hint="end the older version with valid_to, or write supersedes = its version in the newer one",
            )
    return ordered
