"""A bounded memory of what cells were read as: most dates, authorities and codes of a file repeat."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

LARGEST = 30_000


class Cache(dict[K, V], Generic[K, V]):
    """``cache[key]`` makes the value once; at its largest it starts anew. What ``make`` raises is not remembered."""

    def __init__(self, make: Callable[[K], V], largest: int = LARGEST) -> None:
        super().__init__()
        self._make = make
        self._largest = largest

    def __missing__(self, key: K) -> V:
        value = self._make(key)
        if len(self) >= self._largest:
            self.clear()
        self[key] = value
        return value
