"""Vectors of what goes over the wire: content digests, a signed question between hubs, and its signed answer."""

from __future__ import annotations

import uuid
from base64 import b64encode
from typing import Any
from unittest import mock

from hub import behalf
from hub.signing import RequestFacts, content_digest, sign_request, sign_response
from hub.signing.responses import components
from tests.vectors.world import NOTE, NOW, Town

QUESTION = '{"query":"{ __typename }","variables":{"说明":"合成"}}'.encode()
ANSWER = b'{"data":{"__typename":"Query"}}'
DPOP = "eyJ0eXAiOiJkcG9wK2p3dCJ9.eyJqdGkiOiJ2ZWN0b3IifQ.c2lnbmF0dXJl"
JTI = uuid.UUID(int=0x019B76DA_A800_7000_8000_000000000001)
RECEIPT = "019b76da-a800-7000-8000-0000000000aa"


def digests() -> dict[str, Any]:
    bodies = {"empty (a GET)": b"", "a question": QUESTION, "an answer": ANSWER, "bytes": bytes(range(16))}
    cases = [
        {"name": name, "body": b64encode(body).decode(), "content_digest": content_digest(body)}
        for name, body in bodies.items()
    ]
    return {"note": NOTE, "standard": "RFC 9530, sha-256; bodies in base64", "cases": cases}


def on_behalf_of(sender: Town, receiver: Town) -> str:
    with mock.patch("uuid.uuid4", return_value=JTI):
        return behalf.make(
            sender.keys.current(),
            issuer=sender.url,
            name="bank-7",
            audience=receiver.url,
            purpose="mutual-recognition",
            case="案-1",
        )


def behalf_vector(a: Town, b: Town) -> dict[str, Any]:
    value = on_behalf_of(a, b)
    header, payload, signature = value.split(".")
    return {
        "note": NOTE,
        "key": "hub A",
        "typ": behalf.TYP,
        "value": value,
        "signing_input": f"{header}.{payload}",
        "signature": signature,
        "receiver": {"audience": b.url, "purpose": "mutual-recognition", "case": "案-1", "now": NOW},
        "end_client": "bank-7",
    }


def request_vector(a: Town, b: Town) -> dict[str, Any]:
    url = f"{b.url}/graphql"
    headers = [
        ("accept", "application/json"),
        ("authorization", "DPoP vector-token"),
        ("dpop", DPOP),
        ("content-type", "application/json"),
        ("credit-purpose", "mutual-recognition"),
        ("credit-case", "%E6%A1%88-1"),
        ("credit-on-behalf-of", on_behalf_of(a, b)),
    ]
    signed = sign_request(a.keys, "POST", url, headers, QUESTION, nonce="vector-nonce-1")
    fields = dict(headers) | {name.lower(): value for name, value in signed}
    params = fields["signature-input"].removeprefix("hub=")
    covered = params[1 : params.index(")")].replace('"', "").split(" ")
    values = {"@method": "POST", "@target-uri": url, **fields}
    lines = [f'"{name}": {values[name]}' for name in covered] + [f'"@signature-params": {params}']
    return {
        "note": NOTE,
        "standard": "RFC 9421, ed25519",
        "key": "hub A",
        "method": "POST",
        "target_uri": url,
        "headers": fields,
        "body": b64encode(QUESTION).decode(),
        "signature_base": "\n".join(lines),
    }


def response_vector(a: Town, b: Town) -> dict[str, Any]:
    asked = request_vector(a, b)
    facts = RequestFacts.of("POST", asked["target_uri"], QUESTION, asked["headers"].get)
    headers = {name.lower(): value for name, value in sign_response(b.keys, facts, 200, ANSWER, RECEIPT)}
    params = headers["signature-input"].removeprefix("hub=")
    values = {
        '"@status"': "200",
        '"@method";req': "POST",
        '"@target-uri";req': asked["target_uri"],
        **{f'"{name}"': value for name, value in headers.items()},
        **{f'"{name}";req': value for name, value in asked["headers"].items()},
    }
    lines = [f"{name}: {values[name]}" for name in components(facts)] + [f'"@signature-params": {params}']
    return {
        "note": NOTE,
        "standard": "RFC 9421, ed25519; the request is that of request-signature.json",
        "key": "hub B",
        "status": 200,
        "headers": headers,
        "body": b64encode(ANSWER).decode(),
        "signature_base": "\n".join(lines),
    }
