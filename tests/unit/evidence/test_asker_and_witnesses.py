"""Who asked, for whom and in which case cannot be exchanged; evidence that keys alone could make wants witnesses."""

from __future__ import annotations

import copy
import json
import shutil
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from evidence_scene import ANSWER, BANK, QUESTION, City, Scene

from hub.behalf import make
from hub.evidence import Trust, hub_from_document, make_bundle, read_bundle, verify_bundle, verify_file
from hub.ledger import Entry
from hub.ledger.cosignatures import CosignatureKey, cosign
from hub.ledger.fields import commitment
from hub.ledger.identity import open_identity
from hub.ledger.notes import Checkpoint, NoteSigner
from hub.ledger.reading import shown
from hub.ledger.receipts import make_row
from hub.ledger.tree import leaf_hash
from hub.settings import Settings
from hub.signing import KeyStore, RequestFacts, content_digest, sign_response
from schema.caller import Caller

Bundle = dict[str, Any]
GATEWAY = Caller(
    "https://330500.example", frozenset({"credit:mutual"}), purpose="mutual-recognition", case="案-1", jkt="peer"
)


class Witnesses:
    """Keys of witnesses, and a trust that names them."""

    def __init__(self, count: int) -> None:
        self.keys = [Ed25519PrivateKey.generate() for _ in range(count)]
        self.public = [
            CosignatureKey(f"witness-{n}.example", key.public_key().public_bytes_raw())
            for n, key in enumerate(self.keys)
        ]

    def sign(self, note: str, count: int) -> str:
        text = note.rpartition("\n\n")[0] + "\n"
        now = int(time.time())
        return note + "".join(cosign(self.keys[n], self.public[n], text, now) for n in range(count))


def statement(scene: Scene, **changes: Any) -> str:
    made: dict[str, Any] = {
        "issuer": GATEWAY.client_id,
        "name": "某银行",
        "audience": scene.city.base,
        "purpose": "mutual-recognition",
        "case": "案-1",
    }
    return make(scene.other.keys.current(), **(made | changes))


@pytest.fixture(scope="module")
async def asked(scene: Scene) -> Bundle:
    """A neighbour's question for a named end client, in a case."""
    behalf = statement(scene)
    caller = replace(GATEWAY, on_behalf_of="某银行")
    more = {"Content-Digest": content_digest(QUESTION)}
    return await scene.city.answer(QUESTION, ANSWER, jti=f"a-{time.time_ns()}", caller=caller, behalf=behalf, more=more)


def trust(*cities: City) -> Trust:
    return Trust([hub_from_document(city.trust()) for city in cities])


def reason(bundle: Bundle, trusted: Trust) -> str | None:
    return verify_bundle(read_bundle(json.dumps(bundle).encode()), trusted).reason


def test_the_result_names_who_asked(scene: Scene, asked: Bundle) -> None:
    for trusted in (trust(scene.city), trust(scene.city, scene.other)):
        found = verify_file(json.dumps(asked).encode(), trusted)
        assert found["ok"], found
        assert found["asker"] == {"client": GATEWAY.client_id, "on_behalf_of": "某银行", "case": "案-1"}
        assert (found["witnesses"], found["witnesses_wanted"]) == (0, 0)


def _header(name: str, value: str | None) -> Callable[[Bundle, Scene], None]:
    def change(bundle: Bundle, scene: Scene) -> None:
        headers = bundle["request"]["headers"]
        if value is None:
            del headers[name]
        else:
            headers[name] = value

    return change


def _shown(name: str, value: Any) -> Callable[[Bundle, Scene], None]:
    def change(bundle: Bundle, scene: Scene) -> None:
        bundle["proof"]["asker"][name] = value

    return change


def _behalf(**changes: Any) -> Callable[[Bundle, Scene], None]:
    def change(bundle: Bundle, scene: Scene) -> None:
        bundle["request"]["headers"]["credit-on-behalf-of"] = statement(scene, **changes)

    return change


def _one_byte_of_the_digest(bundle: Bundle, scene: Scene) -> None:
    headers = bundle["request"]["headers"]
    headers["content-digest"] = headers["content-digest"] + " "


