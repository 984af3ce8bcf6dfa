"""Following a neighbour's feed: a snapshot first, then deltas by long polling; the digest whenever it changes."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from federation import digest
from federation.errors import BadSignature, PeerFault, PeerRefused
from federation.feed.copies import Copies, FeedGap, Position
from federation.feed.page import checked
from federation.feed.writer import TYP
from federation.peer import Peer
from federation.ports import Messenger, Request, Response
from federation.transport import check_shape
from schema import times
from schema.errors import UsageError

log = logging.getLogger(__name__)
WAIT = 20.0  # seconds a long poll may stay open
PAGE = 2000
MOST_PAGES = 5_000  # of one snapshot
DIGEST_EVERY = 25.0  # seconds; a digest counts for 60
DIGEST_AGAIN = 2.0  # after news the digest is taken twice: another worker of the peer may not know of it at once
DIGEST_MOST = 64 * 1024 * 1024  # bytes of a digest's answer: the filter of 28 million subjects, in base64
DIGEST_RETRY = 5.0


class Follower:
    """One task for each peer. ``on_entries`` hears of what was applied (answers may have been made of it), also of what
    a snapshot after a gap says otherwise than the copy before."""

    def __init__(
        self,
        peer: Peer,
        messenger: Messenger,
        copies: Copies,
        here: str,
        on_entries: Callable[[str, Sequence[Mapping[str, Any]]], None] | None = None,
    ) -> None:
        self.peer = peer
        self._messenger = messenger
        self._copies = copies
        self._here = here
        self._on_entries = on_entries or (lambda region, entries: None)
        self._digest_due = 0.0
        self._moved = False
        self._received_us = 0
        self.digest: digest.Filter | None = None
        self.digest_statement: str = ""
        self.digest_time: float = 0.0
        self.trouble: PeerFault | None = None  # what was wrong with the last page, while it is
        self.person_key: str = ""  # names the peer's present person key, as it last said

    @property
    def region(self) -> str:
        return self.peer.hub.region

    async def run(self) -> None:
        """Until cancelled. A peer that fails is tried again after a growing, spread pause."""
        pause = 0.5
        while True:
            try:
                await self.step()
                pause, self.trouble = 0.5, None
                continue
            except PeerFault as fault:
                self.trouble = fault
                log.info("feed", extra={"fields": {"peer": self.region, "fault": fault.reason}})
            except Exception:
                log.exception("feed not followed", extra={"fields": {"peer": self.region}})
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))
            pause = min(pause * 2, 5.0)

    async def step(self) -> None:
        """One poll: snapshot or delta, and the digest when it is due. Raises PeerFault."""
        position = await asyncio.to_thread(self._copies.position, self.region)
        if position is None:
            position = await self._snapshot()
        if time.monotonic() >= self._digest_due:
            await self._renew_digest()
        wait = min(WAIT, max(1.0, self._digest_due - time.monotonic()))
        path = f"/feed?after={position.seq}&epoch={position.epoch}&limit={PAGE}&wait={wait:.0f}"
        page = checked(await self._get(path, wait + 5), "delta", "reset")
        if page["kind"] == "reset":
            log.warning("feed begins anew", extra={"fields": {"peer": self.region, "after": position.seq}})
            await self._snapshot()
            return
        try:
            applied = await asyncio.to_thread(self._copies.apply_delta, self.region, page, self._check)
        except FeedGap as gap:
            log.warning("feed gap", extra={"fields": {"peer": self.region, "at": gap.message}})
            await self._snapshot()
            return
        if applied:
            self._news(applied)

    def _news(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self._digest_due, self._moved = 0.0, True
        self._on_entries(self.region, entries)

    async def _snapshot(self) -> Position:
        began = times.now_us()
        await asyncio.to_thread(self._copies.begin_snapshot, self.region)
        start, pages = 0, 0
        page = first = checked(await self._get(f"/feed?snapshot=0&limit={PAGE}", 30), "snapshot")
        head = first["head"]
        while True:
            if page["epoch"] != first["epoch"] or pages > MOST_PAGES:
                raise FeedGap("feed", "the snapshot does not hold together")
            await asyncio.to_thread(self._copies.add_snapshot, self.region, page, self._check)
            if not page["more"]:
                break
            if page["last"] is None or not start < page["last"] <= head["seq"]:
                raise FeedGap("feed", "the snapshot does not go on")
            start, pages = page["last"], pages + 1
            path = f"/feed?snapshot={start}&upto={head['seq']}&limit={PAGE}"
            page = checked(await self._get(path, 30), "snapshot")
        missed = await asyncio.to_thread(self._copies.finish_snapshot, self.region, page["epoch"], head, began)
        if missed:
            self._news(missed)
        return Position(page["epoch"], head["seq"], head["hash"], began)

    async def _renew_digest(self) -> None:
        """Trouble with the digest alone does not keep the feed from being followed: the peer is asked instead."""
        try:
            await self._take_digest()
            self._digest_due = time.monotonic() + (DIGEST_AGAIN if self._moved else DIGEST_EVERY)
            self._moved = False
        except (BadSignature, PeerRefused) as fault:
            log.warning("digest", extra={"fields": {"peer": self.region, "fault": fault.message}})
            self._digest_due = time.monotonic() + DIGEST_RETRY

    async def _take_digest(self) -> None:
        held = self.digest
        began = times.now_us()
        page = await self._get(f"/federation/digest?have={held.sha256 if held else ''}", 30, DIGEST_MOST)
        statement, encoded = page.get("statement"), page.get("filter")
        if not isinstance(statement, str) or not isinstance(encoded, str | None):
            raise PeerRefused("digest", "not as asked")
        try:
            data = b64decode(encoded, validate=True) if encoded is not None else held.data if held else b""
            self._take(statement, data, began)
        except (UsageError, ValueError) as error:
            self.digest = None
            raise BadSignature("digest", str(error)) from None
        await asyncio.to_thread(self._copies.keep_digest, self.region, statement, data, began)

    async def load_digest(self) -> None:
        """Takes the digest that another process of this hub has fetched. Raises BadSignature."""
        received = await asyncio.to_thread(self._copies.digest_received, self.region)
        if received is None or received == self._received_us:
            return
        held = await asyncio.to_thread(self._copies.digest, self.region)
        assert held is not None
        self._received_us = held[2]
        try:
            self._take(*held)
        except UsageError as error:
            raise BadSignature("digest", error.message) from None

    def _take(self, statement: str, data: bytes, received_us: int) -> None:
        """A digest counts from the earlier of what it says and when it was asked for, whatever the peer's clock."""
        claims = self._messenger.check_receipt(self.peer.hub, statement, digest.TYP)
        if claims.get("region") != self.region or claims.get("aud") != self._here:
            raise BadSignature("digest", "made for another hub")
        self.digest = digest.read(claims, data)
        self.digest_statement = statement
        self.digest_time = min(float(claims["iat"]), received_us / 1_000_000)
        self.person_key = str(claims.get("person_key") or "")

    async def _get(self, path: str, seconds: float, most: int | None = None) -> Mapping[str, Any]:
        deadline = asyncio.get_running_loop().time() + seconds
        request, response = await self.peer.send("GET", path, b"", asker=None, deadline=deadline, most=most)
        check_shape(response.body)
        if response.status != 200:
            raise PeerRefused("status", str(response.status))
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
        return self._messenger.check_receipt(self.peer.hub, jws, TYP)
