"""``/.well-known/credit-hub``: the hub's public keys, past and present, its log, and where things are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.signing.keys import KeyStore


def well_known(
    *,
    region: str,
    name: str,
    base_url: str,
    keys: KeyStore,
    ledger: Mapping[str, Any],
    versions: Mapping[str, str],
    endpoints: Mapping[str, str] | None = None,
    witnesses: Sequence[str] = (),
) -> dict[str, Any]:
    """The document; saved by a client, it is later the trust of ``credit-hub verify``.

    ``ledger`` is ``{origin, key, earlier}`` with keys as C2SP verifier keys; ``keys`` holds the
    next one too, from when it was made; ``witnesses`` are the verifier keys of those that cosign the log beside the
    hubs of its directory. Raises ServiceError when keys cannot be read.
    """
    return {
        "region": region,
        "name": name,
        "keys": [{**key.jwk, "kid": key.kid, "nbf": key.nbf, "exp": key.exp} for key in keys.public()],
        "ledger": dict(ledger),
        "endpoints": {
            "base": base_url,
            "graphql": f"{base_url}/graphql",
            "authorization_server": f"{base_url}/.well-known/oauth-authorization-server",
            "token": f"{base_url}/oauth/token",
            "ledger": f"{base_url}/ledger",
            "receipts": f"{base_url}/receipts",
            **(endpoints or {}),
        },
        "versions": dict(versions),
        **({"witnesses": list(witnesses)} if witnesses else {}),
    }
