"""The directory that a running hub goes by: the newest good version of a file, re-read within a second of a change.

What was accepted is remembered in a state file, so that neither an older version nor a lowered threshold gets in after
a restart. A bad file, or none, leaves the accepted one in force, then too; an expired one leaves the hub without peers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from federation.directory.model import Directory, Hub, parse_payload
from federation.directory.trust import Anchors, Verdict, decode, payload_of, read_anchors, verify
from schema import times
from schema.bounded_json import read_json
from schema.errors import UsageError

log = logging.getLogger(__name__)
WARN_DAYS = 30


class CurrentDirectory:
    """``get()`` is None while no directory is in force. ``today`` is injectable for tests."""

    def __init__(
        self,
        path: Path | None,
        anchors: tuple[Path, ...],
        state: Path,
        *,
        today: Callable[[], date] = times.today,
    ) -> None:
        self._path = path
        self._anchors = anchors
        self._state = state
        self._today = today
        self._stamp: tuple[int, int, int] | None = None
        self._directory: Directory | None = None
        self._known: Directory | None = None
        self._learnt: dict[str, dict[str, Mapping[str, Any]]] = {}
        self._accepted: bytes | None = None
        self._told = 0  # version whose end was logged
        self.verdict = Verdict(False, "no_trust" if path else "none")
        self.listeners: list[Callable[[], None]] = []

    def get(self) -> Directory | None:
        """The accepted directory unless it has expired meanwhile, with the next keys that were learnt."""
        found = self._known
        return found if found and found.expires >= self._today() else None

    def listed(self, region: str) -> Hub | None:
        """A hub with the keys that the directory itself lists."""
        found = self._directory
        return found.hub(region) if found and found.expires >= self._today() else None

    def learn(self, region: str, key: Mapping[str, Any]) -> bool:
        """A next key that a listed key of the hub announced; True when it is new. Forgotten with the process: whoever
        announced it says it again."""
        hub = self.listed(region)
        known = self._learnt.setdefault(region, {})
        if hub is None or not hub.successors or key["kid"] in known:
            return False
        known[str(key["kid"])] = key
        self._extend()
        for listener in self.listeners:
            listener()
        return True

    def _extend(self) -> None:
        """The directory in force, with what was learnt of hubs that it lets announce their keys."""
        found = self._directory
        if found is None:
            self._known = None
            return
        hubs = []
        for hub in found.hubs:
            learnt = self._learnt.get(hub.region, {}).values() if hub.successors else ()
            fresh = tuple(key for key in learnt if hub.key(str(key["kid"])) is None)
            hubs.append(replace(hub, keys=(*hub.keys, *fresh)) if fresh else hub)
        self._known = replace(found, hubs=tuple(hubs))

    def expired(self) -> Directory | None:
        """The newest signed directory where its last day is past; None while one is in force, or without any."""
        refused = self.verdict.directory if self.verdict.reason == "expired" else None
        found = self._directory or refused
        return found if found is not None and found.expires < self._today() else None

    def regions(self) -> tuple[str, ...]:
        """Regions with a hub in the newest signed directory, be it expired: a city that is cut off by an expired
        directory is unreachable, not unheard of."""
        found = self._directory or self.expired()
        return tuple(hub.region for hub in found.hubs) if found else ()

    def reload(self) -> bool:
        """Reads the file when it changed; True when another version came into force."""
        if self._path is None:
            return False
        moved = self._remembered()
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            if stamp != self._stamp:
                data = self._path.read_bytes()
                self.verdict = self._verify(data)
                self._stamp = stamp
                moved |= self._take(data)
        except OSError:
            pass
        self._tell_of_its_end()
        if moved:
            self._extend()
            for listener in self.listeners:
                listener()
        return moved

    def _tell_of_its_end(self) -> None:
        """Once for each directory, when it happens and after a start: from then on this hub has no neighbours."""
        ended = self.expired()
        if ended is not None and self._told != ended.version:
            self._told = ended.version
            facts = {"version": ended.version, "expired": ended.expires.isoformat()}
            log.error("the directory has expired: no neighbour is asked or answered", extra={"fields": facts})

    def _take(self, data: bytes) -> bool:
        """Puts into force what was verified just now, if it holds."""
        if not self.verdict.ok or self.verdict.directory is None:
            log.warning("directory refused", extra={"fields": self.verdict.facts()})
            return False
        self._directory = self.verdict.directory
        if data != self._accepted:
            self._remember(data)
        left = self._directory.days_left(self._today())
        if left <= WARN_DAYS:
            log.warning("directory expires soon", extra={"fields": {"days": left, "version": self._directory.version}})
        return True

    async def watch(self) -> None:
        """Reloads twice a second until cancelled."""
        while True:
            with contextlib.suppress(Exception):
                self.reload()
            await asyncio.sleep(0.5)

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        self.reload()
        task = asyncio.create_task(self.watch())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _verify(self, data: bytes) -> Verdict:
        pinned = read_anchors(self._anchors)
        if self._accepted is None:
            return verify(data, pinned, today=self._today())
        payload = decode(self._accepted)[0]
        earlier = parse_payload(read_json(payload))
        accepted = verify(self._accepted, Anchors(earlier.anchors, earlier.threshold), today=date.min)
        chain = Anchors(earlier.anchors, earlier.threshold)
        return verify(data, chain, today=self._today(), accepted=(earlier.version, accepted.digest))

    def _remembered(self) -> bool:
        """Puts into force what was accepted before a restart, whatever the file says now. The state file counts only
        while the pinned anchors still vouch for the chain that it continues. Raises UsageError when it is damaged."""
        if self._accepted is not None or not self._state.exists():
            return False
        pinned = read_anchors(self._anchors)
        kids = {key["kid"] for key in (pinned.keys if pinned else ())}
        try:
            state = read_json(self._state.read_bytes())
            if not kids & set(state["pinned"]):
                return False
            accepted = json.dumps(state["directory"], indent=1).encode() + b"\n"
            self._directory = parse_payload(payload_of(accepted))
        except (ValueError, KeyError, TypeError, UsageError):
            raise UsageError(
                f"{self._state} is damaged: it says which directory was accepted last",
                hint="check the directory's version by hand, then delete this file",
                message_zh="已接受名录的记录损坏",
            ) from None
        self._accepted = accepted
        return True

    def _remember(self, data: bytes) -> None:
        pinned = read_anchors(self._anchors)
        payload_of(data)
        state = {"pinned": [key["kid"] for key in (pinned.keys if pinned else ())], "directory": read_json(data)}
        self._state.parent.mkdir(parents=True, exist_ok=True)
        draft = self._state.with_suffix(f".{os.getpid()}.tmp")
        with draft.open("w") as file:
            json.dump(state, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._state)
        self._accepted = data
