"""This hub's membership digests, made once for each asking hub, data version and rotation."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from federation import digest
from federation.ports import LocalFacts
from hub.signing.keys import locked, write_private

ROTATION = 86_400  # seconds a pair's key is used


class Digests:
    """The secret behind the pair keys is ``keys/digest.key`` (mode 600), shared by the workers. Codes are read once for
    each data version, and a filter is made anew only where codes have gone or its measures no longer fit."""

    def __init__(self, facts: LocalFacts, keys: Path) -> None:
        self._facts = facts
        self._file = keys / "digest.key"
        self._version = ""
        self._codes: frozenset[str] = frozenset()
        self._made: dict[str, tuple[int, frozenset[str], digest.Filter]] = {}
        self._lock = asyncio.Lock()

    async def for_peer(self, region: str) -> tuple[digest.Filter, str, int, int]:
        """The filter for one asking hub, the data version that it speaks for, the rotation's number, and the instant
        (Unix seconds) for which it surely speaks: a second before, since the data version may be that old."""
        spoken = int(time.time() - 1)
        epoch = spoken // ROTATION
        async with self._lock:
            version = await self._facts.data_version()
            if version != self._version:
                codes = frozenset(await self._facts.all_codes())
                self._codes = self._codes if codes == self._codes else codes
                self._version = version
            found = await asyncio.to_thread(self._filter, region, epoch, self._codes)
        return found, version, epoch, spoken

    def _filter(self, region: str, epoch: int, codes: frozenset[str]) -> digest.Filter:
        held = self._made.get(region)
        if held is not None and held[0] == epoch:
            if held[1] is codes:
                return held[2]
            grown = digest.extend(held[2], codes - held[1], len(codes)) if held[1] <= codes else None
        else:
            grown = None
        found = grown or digest.build(codes, len(codes), digest.pair_key(self._secret(), region, epoch))
        self._made[region] = (epoch, codes, found)
        return found

    def _secret(self) -> bytes:
        with locked(self._file.with_suffix(".lock")):
            if not self._file.exists():
                write_private(self._file, os.urandom(32))
            return self._file.read_bytes()
