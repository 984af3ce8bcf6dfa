"""A neighbour's evidence, gathered by the hub that asked it: exact bytes, receipt, inclusion proof, checkpoint."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping

import orjson

from federation.errors import PeerFault
from federation.peer import Peer, PeerAnswer
from federation.ports import Messenger
from federation.transport import check_shape
from hub.evidence.bundle import make_bundle
from hub.signing.suites import unb64u

PAUSE = 0.1  # seconds between looks for a checkpoint


class Evidence:
    def __init__(self, messenger: Messenger, peers: Mapping[str, Peer]) -> None:
        self._messenger = messenger
        self._peers = peers

    async def prove(self, answer: PeerAnswer, deadline: float) -> str | None:
        """The bundle of one answer, base64; None when the peer gives no proof before the deadline (loop time)."""
        peer = self._peers.get(answer.hub.region)
        receipt = _receipt_id(answer.receipt_id)
        if peer is None or receipt is None:
            return None
        try:
            proof = await self._proof(peer, receipt, deadline)
        except PeerFault:
            return None
        if proof is None:
            return None
        bundle = make_bundle(
            method=answer.request.method,
            target=answer.request.url,
            request_headers=answer.request.headers,
            request_body=answer.request.body,
            status=answer.response.status,
            response_headers=answer.response.headers,
            response_body=answer.response.body,
            proof=proof,
        )
        return b64encode(orjson.dumps(bundle)).decode()

    async def _proof(self, peer: Peer, receipt: str, deadline: float) -> dict[str, object] | None:
        loop = asyncio.get_running_loop()
        while loop.time() < deadline:
            _, response = await peer.send("GET", f"/receipts/{receipt}/proof", b"", asker=None, deadline=deadline)
            if response.status == 200:
                return _read(response.body, receipt)
            if response.status != 202:
                return None
            await asyncio.sleep(PAUSE)
        return None


def _read(body: bytes, receipt: str) -> dict[str, object] | None:
    """A proof of that receipt; whether it holds is seen by whoever verifies the bundle. None: something else."""
    try:
        check_shape(body)
        found = orjson.loads(body)
        named = orjson.loads(unb64u(found["receipt"].split(".")[1]))["jti"]
        right = named == receipt and isinstance(found["proof"], dict) and isinstance(found["checkpoint"], str)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, PeerFault):
        return None
    return found if right else None


def _receipt_id(jws: str) -> str | None:
    """The id in a receipt that was checked, or the id itself where the peer sent no JWS along."""
    if jws.count(".") != 2:
        return jws
    claims = orjson.loads(unb64u(jws.split(".")[1]))
    return str(claims["jti"]) if "jti" in claims else None
