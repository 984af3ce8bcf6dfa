"""The signed directory: thresholds, rotation, age, and what an attacker may try."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey

from federation.directory import Anchors, edit, read_anchors, sign, verify
from federation.directory.current import CurrentDirectory
from federation.directory.trust import decode, encode, payload_of
from schema.errors import UsageError

TODAY = date(2026, 11, 1)


def key(name):
    made = OKPKey.generate_key("Ed25519")
    return {**made.as_dict(private=True), "kid": name}


@pytest.fixture
def anchors():
    return [key("a"), key("b"), key("c")]


@pytest.fixture
def draft(anchors):
    hub = {
        "region": "320400",
        "name": "常州",
        "url": "http://127.0.0.1:8001",
        "keys": [public(key("h1"))],
        "ledger": {},
    }
    return edit.put_hub(edit.init(anchors, 2, issued=TODAY, expires=None), hub, issued=TODAY)


def public(private):
    return {name: value for name, value in private.items() if name != "d"}


def pinned(keys, threshold=None):
    return Anchors(tuple(public(k) for k in keys), threshold)


def signed(data, *keys):
    for one in keys:
        data = sign(data, one)
    return data


def test_enough_anchors_make_it_good(draft, anchors):
    verdict = verify(signed(draft, *anchors[:2]), pinned(anchors), today=TODAY)
    assert verdict.ok
    assert verdict.directory.hub("320400").url == "http://127.0.0.1:8001"


@pytest.mark.parametrize("signers", [[], [0]])
def test_too_few_signatures_are_refused(draft, anchors, signers):
    verdict = verify(signed(draft, *[anchors[n] for n in signers]), pinned(anchors), today=TODAY)
    assert verdict.reason == "not_enough_signatures"


def test_one_key_under_two_names_counts_once(draft, anchors):
    payload = payload_of(draft)
    twin = {**anchors[0], "kid": "twin"}
    payload["anchors"]["keys"].append(public(twin))
    data = signed(encode(payload), anchors[0], twin)
    assert verify(data, pinned([*anchors, twin]), today=TODAY).reason == "not_enough_signatures"


def test_a_strangers_directory_is_refused(anchors):
    strangers = [key("x"), key("y")]
    data = signed(edit.init(strangers, 2, issued=TODAY, expires=None), *strangers)
    assert verify(data, pinned(anchors), today=TODAY).reason == "not_enough_signatures"


def test_a_changed_payload_is_refused(draft, anchors):
    data = signed(draft, *anchors[:2])
    payload = payload_of(data)
    payload["hubs"][0]["url"] = "http://127.0.0.1:6666"
    forged = encode(payload, decode(data)[1])
    assert verify(forged, pinned(anchors), today=TODAY).reason == "not_enough_signatures"


def test_a_pinned_threshold_cannot_be_lowered_by_the_file(anchors):
    data = signed(edit.init(anchors, 1, issued=TODAY, expires=None), anchors[0])
    assert verify(data, pinned(anchors, 2), today=TODAY).reason == "not_enough_signatures"


def test_expired_older_and_rewritten_versions_are_refused(draft, anchors):
    data = signed(draft, *anchors[:2])
    trust = pinned(anchors)
    good = verify(data, trust, today=TODAY)
    assert verify(data, trust, today=TODAY + timedelta(days=366)).reason == "expired"
    assert verify(data, trust, today=TODAY, accepted=(2, "00")).reason == "older_version"
    assert verify(data, trust, today=TODAY, accepted=(1, "00")).reason == "same_version_other_text"
    assert verify(data, trust, today=TODAY, accepted=(1, good.digest)).ok


@pytest.mark.parametrize(
    "change", [{"hubs": None}, {"agreements": None}, {"hubs": {}}, {"version": True}, {"hubs": [{"region": "330400"}]}]
)
def test_content_of_another_form_is_a_verdict_not_a_crash(draft, anchors, change):
    verdict = verify(encode({**payload_of(draft), **change}), pinned(anchors), today=TODAY)
    assert (verdict.ok, verdict.reason) == (False, "bad_content")


def test_no_trust_is_its_own_answer(draft, anchors):
    assert verify(signed(draft, *anchors[:2]), None, today=TODAY).reason == "no_trust"


@pytest.mark.parametrize(
    "url", ["http://example.com", "https://u:p@example.com", "ftp://127.0.0.1", "https://h/x", "http://10.0.0.1"]
)
def test_urls_that_could_mislead_are_refused(draft, url):
    hub = {"region": "330500", "name": "", "url": url, "keys": [public(key("h"))], "ledger": {}}
    with pytest.raises(UsageError):
        edit.put_hub(draft, hub, issued=TODAY)


def test_a_private_key_never_gets_in(draft):
    hub = {"region": "330500", "name": "", "url": "https://h.example", "keys": [key("h")], "ledger": {}}
    with pytest.raises(UsageError, match="public keys only"):
        edit.put_hub(draft, hub, issued=TODAY)


def test_a_rotated_hub_key_stays_listed(draft):
    hub = {
        "region": "320400",
        "name": "常州",
        "url": "http://127.0.0.1:8001",
        "keys": [public(key("h2"))],
        "ledger": {},
    }
    data = edit.put_hub(draft, hub, issued=TODAY)
    assert [k["kid"] for k in payload_of(data)["hubs"][0]["keys"]] == ["h1", "h2"]


def test_changes_after_signing_are_a_new_version_and_show_in_the_difference(draft, anchors):
    old = signed(draft, *anchors[:2])
    new = edit.renew(old, date(2028, 1, 1), issued=TODAY)
    assert payload_of(new)["version"] == 2
    assert {change["id"] for change in edit.diff(old, new)} == {"version", "expires"}


def write(path: Path, value) -> Path:
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return path


def test_a_hub_follows_a_rotation_of_anchors_and_remembers_it(tmp_path, draft, anchors):
    pins = tuple(write(tmp_path / f"{k['kid']}.jwk", public(k)) for k in anchors)
    file = write(tmp_path / "directory.json", signed(draft, *anchors[:2]))
    state = tmp_path / "state.json"
    current = CurrentDirectory(file, pins, state, today=lambda: TODAY)
    assert current.reload()
    assert current.get().version == 1

    newcomers = [key("d"), key("e")]
    second = edit.put_anchors(file.read_bytes(), newcomers, 2, issued=TODAY)
    write(file, signed(second, *newcomers))
    assert not current.reload(), "the outgoing anchors have not signed"
    assert current.get().version == 1
    write(file, signed(second, *newcomers, *anchors[:2]))
    assert current.reload()
    third = signed(edit.renew(file.read_bytes(), date(2028, 1, 1), issued=TODAY), *newcomers)
    write(file, third)
    restarted = CurrentDirectory(file, pins, state, today=lambda: TODAY)
    assert restarted.reload(), "the chain of anchors survives a restart"
    assert restarted.get().version == 3
    write(file, signed(draft, *anchors[:2]))
    assert not restarted.reload(), "an older version stays out"
    assert restarted.get().version == 3


@pytest.mark.parametrize("change", ["older", "unsigned", "broken", "gone"])
def test_a_bad_file_leaves_the_accepted_directory_in_force_after_a_restart_too(tmp_path, draft, anchors, change):
    pins = tuple(write(tmp_path / f"{k['kid']}.jwk", public(k)) for k in anchors)
    first = signed(draft, *anchors[:2])
    second = edit.renew(first, date(2028, 1, 1), issued=TODAY)
    file = write(tmp_path / "directory.json", signed(second, *anchors[:2]))
    assert CurrentDirectory(file, pins, tmp_path / "state.json", today=lambda: TODAY).reload()
    if change == "gone":
        file.unlink()
    else:
        write(file, {"older": first, "unsigned": second, "broken": b"{"}[change])
    restarted = CurrentDirectory(file, pins, tmp_path / "state.json", today=lambda: TODAY)
    told = []
    restarted.listeners.append(lambda: told.append(restarted.get().version))
    assert restarted.reload()
    assert (restarted.get().version, told) == (2, [2])
    assert not restarted.reload()
    write(file, signed(second, *anchors[:2]))
    assert restarted.reload(), "a good one is taken again"


def test_a_file_that_cannot_be_read_for_a_moment_is_read_later(tmp_path, draft, anchors, monkeypatch):
    pins = tuple(write(tmp_path / f"{k['kid']}.jwk", public(k)) for k in anchors)
    file = write(tmp_path / "directory.json", signed(draft, *anchors[:2]))
    current = CurrentDirectory(file, pins, tmp_path / "s", today=lambda: TODAY)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda self: (_ for _ in ()).throw(PermissionError(13, "no")))
        assert not current.reload()
    assert current.reload()


def test_a_damaged_memory_of_what_was_accepted_is_named(tmp_path, draft, anchors):
    pins = tuple(write(tmp_path / f"{k['kid']}.jwk", public(k)) for k in anchors)
    file, state = write(tmp_path / "directory.json", signed(draft, *anchors[:2])), tmp_path / "state.json"
    assert CurrentDirectory(file, pins, state, today=lambda: TODAY).reload()
    for damage in (b"", b"[]", b'{"pinned": ["a", "b", "c"], "directory": {"payload": "AA", "signatures": []}}'):
        write(state, damage)
        with pytest.raises(UsageError, match="damaged"):
            CurrentDirectory(file, pins, state, today=lambda: TODAY).reload()


def test_an_expired_directory_leaves_no_peers(tmp_path, draft, anchors):
    pins = tuple(write(tmp_path / f"{k['kid']}.jwk", public(k)) for k in anchors)
    day = [TODAY]
    current = CurrentDirectory(
        write(tmp_path / "d.json", signed(draft, *anchors[:2])), pins, tmp_path / "s", today=lambda: day[0]
    )
    assert current.reload()
    day[0] = TODAY + timedelta(days=400)
    assert current.get() is None


def test_trust_files_may_be_private_keys_key_sets_or_directories(tmp_path, draft, anchors):
    one = read_anchors([write(tmp_path / "a.jwk", anchors[0])])
    assert one.keys[0]["kid"] == "a"
    assert "d" not in one.keys[0]
    many = read_anchors([write(tmp_path / "s.json", {"keys": [public(k) for k in anchors], "threshold": 2})])
    assert (len(many.keys), many.threshold) == (3, 2)
    saved = read_anchors([write(tmp_path / "d.json", signed(draft, *anchors[:2]))])
    assert (len(saved.keys), saved.threshold) == (3, 2)
