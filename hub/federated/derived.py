"""What this hub answered with the help of others, and what of it no longer stands since they told of a change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from hub.graphql.told import elsewhere
from hub.ledger import Ledger
from hub.ledger.receipts import REVOKED, SUPERSEDED
from schema import times
from schema.errors import HubError

log = logging.getLogger(__name__)
RETRY = 1.0  # seconds


class Derived:
    """Marks this hub's own receipts of answers in which a city's word counted, when that city's feed moves on."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._heard: asyncio.Queue[tuple[str, Sequence[Mapping[str, Any]], int]] = asyncio.Queue()

    def heard(self, region: str, entries: Sequence[Mapping[str, Any]]) -> None:
        self._heard.put_nowait((region, entries, times.now_us()))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            region, entries, heard_us = await self._heard.get()
            while True:
                try:
                    await self.mark(region, entries, heard_us)
                    break
                except HubError as error:
                    log.warning("receipts not marked", extra={"fields": {"code": error.code}})
                except Exception:
                    log.exception("receipts not marked")
                    break
                await asyncio.sleep(RETRY)

    async def mark(self, region: str, entries: Sequence[Mapping[str, Any]], before_us: int) -> None:
        for entry in entries:
            if entry["op"] in ("KEY", "RECEIPT"):
                told = {"peer": region, "id": entry["id"], "status": entry.get("status")}
                log.info(f"a neighbour told of a {entry['op'].lower()}", extra={"fields": told})
        facts = [entry for entry in entries if entry["op"] in ("PUT", "DROP")]
        void = {entry["code"] for entry in facts if entry.get("void") is True}
        for status, codes in ((REVOKED, void), (SUPERSEDED, {entry["code"] for entry in facts} - void)):
            if codes:
                named = [elsewhere(code) for code in codes]
                because = f"{region} told of a change"
                await self._ledger.mark_receipts(status, named, because=because, before_us=before_us)
