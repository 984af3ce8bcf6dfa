"""The form of a page of the feed, checked before anything is done with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from federation.errors import PeerRefused

KINDS = ("snapshot", "delta", "reset")


def checked(page: Mapping[str, Any], *kinds: str) -> Mapping[str, Any]:
    """The page when it has the form of one of these kinds. Raises PeerRefused."""
    head = page.get("head")
    entries = page.get("entries")
    last = page.get("last")
    right = (
        page.get("kind") in (kinds or KINDS)
        and isinstance(page.get("epoch"), str)
        and isinstance(page.get("more"), bool)
        and isinstance(entries, list)
        and all(isinstance(one, str) for one in entries)
        and (last is None or type(last) is int)
        and isinstance(head, dict)
        and type(head.get("seq")) is int
        and isinstance(head.get("hash"), str)
    )
    if not right:
        raise PeerRefused("feed", "not as asked")
    return page
