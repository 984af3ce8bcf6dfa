"""The keys of a hub as the http-message-signatures library takes them."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import HTTPSignatureKeyResolver, algorithms
from jwcrypto import jwk

from hub.signing import KeyStore

BODY = b'{"query":"{ __typename }"}'


def find(keys: KeyStore) -> Any:
    return {key.kid: key.verifier for key in keys.public()}.get


def library_key(keys: KeyStore) -> Ed25519PublicKey | EllipticCurvePublicKey:
    public: Ed25519PublicKey | EllipticCurvePublicKey = jwk.JWK(**keys.public()[0].jwk).get_op_key("verify")
    return public


class Resolver(HTTPSignatureKeyResolver):
    def __init__(self, keys: KeyStore) -> None:
        self.keys = keys

    def resolve_public_key(self, key_id: str) -> Any:
        return library_key(self.keys)


def algorithm(keys: KeyStore) -> Any:
    eddsa = keys.public()[0].jwk["alg"] == "EdDSA"
    return algorithms.ED25519 if eddsa else algorithms.ECDSA_P256_SHA256
