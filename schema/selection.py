"""What a request selects, after validation, merging of fields and removal of what the scopes do not allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Arguments = Mapping[int, Mapping[str, Any]]
"""Coerced arguments of this request by ``Select.index``; a field without arguments may be missing."""


@dataclass(frozen=True, slots=True)
class Select:
    """One field of a selection. The tree is the same for every request with one document and scope set.

    ``index`` numbers the fields of a plan, so that this request's coerced arguments (``Arguments``) can be found.
    ``key`` is the response key (alias or name); ``type`` the named type of the value without list and non-null marks;
    ``on`` the concrete type that a fragment narrows to, where ``parent`` is a union or an interface: there every child
    names one, fields of the interface once for each concrete type. ``__typename`` is a field like any other.
    """

    index: int
    key: str
    name: str
    parent: str
    type: str
    children: tuple[Select, ...] = ()
    on: str | None = None
    given: frozenset[str] = field(default_factory=frozenset)  # argument names written in the document
