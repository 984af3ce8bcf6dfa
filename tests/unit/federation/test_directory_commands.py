"""``credit-hub directory``: what a keeper and the anchors do, and what wrong use says in one line."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.directory import parse_payload
from federation.directory.model import Witnesses
from federation.directory.trust import payload_of
from hub.auth.jose import generate_jwk, public_part
from hub.cli import main
from hub.ledger.cosignatures import CosignatureKey
from policies.agreements import SHIPPED

PACK = SHIPPED / "jinhua-bands.toml"


def run(capsys, *words: object) -> tuple[int, str]:
    try:
        code = main([str(word) for word in words])
    except SystemExit as end:
        code = int(end.code or 0)
    told = capsys.readouterr()
    return code, told.out + told.err


@pytest.fixture
def place(tmp_path, monkeypatch, capsys):
    """Two anchors, of whom both must sign, and a directory of one hub and one agreement."""
    monkeypatch.chdir(tmp_path)
    for name in ("jiangsu", "zhejiang"):
        assert run(capsys, "directory", "anchor", name)[0] == 0
    assert (
        run(capsys, "directory", "init", "d.json", "--anchor", "jiangsu.pub.jwk", "zhejiang.pub.jwk", "--threshold", 2)[
            0
        ]
        == 0
    )
    (tmp_path / "hub.jwks").write_text(json.dumps({"keys": [{**public_part(generate_jwk()), "kid": "k1"}]}))
    hub = ("--region", "320583", "--name", "昆山市", "--keys", "hub.jwks")
    assert run(capsys, "directory", "add", "d.json", "https://hub.example.cn", *hub)[0] == 0
    assert run(capsys, "directory", "add", "d.json", "--agreement", PACK)[0] == 0
    return tmp_path


def signed(capsys, *names):
    for name in names or ("jiangsu", "zhejiang"):
        assert run(capsys, "directory", "sign", "d.json", "--key", f"{name}.jwk")[0] == 0


def content(place):
    return parse_payload(payload_of((place / "d.json").read_bytes()))


def test_an_anchor_has_a_private_file_and_one_for_everybody(place, capsys):
    assert (place / "jiangsu.jwk").stat().st_mode & 0o777 == 0o600
    assert "d" not in json.loads((place / "jiangsu.pub.jwk").read_text())
    assert run(capsys, "directory", "anchor", "jiangsu")[0] == 2
    signed(capsys)
    (place / "list.json").write_text(
        json.dumps([json.loads((place / f"{n}.pub.jwk").read_text()) for n in ("jiangsu", "zhejiang")])
    )
    assert run(capsys, "directory", "verify", "d.json", "--trust", "list.json")[0] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("init", "n.json", "--anchor", "jiangsu.pub.jwk", "--threshold", "1", "--expires", "2020-01-01"),
        ("add", "d.json", "--expires", "2020-01-01"),
        ("sign", "d.json", "--key", "stranger.jwk"),
        ("sign", "d.json", "--key", "jiangsu.pub.jwk"),
        ("sign", "d.json", "--key", "deep.json"),
        ("verify", "d.json", "--trust", "numbers.json"),
        ("verify", "d.json", "--trust", "deep.json"),
        ("verify", "d.json", "--trust", "empty.json"),
        ("verify", "deep.json", "--trust", "nothing.json"),
        ("withdraw", "d.json", "--region", "999999"),
        ("withdraw", "d.json", "--agreement", "none"),
        ("withdraw", "d.json", "--key", "none"),
        ("add", "d.json", "https://hub.example.cn?", "--region", "320583", "--name", "x", "--keys", "hub.jwks"),
        ("add", "d.json", "https://hub.example.cn", "--region", "320583", "--name", "x", "--keys", "numbers.json"),
        ("add", "d.json", "https://hub.example.cn", "--region", "320583", "--name", "x", "--keys", "deep.json"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(place, capsys, words):
    (place / "stranger.jwk").write_text(json.dumps({**generate_jwk(), "kid": "jiangsu"}))
    (place / "numbers.json").write_text("[1, 2]")
    (place / "empty.json").write_text("[]")
    (place / "deep.json").write_text("[" * 100_000 + "]" * 100_000)
    before = (place / "d.json").read_bytes()
    code, told = run(capsys, "directory", *words)
    assert (code, len(told.strip().splitlines())) == (2, 1), told
    assert "Traceback" not in told
    assert (place / "d.json").read_bytes() == before


def test_a_hub_and_an_agreement_are_withdrawn_and_old_keys_stay_known(place, capsys):
    signed(capsys)
    assert run(capsys, "directory", "withdraw", "d.json", "--region", "320583")[0] == 0
    assert run(capsys, "directory", "remove", "d.json", "--agreement", "jinhua-bands@1")[0] == 0
    found = content(place)
    assert (found.hubs, found.agreements, found.version) == ((), (), 2)
    assert [hub.region for hub in found.former] == ["320583"]
    assert found.former[0].keys[0]["exp"] is not None
    hub = ("--region", "320583", "--name", "昆山市", "--keys", "hub.jwks")
    assert run(capsys, "directory", "add", "d.json", "https://new.example.cn", *hub)[0] == 0
    found = content(place)
    assert ([hub.url for hub in found.hubs], found.former) == (["https://new.example.cn"], ())


def test_a_key_that_is_left_out_keeps_its_end_until_it_is_ended(place, capsys):
    (place / "hub.jwks").write_text(json.dumps({"keys": [{**public_part(generate_jwk()), "kid": "k2"}]}))
    hub = ("--region", "320583", "--name", "昆山市", "--keys", "hub.jwks")
    assert run(capsys, "directory", "add", "d.json", "https://hub.example.cn", *hub)[0] == 0
    assert [(key["kid"], key.get("exp")) for key in content(place).hubs[0].keys] == [("k1", None), ("k2", None)]
    assert run(capsys, "directory", "withdraw", "d.json", "--key", "k1")[0] == 0
    assert [key.get("exp") is None for key in content(place).hubs[0].keys] == [False, True]


def test_outgoing_anchors_sign_a_change_of_anchors(place, capsys):
    signed(capsys)
    assert run(capsys, "directory", "anchor", "shanghai")[0] == 0
    words = ("--anchor", "shanghai.pub.jwk", "--threshold", 1)
    assert run(capsys, "directory", "add", "d.json", *words)[0] == 0
    signed(capsys, "jiangsu", "zhejiang", "shanghai")
    far = (date.today() + timedelta(days=30)).isoformat()
    assert run(capsys, "directory", "add", "d.json", "--expires", far)[0] == 0
    assert run(capsys, "directory", "sign", "d.json", "--key", "jiangsu.jwk")[0] == 2


def test_what_changed_shows_addresses_and_keys(place, capsys):
    (place / "old.json").write_bytes((place / "d.json").read_bytes())
    (place / "hub.jwks").write_text(json.dumps({"keys": [{**public_part(generate_jwk()), "kid": "k1"}]}))
    hub = ("--region", "320583", "--name", "昆山市", "--keys", "hub.jwks")
    assert run(capsys, "directory", "add", "d.json", "https://elsewhere.example.cn", *hub)[0] == 0
    _, told = run(capsys, "directory", "diff", "old.json", "d.json")
    assert "https://hub.example.cn" in told
    assert "https://elsewhere.example.cn" in told
    assert told.count("key k1 thumbprint=") == 2
    _, told = run(capsys, "directory", "diff", "old.json", "d.json", "--json")
    change = next(one for one in json.loads(told) if one["what"] == "hub")
    assert change["from"]["keys"]["k1"]["thumbprint"] != change["to"]["keys"]["k1"]["thumbprint"]


def _vkey(name: str) -> str:
    return CosignatureKey(name, Ed25519PrivateKey.generate().public_key().public_bytes_raw()).vkey


def test_witnesses_that_are_no_hubs_and_how_many_are_wanted(place, capsys):
    one, two = _vkey("one.example/witness"), _vkey("two.example/witness")
    assert run(capsys, "directory", "add", "d.json", "--witness", one, two, "--wanted", 2)[0] == 0
    assert content(place).witnesses == Witnesses(2, (one, two))
    assert run(capsys, "directory", "add", "d.json", "--witness", one, "--wanted", 1)[0] == 0
    assert content(place).witnesses == Witnesses(1, (one, two)), "nobody is listed twice"
    signed(capsys)
    (place / "before.json").write_bytes((place / "d.json").read_bytes())
    assert run(capsys, "directory", "withdraw", "d.json", "--witness", two)[0] == 0
    assert content(place).witnesses == Witnesses(1, (one,))
    assert content(place).version == 2
    code, told = run(capsys, "directory", "diff", "before.json", "d.json")
    assert code == 0
    assert "changed witnesses" in told
    assert two in told
    for wrong in (
        ("add", "d.json", "--wanted", 9),
        ("add", "d.json", "--witness", "one.example/witness+00000000+AAAA"),
        ("withdraw", "d.json", "--witness", two),
        ("withdraw", "d.json", "--witness", one),
    ):
        code, told = run(capsys, "directory", *wrong)
        assert code == 2, told
        assert "Traceback" not in told
        assert content(place).witnesses == Witnesses(1, (one,))


def test_a_first_directory_may_name_its_witnesses(place, capsys):
    one = _vkey("one.example/witness")
    words = ("--anchor", "jiangsu.pub.jwk", "--threshold", 1, "--witness", one, "--wanted", 1)
    assert run(capsys, "directory", "init", "new.json", *words)[0] == 0
    assert parse_payload(payload_of((place / "new.json").read_bytes())).witnesses == Witnesses(1, (one,))
