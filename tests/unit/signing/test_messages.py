"""Signed answers against the http-message-signatures library, both ways."""

from __future__ import annotations

import datetime
import hashlib
import time
from base64 import b64encode
from dataclasses import replace

import pytest
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from signing_library import BODY, Resolver, algorithm, find

from hub.signing import (
    KeyStore,
    RequestFacts,
    SignatureFault,
    content_digest,
    digest_matches,
    sign_response,
    verify_response,
)
from hub.signing.messages import Pairs, RequestMessage, ResponseMessage
from hub.signing.responses import components

ANSWER = '{"data":{"name":"常州"}}'.encode()
PLAIN = RequestFacts("POST", "https://hub.example/graphql", BODY, dpop="eyJ0.e30.c2ln")
SIGNED = replace(PLAIN, signature="hub=:AAAA:", signature_input='hub=("@method");created=1;keyid="k"')
ASKED = replace(
    SIGNED,
    asked=(("credit-purpose", "loan"), ("credit-case", "%E6%A1%88-1"), ("credit-on-behalf-of", "e30.e30.c2ln")),
)
GET = RequestFacts("GET", "https://hub.example/graphql?query=%7B__typename%7D", b"", dpop="eyJ0.e30.c2ln")


@pytest.mark.parametrize("request_facts", [PLAIN, SIGNED, ASKED, GET, replace(PLAIN, dpop=None)])
def test_answer_verifies_with_the_library_and_covers_what_it_must(keys: KeyStore, request_facts: RequestFacts) -> None:
    headers = sign_response(keys, request_facts, 200, ANSWER, "r-1")
    asked = RequestMessage(request_facts.method, request_facts.target_uri, request_facts.pairs())
    message = ResponseMessage(200, Pairs(headers), asked)
    verifier = HTTPMessageVerifier(signature_algorithm=algorithm(keys), key_resolver=Resolver(keys))
    (result,) = verifier.verify(message, max_age=datetime.timedelta(seconds=60), body=ANSWER)
    expected = [
        '"@status"',
        '"content-digest"',
        '"credit-request-digest"',
        '"credit-receipt"',
        '"@method";req',
        '"@target-uri";req',
    ]
    expected += ['"dpop";req'] if request_facts.dpop else []
    expected += [f'"{name}";req' for name, _ in request_facts.asked]
    expected += ['"signature";req', '"signature-input";req'] if request_facts.signed else []
    assert list(result.covered_components) == [*expected, '"@signature-params"']
    assert result.parameters["keyid"] == keys.current().kid


