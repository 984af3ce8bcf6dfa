"""What one region tells another: purposes, kinds of fact and daily numbers of persons that agreements in force open.

Recognition asks what a fact means elsewhere; this asks whether it may be told at all. Several agreements add up. One
without ``[[share]]`` tells what it recognises and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from policies.agreements import FACT_KINDS, AgreementPack, Share
from policies.fields import FieldBook
from policies.lists import ListBook
from policies.recognition import Fact, Recogniser

ADVERSE = frozenset(("PENALTY", "LIST_ENTRY"))


@dataclass(frozen=True, slots=True)
class Sharing:
    """``agreements`` is empty where none is in force: then nothing is told. Numbers are persons a day."""

    agreements: tuple[str, ...] = ()
    purposes: frozenset[str] = frozenset()
    shares: tuple[Share, ...] = ()
    persons_exchanged: int = 0
    persons_asked: int = 0
    lists: ListBook | None = None
    fields: FieldBook | None = None

    @property
    def whole(self) -> bool:
        """Whether every kind of fact may be told: only then are the feed and the digest, which tell of all alike."""
        open_kinds = {kind for one in self.shares if not one.narrow for kind in one.kinds}
        return open_kinds >= set(FACT_KINDS)

    @property
    def adverse(self) -> bool:
        """Whether any adverse kind may be told: what is derived about persons comes of those alone."""
        return any(ADVERSE & set(one.kinds) for one in self.shares)

    def opens(self, fact: Fact) -> bool:
        return any(self._covers(one, fact) for one in self.shares)

    def _covers(self, share: Share, fact: Fact) -> bool:
        if fact.kind not in share.kinds:
            return False
        if fact.kind == "RATING":
            return not share.scales or fact.scale in share.scales
        if fact.list_type and share.list_types:
            found = self.lists.find(fact.list_type) if self.lists else None
            if not {fact.list_type, *((found.name, *found.aliases) if found else ())} & set(share.list_types):
                return False
        if not share.fields:
            return True
        field = fact.field or (self.fields.of(fact.authority, fact.basis) if self.fields else "")
        return field in share.fields


def sharing(recogniser: Recogniser, *, of: str, to: str, today: str, day: str | None = None) -> Sharing:
    """What region ``of`` tells region ``to``: by agreements in force today, and on ``day`` where another one is asked
    about (ISO dates)."""
    packs = [pack for pack in recogniser.between(of, to, today) if day in (None, today) or pack.in_force(day or today)]
    return Sharing(
        agreements=tuple(pack.name for pack in packs),
        purposes=frozenset(purpose for pack in packs for purpose in pack.purposes),
        shares=tuple(share for pack in packs for share in _shares(pack, recogniser, of, to, day or today)),
        persons_exchanged=max((pack.persons_exchanged for pack in packs), default=0),
        persons_asked=max((pack.persons_asked for pack in packs), default=0),
        lists=recogniser.lists,
        fields=recogniser.fields,
    )


def _shares(pack: AgreementPack, recogniser: Recogniser, of: str, to: str, day: str) -> Iterable[Share]:
    yield from pack.shares
    for cover in pack.covers:
        yield Share(cover.id, cover.article, cover.kinds, cover.list_types, cover.fields)
    for bands in pack.bands:
        if recogniser.reads(bands, of, to, day):
            yield Share(bands.id, pack.article, ("RATING",), scales=(bands.from_scale,))
