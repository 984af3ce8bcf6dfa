"""A hub's authorisation on a real socket, once for each module of tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from oauth_hub import RunningAuth, running_auth


@pytest_asyncio.fixture(scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningAuth]:
    async with running_auth(tmp_path_factory.mktemp("auth")) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def nonce_hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningAuth]:
    async with running_auth(tmp_path_factory.mktemp("auth"), dpop_nonce=True) as running:
        yield running
