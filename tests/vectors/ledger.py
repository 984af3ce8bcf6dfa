"""Vectors of the log: a receipt, its leaf, the inclusion proof, the checkpoint, and a witness's cosignature."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Any

import orjson
from sqlalchemy import create_engine

from federation.directory.model import Hub
from federation.witness import Witnessed, render
from hub.federated.witness import Witness
from hub.ledger import fields
from hub.ledger.cosignatures import CosignatureKey, cosigned
from hub.ledger.notes import Checkpoint
from hub.ledger.receipts import leaf_data, subject_commitment, target_digest
from hub.ledger.tree import consistency_proof, inclusion_proof, leaf_hash, pair_hash, root_hash
from hub.signing import content_digest
from tests.vectors.messages import ANSWER, QUESTION, RECEIPT
from tests.vectors.world import NOTE, NOW, Town, seed

SUBJECT = "91310000XY0000004F"  # right check digits, given to nobody
INDEX, OLD, SIZE = 2, 3, 5


class Tree:
    """Five leaves; the third is the receipt's."""

    def __init__(self, own: bytes) -> None:
        data = [own if n == INDEX else hashlib.sha256(f"leaf {n}".encode()).digest() for n in range(SIZE)]
        self.data = data
        self.leaves = [leaf_hash(one) for one in data]

    def node(self, height: int, index: int) -> bytes:
        if height == 0:
            return self.leaves[index]
        return pair_hash(self.node(height - 1, 2 * index), self.node(height - 1, 2 * index + 1))


def logged(b: Town) -> tuple[list[bytes | None], bytes]:
    """What the log keeps of the entry, in the order of the fields, and a salt for each."""
    row = {
        "kind": "graphql",
        "recorded_us": NOW * 1_000_000,
        "client": "https://a.example",
        "on_behalf_of": "某银行",
        "case_ref": "案-1",
        "purpose": "mutual-recognition",
        "subject": SUBJECT,
        "consent": None,
        "detail": None,
        "variables": None,
        "disclosed": None,
    }
    salts = b"".join(seed(f"salt of {name}")[: fields.SALT] for name in fields.FIELDS)
    return fields.values_of(row), salts


def receipt_jws(b: Town) -> tuple[str, bytes]:
    salt = seed("salt")
    parts = fields.commitments(*logged(b), {})
    claims = {
        "iss": b.url,
        "iat": NOW,
        "jti": RECEIPT,
        "request_digest": content_digest(QUESTION),
        "answer_digest": content_digest(ANSWER),
        "data_version": "1767225599000000",
        "subject_commitment": subject_commitment(salt, SUBJECT),
        "asker_commitment": fields.of_asker(parts),
        "entry_commitment": fields.joined(parts),
        "consent": None,
        "purpose": "mutual-recognition",
        "kind": "graphql",
        "log": b.log.verifier.vkey,
        "target_digest": target_digest("POST", f"{b.url}/graphql"),
        "status": 200,
    }
    return b.keys.current().jws(orjson.dumps(claims)), salt


def receipt_vector(b: Town) -> dict[str, Any]:
    jws, salt = receipt_jws(b)
    tree = Tree(leaf_data(salt, jws))
    head = Checkpoint(b.log.name, SIZE, root_hash(tree.node, SIZE))
    values, salts = logged(b)
    shown = {
        name: {
            "salt": b64encode(fields.salt_of(salts, name)).decode(),
            "value": None if value is None else value.decode(),
            "commitment": b64encode(fields.commitment(name, fields.salt_of(salts, name), value)).decode(),
        }
        for name, value in zip(fields.FIELDS, values, strict=True)
    }
    return {
        "note": NOTE,
        "standard": "RFC 7515, RFC 6962, C2SP tlog-checkpoint; leaf data = SHA-256(salt ‖ receipt bytes)",
        "key": "hub B",
        "receipt": jws,
        "salt": b64encode(salt).decode(),
        "subject": SUBJECT,
        "subject_commitment": "base64url(SHA-256(salt ‖ subject))",
        "fields": shown,
        "field_commitment": "SHA-256(salt ‖ name ‖ 0x00 0x01 ‖ value), none: SHA-256(salt ‖ name ‖ 0x00 0x00)",
        "entry_commitment": "base64url(SHA-256(commitments of all fields in this order))",
        "asker_commitment": "base64url(SHA-256(commitments of client, on_behalf_of, case))",
        "leaf_data": tree.data[INDEX].hex(),
        "leaf_hash": tree.leaves[INDEX].hex(),
        "tree": {"leaf_data": [one.hex() for one in tree.data], "root": head.root.hex()},
        "proof": {
            "index": INDEX,
            "size": SIZE,
            "salt": b64encode(salt).decode(),
            "hashes": [b64encode(one).decode() for one in inclusion_proof(tree.node, INDEX, SIZE)],
            "asker": {name: {n: shown[name][n] for n in ("salt", "value")} for name in fields.ASKER},
        },
        "checkpoint": b.log.sign(head.text),
        "log": b.log.verifier.vkey,
    }


async def witness_vector(a: Town, b: Town) -> dict[str, Any]:
    jws, salt = receipt_jws(b)
    tree = Tree(leaf_data(salt, jws))
    notes = [b.log.sign(Checkpoint(b.log.name, size, root_hash(tree.node, size)).text) for size in (OLD, SIZE)]
    requests = [render(0, [], notes[0]), render(OLD, consistency_proof(tree.node, OLD, SIZE), notes[1])]
    engine = create_engine(f"sqlite:///{a.folder / 'witness.sqlite'}")
    witness = Witness(f"{a.log.name}/witness", a.folder / "keys", Witnessed(engine))
    peer = Hub(b.region, "", b.url, (), {"key": b.log.verifier.vkey})
    answers = [await witness.add_checkpoint(peer, one) for one in requests]
    engine.dispose()
    key: CosignatureKey = witness.public
    text = notes[1].rpartition("\n\n")[0] + "\n"
    return {
        "note": NOTE,
        "standard": "C2SP tlog-witness add-checkpoint, tlog-cosignature cosignature/v1",
        "key": "hub A witness",
        "witness": key.vkey,
        "log": b.log.verifier.vkey,
        "requests": [one.decode() for one in requests],
        "answers": answers,
        "signed_message": cosigned(NOW, text).decode(),
    }
