"""Answers of two hubs, made once for all tests of evidence."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from evidence_scene import ANSWER, QUESTION, City, Scene


@pytest.fixture(scope="session")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    city = await City.start(tmp_path_factory.mktemp("city"), "320400")
    other = await City.start(tmp_path_factory.mktemp("other"), "330500")
    try:
        yield Scene(
            city,
            other,
            await city.answer(QUESTION, ANSWER, jti="j-1"),
            await city.answer(QUESTION, ANSWER, jti="j-2"),
            await city.answer(b'{"query":"{ other }"}', b'{"data":{"other":1}}', jti="j-3"),
            await city.answer(b"", b'{"data":null}', jti="j-4", method="GET", query="?query=%7Ba%7D"),
            await other.answer(QUESTION, ANSWER, jti="j-1"),
        )
    finally:
        await city.ledger.close()
        await other.ledger.close()
