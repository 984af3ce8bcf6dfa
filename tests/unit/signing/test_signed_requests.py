"""Signed requests between hubs against the http-message-signatures library, both ways."""

from __future__ import annotations

import json
import time
from typing import Any, ClassVar

import pytest
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver
from jwcrypto import jwk
from signing_library import BODY, Resolver, algorithm, find

from hub.signing import KeyStore, sign_request, verify_request
from hub.signing.messages import Pairs, RequestMessage
from hub.signing.suites import Verifier
from schema.errors import Unauthenticated


class Memory:
    def __init__(self) -> None:
        self.used: set[tuple[str, str]] = set()

    async def remember(self, scope: str, value: str, expires: int) -> None:
        if (scope, value) in self.used:
            raise Unauthenticated("used before")
        self.used.add((scope, value))


SENT = [
    ("Authorization", "DPoP abc"),
    ("DPoP", "eyJ0.e30.c2ln"),
    ("Credit-Purpose", "mutual-recognition"),
    ("Credit-On-Behalf-Of", "eyJ0.e30.c2ln"),
]
URL = "https://peer.example/graphql"


async def test_signed_request_holds_once_and_covers_all_seven(keys: KeyStore) -> None:
    memory = Memory()
    headers = [*SENT, *sign_request(keys, "POST", URL, SENT, BODY)]
    verified = await verify_request("POST", URL, headers, BODY, find_key=find(keys), memory=memory)
    assert verified.keyid == keys.current().kid
    covered = dict(headers)["Signature-Input"].split(")")[0]
    assert covered.split("(")[1] == (
        '"@method" "@target-uri" "content-digest" "authorization" "dpop" "credit-purpose" "credit-on-behalf-of"'
    )
    verifier = HTTPMessageVerifier(signature_algorithm=algorithm(keys), key_resolver=Resolver(keys))
    assert verifier.verify(RequestMessage("POST", URL, Pairs(headers)), body=BODY)
    with pytest.raises(Unauthenticated):
        await verify_request("POST", URL, headers, BODY, find_key=find(keys), memory=memory)


async def test_request_signed_by_the_library_in_its_own_order_is_accepted(keys: KeyStore) -> None:
    class Private(HTTPSignatureKeyResolver):
        def resolve_private_key(self, key_id: str) -> Any:
            saved = json.loads(keys.path.read_text())["keys"][-1]
            return jwk.JWK(**saved).get_op_key("sign")

    class Sent:
        method, url = "POST", URL
        headers: ClassVar[dict[str, str]] = dict(SENT)

    signer = HTTPMessageSigner(signature_algorithm=algorithm(keys), key_resolver=Private())
    signer.sign(
        Sent,
        key_id=keys.current().kid,
        nonce="n-1",
        covered_component_ids=(
            "authorization",
            "dpop",
            "credit-on-behalf-of",
            "credit-purpose",
            "@target-uri",
            "@method",
        ),
        body=BODY,
    )
    verified = await verify_request("POST", URL, Sent.headers.items(), BODY, find_key=find(keys), memory=Memory())
    assert verified.nonce == "n-1"


@pytest.mark.parametrize("case", ["body", "extra", "target", "old", "no nonce", "unknown key", "unsigned"])
async def test_request_changed_or_not_fully_covered_is_refused(keys: KeyStore, case: str) -> None:
    signed = sign_request(keys, "POST", URL, SENT, BODY)
    headers, body, url, look, now = [*SENT, *signed], BODY, URL, find(keys), time.time()
    match case:
        case "body":
            body = BODY + b" "
        case "extra":
            fewer = [pair for pair in SENT if pair[0] != "Credit-On-Behalf-Of"]
            headers = [*SENT, *sign_request(keys, "POST", URL, fewer, BODY)]
        case "target":
            url = "https://peer.example/feed"
        case "old":
            now += 62
        case "no nonce":
            headers = [(n, v.replace('nonce="', 'tag="') if n == "Signature-Input" else v) for n, v in headers]
        case "unknown key":
            look = {}.get
        case "unsigned":
            headers = SENT
    with pytest.raises(Unauthenticated, match="signature is refused"):
        await verify_request("POST", url, headers, body, find_key=look, memory=Memory(), now=now)


async def test_key_lookup_may_be_asynchronous(keys: KeyStore) -> None:
    async def look(kid: str) -> Verifier | None:
        found: Verifier | None = find(keys)(kid)
        return found

    headers = [*SENT, *sign_request(keys, "POST", URL, SENT, BODY)]
    assert await verify_request("POST", URL, headers, BODY, find_key=look, memory=Memory())
