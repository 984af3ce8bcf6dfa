"""A passkey in software, from the text of WebAuthn level 3 alone; what it says can be bent for each test."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def b64u(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64u(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class SoftAuthenticator:
    def __init__(self, origin: str, party: str) -> None:
        self.origin, self.party = origin, party
        self.count = 0
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.ident = os.urandom(32)
        self.handle = ""

    def create(self, options: dict[str, Any], **bent: Any) -> dict[str, Any]:
        self.handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.ident)) + self.ident + cbor2.dumps(cose)
        data = self._data(bent.get("party", self.party), bent.get("flags", PRESENT | VERIFIED) | ATTESTED) + attested
        said = self._said("webauthn.create", options, bent)
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._credential({"clientDataJSON": b64u(said), "attestationObject": b64u(made)})

    def get(self, options: dict[str, Any], **bent: Any) -> dict[str, Any]:
        self.count += bent.get("step", 1)
        data = self._data(bent.get("party", self.party), bent.get("flags", PRESENT | VERIFIED))
        said = self._said("webauthn.get", options, bent)
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {"clientDataJSON": b64u(said), "authenticatorData": b64u(data), "signature": b64u(signature)}
        return self._credential({**answer, "userHandle": bent.get("handle", self.handle)})

    def _data(self, party: str, flags: int) -> bytes:
        return hashlib.sha256(party.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _said(self, kind: str, options: dict[str, Any], bent: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": bent.get("challenge", options["challenge"])}
        return json.dumps({**said, "origin": bent.get("origin", self.origin), "crossOrigin": False}).encode()

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        return {"id": b64u(self.ident), "rawId": b64u(self.ident), "type": "public-key", "response": response}
