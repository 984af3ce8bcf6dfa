"""What a fact of one region means in another: recognised under which agreement, or not, and why.

Only listed and valid agreements count, in order of their ids; the first that covers the fact decides. A list without a
national basis has no force elsewhere, whatever an agreement says. A grade that no band map reads stays unrecognised.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from policies.agreements import AgreementPack, Bands, Cover
from policies.fields import FieldBook
from policies.lists import ListBook
from policies.measures import Measure, MeasureBook
from policies.regions import RegionBook

REASONS = {
    "no_agreement": "no agreement in force between the two regions covers this kind of fact 两地无有效协议覆盖",
    "local_list": "a list on local rules alone has no force elsewhere 地方性名单在外地无效力",
    "list_type_outside": "the agreement does not cover this list 协议不含此名单",
    "field_outside": "the agreement does not cover this field of supervision 协议不含此领域",
    "scale_not_mapped": "no band map between the two scales in this direction 两种评价体系间无对照",
    "grade_not_mapped": "the band map does not read this grade 对照表无此等级",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """What recognition needs of a foreign record or rating. ``kind`` as in ``agreements.FACT_KINDS``."""

    kind: str
    list_type: str = ""
    authority: str = ""
    basis: str = ""
    scale: str = ""
    grade: str = ""
    field: str = ""  # known already, else told by authority and basis


@dataclass(frozen=True, slots=True)
class Recognition:
    """``agreement`` is ``id@version``, ``rule`` the cover or band map in it; ``measures`` what may be done here."""

    recognised: bool
    reason: str
    agreement: str = ""
    rule: str = ""
    mapped: str = ""
    measures: tuple[Measure, ...] = ()

    @property
    def because(self) -> str:
        return f"{self.reason}: {REASONS[self.reason]}" if self.reason else ""


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Everything recognition goes by, frozen. ``listed`` are the digests of the directory; None: all count (checks)."""

    agreements: tuple[AgreementPack, ...]
    regions: RegionBook
    lists: ListBook
    measures: MeasureBook
    fields: FieldBook
    listed: frozenset[str] | None = None

    def between(self, one: str, other: str, day: str) -> list[AgreementPack]:
        """Agreements in force on a day that bind both regions."""
        return [
            pack
            for pack in sorted(self.agreements, key=lambda a: (a.id, a.version))
            if (self.listed is None or pack.sha256 in self.listed)
            and pack.in_force(day)
            and pack.party(one, day, self.regions)
            and pack.party(other, day, self.regions)
        ]

    def recognise(self, fact: Fact, *, of: str, at: str, day: str) -> Recognition:
        """What ``fact`` of region ``of`` means at region ``at`` on ``day`` (ISO date)."""
        if fact.kind == "LIST_ENTRY" and not self.lists.is_national(fact.list_type):
            return Recognition(False, "local_list")
        packs = self.between(of, at, day)
        if fact.kind == "RATING":
            return self._rating(fact, packs, of, at, day)
        field = fact.field or self.fields.of(fact.authority, fact.basis)
        worst = Recognition(False, "no_agreement")
        for pack in packs:
            for cover in pack.covers:
                reason = _outside(cover, fact, field, self.lists)
                if reason == "":
                    return Recognition(
                        True, "", pack.name, cover.id, fact.list_type or field, tuple(self._measures(cover, day))
                    )
                if reason != "no_agreement" and worst.reason == "no_agreement":
                    worst = Recognition(False, reason, pack.name, cover.id)
        return worst

    def covers_list(self, list_type: str, one: str, other: str, day: str) -> bool:
        """Whether an agreement in force covers this list type between two regions (any field)."""
        if not self.lists.is_national(list_type):
            return False
        found = self.lists.find(list_type)
        names = {list_type, *((found.name, *found.aliases) if found else ())}
        return any(
            "LIST_ENTRY" in cover.kinds and not cover.fields and (not cover.list_types or names & set(cover.list_types))
            for pack in self.between(one, other, day)
            for cover in pack.covers
        )

    def _rating(self, fact: Fact, packs: Iterable[AgreementPack], of: str, at: str, day: str) -> Recognition:
        reason = Recognition(False, "no_agreement")
        for pack in packs:
            for bands in pack.bands:
                if not self.reads(bands, of, at, day):
                    continue
                if bands.from_scale != fact.scale:
                    reason = Recognition(False, "scale_not_mapped", pack.name)
                elif fact.grade in bands.grades:
                    return Recognition(True, "", pack.name, bands.id, f"{bands.to_scale} {bands.grades[fact.grade]}")
                else:
                    return Recognition(False, "grade_not_mapped", pack.name, bands.id)
            if pack.bands and reason.reason == "no_agreement":
                reason = Recognition(False, "scale_not_mapped", pack.name)
        return reason

    def reads(self, bands: Bands, of: str, at: str, day: str) -> bool:
        """Whether a band map goes from one region to the other."""
        return bands.from_region in self.regions.chain(of, day) and bands.to_region in self.regions.chain(at, day)

    def _measures(self, cover: Cover, day: str) -> Iterable[Measure]:
        for measure in cover.measures:
            found = self.measures.on(measure, day)
            if found is not None:
                yield found


def _outside(cover: Cover, fact: Fact, field: str, lists: ListBook) -> str:
    if fact.kind not in cover.kinds:
        return "no_agreement"
    found = lists.find(fact.list_type)
    names = {fact.list_type, *((found.name, *found.aliases) if found else ())}
    if fact.list_type and cover.list_types and not names & set(cover.list_types):
        return "list_type_outside"
    if cover.fields and field not in cover.fields:
        return "field_outside"
    return ""


def failing_cases(recogniser: Recogniser, pack: AgreementPack) -> list[str]:
    """The cases of a pack that do not come out as written, each as ``file:line expected …, got …``."""
    from dataclasses import replace

    alone = replace(recogniser, agreements=(pack,), listed=None)
    failures = []
    for case in pack.cases:
        fact = Fact(case.kind, case.list_type, scale=case.scale, grade=case.grade, field=case.field)
        found = alone.recognise(fact, of=case.of, at=case.at, day=case.day)
        got = "ANSWERED" if found.recognised else "NOT_RECOGNISED"
        right = got == case.expect and case.reason in ("", found.reason) and case.mapped in ("", found.mapped)
        if not right:
            failures.append(
                f"{case.place} expected {case.expect} {case.reason}, got {got} {found.reason} {found.mapped}"
            )
    return failures
