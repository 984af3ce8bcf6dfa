"""What an attacker could swap in a bundle, each with the reason that it must get."""

from __future__ import annotations

import copy
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import pytest
from evidence_scene import ANSWER, QUESTION, Scene
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.evidence import REASONS, Trust, hub_from_document, read_bundle, verify_bundle, verify_file
from hub.signing import content_digest
from hub.signing.suites import b64u
from schema.errors import UsageError

Bundle = dict[str, Any]


def b64(data: bytes) -> str:
    return b64encode(data).decode()


def check(bundle: Bundle, *documents: dict[str, Any]) -> str | None:
    verdict = verify_bundle(
        read_bundle(json.dumps(bundle).encode()), Trust([hub_from_document(document) for document in documents])
    )
    assert verdict.ok == (verdict.reason is None)
    assert verdict.reason is None or verdict.reason in REASONS
    return verdict.reason


def test_untouched_bundles_hold(scene: Scene) -> None:
    for bundle in (scene.bundle, scene.same_question, scene.another, scene.get):
        assert check(bundle, scene.city.trust()) is None
        assert check(bundle, scene.city.trust(), scene.other.trust()) is None
    assert check(scene.foreign, scene.other.trust()) is None


def test_the_token_is_not_in_the_bundle(scene: Scene) -> None:
    assert "secret" not in json.dumps(scene.bundle)


def test_field_names_in_any_case_and_pairs_are_read_alike(scene: Scene) -> None:
    bundle = scene.fresh()
    bundle["response"]["headers"] = [[k.title(), v] for k, v in bundle["response"]["headers"].items()]
    bundle["request"]["headers"] = {k.upper(): v for k, v in bundle["request"]["headers"].items()}
    assert check(bundle, scene.city.trust()) is None


def test_a_jwk_set_without_the_log_key_holds_through_the_log_named_in_the_receipt(scene: Scene) -> None:
    keys = {"keys": scene.city.trust()["keys"]}
    assert check(scene.bundle, keys) is None
    swapped = scene.fresh() | {"checkpoint": scene.foreign["checkpoint"], "proof": scene.foreign["proof"]}
    assert check(swapped, keys) == "checkpoint_invalid"


def _claims(bundle: Bundle, **changes: Any) -> None:
    header, payload, signature = bundle["receipt"].split(".")
    claims = json.loads(b64decode(payload + "=" * (-len(payload) % 4), altchars=b"-_")) | changes
    bundle["receipt"] = f"{header}.{b64u(json.dumps(claims).encode())}.{signature}"


def _header(bundle: Bundle, name: str, value: str) -> None:
    bundle["response"]["headers"][name] = value


def _changed_answer_with_matching_digests(bundle: Bundle, scene: Scene) -> None:
    bundle["response"]["body"] = b64(ANSWER + b" ")
    _header(bundle, "content-digest", content_digest(ANSWER + b" "))
    _claims(bundle, answer_digest=content_digest(ANSWER + b" "))


def _foreign_key_under_our_kid(bundle: Bundle, scene: Scene) -> None:
    kid, other = scene.city.keys.current().kid, scene.other.keys.current().kid
    bundle |= copy.deepcopy(scene.foreign)
    bundle["response"]["headers"]["signature-input"] = bundle["response"]["headers"]["signature-input"].replace(
        other, kid
    )


def _other_salt(bundle: Bundle, scene: Scene) -> None:
    bundle["proof"]["salt"] = scene.another["proof"]["salt"]


def _shrunk(bundle: Bundle, scene: Scene) -> None:
    bundle["proof"]["size"] -= 1


def _checkpoint_of_larger_size(bundle: Bundle, scene: Scene) -> None:
    text, signature = bundle["checkpoint"].rsplit("\n\n", 1)
    origin, size, root = text.split("\n")
    bundle["checkpoint"] = f"{origin}\n{int(size) + 1}\n{root}\n\n{signature}"


