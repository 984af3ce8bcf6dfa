"""Which rows a set of scopes may see. Rows outside are absent without a mark, since a mark would tell of them."""

from __future__ import annotations

from dataclasses import dataclass

from schema import scopes as s

USES_OF_SCOPE: dict[str, tuple[str, ...]] = {
    s.MUTUAL: ("SHARED",),
    s.GATE: ("SHARED",),
    s.LOAN: ("AUTHORISED",),
    s.INVESTIGATE: ("SHARED", "AUTHORISED", "INTERNAL"),
    s.OPERATE: ("SHARED", "AUTHORISED", "INTERNAL"),
    s.SELF: ("SHARED", "AUTHORISED", "INTERNAL"),
}
"""Records that their source keeps from the public, by who may use them (``schema.records.USES``): departments
read what is shared among them, a bank what the subject's authorisation opens, this city's own platform everything."""


@dataclass(frozen=True, slots=True)
class Rows:
    """``ended``: adverse records that are EXPIRED or REPAIRED, and void ones when asked for.
    ``light``: penalties of tier 轻微. ``active_only``: adverse records only while ACTIVE. ``doubtful``: records of
    which something is not understood. ``uses``: restricted records of these use scopes.
    """

    ended: bool
    light: bool
    active_only: bool
    doubtful: bool = True
    uses: frozenset[str] = frozenset()


def past_is_open(scopes: frozenset[str]) -> bool:
    """Whether these scopes see the past as it was, of every subject. To others an earlier day or knowledge never
    reopens what has ended: what is shown of the past must be shown today, too. credit:self opens the past of its own
    subject only."""
    return rows_for(scopes - {s.SELF}).ended


def rows_for(scopes: frozenset[str]) -> Rows:
    """The rows of records that these scopes open together (a union)."""
    ended = not scopes.isdisjoint((s.INVESTIGATE, s.OPERATE, s.SELF))
    full = ended or not scopes.isdisjoint((s.MUTUAL, s.GATE, s.LOAN))
    uses = frozenset(use for scope in scopes for use in USES_OF_SCOPE.get(scope, ()))
    return Rows(ended=ended, light=full, active_only=not ended, doubtful=full, uses=uses)
