"""The group of person tokens: results that RFC 9496 publishes, whichever form makes them, and how one is chosen."""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from graph_loaders.persons import group as scalars
from graph_loaders.persons import sodium
from graph_loaders.persons.edwards import ORDER, Edwards
from schema.errors import UsageError

FORMS = [sodium.group(), Edwards()]
MULTIPLES = (  # RFC 9496, A.1: 0 to 4 times the generator
    "0000000000000000000000000000000000000000000000000000000000000000",
    "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
    "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
    "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
    "da80862773358b466ffadfe0b3293ab3d9fd53c5ea6c955358f568322daf6a57",
)
NO_ELEMENTS = (  # RFC 9496, A.2: non-canonical, negative, not square, negative xy, s = -1
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
)
HASHED = "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46"  # A.3, the first text


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_published_results_hold(form: sodium.Group):
    for factor, wanted in enumerate(MULTIPLES[1:], start=1):
        assert form.base_times(factor.to_bytes(32, "little")).hex() == wanted
        assert form.times(factor.to_bytes(32, "little"), bytes.fromhex(MULTIPLES[1])).hex() == wanted
    text = b"Ristretto is traditionally a short shot of espresso coffee"
    assert form.from_hash(hashlib.sha512(text).digest()).hex() == HASHED


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("data", NO_ELEMENTS)
def test_what_encodes_no_element_is_refused(form: sodium.Group, data: str):
    assert not form.is_element(bytes.fromhex(data))
    with pytest.raises(ValueError, match="not an element"):
        form.times((2).to_bytes(32, "little"), bytes.fromhex(data))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_bytes_of_another_length_never_reach_the_library(form: sodium.Group, size: int):
    assert not form.is_element(bytes(size))
    with pytest.raises(ValueError, match=r"needed|not an element"):
        form.times(bytes(size), bytes.fromhex(MULTIPLES[1]))
    with pytest.raises(ValueError, match=r"needed|not an element"):
        form.from_hash(bytes(size + 1))


def test_both_forms_agree_on_drawn_values():
    one, other = FORMS
    for _ in range(30):
        element = one.from_hash(wide := os.urandom(64))
        scalar = scalars.random_scalar()
        assert element == other.from_hash(wide)
        assert one.times(scalar, element) == other.times(scalar, element)
        back = scalars.invert(scalar)
        assert other.times(back, one.times(scalar, element)) == element


@pytest.mark.parametrize("value", [0, ORDER, ORDER + 1, 2**256 - 1])
def test_scalars_out_of_range_are_none(value: int):
    assert not scalars.is_scalar(value.to_bytes(32, "little"))


def test_identity_is_refused_as_an_element():
    with pytest.raises(UsageError):
        scalars.multiply(scalars.random_scalar(), bytes(32))


class _Wrong(Edwards):
    """A library that gives other elements, as one of a broken build would."""

    def __init__(self, library: object) -> None:
        self.library = library

    def from_hash(self, expanded: bytes) -> bytes:
        return super().from_hash(expanded[::-1])


def test_library_with_wrong_results_is_not_used(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    monkeypatch.setattr(sodium, "Sodium", _Wrong)
    with caplog.at_level(logging.WARNING):
        assert isinstance(sodium.group.__wrapped__(), Edwards)
    assert "wrong results" in caplog.text or "libsodium23" in caplog.text


def test_library_without_the_group_is_passed_over(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sodium, "Sodium", lambda library: (_ for _ in ()).throw(AttributeError("no symbol")))
    assert type(sodium.group.__wrapped__()) is Edwards


def test_libraries_are_named_not_placed():
    assert all("/" not in soname for soname in sodium.SONAMES)


def test_nothing_stays_in_the_temporary_folder(tmp_path: Path):
    code = "from graph_loaders.persons.group import hash_to_group; print(hash_to_group(b'x').hex())"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    made = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert len(made.stdout.strip()) == 64
    assert list(tmp_path.iterdir()) == []
