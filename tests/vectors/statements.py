"""Vectors of what hubs state: feed entries, a membership digest, the directory."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from datetime import date
from typing import Any

from sqlalchemy import create_engine, insert

from federation import digest
from federation.directory import edit, sign
from federation.feed.reader import FeedReader
from federation.feed.tables import meta, metadata
from federation.feed.writer import FeedWriter, entry_hash
from tests.vectors.ledger import SUBJECT
from tests.vectors.messages import RECEIPT
from tests.vectors.world import NOTE, NOW, Town, private_jwk, seed

EPOCH = "0123456789abcdef0123456789abcdef"
STRANGER = "91330700XY0000004T"


def fact() -> dict[str, Any]:
    return {
        "__typename": "Record",
        "id": "UmVjb3JkOnZlY3Rvci0x",
        "documentNumber": "合成罚字〔2026〕1号",
        "kind": "PENALTY",
        "subject": {"id": "U3ViamVjdDp2ZWN0b3I", "code": SUBJECT, "name": "合成公司"},
        "state": "ACTIVE",
        "decidedOn": "2026-01-01",
    }


def feed_vector(b: Town) -> dict[str, Any]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(meta).values(key="epoch", value=EPOCH))
    writer, reader = FeedWriter(engine, b.region, b.messenger.sign_statement), FeedReader(engine, b.region)
    writer.tell({SUBJECT: [fact()]})
    writer.announce("RECEIPT", {RECEIPT: {"status": "REVOKED"}})
    writer.tell({SUBJECT: []}, void=[f"record:{fact()['id']}"])
    page = reader.page(0, EPOCH, 10)
    engine.dispose()
    return {
        "note": NOTE,
        "standard": "JWS compact, typ credit-feed+jwt; prev = hex SHA-256 of the entry before as sent (64 zeros first)",
        "key": "hub B",
        "page": page,
        "hashes": [entry_hash(jws) for jws in page["entries"]],
    }


def digest_vector(a: Town, b: Town) -> dict[str, Any]:
    codes = [SUBJECT, *(f"member-{n}" for n in range(1, 8))]
    key = digest.pair_key(seed("digest secret"), a.region, NOW // 86_400)
    found = digest.build(codes, len(codes), key)
    claims = digest.claims(found, of=b.region, to=a.region, epoch=NOW // 86_400, data_version="1767225599000000")
    statement = b.messenger.sign_statement({**claims, "person_key": "0011223344556677"}, digest.TYP)
    mac = hmac.digest(key, SUBJECT.encode(), "sha256")
    return {
        "note": NOTE,
        "standard": "docs/federation.md, membership digests; JWS typ credit-digest+jwt",
        "key": "hub B",
        "statement": statement,
        "filter": b64encode(found.data).decode(),
        "members": codes,
        "certainly_absent": [one for one in (STRANGER, "member-8", "member-9") if not found.may_hold(one)],
        "worked": {
            "code": SUBJECT,
            "hmac_sha256": mac.hex(),
            "h1": str(int.from_bytes(mac[:8], "big")),
            "h2": str(int.from_bytes(mac[8:16], "big") | 1),
            "places": digest._places(key, SUBJECT, found.bits, found.hashes),
            "byte_and_bit": "place p is bit (p & 7) of byte (p >> 3), lowest bit first",
        },
    }


def directory_vector(a: Town, b: Town) -> dict[str, Any]:
    day = date(2026, 1, 1)
    anchors = [private_jwk(f"anchor {n}", f"anchor-{n}") for n in (1, 2, 3)]
    data = edit.init(anchors, 2, issued=day, expires=date(2027, 1, 1))
    for town, name in ((a, "常州市"), (b, "昆山市")):
        hub = {"region": town.region, "name": name, "url": town.url, "keys": [town.public]}
        hub["ledger"] = {"origin": town.log.name, "key": town.log.verifier.vkey}
        data = edit.put_hub(data, hub, issued=day)
    text = hashlib.sha256(b"an agreement's text").hexdigest()
    data = edit.put_agreement(data, edit.agreement_entry("vector", "1", [a.region, b.region], text), issued=day)
    for anchor in anchors[:2]:
        data = sign(data, anchor)
    return {
        "note": NOTE,
        "standard": "RFC 7515 section 7.2.1 (JWS general JSON), typ credit-hub-directory+jws",
        "keys": ["anchor 1", "anchor 2"],
        "file": data.decode(),
        "good_on": "2026-06-01",
        "expired_on": "2027-01-02",
    }
