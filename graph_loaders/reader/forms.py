"""Prepared root fields by their form, so that what was made ready once serves every document that asks the same.

A form is a root's selection without the root's own response key and with its fields numbered from one. Documents that
differ in the aliases of their roots, or ask one fragment under many, share one statement and one shaping function.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace
from typing import Generic, TypeVar

from schema.selection import Arguments, Select

T = TypeVar("T")
FIELDS = 40_000  # of all forms that are kept together: about 40 MB
FORMS = 2_000


def normalised(root: Select) -> tuple[Select, int] | None:
    """The form of a root, and how many fields it has. None where its numbers do not follow each other from the root's
    on, as a document's do."""
    form, after = _numbered(root, 1, root.index - 1)
    return None if form is None else (replace(form, key=""), after - 1)


def _numbered(select: Select, number: int, offset: int) -> tuple[Select | None, int]:
    if select.index - offset != number:
        return None, 0
    children, following = [], number + 1
    for child in select.children:
        made, following = _numbered(child, following, offset)
        if made is None:
            return None, 0
        children.append(made)
    return replace(select, index=number, children=tuple(children)), following


def own_arguments(arguments: Arguments, offset: int, fields: int) -> Arguments:
    """A root's part of a request's arguments, numbered as its form."""
    if not offset:
        return arguments
    return {index - offset: given for index, given in arguments.items() if offset < index <= offset + fields}


class Forms(Generic[T]):
    """The forms used last, as many as have ``FIELDS`` fields together."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self.fields = 0

    def get(self, key: Hashable) -> T | None:
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, made: T, fields: int) -> None:
        self._kept[key] = (made, fields)
        self.fields += fields
        while self.fields > FIELDS or len(self._kept) > FORMS:
            self.fields -= self._kept.popitem(last=False)[1][1]
