"""What federation needs of the hub it runs in. ``hub`` provides it; nothing here knows keys or SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from federation.directory.model import Hub
from schema.caller import Caller


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a peer, as sent: absolute ``url``, header pairs in order, exact ``body``."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom a peer is asked: the end client's name here, and the purpose and case that travel along."""

    name: str
    purpose: str
    case: str | None = None
    via: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, caller: Caller) -> Asker:
        """The chain of names goes on and grows: a gateway's end client stays the one who asks, and the gateway, with
        those before it, stands beside the name (``via``; an empty issuer is this hub)."""
        purpose = caller.purpose or "mutual-recognition"
        if caller.on_behalf_of is None:
            return cls(caller.client_id, purpose, caller.case)
        return cls(caller.on_behalf_of, purpose, caller.case, (("", caller.client_id), *caller.via))


class Messenger(Protocol):
    """Speaks for this hub: tokens, proofs and signatures going out, signatures coming in."""

    async def sign(self, hub: Hub, method: str, path: str, body: bytes, asker: Asker | None) -> Request:
        """A request with token, DPoP proof, RFC 9421 signature and, for an asker, ``Credit-On-Behalf-Of``.

        Gets a token from the peer when there is none. Raises PeerUnreachable or PeerRefused when that fails.
        """

    def check(self, hub: Hub, request: Request, response: Response) -> str:
        """The receipt id of an answer whose signature holds and is bound to the request. Raises BadSignature."""

    def check_receipt(self, hub: Hub, jws: str, typ: str = "credit-receipt+jwt") -> Mapping[str, Any]:
        """The claims of a JWS of this ``typ`` by a key of that hub that was valid when it was made. Raises
        BadSignature."""

    def sign_statement(self, claims: Mapping[str, Any], typ: str) -> str:
        """A compact JWS by this hub's current key; ``iss`` is added, and ``iat`` (Unix seconds) where it is not given:
        what was worked out earlier says so."""

    def forget_token(self, hub: Hub) -> None:
        """The peer no longer takes the token: get another next time."""

    def heard(self, hub: Hub, response: Response) -> bool:
        """Takes the DPoP nonce that an answer brings (RFC 9449, 8.2); whether it is one that was asked for and is new,
        so that the same question may be put again."""


class PersonPairs(Protocol):
    """Group operations on tokens (RFC 9497), elements as hex. Raises UsageError for what is no element."""

    @property
    def key_id(self) -> str:
        """Names the hub's present person key; another one makes all pairs stale."""

    def blind(self, token: str) -> tuple[bytes, str]: ...

    def multiply(self, received: str) -> str: ...

    def unblind(self, scalar: bytes, received: str) -> str: ...


class LocalFacts(Protocol):
    """This hub's own facts, as ``credit:mutual`` opens them."""

    async def held(self, codes: Sequence[str], as_of: str) -> dict[str, list[dict[str, Any]]]:
        """By code: the records and ratings, shaped as in the peer document (``federation/documents.py``)."""

    async def all_codes(self) -> Sequence[str]:
        """Every subject registered here or with any fact held here, of whatever kind."""

    async def data_version(self) -> str: ...

    async def persons(self, after: str, limit: int) -> Sequence[str]:
        """Own tokens of persons with a role here, in order, after the given one."""

    async def changed(self, since: str) -> tuple[str, Sequence[str] | None]:
        """The present change mark and the codes touched since an earlier one; None: all of them."""

    async def voided(self, ids: Sequence[str], day: str) -> frozenset[str]:
        """Which of these records (ids in the graph) are revoked or corrected on a day."""

    async def void_since(self, since: str, last: str, day: str) -> Mapping[int, Sequence[str]]:
        """Records (ids in the graph) that are void on ``day`` by what was learnt since a mark ("": ever) or by endings
        dated after ``last``; by the instant, microseconds, from which each is known to be void."""
