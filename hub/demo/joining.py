"""Waiting until the hubs of a demonstration know each other, so that the first question finds every city."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hub.cli.query import LocalAsker
from hub.demo.hubs import RunningHub
from hub.settings import load_settings
from schema.errors import HubError, ServiceError
from schema.scopes import OPERATE

LISTED_WITHIN = 30.0  # seconds until each hub has taken the directory
MET_WITHIN = 10.0  # seconds that the neighbours' feeds are waited for; a city without an agreement never has one
PAUSE = 0.2


async def join(hubs: Sequence[RunningHub], directory: Path) -> None:
    """Until every hub goes by the directory, and those that can be called already have met.

    A reverse proxy may come up only when it is told where its hub listens, so nobody behind one is waited for. Raises
    ServiceError when a hub does not take the directory.
    """
    await asyncio.gather(*(_listed(hub, directory) for hub in hubs))
    direct = [hub for hub in hubs if hub.url == hub.listen]
    try:
        async with asyncio.timeout(MET_WITHIN):
            await asyncio.gather(
                *(_met(hub, {one.city.region for one in direct} - {hub.city.region}) for hub in direct)
            )
    except TimeoutError:
        return


async def _listed(hub: RunningHub, directory: Path) -> None:
    wanted = json.loads(await asyncio.to_thread(directory.read_bytes))
    try:
        async with asyncio.timeout(LISTED_WITHIN):
            while True:
                if await asyncio.to_thread(_accepted, hub.data) == wanted:
                    return
                await asyncio.sleep(PAUSE)
    except TimeoutError:
        raise ServiceError(f"the hub of {hub.city.name} does not take the directory", hint="see its log") from None


def _accepted(data: Path) -> Any:
    try:
        return json.loads((data / "directory" / "accepted.json").read_bytes())["directory"]
    except (OSError, ValueError, KeyError):
        return None


async def _met(hub: RunningHub, others: set[str]) -> None:
    settings = load_settings({name: value for name, value in hub.environment.items() if name.startswith("HUB_")})
    async with LocalAsker(settings) as asker:
        while True:
            try:
                rows = await asker.get("/federation/peers", OPERATE)
            except HubError:
                rows = []
            if others <= {row["region"] for row in rows if row["status"] == "REACHABLE" and row["last_feed"]}:
                return
            await asyncio.sleep(PAUSE)
