"""Evidence inside evidence: a federated answer carries each city's own bundle, and each is checked by itself."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import orjson

from hub.evidence.reading import read_bundle
from hub.evidence.trust import TrustSource
from hub.evidence.verify import Verdict, verify_bundle
from schema.errors import UsageError

BASE64_OF_OBJECT = "ey"  # base64 of '{"'
SHORTEST = 400  # characters; no bundle is shorter
MOST = 10_000


def verify_file(data: bytes, trust: TrustSource) -> dict[str, Any]:
    """``{"ok", "reason", …}`` of a bundle file; ``parts`` where its answer holds bundles of other cities.

    A part that fails makes the whole fail, with its reason. Raises UsageError for a file that is not a bundle.
    """
    bundle = read_bundle(data)
    verdict = verify_bundle(bundle, trust)
    document = _document(verdict)
    parts = [_part(inner, region, trust) for inner, region in _inner(bundle.body)] if bundle.body else []
    if parts:
        document["parts"] = parts
        failed = next((part for part in parts if not part["ok"]), None)
        if verdict.ok and failed is not None:
            document |= {"ok": False, "reason": failed["reason"], "detail": f"part of {failed['region']}"}
    return document


def _document(verdict: Verdict) -> dict[str, Any]:
    claims = verdict.claims
    shown = {name: claims.get(name) for name in ("iss", "iat", "jti", "data_version", "purpose", "consent")}
    return {
        "ok": verdict.ok,
        "reason": verdict.reason,
        "detail": verdict.detail,
        "region": verdict.region,
        "receipt": shown,
    }


def _part(inner: bytes, region: str | None, trust: TrustSource) -> dict[str, Any]:
    try:
        verdict = verify_bundle(read_bundle(inner), trust)
    except UsageError:
        return {"region": region, "ok": False, "reason": "proof_missing"}
    if verdict.ok and region is not None and verdict.region not in (None, region):
        return {"region": region, "ok": False, "reason": "unknown_key"}
    return {"region": region or verdict.region, "ok": verdict.ok, "reason": verdict.reason}


def _inner(body: bytes) -> Iterator[tuple[bytes, str | None]]:
    """Every bundle in a JSON answer, whatever the field was called, with the region named beside it; and what stands
    as ``evidence`` without being one, so that it fails rather than goes unseen."""
    try:
        waiting: list[tuple[Any, str | None]] = [(orjson.loads(body), None)]
    except orjson.JSONDecodeError:
        return
    found = 0
    while waiting and found < MOST:
        value, region = waiting.pop()
        if isinstance(value, dict):
            named = value.get("region")
            region = named if isinstance(named, str) else region
            claimed = value.get("evidence")
            if isinstance(claimed, str) and (len(claimed) <= SHORTEST or _decoded(claimed) is None):
                found += 1
                yield claimed.encode(), region
            waiting.extend((inner, region) for inner in reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend((inner, region) for inner in reversed(value))
        elif isinstance(value, str) and value.startswith(BASE64_OF_OBJECT) and len(value) > SHORTEST:
            inner = _decoded(value)
            if inner is not None:
                found += 1
                yield inner, region


def _decoded(text: str) -> bytes | None:
    try:
        data = b64decode(text, validate=True)
        document = orjson.loads(data)
    except ValueError:
        return None
    return data if isinstance(document, dict) and {"request", "response"} <= document.keys() else None
