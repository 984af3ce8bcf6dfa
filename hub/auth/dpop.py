"""DPoP proofs (RFC 9449 section 4): that the sender of this very request holds the key its token is bound to."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from urllib.parse import urlsplit

from hub.auth.jose import PublicJwk, json_object, numeric_date
from hub.signing.suites import b64u, unb64u

WINDOW = 60  # seconds a proof may be off, either way
MAX_PROOF = 4096  # characters
MAX_JTI = 128
_DEFAULT_PORTS = {"http": 80, "https": 443}
_URL = re.compile(r"[!-~]+")  # urlsplit would drop tabs, line ends and leading control characters
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True, slots=True)
class Proof:
    """What a verified proof says. ``expires`` (Unix seconds): from then on the window refuses it, so its ``jti`` need
    not be remembered longer."""

    jkt: str
    jti: str
    expires: int
    nonce: str | None


def check_proof(text: str, *, method: str, url: str, now: float, ath: str | None = None) -> Proof:
    """Verify one ``DPoP`` header value against the request; ``ath`` where a token is presented (``token_hash``).

    Raises ValueError, saying what does not hold. The caller checks ``jti`` and nonce.
    """
    if len(text) > MAX_PROOF:
        raise ValueError(f"the proof is longer than {MAX_PROOF} characters")
    head, dot, rest = text.partition(".")
    payload, dot, signature = rest.partition(".")
    if not dot:
        raise ValueError("the proof is not a signed JWT")
    alg_key = _key_of(head)
    claims = json_object(unb64u(payload))
    if claims.get("htm") != method:
        raise ValueError("htm is not the method of the request")
    htu = claims.get("htu")
    if not isinstance(htu, str) or (htu != url and normalised(htu) != normalised(url)):
        raise ValueError("htu is not the URL of the request")
    issued = numeric_date(claims.get("iat"))
    if abs(now - issued) > WINDOW:
        raise ValueError(f"iat is more than {WINDOW} seconds off")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI:
        raise ValueError(f"jti is a text of 1 to {MAX_JTI} characters")
    if ath is not None:
        given = claims.get("ath")
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), ath.encode()):
            raise ValueError("ath is not the hash of the access token")
    nonce = claims.get("nonce")
    if nonce is not None and (not isinstance(nonce, str) or len(nonce) > MAX_JTI):
        raise ValueError("nonce is not a text")
    if not alg_key.verifier.verify(unb64u(signature), f"{head}.{payload}".encode("ascii")):
        raise ValueError("the signature of the proof does not hold")
    return Proof(alg_key.thumbprint, jti, int(issued) + WINDOW + 1, nonce)


@lru_cache(maxsize=4096)
def _key_of(head: str) -> PublicJwk:
    """The key in an encoded header; a client's header is the same in every proof, so it is read once."""
    header = json_object(unb64u(head))
    if header.get("typ") != "dpop+jwt":
        raise ValueError("typ is not dpop+jwt")
    if "crit" in header:
        raise ValueError("critical header parameters are not supported")
    key = PublicJwk.read(header.get("jwk"))
    if not key.takes(header.get("alg")):
        raise ValueError("the algorithm is not allowed or does not fit the key")
    return key


def token_hash(token: str) -> str:
    """``ath``: base64url SHA-256 of the access token (RFC 9449 section 4.2)."""
    return b64u(sha256(token.encode("ascii")).digest())


@lru_cache(maxsize=4096)
def normalised(url: str) -> str:
    """Scheme, host, port and path after RFC 3986 section 6.2.2 and 6.2.3, without query and fragment."""
    if not _URL.fullmatch(url):
        raise ValueError("htu has characters that no URL has")
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError("htu is not an http(s) URL")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, _DEFAULT_PORTS[scheme]) else f":{parts.port}"
    return f"{scheme}://{host}{port}{_without_dots(_ESCAPE.sub(_plain, parts.path or '/'))}"


def _plain(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else match[0].upper()


def _without_dots(path: str) -> str:
    """RFC 3986 section 5.2.4."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for place, segment in enumerate(segments):
        last = place == len(segments) - 1
        if segment in (".", ".."):
            if segment == ".." and kept:
                kept.pop()
            if last:
                kept.append("")
        else:
            kept.append(segment)
    return "/" + "/".join(kept)
