"""Witnessing a neighbour's log: only a history that goes on from the last one seen is cosigned (C2SP)."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from base64 import b64decode
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pymerkle import InmemoryTree
from sqlalchemy import create_engine

from federation.directory.model import Hub
from federation.witness import Seen, Witnessed, WrongHistory, parse, render
from hub.federated.cosigners import Cosigners
from hub.federated.witness import Witness
from hub.ledger.database import SetBack, unavailable
from hub.ledger.notes import Checkpoint, NoteSigner
from hub.ledger.tree import consistency_proof, leaf_hash, pair_hash, root_hash
from schema.errors import LedgerUnavailable, UsageError

ORIGIN = "peer.example/ledger"


class Log:
    """A log of some leaves, signed by its own key."""

    def __init__(self, count: int, *, twist: int = -1) -> None:
        self.signer = NoteSigner(ORIGIN, KEY)
        self.data = [f"{'x' if n == twist else 'leaf'}-{n}".encode() for n in range(count)]
        self.leaves = [leaf_hash(one) for one in self.data]

    def node(self, height: int, index: int) -> bytes:
        if height == 0:
            return self.leaves[index]
        return pair_hash(self.node(height - 1, 2 * index), self.node(height - 1, 2 * index + 1))

    def root(self, size: int) -> bytes:
        return root_hash(self.node, size)

    def note(self, size: int) -> str:
        return self.signer.sign(Checkpoint(ORIGIN, size, self.root(size)).text)

    def proof(self, old: int, new: int) -> list[bytes]:
        return consistency_proof(self.node, old, new) if 0 < old < new else []

    def ask(self, old: int, size: int, proof=None) -> bytes:
        return render(old, self.proof(old, size) if proof is None else proof, self.note(size))


KEY = Ed25519PrivateKey.generate()
PEER = Hub(
    "320583", "昆山", "https://peer.example", (), {"key": NoteSigner(ORIGIN, KEY).verifier.vkey, "origin": ORIGIN}
)


@pytest.fixture
def witness(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'w.sqlite'}")
    yield Witness("here.example/ledger/witness", tmp_path / "keys", Witnessed(engine))
    engine.dispose()


def test_the_logs_root_is_what_pymerkle_computes():
    log, tree = Log(11), InmemoryTree(algorithm="sha256")
    for one in log.data:
        tree.append_entry(one)
    assert log.root(11) == tree.get_root()


def independent_check(cosignature: str, vkey: str, text: str) -> int:
    """C2SP tlog-cosignature v1, from its specification alone: the time that was cosigned."""
    name, key_hash, encoded = vkey.split("+", 2)
    key = b64decode(encoded)
    assert key[0] == 4
    assert hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex() == key_hash
    dash, named, signature = cosignature.rstrip("\n").split(" ")
    raw = b64decode(signature)
    assert (dash, named, raw[:4].hex(), len(raw)) == ("\u2014", name, key_hash, 76)
    stamp = int.from_bytes(raw[4:12], "big")
    message = f"cosignature/v1\ntime {stamp}\n{text}".encode()
    Ed25519PublicKey.from_public_bytes(key[1:]).verify(raw[12:], message)
    return stamp


async def test_a_history_that_goes_on_is_cosigned_in_the_bytes_of_the_specification(witness):
    log = Log(20)
    for old, size in ((0, 5), (5, 5), (5, 13), (13, 20)):
        answer = await witness.add_checkpoint(PEER, log.ask(old, size))
        text = log.note(size).rpartition("\n\n")[0] + "\n"
        stamp = independent_check(answer["cosignature"], witness.public.vkey, text)
        assert abs(stamp - time.time()) < 5
        assert witness.public.check(answer["cosignature"].rstrip("\n"), text) == stamp


async def test_a_fork_a_shrunk_history_and_a_wrong_proof_get_no_cosignature(witness, caplog):
    log, forked = Log(20), Log(20, twist=3)
    await witness.add_checkpoint(PEER, log.ask(0, 13))
    for body, why in (
        (log.ask(13, 9, []), "shrunk"),
        (forked.ask(13, 13, []), "forked"),
        (forked.ask(13, 20), "forked"),
        (log.ask(13, 20, []), "forked"),
        (log.ask(13, 20, log.proof(12, 20)), "forked"),
        (log.ask(13, 20, [b"\0" * 32, *log.proof(13, 20)]), "forked"),
    ):
        caplog.clear()
        answer = await witness.add_checkpoint(PEER, body)
        assert (answer.get("cosignature"), answer["size"]) == (None, 13)
        assert why in answer["refused"]
        assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "cosignature" in await witness.add_checkpoint(PEER, log.ask(13, 20)), "the right one still holds"


async def test_a_request_that_starts_elsewhere_learns_where_to_start(witness):
    log = Log(20)
    await witness.add_checkpoint(PEER, log.ask(0, 13))
    answer = await witness.add_checkpoint(PEER, log.ask(5, 20))
    assert answer == {"refused": answer["refused"], "size": 13}
    answer = await witness.add_checkpoint(PEER, log.ask(0, 13))
    assert answer["size"] == 13, "a replayed request is one that starts elsewhere"


async def test_another_logs_checkpoint_is_refused(witness):
    log = Log(5)
    stranger = NoteSigner(ORIGIN, Ed25519PrivateKey.generate())
    text = Checkpoint(ORIGIN, 5, log.root(5)).text
    other = NoteSigner("other.example", KEY).sign(Checkpoint("other.example", 5, log.root(5)).text)
    for note in (stranger.sign(text), other, text, log.note(5)[:-5], ""):
        with pytest.raises(UsageError):
            await witness.add_checkpoint(PEER, render(0, [], note) if note else b"old 0\n\n")
    with pytest.raises(UsageError):
        await witness.add_checkpoint(Hub("1", "", "", (), {}), log.ask(0, 5))


NO_REQUEST = (
    *(b"", b"old\n\nx", b"old -1\n\nx", b"old 01\n\nx", b"new 1\n\nx", b"old 1\nAAAA\n\nx"),
    *(b"old 1\n!\n\nx", b"\xff\n\nx", b"old 1\n" + b"\n".join([b"A" * 43 + b"="] * 65) + b"\n\nx"),
)


@pytest.mark.parametrize("body", NO_REQUEST)
def test_what_is_no_request_is_refused(body):
    with pytest.raises(UsageError):
        parse(body)


def test_the_last_history_seen_survives_a_restart(tmp_path):
    log = Log(9)
    for path in ("a", "a"):
        engine = create_engine(f"sqlite:///{tmp_path / path}.sqlite")
        store = Witnessed(engine)
        if store.last(ORIGIN).size == 0:
            store.advance(ORIGIN, 0, 9, log.root(9), log.note(9), lambda *_: False)
        else:
            with pytest.raises(WrongHistory, match="forked"):
                store.advance(ORIGIN, 9, 9, b"\0" * 32, "", lambda *_: True)
        engine.dispose()


def test_two_processes_never_cosign_two_heads_that_follow_from_the_same(tmp_path):
    engines = [create_engine(f"sqlite:///{tmp_path / 'one.sqlite'}") for _ in range(2)]
    first, second = (Witnessed(engine) for engine in engines)
    first.advance(ORIGIN, 0, 3, b"a" * 32, "three", lambda *_: True)

    def meanwhile(*_):
        second.advance(ORIGIN, 3, 5, b"b" * 32, "five", lambda *_: True)
        return True

    with pytest.raises(WrongHistory, match="does not start"):
        first.advance(ORIGIN, 3, 6, b"c" * 32, "another", meanwhile)
    assert first.last(ORIGIN) == second.last(ORIGIN) == Seen(5, b"b" * 32)
    assert first.note(ORIGIN) == "five"
    for engine in engines:
        engine.dispose()


async def test_a_store_that_is_locked_is_no_word_about_a_history(witness, tmp_path, caplog):
    log = Log(5)
    holder = sqlite3.connect(tmp_path / "w.sqlite", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    impatient = create_engine(f"sqlite:///{tmp_path / 'w.sqlite'}", connect_args={"timeout": 0.05})
    held = Witnessed.__new__(Witnessed)
    held._engine = impatient
    with pytest.raises(LedgerUnavailable, match="own store"):
        await Witness("here.example/w", tmp_path / "keys", held).add_checkpoint(PEER, log.ask(0, 5))
    assert "history" not in caplog.text
    holder.execute("ROLLBACK")
    holder.close()
    assert "cosignature" in await witness.add_checkpoint(PEER, log.ask(0, 5))
    impatient.dispose()


class _Ledger:
    """A log whose comparison with a witness's head ends as told."""

    def __init__(self, fault):
        self._fault = fault
        self.reader = SimpleNamespace(checkpoint=lambda: None, consistency=lambda old, new: [])

    def check_witnessed(self, note):
        raise self._fault


class _Ahead:
    """A witness that has seen more than it is shown."""

    key = None

    async def add(self, body):
        return None, 99

    async def last(self):
        return "a head"


@pytest.mark.parametrize(
    ("fault", "accused"),
    [(SetBack("it was set back"), True), (unavailable("its database is locked"), False)],
)
async def test_only_a_log_that_does_not_continue_is_told_as_another_history(caplog, fault, accused):
    caplog.set_level("INFO")
    cosigners = Cosigners(_Ledger(fault), dict, lambda: True)
    await cosigners._ask("320583", _Ahead(), Log(5).note(5))
    assert ("another history" in caplog.text) is accused
    assert cosigners._next.keys() == (set() if accused else {"320583"})