@pytest.mark.parametrize("request_facts", [PLAIN, SIGNED, ASKED, GET])
def test_signature_base_equals_that_of_the_library_byte_by_byte(
    keys: KeyStore, request_facts: RequestFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed: list[bytes] = []
    signer = keys.current().signer

    class Spy:
        jose, http = signer.jose, signer.http

        def sign(self, data: bytes) -> bytes:
            signed.append(data)
            return signer.sign(data)

    monkeypatch.setattr(keys, "current", lambda key=keys.current(): replace(key, signer=Spy()))
    headers = sign_response(keys, request_facts, 200, ANSWER, "r-1")
    asked = RequestMessage(request_facts.method, request_facts.target_uri, request_facts.pairs())
    created = int(dict(headers)["Signature-Input"].split("created=")[1].split(";")[0])
    prepared = HTTPMessageSigner(signature_algorithm=algorithm(keys)).prepare(
        ResponseMessage(200, Pairs(headers), asked),
        key_id=keys.current().kid,
        created=datetime.datetime.fromtimestamp(created, datetime.UTC),
        label="hub",
        covered_component_ids=components(request_facts),
        use_existing_digest=True,
    )
    assert signed == [prepared.signature_base]


def test_our_verifier_accepts_the_answer_and_gives_the_receipt(keys: KeyStore) -> None:
    headers = sign_response(keys, PLAIN, 200, ANSWER, "r-1")
    verified = verify_response(PLAIN, 200, headers, ANSWER, find(keys))
    assert (verified.receipt_id, verified.keyid) == ("r-1", keys.current().kid)


def without(headers: list[tuple[str, str]], *names: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name not in names]


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("body", "invalid"),
        ("status", "invalid"),
        ("question", "invalid"),
        ("method", "invalid"),
        ("target", "invalid"),
        ("dpop", "invalid"),
        ("receipt", "invalid"),
        ("unsigned", "missing"),
        ("other key", "unknown_key"),
        ("old", "stale"),
        ("ahead", "stale"),
        ("request signature not covered", "not_covered"),
        ("two signatures", "invalid"),
    ],
)
def test_anything_swapped_is_refused_with_its_reason(keys: KeyStore, case: str, reason: str) -> None:
    request, status, body, look, now = PLAIN, 200, ANSWER, find(keys), time.time()
    headers = sign_response(keys, PLAIN, 200, ANSWER, "r-1")
    match case:
        case "body":
            body = ANSWER + b" "
        case "status":
            status = 201
        case "question":
            request = replace(request, body=BODY + b" ")
        case "method":
            request = replace(request, method="PUT")
        case "target":
            request = replace(request, target_uri="https://other.example/graphql")
        case "dpop":
            request = replace(request, dpop="eyJ0.e30.b3RoZXI")
        case "receipt":
            headers = [*without(headers, "Credit-Receipt"), ("Credit-Receipt", "r-2")]
        case "unsigned":
            headers = without(headers, "Signature", "Signature-Input")
        case "other key":
            look = {}.get
        case "old":
            now += 61
        case "ahead":
            now -= 62
        case "request signature not covered":
            request = replace(request, signature="hub=:AAAA:", signature_input='hub=();created=1;keyid="k"')
        case "two signatures":
            headers = [*headers, ("Signature", "b=:AAAA:"), ("Signature-Input", 'b=();created=1;keyid="x"')]
    with pytest.raises(SignatureFault) as caught:
        verify_response(request, status, headers, body, look, now=now)
    assert caught.value.reason == reason


def test_digest_fields_of_others_are_read_and_garbage_never_matches() -> None:
    sha512 = f"sha-512=:{b64encode(hashlib.sha512(BODY).digest()).decode()}:"
    assert digest_matches(content_digest(BODY), BODY)
    assert digest_matches(f"{sha512}, {content_digest(BODY)}", BODY)
    assert digest_matches(f"md5=:AAAA:, {content_digest(BODY)}", BODY)
    assert not digest_matches(f"{sha512}, {content_digest(b'x')}", BODY)
    for bad in ("", "sha-256", "md5=:AAAA:", "sha-256=:%%:", "sha-256=1", "sha-256=(1)", "\u5e38"):
        assert not digest_matches(bad, BODY)


MUTATED = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from([*list('()";=:,*?% \t\\aé\x00'), "hub=", ";created=9", '"x";req'])),
    max_size=6,
)


@given(
    name=st.sampled_from(["Signature", "Signature-Input", "Content-Digest", "Credit-Receipt"]),
    changes=MUTATED,
    value=st.none() | st.text(max_size=60),
)
@hypothesis_settings(max_examples=300, deadline=None)
def test_hostile_signature_fields_are_refused_and_never_crash(
    name: str, changes: list[tuple[int, str]], value: str | None, session_keys: KeyStore
) -> None:
    headers = dict(sign_response(session_keys, PLAIN, 200, ANSWER, "r-1"))
    original = headers[name]
    text = original if value is None else value
    for place, inserted in changes:
        text = text[:place] + inserted + text[place:]
    headers[name] = text
    try:
        verify_response(PLAIN, 200, headers.items(), ANSWER, find(session_keys))
    except SignatureFault:
        return
    # Blanks around a value, and parameters beside the signature's bytes, mean nothing (RFC 9421, RFC 8941).
    if name in ("Content-Digest", "Credit-Receipt"):
        assert text.strip(" \t") == original


@pytest.fixture(scope="session")
def session_keys(tmp_path_factory: pytest.TempPathFactory) -> KeyStore:
    store = KeyStore(tmp_path_factory.mktemp("keys"))
    store.ensure()
    return store
