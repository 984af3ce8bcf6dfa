"""Is a field open here? The field table, the caller's scopes, and where in the answer the field stands."""

from __future__ import annotations

from dataclasses import dataclass

from hub.graphql.access import Access
from schema import scopes as s
from schema.fields import SAME_SUBJECT, SELF_ELSEWHERE, FieldTable, without_self


@dataclass(frozen=True, slots=True)
class Place:
    """Where a selection stands. ``bound``: what is here is about the subject of a ``credit:self`` token.
    ``near``: it was reached from that subject. ``via``: the ``Type.field`` that leads here."""

    bound: bool
    near: bool
    via: str = ""

    def below(self, owner: str, field: str, type_name: str) -> Place:
        """The place of what a field leads to."""
        via = f"{owner}.{field}"
        if owner in ("Query", "Mutation"):
            return Place(self.bound, self.bound, via)
        return Place(self.bound and (type_name != "Subject" or via in SAME_SUBJECT), self.near, via)


@dataclass(frozen=True, slots=True)
class Withheld:
    """A field that policy leaves null, as the answer names it. ``scope`` lists what would open it."""

    path: tuple[str, ...]
    reason: str
    scope: str

    def shown(self) -> dict[str, object]:
        return {"path": list(self.path), "reason": self.reason, "scope": self.scope}


class Judge:
    """Judges fields for one access. Raises the error of a missing header where a held scope would open the field."""

    def __init__(self, table: FieldTable, access: Access) -> None:
        self._table = table
        self._access = access

    def closed(self, type_name: str, field: str, place: Place, path: tuple[str, ...]) -> Withheld | None:
        """None when the field is open."""
        rule = self._table.opening(type_name, field, place.via)
        if rule is None:
            return None
        here = self._here(rule, type_name, field, place)
        if here & self._access.active:
            return None
        held = here & self._access.held
        if held:
            raise self._access.missing(held)
        if s.SELF in rule & self._access.held:
            return Withheld(path, "OTHER_SUBJECT", _scopes(without_self(rule)))
        return Withheld(path, "INSUFFICIENT_SCOPE", _scopes(rule - ({s.SELF} if not place.bound else set())))

    def may_ask_by(self, name: str, place: Place) -> bool:
        """May an argument or a field of a filter be given? ``name``: ``Type.field(argument)`` or ``Filter.field``."""
        target = self._table.arguments.get(name)
        if target is None:
            return True
        type_name, field = target.split(".")
        rule = self._table.opening(type_name, field)
        return rule is None or bool(self._here(rule, type_name, field, place) & self._access.active)

    def object_open(self, type_name: str, place: Place) -> bool:
        """May objects of this type be seen at all?"""
        rule = self._table.opening(type_name, "id")
        return rule is None or bool(self._here(rule, type_name, "id", place) & self._access.active)

    def scopes_of(self, type_name: str, field: str) -> str:
        return _scopes(self._table.opening(type_name, field) or frozenset())

    @staticmethod
    def _here(rule: frozenset[str], type_name: str, field: str, place: Place) -> frozenset[str]:
        if place.bound or (place.near and f"{type_name}.{field}" in SELF_ELSEWHERE):
            return rule
        return without_self(rule)


def _scopes(scopes: frozenset[str]) -> str:
    """Scopes as one text, in the order of the table of scopes (RFC 6749, 3.3)."""
    return " ".join(scope for scope in s.SCOPES if scope in scopes)
