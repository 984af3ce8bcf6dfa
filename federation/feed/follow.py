"""Following a neighbour's feed: a snapshot first, then deltas by long polling; the digest whenever it changes."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from federation import digest
from federation.errors import BadSignature, PeerFault, PeerRefused
from federation.feed.copies import Copies, FeedGap
from federation.peer import Peer
from federation.ports import Messenger, Request, Response
from federation.transport import check_depth
from schema.errors import UsageError

log = logging.getLogger(__name__)
WAIT = 20.0  # seconds a long poll may stay open
PAGE = 2000
DIGEST_EVERY = 25.0  # seconds; a digest counts for 60


class Follower:
    """One task for each peer. ``on_entries`` hears of what was applied (ids may matter to derived answers)."""

    def __init__(
        self,
        peer: Peer,
        messenger: Messenger,
        copies: Copies,
        here: str,
        on_entries: Callable[[str, list[Mapping[str, Any]]], None] | None = None,
    ) -> None:
        self.peer = peer
        self._messenger = messenger
        self._copies = copies
        self._here = here
        self._on_entries = on_entries or (lambda region, entries: None)
        self._digest_at = 0.0
        self._digest_sha = ""
        self.last_feed: float | None = None
        self.digest: digest.Filter | None = None
        self.digest_statement: str = ""
        self.digest_time: float = 0.0

    @property
    def region(self) -> str:
        return self.peer.hub.region

    async def run(self) -> None:
        """Until cancelled. A peer that fails is tried again after a growing, spread pause."""
        pause = 0.5
        while True:
            try:
                await self.step()
                pause = 0.5
            except PeerFault as fault:
                log.info("feed", extra={"fields": {"peer": self.region, "fault": fault.reason}})
                await asyncio.sleep(pause * random.uniform(0.7, 1.3))
                pause = min(pause * 2, 5.0)

    async def step(self) -> None:
        """One poll: snapshot or delta, and the digest when it is due. Raises PeerFault."""
        position = await asyncio.to_thread(self._copies.position, self.region)
        if position is None:
            await self._snapshot()
            position = await asyncio.to_thread(self._copies.position, self.region)
        if time.monotonic() - self._digest_at > DIGEST_EVERY:
            await self._take_digest()
        assert position is not None
        wait = min(WAIT, max(1.0, DIGEST_EVERY - (time.monotonic() - self._digest_at)))
        path = f"/feed?after={position.seq}&epoch={position.epoch}&limit={PAGE}&wait={wait:.0f}"
        page = await self._get(path, wait + 5)
        if page["kind"] == "reset":
            await self._snapshot()
            return
        try:
            applied = await asyncio.to_thread(self._copies.apply_delta, self.region, page, self._check)
        except FeedGap as gap:
            log.warning("feed gap", extra={"fields": {"peer": self.region, "at": gap.message}})
            await self._snapshot()
            return
        self.last_feed = time.time()
        if applied:
            self._digest_at = 0.0
            self._on_entries(self.region, applied)

    async def _snapshot(self) -> None:
        await asyncio.to_thread(self._copies.begin_snapshot, self.region)
        start, head = 0, None
        while True:
            upto = f"&upto={head['seq']}" if head else ""
            page = await self._get(f"/feed?snapshot={start}{upto}&limit={PAGE}", 30)
            head = head or page["head"]
            await asyncio.to_thread(self._copies.add_snapshot, self.region, page, self._check)
            if not page["more"]:
                break
            start = page["last"]
        await asyncio.to_thread(self._copies.finish_snapshot, self.region, page["epoch"], head)
        self.last_feed = time.time()

    async def _take_digest(self) -> None:
        page = await self._get(f"/federation/digest?have={self._digest_sha}", 30)
        statement = str(page.get("statement"))
        claims = self._messenger.check_receipt(self.peer.hub, statement)
        if claims.get("region") != self.region or claims.get("aud") != self._here:
            raise BadSignature("digest", "made for another hub")
        try:
            data = b64decode(page["filter"]) if page.get("filter") else (self.digest.data if self.digest else b"")
            self.digest = digest.read(claims, data)
        except (UsageError, ValueError) as error:
            self._digest_sha = ""
            raise BadSignature("digest", str(error)) from None
        self._digest_sha = self.digest.sha256
        self.digest_statement, self.digest_time = statement, float(claims["iat"])
        self._digest_at = time.monotonic()
        await asyncio.to_thread(self._copies.keep_digest, self.region, statement, self.digest.data)

    async def load_digest(self) -> None:
        """Takes the digest that another process of this hub has fetched. Raises BadSignature."""
        held = await asyncio.to_thread(self._copies.digest, self.region)
        if held is None or held[0] == self.digest_statement:
            return
        claims = self._messenger.check_receipt(self.peer.hub, held[0])
        try:
            self.digest = digest.read(claims, held[1])
        except UsageError as error:
            raise BadSignature("digest", error.message) from None
        self.digest_statement, self.digest_time = held[0], float(claims["iat"])

    async def _get(self, path: str, seconds: float) -> Mapping[str, Any]:
        deadline = asyncio.get_running_loop().time() + seconds
        request, response = await self.peer.send("GET", path, b"", asker=None, deadline=deadline)
        check_depth(response.body)
        if response.status != 200:
            raise PeerRefused("feed", str(response.status))
        self._messenger.check(self.peer.hub, request, response)
        try:
            page = orjson.loads(response.body)
        except orjson.JSONDecodeError:
            raise PeerRefused("feed", "not JSON") from None
        if not isinstance(page, dict) or page.get("region") != self.region:
            raise BadSignature("region", "the answer speaks for another region")
        return page

    def check(self, request: Request, response: Response) -> None:
        """Raises BadSignature when an answer of this peer does not hold."""
        self._messenger.check(self.peer.hub, request, response)

    def _check(self, jws: str) -> Mapping[str, Any]:
        return self._messenger.check_receipt(self.peer.hub, jws)