EXCHANGED: dict[str, Callable[[Bundle, Scene], None]] = {
    "another case": _header("credit-case", "%E6%A1%88-2"),
    "no case": _header("credit-case", None),
    "another purpose": _header("credit-purpose", "loan"),
    "no purpose": _header("credit-purpose", None),
    "no end client": _header("credit-on-behalf-of", None),
    "another end client": _behalf(name="江苏省人民检察院"),
    "a statement for another hub": _behalf(audience="https://other.example"),
    "the same end client said again": _behalf(),
    "a garbled statement": _header("credit-on-behalf-of", "e30.e30.c2ln"),
    "another client shown": _shown("client", {"salt": b64encode(b"1" * 16).decode(), "value": "nobody"}),
    "another case shown": _shown("case", {"salt": b64encode(b"1" * 16).decode(), "value": "案-2"}),
    "a commitment alone that is none": _shown("case", {"commitment": b64encode(b"1" * 32).decode()}),
    "a client without its salt": _shown("client", {"value": GATEWAY.client_id}),
    "nothing shown of the client": _shown("client", None),
    "the request's digest gone": _header("content-digest", None),
    "another digest of the request": _header("content-digest", content_digest(b"other")),
    "a digest with one more member": _header("content-digest", content_digest(QUESTION) + ", sha-512=:AAAA:"),
}


@pytest.mark.parametrize("case", EXCHANGED)
def test_whatever_is_exchanged_is_a_no(scene: Scene, asked: Bundle, case: str) -> None:
    bundle = copy.deepcopy(asked)
    EXCHANGED[case](bundle, scene)
    for trusted in (trust(scene.city), trust(scene.city, scene.other)):
        assert reason(bundle, trusted) in ("asker_mismatch", "question_mismatch"), case


def test_every_byte_of_the_requests_fields_counts(scene: Scene, asked: Bundle) -> None:
    for name in ("content-digest", "credit-on-behalf-of", "credit-case", "credit-purpose"):
        value = asked["request"]["headers"][name]
        for place in range(0, len(value), 11):
            bundle = copy.deepcopy(asked)
            changed = value[:place] + ("A" if value[place] != "A" else "B") + value[place + 1 :]
            bundle["request"]["headers"][name] = changed
            assert reason(bundle, trust(scene.city)) is not None, (name, place)


async def test_a_statement_that_its_sender_did_not_sign_is_refused_where_the_sender_is_known(scene: Scene) -> None:
    header, claims, signature = statement(scene).split(".")
    forged_one = f"{header}.{claims}.{signature[:-6]}AAAA{signature[-2:]}"
    caller = replace(GATEWAY, on_behalf_of="某银行")
    bundle = await scene.city.answer(QUESTION, ANSWER, jti=f"f-{time.time_ns()}", caller=caller, behalf=forged_one)
    assert reason(bundle, trust(scene.city)) is None, "only the hub that answered can have checked it"
    assert reason(bundle, trust(scene.city, scene.other)) == "asker_mismatch"


def test_one_field_is_shown_without_the_others(scene: Scene, asked: Bundle) -> None:
    bundle = copy.deepcopy(asked)
    shown = bundle["proof"]["asker"]
    one = shown["client"]
    hidden = commitment("client", b64decode(one["salt"]), one["value"].encode())
    shown["client"] = {"commitment": b64encode(hidden).decode()}
    found = verify_file(json.dumps(bundle).encode(), trust(scene.city))
    assert found["ok"], found
    assert found["asker"] == {"on_behalf_of": "某银行", "case": "案-1"}


async def test_parts_are_held_against_the_question_of_the_whole(scene: Scene, asked: Bundle) -> None:
    def holding(part: Bundle) -> bytes:
        evidence = b64encode(json.dumps(part).encode()).decode()
        return json.dumps({"data": {"recognised": [{"region": "320400", "evidence": evidence}]}}).encode()

    trusted = trust(scene.city, scene.other)
    same = replace(BANK, case="案-1")
    whole = await scene.other.answer(b"{}", holding(asked), jti=f"w-{time.time_ns()}", caller=same)
    assert verify_file(json.dumps(whole).encode(), trusted)["ok"]
    for caller in (replace(BANK, case="案-9"), replace(same, on_behalf_of="another end client")):
        behalf = None
        if caller.on_behalf_of:
            behalf = make(
                scene.city.keys.current(),
                issuer=BANK.client_id,
                name=caller.on_behalf_of,
                audience=scene.other.base,
                purpose="loan",
                case="案-1",
            )
        whole = await scene.other.answer(b"{}", holding(asked), jti=f"w-{time.time_ns()}", caller=caller, behalf=behalf)
        found = verify_file(json.dumps(whole).encode(), trusted)
        assert (found["ok"], found["reason"]) == (False, "asker_mismatch"), found


