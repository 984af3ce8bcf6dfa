"""Person tokens against the published vectors, and what clients and other hubs see of them."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest

from graph_loaders.persons import Persons, group, keyfile
from graph_loaders.persons.tokens import rotated
from schema.errors import SettingsError, UsageError

# RFC 9497, appendix A.1.1 (ristretto255-SHA512, OPRF mode), test vector 1
SECRET = bytes.fromhex("5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e")
BLIND = bytes.fromhex("64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706")
BLINDED = "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c"
EVALUATED = "7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e"
OUTPUT = (
    "527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3"
    "ab9135e3bd69955851de4b1f9fe8a0973396719b7912ba9ee8aa7d0b5e24bcf6"
)
NUMBER = "11010519491231002X"


@pytest.fixture
def persons(tmp_path: Path) -> Persons:
    return Persons.open(tmp_path / "keys" / "person.key", tmp_path)


def hub(tmp_path: Path, name: str) -> Persons:
    return Persons.open(tmp_path / name / "person.key", tmp_path / name)


def test_blinded_and_evaluated_elements_are_those_of_rfc_9497() -> None:
    blinded = group.multiply(BLIND, group.hash_to_group(b"\x00"))
    assert blinded.hex() == BLINDED
    assert group.multiply(SECRET, blinded).hex() == EVALUATED


def test_the_token_finalizes_to_the_output_of_rfc_9497() -> None:
    issued = group.multiply(SECRET, group.hash_to_group(b"\x00"))
    text = b"\x00\x01\x00" + b"\x00\x20" + issued + b"Finalize"
    assert hashlib.sha512(text).hexdigest() == OUTPUT


def test_a_token_is_the_key_times_the_hashed_number(persons: Persons) -> None:
    expected = group.multiply(persons.key(), group.hash_to_group(NUMBER.encode())).hex()
    assert persons.token(NUMBER) == expected
    assert persons.token(NUMBER.lower()) == expected


def test_a_batch_gives_the_same_tokens_in_the_same_order(persons: Persons) -> None:
    numbers = [f"{n:018d}" for n in range(600)] + [NUMBER, NUMBER]
    made = persons.tokens(numbers)
    assert made == [persons.token(number) for number in numbers]
    assert len(set(made)) == 601


def test_the_key_file_is_made_private_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "person.key"
    first = Persons.open(path, tmp_path).token(NUMBER)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size == 32
    assert Persons.open(path, tmp_path).token(NUMBER) == first


def test_a_key_in_hex_digits_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "person.key"
    path.write_text(SECRET.hex() + "\n")
    assert Persons.open(path, tmp_path).key() == SECRET


@pytest.mark.parametrize("content", [b"", b"short", b"\x00" * 32, b"\xff" * 32, b"zz" * 32])
def test_a_spoilt_key_file_stops_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "person.key"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        Persons.open(path, tmp_path)
    assert "backup" in caught.value.hint


def test_whoever_starts_second_keeps_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "person.key"
    keyfile.create(path, SECRET)
    keyfile.create(path, BLIND)
    assert path.read_bytes() == SECRET
    assert [file.name for file in tmp_path.iterdir()] == ["person.key"]


def test_a_replaced_key_is_used_at_once_and_the_old_bytes_are_gone(tmp_path: Path) -> None:
    persons = Persons.open(tmp_path / "person.key", tmp_path)
    before, old = persons.token(NUMBER), persons.key()
    kept = (tmp_path / "kept").resolve()
    kept.hardlink_to(persons.key_file)
    keyfile.create(persons.successor_file, SECRET)
    keyfile.replace(persons.key_file, persons.successor_file)
    assert persons.key() == SECRET
    assert persons.token(NUMBER) != before
    assert kept.read_bytes() != old
    assert rotated([before], group.quotient(SECRET, old)) == [persons.token(NUMBER)]


def test_a_client_sees_one_token_each_time_and_no_other_client_can_use_it(persons: Persons) -> None:
    token = persons.token(NUMBER)
    shown = persons.for_client(token, "bank")
    assert shown == persons.for_client(token, "bank")
    assert shown != persons.for_client(token, "court")
    assert persons.from_client(shown, "bank") == token
    with pytest.raises(UsageError):
        persons.from_client(shown, "court")


def test_client_views_do_not_depend_on_the_person_key(tmp_path: Path) -> None:
    persons = Persons.open(tmp_path / "person.key", tmp_path)
    token = persons.token(NUMBER)
    shown = persons.for_client(token, "bank")
    keyfile.create(persons.successor_file, SECRET)
    keyfile.replace(persons.key_file, persons.successor_file)
    assert persons.for_client(token, "bank") == shown


def test_only_the_exact_text_shown_is_taken_back(persons: Persons) -> None:
    shown = persons.for_client(persons.token(NUMBER), "bank")
    other = "A" if shown[0] != "A" else "B"
    for wrong in ("", "é", shown[:-4], shown + "AAAA", other + shown[1:], shown + "\n", persons.token(NUMBER)):
        with pytest.raises(UsageError):
            persons.from_client(wrong, "bank")


def test_two_hubs_reach_the_same_doubly_keyed_token(tmp_path: Path) -> None:
    one, two = hub(tmp_path, "one"), hub(tmp_path, "two")
    r, sent = one.blind(one.token(NUMBER))
    s, back = two.blind(two.token(NUMBER))
    assert one.unblind(r, two.multiply(sent)) == two.unblind(s, one.multiply(back))
    assert sent not in (one.token(NUMBER), one.blind(one.token(NUMBER))[1])


@pytest.mark.parametrize("wrong", ["", "00" * 32, "ff" * 32, "zz" * 32, "01" + "00" * 31, BLINDED[:-2], BLINDED + "00"])
def test_what_is_no_element_is_refused(persons: Persons, wrong: str) -> None:
    with pytest.raises(UsageError):
        persons.multiply(wrong)
    with pytest.raises(UsageError):
        persons.unblind(BLIND, wrong)