CASES: dict[str, tuple[str, Callable[[Bundle, Scene], Any]]] = {
    "a changed byte of the answer": ("answer_changed", lambda b, s: b["response"].update(body=b64(ANSWER + b" "))),
    "another status": ("answer_changed", lambda b, s: b["response"].update(status=404)),
    "a changed answer with matching digests": ("answer_changed", _changed_answer_with_matching_digests),
    "response signature stripped": (
        "answer_changed",
        lambda b, s: (b["response"]["headers"].pop("signature"), b["response"]["headers"].pop("signature-input")),
    ),
    "signature bytes of another answer": (
        "answer_changed",
        lambda b, s: _header(b, "signature", s.same_question["response"]["headers"]["signature"]),
    ),
    "receipt of the same question asked again": (
        "answer_changed",
        lambda b, s: b.update({k: s.same_question[k] for k in ("receipt", "proof", "checkpoint")}),
    ),
    "answer missing": ("answer_changed", lambda b, s: b.pop("response")),
    "content digest dropped": ("answer_changed", lambda b, s: b["response"]["headers"].pop("content-digest")),
    "a whole other answer in the response": (
        "question_mismatch",
        lambda b, s: b.update({k: s.another[k] for k in ("response", "receipt", "proof", "checkpoint")}),
    ),
    "another question": ("question_mismatch", lambda b, s: b["request"].update(body=b64(QUESTION + b" "))),
    "another method": ("question_mismatch", lambda b, s: b["request"].update(method="PUT")),
    "another address": ("question_mismatch", lambda b, s: b["request"].update(target="https://330500.example/graphql")),
    "another DPoP proof": (
        "question_mismatch",
        lambda b, s: b["request"]["headers"].update(dpop=s.another["request"]["headers"]["dpop"]),
    ),
    "DPoP proof dropped": ("question_mismatch", lambda b, s: b["request"]["headers"].pop("dpop")),
    "another purpose": (
        "question_mismatch",
        lambda b, s: b["request"]["headers"].update({"credit-purpose": "investigation"}),
    ),
    "no purpose": ("question_mismatch", lambda b, s: b["request"]["headers"].pop("credit-purpose")),
    "question missing": ("question_mismatch", lambda b, s: b.pop("request")),
    "another hub's bundle": ("unknown_key", lambda b, s: b.update(copy.deepcopy(s.foreign))),
    "another hub's receipt": ("unknown_key", lambda b, s: b.update(receipt=s.foreign["receipt"])),
    "another hub's key under our kid": ("unknown_key", _foreign_key_under_our_kid),
    "receipt stripped": ("proof_missing", lambda b, s: b.pop("receipt")),
    "proof stripped": ("proof_missing", lambda b, s: b.pop("proof")),
    "proof null": ("proof_missing", lambda b, s: b.update(proof=None)),
    "proof of another leaf": ("proof_invalid", lambda b, s: b.update(proof=s.another["proof"])),
    "salt of another leaf": ("proof_invalid", _other_salt),
    "another place": ("proof_invalid", lambda b, s: b["proof"].update(index=b["proof"]["index"] - 1)),
    "a smaller tree": ("proof_invalid", _shrunk),
    "a hash left out": ("proof_invalid", lambda b, s: b["proof"].update(hashes=b["proof"]["hashes"][:-1])),
    "garbage hashes": ("proof_invalid", lambda b, s: b["proof"].update(hashes=["%%"])),
    "garbage receipt": ("proof_invalid", lambda b, s: b.update(receipt="a.b")),
    "receipt with other claims": ("proof_invalid", lambda b, s: _claims(b, purpose="investigation")),
    "checkpoint of another log": ("checkpoint_invalid", lambda b, s: b.update(checkpoint=s.foreign["checkpoint"])),
    "checkpoint with another size": ("checkpoint_invalid", _checkpoint_of_larger_size),
    "checkpoint without signature": (
        "checkpoint_invalid",
        lambda b, s: b.update(checkpoint=b["checkpoint"].split("\u2014")[0]),
    ),
    "checkpoint stripped": ("checkpoint_invalid", lambda b, s: b.pop("checkpoint")),
    "checkpoint garbage": ("checkpoint_invalid", lambda b, s: b.update(checkpoint="x\n\n\u2014 x AAAA\n")),
}


@pytest.mark.parametrize("case", CASES)
def test_each_swap_is_a_no_with_its_own_reason(scene: Scene, case: str) -> None:
    reason, tamper = CASES[case]
    bundle = scene.fresh()
    tamper(bundle, scene)
    assert check(bundle, scene.city.trust()) == reason


def test_a_get_is_bound_to_its_address(scene: Scene) -> None:
    bundle = copy.deepcopy(scene.get)
    bundle["request"]["target"] = bundle["request"]["target"].replace("%7Ba%7D", "%7Bb%7D")
    assert check(bundle, scene.city.trust()) == "question_mismatch"


def test_a_hub_of_the_trust_cannot_speak_for_another(scene: Scene) -> None:
    bundle = copy.deepcopy(scene.foreign)
    bundle["request"]["target"] = scene.bundle["request"]["target"]
    assert check(bundle, scene.city.trust(), scene.other.trust()) == "question_mismatch"
    assert check(bundle, scene.city.trust() | {"endpoints": {"base": scene.other.base}}) == "unknown_key"


@pytest.mark.parametrize(("nbf", "exp"), [(0, 1), (2**40, 2**41)])
def test_a_key_of_another_time_is_not_valid_then(scene: Scene, nbf: int, exp: int) -> None:
    trust = scene.city.trust()
    trust["keys"] = [key | {"nbf": nbf, "exp": exp} for key in trust["keys"]]
    assert check(scene.bundle, trust) == "key_not_valid_then"


