"""Which lists are adverse and which are honours, on what legal basis, and whether they have force elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from policies.rules import SOURCES
from policies.table import PackError, Table


@dataclass(frozen=True, slots=True)
class ListType:
    """One kind of list. ``national``: it rests on national law, so other regions may give it force.

    ``aliases`` are other names that sources use for the same list.
    """

    name: str
    aliases: tuple[str, ...]
    title: str
    award: bool
    national: bool
    basis: str
    source: str
    valid_from: str
    valid_to: str
    place: str


def read_list(table: Table) -> ListType:
    """One ``[[list]]``."""
    valid_from, valid_to = table.validity()
    return ListType(
        name=table.text("name"),
        aliases=table.texts("aliases", default=()),
        title=table.text("title"),
        award=table.choice("sort", ("adverse", "award")) == "award",
        national=table.flag("national"),
        basis=table.text("basis"),
        source=table.choice("source", SOURCES),
        valid_from=valid_from,
        valid_to=valid_to,
        place=table.place(),
    )


@dataclass(frozen=True, slots=True)
class ListBook:
    """All list types by every name they go by."""

    lists: tuple[ListType, ...]

    def find(self, name: str) -> ListType | None:
        return next((found for found in self.lists if name == found.name or name in found.aliases), None)

    def names(self, lists: Iterable[str]) -> tuple[str, ...]:
        """The given lists by all names they go by in sources."""
        names: dict[str, None] = {}
        for name in lists:
            found = self.find(name)
            names.update(dict.fromkeys((name, *((found.name, *found.aliases) if found else ()))))
        return tuple(names)

    def known(self, name: str) -> bool:
        return self.find(name) is not None

    def is_award(self, name: str) -> bool:
        """An unknown list is local and adverse: it may not be praised, and has no force elsewhere."""
        found = self.find(name)
        return found is not None and found.award

    def is_national(self, name: str) -> bool:
        found = self.find(name)
        return found is not None and found.national


def list_book(lists: list[ListType]) -> ListBook:
    """Raises PackError when one name stands for two lists."""
    seen: dict[str, ListType] = {}
    for found in lists:
        for name in (found.name, *found.aliases):
            if name in seen:
                raise PackError(
                    found.place, f"list {name!r} is already there ({seen[name].place})", hint="keep one of them"
                )
            seen[name] = found
    return ListBook(tuple(lists))
