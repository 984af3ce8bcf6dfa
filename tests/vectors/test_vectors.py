"""The published vectors: made again they are the same bytes, and public libraries alone find that they hold.

Nothing of this project is used in the checks; what they need beside the vectors is in the standards that they name.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import warnings
from base64 import b64decode, b64encode, urlsafe_b64decode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms
from http_message_signatures.exceptions import HTTPMessageSignaturesException
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from pymerkle import InclusionProof, InmemoryTree, verify_inclusion
from pymerkle.core import _inclusion_path_layout

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "vectors"
DASH = "\u2014 "


def vector(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def keys() -> dict[str, Any]:
    return vector("keys")["keys"]


async def test_the_vectors_are_those_of_the_code():
    from tests.vectors.generate import vectors

    made = await vectors()
    assert {path.name for path in FOLDER.glob("*.json")} == made.keys()
    for name, text in made.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, "run python -m tests.vectors.generate"


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def jws(token: str, key: dict[str, Any], typ: str) -> dict[str, Any]:
    """Claims of a compact JWS that jwcrypto finds good."""
    found = JWS()
    found.allowed_algs = ["EdDSA"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found.deserialize(token, JWK(**{name: key[name] for name in ("kty", "crv", "x")}))
    assert found.jose_header["typ"] == typ
    assert found.jose_header["kid"] == key["kid"]
    return json.loads(found.payload)


def test_keys_come_from_their_labels_and_are_named_by_their_thumbprints(keys):
    for name, key in keys.items():
        private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(key["label"].encode()).digest())
        assert raw(key["x"]) == private.public_key().public_bytes_raw()
        assert "d" not in key
        if name.startswith("hub") and " " not in name[4:]:
            assert key["kid"] == JWK(kty="OKP", crv="Ed25519", x=key["x"]).thumbprint()


def content_digest(body: bytes) -> str:
    return f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"


def test_content_digests_are_those_of_rfc_9530():
    cases = vector("content-digest")["cases"]
    assert len(cases) == 4
    for case in cases:
        assert case["content_digest"] == content_digest(b64decode(case["body"]))


@dataclass
class Question:
    headers: dict[str, str]
    method: str
    url: str


@dataclass
class Answer:
    headers: dict[str, str]
    status_code: int
    request: Question


class Resolver(HTTPSignatureKeyResolver):
    def __init__(self, key):
        self.key = key

    def resolve_public_key(self, key_id):
        assert key_id == self.key["kid"]
        return Ed25519PublicKey.from_public_bytes(raw(self.key["x"]))


def verified(message: Question | Answer, key: dict[str, Any], body: bytes):
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=Resolver(key))
    (found,) = verifier.verify(message, max_age=None, body=body)
    return found


def base_is_signed(one: dict[str, Any], key: dict[str, Any]) -> None:
    signature = b64decode(one["headers"]["signature"].removeprefix("hub=:").removesuffix(":"))
    Ed25519PublicKey.from_public_bytes(raw(key["x"])).verify(signature, one["signature_base"].encode())


def question() -> Question:
    one = vector("request-signature")
    return Question(one["headers"], one["method"], one["target_uri"])


def test_a_hubs_question_verifies_with_the_library_and_over_its_published_base(keys):
    one = vector("request-signature")
    found = verified(question(), keys[one["key"]], b64decode(one["body"]))
    covered = [name.strip('"') for name in found.covered_components if "@signature" not in name]
    assert " ".join(covered) == (
        "@method @target-uri content-digest authorization dpop credit-purpose credit-on-behalf-of"
    )
    assert found.nonce
    base_is_signed(one, keys[one["key"]])


def test_its_answer_is_bound_to_it(keys):
    one, asked = vector("response-signature"), question()
    body = b64decode(one["body"])
    message = Answer(one["headers"], one["status"], asked)
    verified(message, keys[one["key"]], body)
    base_is_signed(one, keys[one["key"]])
    assert one["headers"]["credit-request-digest"] == asked.headers["content-digest"]
    other = Question({**asked.headers, "dpop": "another"}, asked.method, asked.url)
    with pytest.raises(HTTPMessageSignaturesException):
        verified(Answer(one["headers"], one["status"], other), keys[one["key"]], body)


def test_who_really_asks_is_signed_for_one_receiver(keys):
    one = vector("on-behalf-of")
    claims = jws(one["value"], keys[one["key"]], "credit-obo+jwt")
    receiver = one["receiver"]
    assert claims.keys() == {"iss", "sub", "aud", "purpose", "case", "iat", "exp", "jti"}
    assert [claims[name] for name in ("aud", "purpose", "case")] == [
        receiver[n] for n in ("audience", "purpose", "case")
    ]
    assert claims["sub"] == one["end_client"]
    assert claims["iat"] <= receiver["now"] < claims["exp"] <= claims["iat"] + 60
    assert vector("request-signature")["headers"]["credit-on-behalf-of"] == one["value"]


def note_key(vkey: str, kind: int) -> tuple[str, bytes, bytes]:
    name, shown, encoded = vkey.split("+", 2)
    material = b64decode(encoded)
    identifier = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    assert (material[0], identifier.hex()) == (kind, shown)
    return name, identifier, material[1:]


def test_a_receipt_is_in_the_log_of_the_hub_that_answered(keys):
    one, answer = vector("receipt"), vector("response-signature")
    claims = jws(one["receipt"], keys[one["key"]], "credit-receipt+jwt")
    assert claims["jti"] == answer["headers"]["credit-receipt"]
    assert claims["answer_digest"] == answer["headers"]["content-digest"]
    assert claims["request_digest"] == answer["headers"]["credit-request-digest"]
    salt = b64decode(one["salt"])
    assert raw(claims["subject_commitment"]) == hashlib.sha256(salt + one["subject"].encode()).digest()
    leaf = hashlib.sha256(salt + one["receipt"].encode()).digest()
    assert leaf.hex() == one["leaf_data"]
    hashed = hashlib.sha256(b"\x00" + leaf).digest()
    assert hashed.hex() == one["leaf_hash"]
    root = checkpoint(one)
    index, size = one["proof"]["index"] + 1, one["proof"]["size"]
    rule, _ = _inclusion_path_layout(index, size)
    path = [hashed, *(b64decode(text) for text in one["proof"]["hashes"])]
    verify_inclusion(hashed, root, InclusionProof("sha256", True, size, index, rule, path), index=index, size=size)


def checkpoint(one: dict[str, Any]) -> bytes:
    """The root of a checkpoint whose signature holds, equal to what pymerkle computes of the leaves."""
    name, identifier, public = note_key(one["log"], 1)
    text, _, line = one["checkpoint"].rpartition("\n\n")
    origin, size, root = text.split("\n")
    named, _, encoded = line.rstrip("\n").removeprefix(DASH).partition(" ")
    mark = b64decode(encoded)
    assert (origin, named, mark[:4]) == (name, name, identifier)
    Ed25519PublicKey.from_public_bytes(public).verify(mark[4:], (text + "\n").encode())
    tree = InmemoryTree(algorithm="sha256")
    for data in one["tree"]["leaf_data"]:
        tree.append_entry(bytes.fromhex(data))
    assert (int(size), b64decode(root)) == (tree.get_size(), tree.get_root())
    return b64decode(root)


def test_a_cosignature_is_over_time_and_checkpoint():
    one = vector("witness")
    name, identifier, public = note_key(one["witness"], 4)
    for request, answer in zip(one["requests"], one["answers"], strict=True):
        named, _, encoded = answer["cosignature"].rstrip("\n").removeprefix(DASH).partition(" ")
        mark = b64decode(encoded)
        assert (named, mark[:4]) == (name, identifier)
        text = request.partition("\n\n")[2].rpartition("\n\n")[0] + "\n"
        message = f"cosignature/v1\ntime {int.from_bytes(mark[4:12], 'big')}\n{text}"
        Ed25519PublicKey.from_public_bytes(public).verify(mark[12:], message.encode())
    assert message == one["signed_message"]
    assert request.startswith("old 3\n")


def test_feed_entries_are_signed_and_chained(keys):
    one = vector("feed")
    page, prev = one["page"], "0" * 64
    entries = []
    for place, token in enumerate(page["entries"], 1):
        entry = jws(token, keys[one["key"]], "credit-feed+jwt")
        shown = [entry[name] for name in ("region", "epoch", "seq", "prev")]
        assert shown == [page["region"], page["epoch"], place, prev]
        prev = hashlib.sha256(token.encode()).hexdigest()
        assert one["hashes"][place - 1] == prev
        entries.append(entry)
    assert page["head"] == {"seq": 3, "hash": prev}
    assert [entry["op"] for entry in entries] == ["PUT", "RECEIPT", "DROP"]
    assert [entries[0]["id"], entries[0]["fact"]["kind"]] == [entries[2]["id"], "PENALTY"]
    assert [entries[1]["status"], entries[2]["void"]] == ["REVOKED", True]


def test_a_digest_holds_its_members_and_not_others(keys):
    one = vector("membership-digest")
    claims = jws(one["statement"], keys[one["key"]], "credit-digest+jwt")
    data, key = b64decode(one["filter"]), b64decode(claims["key"])
    assert hashlib.sha256(data).hexdigest() == claims["filter_sha256"]
    assert len(data) * 8 == claims["bits"]

    def places(code: str) -> list[int]:
        mac = hmac.new(key, code.encode(), hashlib.sha256).digest()
        h1, h2 = int.from_bytes(mac[:8], "big"), int.from_bytes(mac[8:16], "big") | 1
        return [(h1 + i * h2) % claims["bits"] for i in range(claims["hashes"])]

    def held(code: str) -> bool:
        return all(data[place // 8] >> place % 8 & 1 for place in places(code))

    assert places(one["worked"]["code"]) == one["worked"]["places"]
    assert all(held(code) for code in one["members"])
    assert one["certainly_absent"]
    assert not any(held(code) for code in one["certainly_absent"])
    bits = {place for code in one["members"] for place in places(code)}
    assert sum(byte.bit_count() for byte in data) == len(bits), "and nothing else is set"


def test_a_directory_is_signed_by_as_many_anchors_as_it_says(keys):
    one = vector("directory")
    file = json.loads(one["file"])
    payload = json.loads(raw(file["payload"]))
    known = {anchor["kid"]: anchor for anchor in payload["anchors"]["keys"]}
    good = 0
    for signature in file["signatures"]:
        header = json.loads(raw(signature["protected"]))
        assert header["typ"] == "credit-hub-directory+jws"
        signed = f"{signature['protected']}.{file['payload']}".encode()
        public = Ed25519PublicKey.from_public_bytes(raw(known[header["kid"]]["x"]))
        public.verify(raw(signature["signature"]), signed)
        with pytest.raises(InvalidSignature):
            public.verify(raw(signature["signature"]), signed + b"A")
        good += 1
    assert good >= payload["anchors"]["threshold"] == 2
    assert known["anchor-1"]["x"] == keys["anchor 1"]["x"]
    assert payload["expires"] > one["good_on"]
    assert {hub["region"]: hub["keys"][0]["x"] for hub in payload["hubs"]} == {
        "320400": keys["hub A"]["x"],
        "320583": keys["hub B"]["x"],
    }
