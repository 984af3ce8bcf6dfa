"""One load at a time for each data folder: a file lock that the kernel drops with its process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from graph_loaders.engine.locks import FileLock
from schema.errors import ServiceError

LOOK_EVERY = 0.1  # seconds


@asynccontextmanager
async def load_lock(
    data: Path, *, shared: bool = False, wait: float = 24 * 3600.0, waiting: Callable[[], None] | None = None
) -> AsyncIterator[None]:
    """Held while facts change (exclusive), or while all of them are read at one state (``shared``).

    Waits for its turn, calling ``waiting`` once; raises ServiceError after ``wait`` seconds.
    """
    folder = data / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(folder / "load.lock")
    loop = asyncio.get_running_loop()
    until = loop.time() + wait
    told = False
    try:
        while not (lock.try_shared() if shared else lock.try_exclusive()):
            if loop.time() > until:
                raise ServiceError(
                    "another load is under way",
                    hint="wait until it has ended, then run this again",
                    message_zh="另一个加载任务正在进行",
                )
            if waiting is not None and not told:
                waiting()
                told = True
            await asyncio.sleep(LOOK_EVERY)
        yield
    finally:
        lock.close()
