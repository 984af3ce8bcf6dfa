"""How many statements run at once."""

from __future__ import annotations

import asyncio
import time

from graph_loaders.engine.room import GROW_EVERY, Room


async def test_waiting_statements_get_places_slowly_up_to_the_most() -> None:
    room = Room(2, 5)
    inside, most = 0, 0
    go_on = asyncio.Event()

    async def work() -> None:
        nonlocal inside, most
        async with room:
            inside += 1
            most = max(most, inside)
            await go_on.wait()
            inside -= 1

    tasks = [asyncio.create_task(work()) for _ in range(20)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert inside == 2
    started = time.monotonic()
    while inside < 5:
        await asyncio.sleep(0.01)
    assert time.monotonic() - started > 2 * GROW_EVERY
    await asyncio.sleep(3 * GROW_EVERY)
    assert inside == 5
    go_on.set()
    await asyncio.gather(*tasks)
    assert most == 5


async def test_a_room_that_is_never_full_does_not_grow() -> None:
    room = Room(2, 5)
    for _ in range(10):
        async with room:
            await asyncio.sleep(0)
    assert room.size == 2


async def test_a_place_is_free_again_after_a_failure() -> None:
    room = Room(1, 1)
    for _ in range(3):
        try:
            async with asyncio.timeout(1), room:
                raise ValueError
        except ValueError:
            continue
    async with asyncio.timeout(1), room:
        assert room.size == 1
