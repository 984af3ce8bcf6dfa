"""The tree against pymerkle, an independent implementation of RFC 6962."""

from __future__ import annotations

import hashlib

import pytest
from pymerkle import InmemoryTree

from hub.ledger.tiles import TileEdge, nodes, parse_tile_path, tile_path
from hub.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_holds,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_from_inclusion,
    root_hash,
)

Tiles = dict[tuple[int, int], bytes]


def leaf(i: int) -> bytes:
    return hashlib.sha256(f"leaf {i}".encode()).digest()


def grown(*batches: int) -> Tiles:
    stored: Tiles = {}
    size = 0
    for batch in batches:
        edge = TileEdge(size, lambda level, n: stored.get((level, n), b""))
        stored.update(edge.extend(leaf_hash(leaf(i)) for i in range(size, size + batch)))
        size += batch
    return stored


def reference(size: int) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for i in range(size):
        tree.append_entry(leaf(i))
    return tree


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 255, 256, 257, 600, 1025])
def test_roots_equal_those_of_pymerkle_however_the_leaves_arrive(size: int) -> None:
    expected = reference(size).get_root()
    for batches in ([size], [1] * min(size, 40) + [size - min(size, 40)]):
        stored = grown(*[b for b in batches if b])
        node = nodes(lambda level, n, s=stored: s[level, n])  # type: ignore[misc]
        assert root_hash(node, size) == expected
    frontier = Frontier()
    frontier.extend(leaf_hash(leaf(i)) for i in range(size))
    assert frontier.root() == expected


def test_empty_tree_has_the_hash_of_nothing() -> None:
    assert root_hash(nodes(lambda level, n: b""), 0) == EMPTY_ROOT == Frontier().root() == hashlib.sha256().digest()


def test_inclusion_proofs_equal_those_of_pymerkle_and_lead_to_its_root() -> None:
    size = 600
    tree, stored = reference(size), grown(size)
    node = nodes(lambda level, n: stored[level, n])
    for at in (1, 2, 5, 256, 257, 599, 600):
        for index in {0, at // 2, at - 1}:
            path = inclusion_proof(node, index, at)
            theirs = tree.prove_inclusion(index + 1, at)
            assert path == theirs.path[1:]
            assert root_from_inclusion(leaf_hash(leaf(index)), index, at, path) == tree.get_root(at)
            if path:
                swapped = [hashlib.sha256(path[0]).digest(), *path[1:]]
                assert root_from_inclusion(leaf_hash(leaf(index)), index, at, swapped) != tree.get_root(at)
            assert root_from_inclusion(leaf_hash(leaf(index)), index, at, [*path, b"0" * 32]) is None


def test_consistency_proofs_hold_between_all_sizes_and_not_for_another_root() -> None:
    size = 300
    tree, stored = reference(size), grown(size)
    node = nodes(lambda level, n: stored[level, n])
    roots = {at: tree.get_root(at) for at in range(1, size + 1)}
    for old, new in [(1, 2), (3, 7), (4, 8), (6, 8), (7, 300), (255, 256), (256, 300), (299, 300), (300, 300)]:
        path = consistency_proof(node, old, new)
        assert consistency_holds(old, new, roots[old], roots[new], path)
        assert not consistency_holds(old, new, roots[old], leaf(0), path)
        assert not consistency_holds(old, new, leaf(0), roots[new], path)


@pytest.mark.parametrize(
    ("path", "level", "n", "width"),
    [("0/000", 0, 0, 256), ("1/x001/x234/067", 1, 1234067, 256), ("entries/273.p/112", None, 273, 112)],
)
def test_tile_paths_read_as_in_the_specification(path: str, level: int | None, n: int, width: int) -> None:
    parsed = parse_tile_path(path)
    assert parsed is not None
    assert (parsed.level, parsed.n, parsed.width) == (level, n, width)
    assert tile_path(level, n, width) == path


@pytest.mark.parametrize(
    "path",
    ["00/000", "64/000", "0/0", "0/x000/001", "0/000.p/256", "0/000.p/0", "0/000.p/01", "0/1000", "0/../000", "-1/000"],
)
def test_any_other_spelling_of_a_tile_path_is_none(path: str) -> None:
    assert parse_tile_path(path) is None


def test_a_tree_of_70000_has_the_tiles_that_the_specification_counts() -> None:
    def has(level: int, n: int, width: int) -> bool:
        parsed = parse_tile_path(tile_path(level, n, width))
        return parsed is not None and parsed.available(70_000)

    assert has(0, 272, 256)
    assert has(0, 273, 112)
    assert not has(0, 273, 113)
    assert has(1, 0, 256)
    assert has(1, 1, 17)
    assert not has(1, 1, 18)
    assert has(2, 0, 1)
    assert not has(2, 0, 2)
