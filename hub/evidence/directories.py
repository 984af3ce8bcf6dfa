"""A signed directory of hubs as trust for evidence."""

from __future__ import annotations

from pathlib import Path

from federation.directory import Directory, read_anchors, verify
from hub.evidence.trust import Trust, TrustedHub, hub_from_document
from hub.ledger.cosignatures import CosignatureKey
from hub.settings import Settings
from schema.errors import UsageError
from schema.times import today


def trust_in_directory(data: bytes, path: Path, settings: Settings) -> Trust:
    """Trust in the hubs of a directory that enough anchors signed: those of HUB_TRUST_ANCHORS where they are set,
    otherwise its own, since the one who verifies named it as trust. A directory past its last day still tells whose
    keys were whose, so it counts for evidence. Raises UsageError when it does not hold."""
    anchors = read_anchors(settings.trust_anchors) if settings.trust_anchors else read_anchors([path])
    verdict = verify(data, anchors, today=today())
    if verdict.directory is None or not (verdict.ok or verdict.reason == "expired"):
        raise UsageError(
            f"the directory {path} cannot be trusted: {verdict.reason}",
            hint="get it again, or set HUB_TRUST_ANCHORS to the keys that sign it",
            message_zh="枢纽名录不可信",
        )
    found = verdict.directory
    return Trust(_hubs(found), (CosignatureKey.parse(one) for one in found.witnesses.keys), found.witnesses.wanted)


def _hubs(directory: Directory) -> list[TrustedHub]:
    hubs = []
    for hub in (*directory.hubs, *directory.former):  # a withdrawn hub still said what it said
        document = {
            "region": hub.region,
            "keys": [{name: value for name, value in key.items() if value is not None} for key in hub.keys],
            "ledger": dict(hub.ledger),
            "endpoints": {"base": hub.url},
        }
        try:
            hubs.append(hub_from_document(document))
        except ValueError:
            continue  # a hub whose keys are of no known kind vouches for nothing
    return hubs
