"""Rows of one file about the same fact: which contradict each other, which are the same, which are parts of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graph_loaders.transform.identity import role_ids
from graph_loaders.transform.reading import Parsed

Waiting = tuple[int, bytes, Parsed]
"""Row number, digest where an equal row exists (else b""), the row."""

ACCEPT, DUPLICATE, CLASH = "accept", "duplicate", "clash"
WHOLE = 100.000001  # percent, and what six decimals may add to it


def contradictions(waiting: Iterable[Waiting]) -> Iterator[tuple[int, Parsed, str]]:
    """Rows of one ``pair_key`` with different ``pair`` are all in doubt; rows that say the same count once."""
    values: dict[str, str] = {}
    clashing: set[str] = set()
    for _, _, parsed in waiting:
        if values.setdefault(parsed.pair_key, parsed.pair) != parsed.pair:
            clashing.add(parsed.pair_key)
    seen: set[tuple[str, ...]] = set()
    for number, _, parsed in waiting:
        if parsed.pair_key in clashing:
            yield number, parsed, CLASH
            continue
        said = tuple(fact["vid"] for fact in (parsed.fact, parsed.role) if fact is not None)
        yield number, parsed, DUPLICATE if said in seen else ACCEPT
        seen.add(said)


def part_roles(waiting: Iterable[Waiting]) -> Iterator[tuple[int, Parsed, str]]:
    """Several lines for one holder from one day are subscriptions that count together: each becomes a part of its own,
    the greatest first. Together they cannot be more than the whole: then all of them are in doubt."""
    shares: dict[str, dict[str, float]] = {}
    for _, _, parsed in waiting:
        assert parsed.role is not None
        shares.setdefault(parsed.role["key"], {})[parsed.role["vid"]] = float(parsed.role["share"])
    places = {key: sorted(lines, key=lambda vid: (-lines[vid], vid)) for key, lines in shares.items()}
    over = {key for key, lines in shares.items() if sum(s for s in lines.values() if s > 0) > WHOLE}
    seen: set[str] = set()
    for number, _, parsed in waiting:
        role = parsed.role
        assert role is not None
        key, vid = role["key"], role["vid"]
        if key in over:
            yield number, parsed, CLASH
        elif vid in seen:
            yield number, parsed, DUPLICATE
        else:
            seen.add(vid)
            role["part"] = places[key].index(vid)
            role["key"], role["vid"] = role_ids(role)
            yield number, parsed, ACCEPT
