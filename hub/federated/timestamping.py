"""The timestamp authority of HUB_TIMESTAMPS, asked like a witness: a line over every new head, at most each EVERY s."""

from __future__ import annotations

import httpx

from federation.witness import parse
from hub.ledger.timestamps import QUERY, REPLY, TimestampLine, request_for


class TimestampAuthority:
    """Implements ``Asked`` of ``cosigners``; it remembers nothing, so it has no last head."""

    every = 10.0  # seconds

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.key = TimestampLine.of(url)
        self._url, self._client = url, client

    async def add(self, body: bytes) -> tuple[str | None, int]:
        """Raises httpx.HTTPError, ValueError where it gives no timestamp over that head."""
        text = parse(body).note.rpartition("\n\n")[0] + "\n"
        answer = await self._client.post(
            self._url, content=request_for(text), headers={"Content-Type": QUERY, "Accept": REPLY}, timeout=10.0
        )
        answer.raise_for_status()
        line = self.key.line(answer.content)
        self.key.check(line, text)
        return line, 0

    async def last(self) -> str | None:
        return None