def test_as_many_witnesses_as_the_trust_wants(scene: Scene) -> None:
    witnesses = Witnesses(3)
    hubs = [hub_from_document(scene.city.trust())]
    for there in range(4):
        bundle = scene.fresh()
        bundle["checkpoint"] = witnesses.sign(bundle["checkpoint"], min(there, 3))
        data = json.dumps(bundle).encode()
        found = verify_file(data, Trust(hubs, witnesses.public, 2))
        assert (found["ok"], found["reason"]) == ((True, None) if there >= 2 else (False, "unwitnessed"))
        assert verify_file(data, Trust(hubs, witnesses.public, 2), 0)["witnesses"] == min(there, 3)
        assert verify_file(data, Trust(hubs, witnesses.public), 3)["ok"] == (there >= 3)
        assert verify_file(data, Trust(hubs), 1)["reason"] == "unwitnessed", "whom nobody trusts counts for nothing"


def test_a_witness_that_signs_twice_or_another_head_counts_once_or_not(scene: Scene) -> None:
    witnesses = Witnesses(2)
    hubs = [hub_from_document(scene.city.trust())]
    wanting = Trust(hubs, [*witnesses.public, witnesses.public[0]], 2)
    bundle = scene.fresh()
    once = witnesses.sign(bundle["checkpoint"], 1)
    bundle["checkpoint"] = once + once.rpartition("\n\n")[2].splitlines(keepends=True)[-1]
    assert reason(bundle, wanting) == "unwitnessed"
    of_another = witnesses.sign(scene.another["checkpoint"].replace("ledger\n", "ledger\n", 1), 2)
    lines = "".join(of_another.rpartition("\n\n")[2].splitlines(keepends=True)[1:])
    other = scene.fresh()
    other["checkpoint"] += lines
    if of_another.rpartition("\n\n")[0] != other["checkpoint"].rpartition("\n\n")[0]:
        assert reason(other, wanting) == "unwitnessed"


def forged(keys: Path, base: str, body: bytes, answer: bytes, age: int) -> Bundle:
    """A backdated answer in a tree of one leaf, out of a copy of ``keys/``: all that a thief of the folder has."""
    settings = Settings(data=keys.parent, region="320400", base_url=base)
    store = KeyStore(keys)
    signer: NoteSigner = open_identity(settings)
    target, proof = f"{base}/graphql", "e30.eyJqdGkiOiJ0aGllZiJ9.c2ln"
    facts = RequestFacts("POST", target, body, proof, asked=(("credit-purpose", "loan"),))
    entry = Entry("graphql", BANK, content_digest(body), content_digest(answer), "v1", method="POST", target=target)
    row = make_row(replace(entry, status=200), store.current(), issuer=base, log=signer.verifier.vkey)
    root = leaf_hash(row.entry["leaf"])
    asker = shown({**row.detail, **row.entry}, ("client", "on_behalf_of", "case"))
    salt = b64encode(row.receipt.salt).decode()
    return make_bundle(
        method="POST",
        target=target,
        request_headers=[("dpop", proof), ("credit-purpose", "loan")],
        request_body=body,
        status=200,
        response_headers=sign_response(store, facts, 200, answer, row.receipt.id),
        response_body=answer,
        proof={
            "receipt": row.receipt.jws,
            "proof": {"index": 0, "size": 1, "salt": salt, "hashes": [], "asker": asker},
            "checkpoint": signer.sign(Checkpoint(signer.name, 1, root).text),
        },
    )


def test_what_a_copy_of_the_keys_alone_can_make_is_refused(scene: Scene, tmp_path: Path) -> None:
    shutil.copytree(scene.city.data / "keys", tmp_path / "copy" / "keys")
    bundle = forged(tmp_path / "copy" / "keys", scene.city.base, QUESTION, b'{"data":{"forged":true}}', 0)
    hubs = [hub_from_document(scene.city.trust())]
    witnesses = Witnesses(2)
    assert reason(bundle, Trust(hubs)) is None, "keys alone are believed by who wants no witness"
    assert reason(bundle, Trust(hubs, witnesses.public, 1)) == "unwitnessed"
    own = Ed25519PrivateKey.generate()
    public = CosignatureKey("320400.example/ledger/witness", own.public_key().public_bytes_raw())
    document = scene.city.trust()
    document["ledger"] = {**document["ledger"], "witness": public.vkey}
    text = bundle["checkpoint"].rpartition("\n\n")[0] + "\n"
    bundle["checkpoint"] += cosign(own, public, text, int(time.time()))
    alone = Trust([hub_from_document(document)], [public], 1)
    assert reason(bundle, alone) == "unwitnessed", "a hub is no witness of itself"
