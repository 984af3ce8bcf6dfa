"""A new key for the log itself: announced in the log under the old one, then taken into use between two heads."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select, update

from hub.ledger.log_keys import LogKeys
from hub.ledger.sequencer import tree_size
from hub.ledger.tables import entries, meta
from hub.settings import Settings
from schema.errors import ServiceError

if TYPE_CHECKING:
    from hub.ledger.ledger import Ledger

COVERED = 10.0  # seconds that the announcement waits for a head under the old key


async def rotate_log_key(ledger: Ledger, settings: Settings, *, compromised: bool = False) -> tuple[str, str]:
    """The vkeys before and after. Heads up to now stay good under the old key, which for a while signs along unless it
    is ``compromised``. Raises LedgerUnavailable, ServiceError."""
    keys = LogKeys(settings)
    before, after = await asyncio.to_thread(keys.prepare)
    announced = await ledger.note("log-key", {"before": before, "next": after, "compromised": compromised})
    await _covered(ledger, announced.id)

    def activate(connection: Connection) -> int:
        # No head is signed meanwhile: whoever extends the tree holds the same lock.
        size = tree_size(connection, lock=True)
        keys.activate(size, compromised=compromised)
        connection.execute(update(meta).where(meta.c.key == "log").values(value=after))
        return size

    size = await ledger.call(activate)
    await ledger.note("log-key", {"before": before, "now": after, "size": size, "compromised": compromised})
    return before, after


async def _covered(ledger: Ledger, receipt: str) -> None:
    query = select(entries.c.idx).where(entries.c.id == receipt)
    try:
        async with asyncio.timeout(COVERED):
            while True:  # the head is another process's doing
                if await ledger.call(lambda connection: connection.scalar(query)) is not None:
                    return
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise ServiceError(
            "no head covers the announcement of the new log key; the old one stays",
            hint="see that the hub that writes this log is running, then run this again",
            message_zh="新账本密钥的公告尚未入账",
        ) from None
