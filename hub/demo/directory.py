"""The directory of a demonstration: three anchors, two of which sign; all hubs; the shipped agreements."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from federation.directory import edit, sign
from hub.auth.jose import generate_jwk
from hub.demo.hubs import RunningHub, published
from policies.agreements import read_agreements
from schema import times

ANCHORS = 3
THRESHOLD = 2


def make_anchors(folder: Path) -> tuple[list[Path], list[Path]]:
    """Private and public JWK files of new anchors; the private ones with mode 600."""
    folder.mkdir(parents=True)
    private, public = [], []
    for number in range(1, ANCHORS + 1):
        key = {**generate_jwk(), "kid": f"anchor-{number}"}
        secret, shown = folder / f"anchor-{number}.jwk", folder / f"anchor-{number}.pub.jwk"
        handle = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(key, file)
        shown.write_text(json.dumps({name: value for name, value in key.items() if name != "d"}))
        private.append(secret)
        public.append(shown)
    return private, public


async def write_directory(path: Path, anchors: Sequence[Path], hubs: Sequence[RunningHub]) -> None:
    """Signs and puts into place a directory of these running hubs."""
    today = times.today()
    keys = [json.loads(anchor.read_text()) for anchor in anchors]
    data = edit.init(keys, THRESHOLD, issued=today, expires=None)
    for hub in hubs:
        told = await published(hub)
        entry = {
            "region": hub.city.region,
            "name": hub.city.name,
            "url": hub.url,
            "keys": told["keys"],
            "ledger": told["ledger"],
            "successors": True,
        }
        data = edit.put_hub(data, entry, issued=today)
    for pack in read_agreements():
        data = edit.put_agreement(
            data, edit.agreement_entry(pack.id, pack.version, pack.parties, pack.sha256), issued=today
        )
    for key in keys[:THRESHOLD]:
        data = sign(data, key)
    draft = path.with_suffix(".tmp")
    draft.write_bytes(data)
    draft.replace(path)
