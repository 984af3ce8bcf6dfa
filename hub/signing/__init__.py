"""Keys and HTTP message signatures."""

from hub.signing.digests import content_digest, digest_matches
from hub.signing.keys import KeyStore, PublicKey, SigningKey
from hub.signing.messages import Pairs, SignatureFault, VerifiedSignature
from hub.signing.requests import sign_request, verify_request
from hub.signing.responses import RequestFacts, VerifiedResponse, sign_response, verify_response
from hub.signing.wellknown import well_known

__all__ = [
    "KeyStore",
    "Pairs",
    "PublicKey",
    "RequestFacts",
    "SignatureFault",
    "SigningKey",
    "VerifiedResponse",
    "VerifiedSignature",
    "content_digest",
    "digest_matches",
    "sign_request",
    "sign_response",
    "verify_request",
    "verify_response",
    "well_known",
]
