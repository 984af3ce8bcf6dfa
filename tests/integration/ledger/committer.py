"""A process that commits without pause and prints the id of every entry once it is acknowledged, until it is killed.
One that waits alone takes the short way to the store."""

from __future__ import annotations

import asyncio
import os
import resource
import sys

from ledger_tools import entry

from hub.ledger import Ledger
from hub.settings import load_settings
from schema.errors import LedgerUnavailable


async def main(waiters: int) -> None:
    ledger = await Ledger.open(load_settings())
    if limit := os.environ.get("TEST_FILE_LIMIT"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))

    async def commit() -> None:
        while True:
            try:
                receipt = await ledger.commit(entry(), alone=waiters == 1)
            except LedgerUnavailable:
                print("refused", flush=True)
                await asyncio.sleep(0.05)
            else:
                print(receipt.id, flush=True)

    raising = asyncio.create_task(raise_limit())
    await asyncio.gather(raising, *[commit() for _ in range(waiters)])


async def raise_limit() -> None:
    """Room comes back when a line arrives on standard input."""
    line = await asyncio.to_thread(sys.stdin.readline)
    if line:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
