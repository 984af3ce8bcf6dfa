"""Asking witnesses: the peers of the directory and those of HUB_WITNESSES cosign this hub's checkpoints, at once.

They are also its memory: at the start, and whenever one has seen more than this log holds, the head that it cosigned
is asked for. It is signed by this log's own key, so nobody can make one up, and a log that does not continue it was set
back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import httpx
import orjson

from federation.directory.model import Directory
from federation.errors import PeerFault, PeerRefused
from federation.peer import Peer
from federation.ports import Messenger
from federation.witness import render
from hub.federated.timestamping import TimestampAuthority
from hub.ledger.cosignatures import CosignatureKey
from hub.ledger.database import SetBack
from hub.ledger.database_files import DatabaseFiles
from hub.ledger.ledger import Ledger
from hub.ledger.notes import parse_checkpoint
from hub.ledger.reading import Wanted
from hub.ledger.timestamps import TimestampLine, library
from hub.settings import Settings
from schema.errors import HubError, SettingsError

log = logging.getLogger(__name__)
LOOK = 0.2  # seconds between looks for a new checkpoint
EVERY = 1.0  # seconds between two requests to one witness under load
AGAIN = 3.0  # seconds before a witness that failed is asked again
ANSWER = 5.0  # seconds for one request
AT_START = 2.0  # seconds that witnesses are waited for before the hub answers


class LineKey(Protocol):
    """Whose lines these are."""

    def check(self, line: str, text: str) -> int:
        """When the text was signed, Unix seconds. Raises ValueError where the line does not hold."""


class Asked(Protocol):
    """A witness to be asked."""

    @property
    def key(self) -> LineKey:
        """Raises ValueError when it names none."""

    async def add(self, body: bytes) -> tuple[str | None, int]:
        """The cosignature, or None and the size that it has seen. Raises PeerFault, ValueError, httpx.HTTPError."""

    async def last(self) -> str | None:
        """The newest checkpoint that it has cosigned of this log. Raises as ``add``."""


class PeerWitness:
    """A hub of the directory."""

    def __init__(self, peer: Peer, messenger: Messenger) -> None:
        self._peer, self._messenger = peer, messenger

    @property
    def key(self) -> CosignatureKey:
        return CosignatureKey.parse(str(self._peer.hub.ledger.get("witness")))

    async def add(self, body: bytes) -> tuple[str | None, int]:
        answer = await self._send("POST", body)
        line = answer.get("cosignature")
        return (line if isinstance(line, str) else None), int(answer.get("size") or 0)

    async def last(self) -> str | None:
        note = (await self._send("GET", b"")).get("checkpoint")
        return note if isinstance(note, str) else None

    async def _send(self, method: str, body: bytes) -> Mapping[str, Any]:
        deadline = asyncio.get_running_loop().time() + ANSWER
        request, response = await self._peer.send(method, "/federation/witness", body, asker=None, deadline=deadline)
        if response.status != 200:
            raise PeerRefused("witness", str(response.status))
        self._messenger.check(self._peer.hub, request, response)
        answer = orjson.loads(response.body)
        if not isinstance(answer, dict):
            raise PeerRefused("witness", "not as asked")
        return answer


class StandingWitness:
    """A witness of its own (``credit-hub witness``, or any other of C2SP tlog-witness)."""

    def __init__(self, key: CosignatureKey, url: str, client: httpx.AsyncClient, origin: str) -> None:
        self.key = key
        self._url, self._client, self._origin = url, client, origin

    async def add(self, body: bytes) -> tuple[str | None, int]:
        answer = await self._client.post(f"{self._url}/add-checkpoint", content=body, timeout=ANSWER)
        if answer.status_code == 200:
            lines = [line for line in answer.text.splitlines() if line.split(" ")[1:2] == [self.key.name]]
            if not lines:
                raise ValueError("no cosignature of the key that is set")
            return lines[0], 0
        if answer.status_code == 409:
            return None, int(answer.text.strip())
        raise ValueError(f"status {answer.status_code}")

    async def last(self) -> str | None:
        answer = await self._client.get(f"{self._url}/checkpoint", params={"origin": self._origin}, timeout=ANSWER)
        return answer.text if answer.status_code == 200 else None


def standing(settings: Settings, client: httpx.AsyncClient, origin: str) -> dict[str, Asked]:
    """The witnesses of HUB_WITNESSES, by verifier key. Raises SettingsError."""
    found: dict[str, Asked] = {}
    for vkey, url in settings.witnesses:
        try:
            found[vkey] = StandingWitness(CosignatureKey.parse(vkey), url, client, origin)
        except ValueError as error:
            raise SettingsError(f"HUB_WITNESSES: {vkey!r}: {error}", hint="VERIFIER-KEY@URL, as it prints") from None
    if settings.timestamps:
        library()
        authority = TimestampAuthority(settings.timestamps, client)
        found[authority.key.name] = authority
    return found


def wanted(directory: Directory | None, here: str, settings: Settings) -> Wanted:
    """How many cosignatures this hub's proofs are to have: as many as whoever trusts its directory asks for, or one of
    a witness of its own. Of what nobody could give nothing is waited for."""
    keys = [vkey for vkey, _ in settings.witnesses]
    count = min(1, len(keys))
    if directory is not None:
        keys += directory.witnesses.keys
        keys += [str(hub.ledger["witness"]) for hub in directory.hubs if hub.region != here and "witness" in hub.ledger]
        count = max(count, directory.witnesses.wanted)
    if settings.timestamps:  # a head with its timestamp is shown rather than one without
        keys.append(TimestampLine.of(settings.timestamps).name)
        count += 1
    names = frozenset(key.partition("+")[0] for key in keys)
    return Wanted(min(count, len(names)), names)


class Cosigners:
    """Asks each witness at once when there is a new checkpoint, and keeps what it signs beside it."""

    def __init__(
        self,
        ledger: Ledger,
        witnesses: Callable[[], Mapping[str, Asked]],
        leads: Callable[[], bool],
        files: DatabaseFiles | None = None,
    ) -> None:
        """``files`` tell when nothing was written since the last look, so that the database is not asked."""
        self._ledger = ledger
        self._files = files or DatabaseFiles(None)
        self._newest: str | None = None
        self._size = 0
        self._witnesses = witnesses
        self._leads = leads
        self._acknowledged: dict[str, int] = {}
        self._next: dict[str, float] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await asyncio.sleep(LOOK)
                try:
                    if self._leads():
                        await self._look()
                except HubError as error:
                    log.info("cosignatures", extra={"fields": {"fault": error.code}})
                except Exception:
                    log.exception("cosignatures")
        finally:
            for task in self._asking.values():
                task.cancel()

    async def remember(self) -> None:
        """Ask every witness for the newest head that it has cosigned. Raises LedgerUnavailable when this log does not
        continue one of them; a witness that does not answer soon is asked again as it is asked to cosign."""
        tasks = [asyncio.create_task(self._last(one)) for one in self._witnesses().values()]
        if not tasks:
            return
        done, late = await asyncio.wait(tasks, timeout=AT_START)
        for task in late:
            task.cancel()
        for note in [task.result() for task in done]:
            if note is not None:
                await asyncio.to_thread(self._ledger.check_witnessed, note)

    async def _last(self, witness: Asked) -> str | None:
        try:
            return await witness.last()
        except (PeerFault, httpx.HTTPError, ValueError, TypeError):
            return None

    async def _look(self) -> None:
        if not self._witnesses():
            return
        if not self._files.is_quiet():
            try:
                self._newest = await asyncio.to_thread(self._ledger.reader.checkpoint)
            except HubError:
                self._files.ask_again()
                raise
            self._size = parse_checkpoint(self._newest).size if self._newest else 0
        note, size, now = self._newest, self._size, asyncio.get_running_loop().time()
        if note is None:
            return
        for name, witness in self._witnesses().items():
            under_way = self._asking.get(name)
            if under_way is not None and not under_way.done():
                continue
            if self._acknowledged.get(name, 0) < size and self._next.get(name, 0.0) <= now:
                self._next[name] = now + (witness.every if isinstance(witness, TimestampAuthority) else EVERY)
                self._asking[name] = asyncio.create_task(self._ask(name, witness, note))

    async def _ask(self, name: str, witness: Asked, note: str) -> None:
        try:
            await self._cosigned(name, witness, note)
        except SetBack as error:
            log.error("a witness has seen another history", extra={"fields": {"witness": name, "why": error.message}})
        except (PeerFault, httpx.HTTPError, HubError, ValueError, TypeError) as fault:
            self._next[name] = asyncio.get_running_loop().time() + AGAIN
            log.info("cosignature", extra={"fields": {"witness": name, "fault": str(fault)[:200]}})
        except Exception:
            log.exception("cosignature")

    async def _cosigned(self, name: str, witness: Asked, note: str) -> None:
        size, key = parse_checkpoint(note).size, witness.key
        for _ in range(2):
            old = self._acknowledged.get(name, 0)
            proof: Sequence[bytes] = ()
            if 0 < old < size:
                proof = await asyncio.to_thread(self._ledger.reader.consistency, old, size)
            line, seen = await witness.add(render(old, proof, note))
            if line is not None:
                line = line.rstrip("\n")
                key.check(line, note.rpartition("\n\n")[0] + "\n")
                await asyncio.to_thread(self._ledger.reader.add_cosignature, size, line + "\n")
                self._acknowledged[name] = size
                return
            self._acknowledged[name] = seen
            if seen > size:
                break
        last = await witness.last()
        if last is not None:
            await asyncio.to_thread(self._ledger.check_witnessed, last)
