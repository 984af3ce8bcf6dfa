"""Trust in files: key lists, JWK sets, several hubs, and signed directories of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from evidence_scene import Scene

from federation.directory import edit, sign
from hub.evidence import load_trust, read_bundle, trust_for, verify_bundle
from hub.evidence.directories import trust_in_directory
from hub.settings import Settings
from hub.signing.suites import SUITES, thumbprint
from schema.errors import UsageError
from schema.times import today

NOWHERE = Settings(data=Path("nowhere"))


def anchor(path: Path) -> tuple[Path, dict[str, Any]]:
    key: dict[str, Any] = {**SUITES[0].generate(), "alg": "EdDSA"}
    key["kid"] = thumbprint(key)
    path.write_text(json.dumps(key))
    return path, key


def held(bundle: dict[str, Any], trust: Any) -> str | None:
    return verify_bundle(read_bundle(json.dumps(bundle).encode()), trust).reason


def directory(scene: Scene, keys: list[dict[str, Any]], *, expires: Any = None) -> bytes:
    data = edit.init([dict(keys[0])], 1, issued=today() - timedelta(days=30), expires=expires)
    for city in (scene.city, scene.other):
        hub = {"region": city.region, "name": "", "url": city.base, "keys": city.trust()["keys"]}
        data = edit.put_hub(data, {**hub, "ledger": city.ledger.identity}, issued=today() - timedelta(days=20))
    for key in keys:
        data = sign(data, key)
    return data


def test_one_file_may_list_several_hubs(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    path.write_text(json.dumps([scene.city.trust(), scene.other.trust()]))
    trust = load_trust([path], NOWHERE)
    assert held(scene.bundle, trust) is None
    assert held(scene.foreign, trust) is None


def test_keys_of_unknown_kinds_are_passed_over(scene: Scene, tmp_path: Path) -> None:
    document = scene.city.trust()
    document["keys"] = [{"kty": "AKP", "alg": "ML-DSA-44", "kid": "future"}, *document["keys"]]
    path = tmp_path / "trust.json"
    path.write_text(json.dumps(document))
    assert held(scene.bundle, load_trust([path], NOWHERE)) is None


def test_a_hub_that_moved_keeps_its_old_evidence(scene: Scene, tmp_path: Path) -> None:
    document = scene.city.trust()
    document["endpoints"]["base"] = "https://moved.example"
    path = tmp_path / "trust.json"
    path.write_text(json.dumps(document))
    assert held(scene.bundle, load_trust([path], NOWHERE)) is None


def test_a_signed_directory_is_trust_for_each_of_its_hubs(scene: Scene, tmp_path: Path) -> None:
    file, key = anchor(tmp_path / "anchor.json")
    path = tmp_path / "directory.json"
    path.write_bytes(directory(scene, [key]))
    named = trust_for(path, NOWHERE, trust_in_directory)
    pinned = trust_for(path, replace(NOWHERE, trust_anchors=(file,)), trust_in_directory)
    configured = trust_for(None, replace(NOWHERE, trust_anchors=(file,), directory=path), trust_in_directory)
    for trust in (named, pinned, configured):
        assert held(scene.bundle, trust) is None
        assert held(scene.foreign, trust) is None
        assert held({**scene.bundle, "checkpoint": scene.foreign["checkpoint"]}, trust) == "checkpoint_invalid"


def test_a_directory_that_the_anchors_did_not_sign_is_refused(scene: Scene, tmp_path: Path) -> None:
    _, key = anchor(tmp_path / "anchor.json")
    other, _ = anchor(tmp_path / "other.json")
    path = tmp_path / "directory.json"
    path.write_bytes(directory(scene, [key]))
    with pytest.raises(UsageError, match="not_enough_signatures"):
        trust_for(path, replace(NOWHERE, trust_anchors=(other,)), trust_in_directory)


def test_a_directory_past_its_last_day_still_tells_whose_keys_were_whose(scene: Scene, tmp_path: Path) -> None:
    _, key = anchor(tmp_path / "anchor.json")
    path = tmp_path / "directory.json"
    path.write_bytes(directory(scene, [key], expires=today() - timedelta(days=1)))
    assert held(scene.bundle, trust_for(path, NOWHERE, trust_in_directory)) is None


def test_an_anchor_alone_is_no_trust_in_any_hub(tmp_path: Path) -> None:
    file, _ = anchor(tmp_path / "anchor.json")
    with pytest.raises(UsageError, match="whose keys to trust"):
        trust_for(None, replace(NOWHERE, trust_anchors=(file,)), trust_in_directory)
