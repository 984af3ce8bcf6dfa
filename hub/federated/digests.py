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
    """The secret behind the pair keys is ``keys/digest.key`` (mode 600), shared by the workers."""

    def __init__(self, facts: LocalFacts, keys: Path) -> None:
        self._facts = facts
        self._file = keys / "digest.key"
        self._made: dict[str, tuple[tuple[str, int], digest.Filter]] = {}
        self._lock = asyncio.Lock()

    async def for_peer(self, region: str) -> tuple[digest.Filter, str, int, int]:
        """The filter for one asking hub, the data version that it speaks for, the rotation's number, and the instant
        (Unix seconds) for which it surely speaks: a second before, since the data version may be that old."""
        spoken = int(time.time() - 1)
        epoch = spoken // ROTATION
        async with self._lock:
            version = await self._facts.data_version()
            held = self._made.get(region)
            if held is None or held[0] != (version, epoch):
                codes = await self._facts.all_codes()
                key = digest.pair_key(await asyncio.to_thread(self._secret), region, epoch)
                found = await asyncio.to_thread(digest.build, codes, len(codes), key)
                held = self._made[region] = ((version, epoch), found)
        return held[1], version, epoch, spoken

    def _secret(self) -> bytes:
        with locked(self._file.with_suffix(".lock")):
            if not self._file.exists():
                write_private(self._file, os.urandom(32))
            return self._file.read_bytes()
