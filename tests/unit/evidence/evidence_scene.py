"""One hub's worth of signed, logged answers, made once with the real ledger."""

from __future__ import annotations

import asyncio
import copy
import json
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hub.evidence import make_bundle
from hub.ledger import Entry, Ledger
from hub.settings import Settings
from hub.signing import KeyStore, RequestFacts, content_digest, sign_response, well_known
from schema.caller import Caller

BANK = Caller("bank", frozenset({"credit:loan"}), purpose="loan", jkt="thumb")


def dpop(jti: str) -> str:
    part = b64encode(json.dumps({"jti": jti}).encode()).decode().rstrip("=").replace("+", "-").replace("/", "_")
    return f"e30.{part}.c2ln"


@dataclass
class City:
    """A hub without its web server: it commits, signs and proves as the server does."""

    region: str
    base: str
    keys: KeyStore
    ledger: Ledger
    data: Path

    @classmethod
    async def start(cls, data: Path, region: str) -> City:
        base = f"https://{region}.example"
        settings = Settings(data=data, region=region, base_url=base)
        keys = KeyStore(data / "keys")
        keys.ensure()
        return cls(region, base, keys, await Ledger.open(settings, keys=keys), data)

    def trust(self) -> dict[str, Any]:
        return well_known(
            region=self.region, name="", base_url=self.base, keys=self.keys, ledger=self.ledger.identity, versions={}
        )

    async def answer(
        self,
        body: bytes,
        answer: bytes,
        *,
        jti: str,
        method: str = "POST",
        query: str = "",
        status: int = 200,
        caller: Caller = BANK,
        behalf: str | None = None,
        more: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """One question, answered, signed, logged, proven, bundled. ``behalf``: Credit-On-Behalf-Of, checked before."""
        target = f"{self.base}/graphql{query}"
        sent = {"DPoP": dpop(jti), "Content-Type": "application/json", **(more or {})}
        if caller.purpose:
            sent["Credit-Purpose"] = caller.purpose
        if caller.case:
            sent["Credit-Case"] = quote(caller.case, safe="")
        if behalf:
            sent["Credit-On-Behalf-Of"] = behalf
            caller = replace(caller, behalf_digest=content_digest(behalf.encode()))
        fields = {name.lower(): value for name, value in sent.items()}
        facts = RequestFacts.of(method, target, body, fields.get)
        receipt = await self.ledger.commit(
            Entry(
                "read",
                caller,
                content_digest(body),
                content_digest(answer),
                "v1",
                subject="91320400MA1XXXXXX1",
                jti=jti,
                jti_expires=int(time.time()) + 60,
                method=method,
                target=target,
                status=status,
                content_digest=fields.get("content-digest"),
            )
        )
        headers = sign_response(self.keys, facts, status, answer, receipt.id)
        while (proof := self.ledger.reader.proof(receipt.id)) is None or proof.proof is None:
            await asyncio.sleep(0.02)
        return make_bundle(
            method=method,
            target=target,
            request_headers=[("Authorization", "DPoP secret"), *sent.items()],
            request_body=body,
            status=status,
            response_headers=headers,
            response_body=answer,
            proof={"receipt": proof.receipt, "proof": proof.proof, "checkpoint": proof.checkpoint},
        )


@dataclass
class Scene:
    city: City
    other: City
    bundle: dict[str, Any]
    same_question: dict[str, Any]
    another: dict[str, Any]
    get: dict[str, Any]
    foreign: dict[str, Any]

    def fresh(self) -> dict[str, Any]:
        return copy.deepcopy(self.bundle)


QUESTION = b'{"query":"{ loanProfile { score } }"}'
ANSWER = '{"data":{"loanProfile":{"score":"优"}}}'.encode()
