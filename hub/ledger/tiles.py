"""C2SP tlog-tiles: the tree stored and served as rows of up to 256 hashes.

Tile ``n`` of level ``l`` holds the hashes of full subtrees of 256^l leaves each; a tile is hashed into the level above
once it is full. Anything between the levels is recomputed by hashing, so a leaf costs 32 bytes of storage.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hub.ledger.tree import Node, fold

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH = 32
ReadTile = Callable[[int, int], bytes]
_PATH = re.compile(r"(?P<level>0|[1-9][0-9]?|entries)/(?P<n>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<w>[1-9][0-9]{0,2}))?")


@dataclass(frozen=True)
class TilePath:
    """A tile as named in a URL; ``level`` None is an entry bundle, ``width`` 256 a full tile."""

    level: int | None
    n: int
    width: int

    def available(self, size: int) -> bool:
        """Whether a tree of ``size`` leaves has this tile."""
        per_hash = 1 << (HEIGHT * (self.level or 0))
        return size // per_hash >= self.n * WIDTH + self.width


def tile_path(level: int | None, n: int, width: int = WIDTH) -> str:
    """``<L>/<N>[.p/<W>]``: index 1234067 is ``x001/x234/067``."""
    parts = [f"{n % 1000:03d}"]
    while n := n // 1000:
        parts.insert(0, f"x{n % 1000:03d}")
    name = "entries" if level is None else str(level)
    return f"{name}/{'/'.join(parts)}" + ("" if width == WIDTH else f".p/{width}")


def parse_tile_path(text: str) -> TilePath | None:
    """The tile a path names, or None: only the one canonical spelling is a path."""
    match = _PATH.fullmatch(text)
    if match is None or len(text) > 64:
        return None
    level = None if match["level"] == "entries" else int(match["level"])
    n = int(match["n"].replace("x", "").replace("/", ""))
    width = int(match["w"] or WIDTH)
    if (level or 0) > 63 or (match["w"] and width >= WIDTH) or tile_path(level, n, width) != text:
        return None
    return TilePath(level, n, width)


def nodes(read: ReadTile) -> Node:
    """Subtree hashes out of tiles. ``read(level, n)`` gives a tile's bytes, full or as far as it goes."""

    def node(height: int, index: int) -> bytes:
        level, inner = divmod(height, HEIGHT)
        first = index << inner
        data = read(level, first >> HEIGHT)
        start = (first % WIDTH) * HASH
        row = data[start : start + (HASH << inner)]
        if len(row) != HASH << inner:
            raise LookupError(f"tile {tile_path(level, first >> HEIGHT)} is shorter than the tree")
        return fold([row[i : i + HASH] for i in range(0, len(row), HASH)])

    return node


class TileEdge:
    """The right edge of a growing tree: takes leaf hashes, gives back the tiles that changed."""

    def __init__(self, size: int, read: ReadTile) -> None:
        """Pick up a stored tree of ``size`` leaves."""
        self.size = size
        self._open: list[tuple[int, bytearray]] = []
        level = 0
        while (count := size >> (HEIGHT * level)) > 0 or level == 0:
            n, width = divmod(count, WIDTH)
            self._open.append((n, bytearray(read(level, n)[: width * HASH] if width else b"")))
            if len(self._open[-1][1]) != width * HASH:
                raise LookupError(f"tile {tile_path(level, n)} is shorter than the tree")
            level += 1

    def extend(self, leaves: Iterable[bytes]) -> dict[tuple[int, int], bytes]:
        """Append leaf hashes; the changed tiles by (level, index)."""
        changed: dict[tuple[int, int], bytes] = {}
        touched: set[int] = set()
        for leaf in leaves:
            self.size += 1
            level, value = 0, leaf
            while True:
                if level == len(self._open):
                    self._open.append((0, bytearray()))
                n, data = self._open[level]
                data += value
                touched.add(level)
                if len(data) < WIDTH * HASH:
                    break
                changed[level, n] = bytes(data)
                value = fold([changed[level, n][i : i + HASH] for i in range(0, WIDTH * HASH, HASH)])
                self._open[level] = (n + 1, bytearray())
                level += 1
        for level in touched:
            n, data = self._open[level]
            if data:
                changed[level, n] = bytes(data)
        return changed

    def read_over(self, read: ReadTile) -> ReadTile:
        """``read`` with the tiles of the edge taken from memory."""

        def tile(level: int, n: int) -> bytes:
            if level < len(self._open) and self._open[level][0] == n and self._open[level][1]:
                return bytes(self._open[level][1])
            return read(level, n)

        return tile
