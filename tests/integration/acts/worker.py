"""A process that acts without pause until it is killed: ``checks`` prints each key that was acknowledged, ``due`` does
what is due and prints how many rows it took."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from hub.acts.due_work import DueWork
from hub.acts.model import Act, new_id
from hub.acts.room import Standing
from hub.ledger import Ledger
from hub.settings import load_settings
from schema.errors import HubError
from tests.integration.acts.desk import FIRM, Desk, listed, open_desk

GIVEN = {"subject": FIRM, "matter": "gov-procurement"}


async def checks(desk: Desk, name: str) -> None:
    """Eight clerks at once, each key sent until it is acknowledged, as a client after a cut connection would."""
    desk.graph.put(FIRM, listed("失信被执行人"))

    async def clerk(place: int) -> None:
        for number in range(1_000_000):
            key = f"{name}-{place}-{number}"
            answer = await desk.ask(Desk.document("gateCheck", "id receipt"), f'"{key}"', given=GIVEN)
            if answer.status == 200:
                print(key, json.loads(answer.body)["data"]["gateCheck"]["receipt"], flush=True)

    await asyncio.gather(*(clerk(place) for place in range(8)))


async def noticed(standing: Standing, work: Mapping[str, Any]) -> Sequence[Act]:
    return [Act("test-notice", new_id(), 0, {"due": work["id"]})]


async def due(desk: Desk) -> None:
    work = DueWork(desk.acts.standing, {"test-notice": noticed})
    while True:
        try:
            print(await work.once(), flush=True)
        except HubError:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.01)


async def main(what: str, name: str) -> None:
    settings = load_settings()
    async with await Ledger.open(settings) as ledger:
        desk = await open_desk(settings, ledger)
        await (checks(desk, name) if what == "checks" else due(desk))


if __name__ == "__main__":
    os.environ.setdefault("HUB_REGION", "320400")
    asyncio.run(main(*sys.argv[1:3]))
