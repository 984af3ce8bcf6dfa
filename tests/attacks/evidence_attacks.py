"""Evidence changed after it was given: ``verify`` must say no to each change."""

from __future__ import annotations

import asyncio
import copy
import json
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hub.evidence import trust_for, verify_file
from hub.evidence.bundle import make_bundle
from hub.settings import Settings
from tests.attacks.attack import Skipped, attack
from tests.attacks.attacker import PURPOSE, Attacker

Bundle = dict[str, Any]
DOCUMENT = "{ records(filter: {}, first: 2) { nodes { documentNumber } } }"


def _flip(text: str) -> str:
    data = bytearray(b64decode(text))
    data[len(data) // 2] ^= 1
    return b64encode(bytes(data)).decode()


def _headers(part: str, name: str, value: str | None) -> Callable[[Bundle], None]:
    def change(bundle: Bundle) -> None:
        fields = bundle[part]["headers"]
        if value is None:
            fields.pop(name, None)
        else:
            fields[name] = value

    return change


def _body(part: str) -> Callable[[Bundle], None]:
    return lambda bundle: bundle[part].update(body=_flip(bundle[part]["body"]))


def _set(path: str, value: Any) -> Callable[[Bundle], None]:
    *outer, last = path.split(".")

    def change(bundle: Bundle) -> None:
        found = bundle
        for name in outer:
            found = found[name]
        found[last] = value

    return change


CHANGES: dict[str, Callable[[Bundle], None]] = {
    "a byte of the answer": _body("response"),
    "a byte of the question": _body("request"),
    "another purpose": _headers("request", "credit-purpose", "gate-check"),
    "no purpose": _headers("request", "credit-purpose", None),
    "another address": _set("request.target", "https://evil.example/graphql"),
    "another method": _set("request.method", "GET"),
    "another status": _set("response.status", 201),
    "no signature": _headers("response", "signature", None),
    "another receipt id": _headers("response", "credit-receipt", "00000000-0000-7000-8000-000000000000"),
    "a place in the log changed": _set("proof.index", 0x7FFFFFFF),
    "no path in the log": _set("proof.hashes", ["00" * 32]),
    "another salt": _set("proof.salt", "00" * 16),
    "no proof": _set("proof", None),
    "no checkpoint": _set("checkpoint", ""),
    "another checkpoint": lambda bundle: bundle.update(checkpoint=bundle["checkpoint"].replace("\n", "\nx", 1)),
    "no receipt": _set("receipt", ""),
    "a receipt without signature": lambda bundle: bundle.update(receipt=bundle["receipt"].rpartition(".")[0] + "."),
}


async def bundle_of(a: Attacker) -> Bundle:
    body = json.dumps({"query": DOCUMENT}).encode()
    headers = {"Content-Type": "application/json", "Credit-Purpose": PURPOSE, **await a.signed("POST", "/graphql")}
    answer = await a.http.post(f"{a.url}/graphql", content=body, headers=headers)
    if answer.status_code != 200:
        raise Skipped(f"no answer: {answer.status_code}")
    for _ in range(40):
        proof = await a.get(f"/receipts/{answer.headers['credit-receipt']}/proof")
        if proof.status_code == 200:
            break
        await asyncio.sleep(0.3)
    else:
        raise AssertionError("no proof within the time")
    return make_bundle(
        method="POST",
        target=f"{a.url}/graphql",
        request_headers=headers.items(),
        request_body=body,
        status=200,
        response_headers=answer.headers.items(),
        response_body=answer.content,
        proof=proof.json(),
    )


@attack("E01", "evidence changed at any place", "篡改证据", client=True)
async def changed(a: Attacker) -> str:
    whole = await bundle_of(a)
    known = (await a.http.get(f"{a.url}/.well-known/credit-hub")).content
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "known.json"
        path.write_bytes(known)
        trust = trust_for(path, Settings(), lambda *_: ())

        def verdict(bundle: Bundle) -> dict[str, Any]:
            return dict(verify_file(json.dumps(bundle).encode(), trust))

        found = verdict(whole)
        assert found["ok"] or found["reason"] == "unwitnessed", found
        for what, change in CHANGES.items():
            one = copy.deepcopy(whole)
            change(one)
            assert not verdict(one)["ok"], f"{what}: verify says ok"
    return f"{len(CHANGES)} changes noticed"


@attack("E02", "a question that is hidden from the log", "不入账的提问", client=True)
async def unlogged(a: Attacker) -> str:
    for document in ("{ __typename }", "{ nonsense }", DOCUMENT):
        answer = await a.post("/graphql", json.dumps({"query": document}).encode())
        for name in ("credit-receipt", "signature", "content-digest"):
            assert name in answer.headers, f"{document}: no {name}"
        assert "no-store" in answer.headers["cache-control"]
    return "each has a receipt and a signature"
