"""Two hubs: the one that asks, and its neighbour."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from stub_hub import InProcess, StubHub  # noqa: E402

from federation.peer import Peer  # noqa: E402
from hub.federated.messenger import HubMessenger  # noqa: E402


@dataclass
class Pair:
    here: StubHub
    there: StubHub
    messenger: HubMessenger
    transport: InProcess
    peer: Peer


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    here, there = StubHub.make(tmp_path, "320400", 8001), StubHub.make(tmp_path, "320583", 8002)
    transport = InProcess(here, there)
    messenger = here.messenger(tmp_path / "320400", transport.client)
    yield Pair(here, there, messenger, transport, Peer(there.listed(), messenger, transport))
    await transport.close()
