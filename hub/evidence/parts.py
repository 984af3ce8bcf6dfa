"""Evidence inside evidence: a federated answer carries each city's own bundle, and each is checked by itself."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import orjson

from hub.evidence.asker import Asker
from hub.evidence.reading import Bundle, read_bundle, read_receipt
from hub.evidence.trust import TrustSource
from hub.evidence.verify import Verdict, verify_bundle
from schema.errors import UsageError

BASE64_OF_OBJECT = "ey"  # base64 of '{"'
SHORTEST = 400  # characters; no bundle is shorter
MOST = 10_000


def verify_file(data: bytes, trust: TrustSource, witnesses: int | None = None) -> dict[str, Any]:
    """``{"ok", "reason", …}`` of a bundle file; ``parts`` where its answer holds bundles of other cities.

    A part that fails makes the whole fail, with its reason. ``witnesses``: how many cosignatures are wanted of the
    whole and of each part (default: what the trust says). Raises UsageError for a file that is not a bundle.
    """
    bundle = read_bundle(data)
    verdict = verify_bundle(bundle, trust, witnesses)
    document = _document(verdict)
    inner = _inner(bundle.body) if bundle.body else ()
    parts = [_part(one, region, trust, witnesses, verdict) for one, region in inner]
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
        "asker": _asker(verdict.asker),
        "witnesses": verdict.witnesses,
        "witnesses_wanted": verdict.wanted,
    }


def _asker(asker: Asker | None) -> dict[str, Any] | None:
    """Client, end client and case as far as the bundle shows them; None where nothing attests to them."""
    if asker is None or not asker.shown:
        return None
    return {name: getattr(asker, name) for name in ("client", "on_behalf_of", "case") if name in asker.shown}


def _part(
    inner: bytes, region: str | None, trust: TrustSource, witnesses: int | None, whole: Verdict
) -> dict[str, Any]:
    try:
        bundle = read_bundle(inner)
    except UsageError:
        return {"region": region, "ok": False, "reason": "proof_missing"}
    verdict = verify_bundle(bundle, trust, witnesses)
    if verdict.ok and region is not None and verdict.region not in (None, region):
        return {"region": region, "ok": False, "reason": "unknown_key"}
    if verdict.ok and whole.ok and not _asked_by(whole, verdict, bundle):
        return {"region": region, "ok": False, "reason": "asker_mismatch"}
    return {"region": region or verdict.region, "ok": verdict.ok, "reason": verdict.reason}


def _asked_by(whole: Verdict, part: Verdict, bundle: Bundle) -> bool:
    """Whether a part answers a question of the hub that gave the whole, put in the same case, near the same time. What
    neither receipt commits to is not held against it."""
    statement = read_receipt(bundle.on_behalf_of)
    if part.asker is None or statement is None:
        return True
    if statement.claims.get("iss") != whole.claims.get("iss"):
        return False
    if whole.asker is None:
        return True
    end_client = whole.asker.on_behalf_of
    if end_client is not None and statement.claims.get("sub") != end_client:
        return False
    return "case" not in whole.asker.shown & part.asker.shown or whole.asker.case == part.asker.case


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