def test_every_single_changed_character_of_receipt_proof_and_checkpoint_is_refused(scene: Scene) -> None:
    for part in ("receipt", "checkpoint"):
        text = scene.bundle[part]
        for place in range(0, len(text), 7):
            swapped = "A" if text[place] != "A" else "B"
            bundle = scene.fresh() | {part: text[:place] + swapped + text[place + 1 :]}
            assert check(bundle, scene.city.trust()) is not None, (part, place)


@pytest.mark.parametrize(
    "value", [None, 1, [], {}, "x", {"headers": 1}, {"body": 1, "headers": [[1, 2]], "method": 1, "status": "200"}]
)
@pytest.mark.parametrize("part", ["request", "response", "receipt", "proof", "checkpoint"])
def test_malformed_parts_are_a_no_and_never_a_crash(scene: Scene, part: str, value: Any) -> None:
    assert check(scene.fresh() | {part: value}, scene.city.trust()) is not None


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'{"a":1}'])
def test_a_file_that_is_no_bundle_is_wrong_use(data: bytes) -> None:
    with pytest.raises(UsageError, match="not an evidence bundle"):
        read_bundle(data)


async def test_parts_of_a_federated_answer_are_checked_one_by_one(scene: Scene) -> None:
    def answer(evidence: Bundle) -> bytes:
        part = {"region": "330500", "proof": b64(json.dumps(evidence).encode())}
        return json.dumps({"data": {"recognised": [part]}}).encode()

    whole = await scene.city.answer(b'{"query":"{ r }"}', answer(scene.foreign), jti="p-1")
    trust = Trust([hub_from_document(scene.city.trust()), hub_from_document(scene.other.trust())])
    found = verify_file(json.dumps(whole).encode(), trust)
    assert (found["ok"], found["parts"]) == (True, [{"region": "330500", "ok": True, "reason": None}])

    forged = copy.deepcopy(scene.foreign)
    forged["response"]["body"] = b64(b"{}")
    whole = await scene.city.answer(b'{"query":"{ r }"}', answer(forged), jti="p-2")
    found = verify_file(json.dumps(whole).encode(), trust)
    assert (found["ok"], found["reason"]) == (False, "answer_changed")
    assert found["parts"] == [{"region": "330500", "ok": False, "reason": "answer_changed"}]

    misplaced = await scene.city.answer(b'{"query":"{ r }"}', answer(scene.bundle), jti="p-3")
    assert verify_file(json.dumps(misplaced).encode(), trust)["parts"][0]["ok"] is False

    for place, text in enumerate(("", "AAAA", "ey" * 300, b64(b'{"request": 1}' + b" " * 600))):
        empty = json.dumps({"data": {"recognised": [{"region": "330500", "evidence": text}]}}).encode()
        whole = await scene.city.answer(b'{"query":"{ r }"}', empty, jti=f"p-4{place}")
        found = verify_file(json.dumps(whole).encode(), trust)
        assert (found["ok"], [part["ok"] for part in found["parts"]]) == (False, [False]), text


async def test_evidence_holds_after_the_key_was_rotated(scene: Scene) -> None:
    before = scene.city.keys.current().kid
    await scene.city.ledger.rotate_keys()
    assert scene.city.keys.current().kid != before
    assert check(scene.bundle, scene.city.trust()) is None
    later = await scene.city.answer(QUESTION, ANSWER, jti="j-9")
    assert check(later, scene.city.trust()) is None
    assert scene.city.keys.current().kid in later["response"]["headers"]["signature-input"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.binary(max_size=40).map(b64),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PLACES = [
    ("request",),
    ("request", "method"),
    ("request", "target"),
    ("request", "body"),
    ("request", "headers", "dpop"),
    ("response",),
    ("response", "status"),
    ("response", "body"),
    ("response", "headers"),
    ("response", "headers", "signature"),
    ("response", "headers", "signature-input"),
    ("response", "headers", "content-digest"),
    ("response", "headers", "credit-receipt"),
    ("receipt",),
    ("proof",),
    ("proof", "index"),
    ("proof", "hashes"),
    ("proof", "salt"),
    ("checkpoint",),
]


@settings(max_examples=150, deadline=None)
@given(place=st.sampled_from(PLACES), value=JSON)
def test_whatever_stands_in_any_place_is_a_no_with_a_known_reason(
    scene: Scene, place: tuple[str, ...], value: Any
) -> None:
    bundle = scene.fresh()
    inside = bundle
    for name in place[:-1]:
        inside = inside[name]
    if inside[place[-1]] == value:
        return
    inside[place[-1]] = value
    assert check(bundle, scene.city.trust()) is not None
