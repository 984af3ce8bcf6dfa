"""Signed notes and checkpoints against the examples of the C2SP specifications."""

from __future__ import annotations

import hashlib
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.ledger.notes import Checkpoint, NoteSigner, NoteVerifier, open_checkpoint, parse_checkpoint

EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
    "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)


def signer(name: str = "hub.example/ledger") -> NoteSigner:
    return NoteSigner(name, Ed25519PrivateKey.generate())


HEAD = Checkpoint("hub.example/ledger", 5, b"\x01" * 32)


def test_a_verifier_key_names_its_key_as_the_specification_says() -> None:
    key = signer("hub.example/ledger").verifier
    expected = hashlib.sha256(b"hub.example/ledger\n\x01" + key.public).hexdigest()[:8]
    assert key.vkey == f"hub.example/ledger+{expected}+{b64encode(bytes([1]) + key.public).decode()}"
    assert NoteVerifier.parse(key.vkey) == key
    with pytest.raises(ValueError, match="key id"):
        NoteVerifier.parse(key.vkey.replace(expected, "00000000"))


def test_the_example_of_the_specification_is_read() -> None:
    head = parse_checkpoint(EXAMPLE)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    assert head.text == EXAMPLE.split("\n\n")[0] + "\n"


def test_own_checkpoint_opens_with_its_key_and_carries_cosignatures() -> None:
    log, witness = signer(), signer("witness.example")
    note = log.sign(HEAD.text)
    cosigned = note + witness.sign(HEAD.text).split("\n\n")[1]
    assert open_checkpoint(note, [log.verifier]) == HEAD
    assert open_checkpoint(cosigned, [log.verifier]) == HEAD
    assert open_checkpoint(cosigned, [log.verifier, witness.verifier]) == HEAD
    with pytest.raises(ValueError, match="not signed by a known key of its log"):
        open_checkpoint(cosigned, [witness.verifier])


def test_a_known_key_whose_signature_fails_refuses_the_whole_note() -> None:
    log, witness = signer(), signer("witness.example")
    other = witness.sign(Checkpoint(HEAD.origin, 6, HEAD.root).text).split("\n\n")[1]
    with pytest.raises(ValueError, match="does not hold"):
        open_checkpoint(log.sign(HEAD.text) + other, [log.verifier, witness.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n",
        "a\n05\nAAAA\n",
        "a\n-1\nAAAA\n",
        "a\n5\nAAAA\n",
        "\n5\n" + "A" * 43 + "=\n",
        "a\n٥\n" + "A" * 43 + "=\n",
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    log = signer("a")
    with pytest.raises(ValueError, match=r"not a|base64|padding|character|unpack"):
        open_checkpoint(log.sign(text), [log.verifier])


@pytest.mark.parametrize("cut", [-1, -5, -60])
def test_a_note_cut_short_is_refused(cut: int) -> None:
    log = signer()
    with pytest.raises(ValueError, match=r"\w"):
        open_checkpoint(log.sign(HEAD.text)[:cut], [log.verifier])
