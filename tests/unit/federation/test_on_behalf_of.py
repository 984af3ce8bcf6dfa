"""``Credit-On-Behalf-Of``: the log never names the wrong asker."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from federation.ports import Asker
from hub import behalf
from hub.auth.jose import PublicJwk, public_part
from hub.behalf import BadOnBehalfOf
from hub.signing import KeyStore, content_digest
from schema.caller import Caller
from schema.errors import LedgerUnavailable, Unauthenticated

HERE, SENDER = "https://here.example", "https://peer.example"
CALLER = Caller(SENDER, frozenset({"credit:mutual"}), purpose="loan", case="案-1", peer_region="320583")


class Memory:
    """Remembers, as the ledger does; or is out of order."""

    def __init__(self, *, broken=False):
        self.seen, self.broken = set(), broken

    async def remember(self, scope, value, expires):
        if self.broken:
            raise LedgerUnavailable("no", hint="")
        if (scope, value) in self.seen:
            raise Unauthenticated("again", hint="")
        assert expires > time.time()
        self.seen.add((scope, value))


@pytest.fixture
def keys(tmp_path):
    store = KeyStore(tmp_path)
    store.ensure()
    return store


@pytest.fixture
def memory():
    return Memory()


def claims(**changes):
    now = int(time.time())
    made = {"iss": SENDER, "sub": "bank-7", "aud": HERE, "purpose": "loan", "case": "案-1"}
    made |= {"iat": now, "exp": now + 30, "jti": "one"}
    # a change that depends on the clock is a function of now: cases are listed long before they run
    made |= {name: value(now) if callable(value) else value for name, value in changes.items()}
    return {name: value for name, value in made.items() if value is not ...}


def signed(keys, typ=behalf.TYP, **changes):
    return keys.current().jws(json.dumps(claims(**changes)).encode(), typ)


async def check(keys, memory, value, caller=CALLER):
    known = {key.kid: PublicJwk.read(public_part({**key.jwk, "kid": key.kid})) for key in keys.public()}

    def find(client_id, kid):
        return known.get(kid) if client_id == SENDER else None

    return await behalf.check(value, caller, audience=HERE, find_key=find, memory=memory)


async def test_the_end_client_is_named(keys, memory):
    value = behalf.make(keys.current(), issuer=SENDER, name="bank-7", audience=HERE, purpose="loan", case="案-1")
    found = await check(keys, memory, value)
    assert (found.on_behalf_of, found.client_id) == ("bank-7", SENDER)


BAD = {
    "issuer": {"iss": "https://other.example"},
    "audience": {"aud": "https://other.example"},
    "audiences": {"aud": [HERE]},
    "purpose": {"purpose": "gate-check"},
    "case": {"case": "案-2"},
    "no case": {"case": ...},
    "no name": {"sub": ...},
    "empty name": {"sub": ""},
    "long name": {"sub": "x" * 257},
    "name as number": {"sub": 5},
    "no id": {"jti": ...},
    "no times": {"iat": ...},
    "times as text": {"iat": "1", "exp": "2"},
    "a flag for a time": {"iat": True},
    "expired": {"iat": lambda now: now - 100, "exp": lambda now: now - 50},
    "issued ahead": {"iat": lambda now: now + 600, "exp": lambda now: now + 630},
    "long-lived": {"exp": lambda now: now + 300},
    "a control character": {"sub": "bank\n7"},
    "a bidirectional override": {"sub": "bank\u202e7"},
    "an isolate": {"sub": "\u2066江苏省人民检察院"},
    "a zero-width blank": {"sub": "江苏省\u200b人民检察院"},
    "a blank around": {"sub": " bank-7"},
    "half a character": {"sub": "\ud800"},
    "a chain that is none": {"act": "gateway"},
    "a chain without a name": {"act": {"iss": SENDER}},
    "a chain with an override": {"act": {"iss": SENDER, "sub": "\u202egateway"}},
    "a chain too long": {
        "act": {
            "iss": "i",
            "sub": "1",
            "act": {
                "iss": "i",
                "sub": "2",
                "act": {"iss": "i", "sub": "3", "act": {"iss": "i", "sub": "4", "act": {"iss": "i", "sub": "5"}}},
            },
        }
    },
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
async def test_wrong_claims_are_refused(keys, memory, change):
    with pytest.raises(BadOnBehalfOf) as refused:
        await check(keys, memory, signed(keys, **change))
    assert refused.value.status == 400
    assert not memory.seen, "a refused one uses nothing up"


@pytest.mark.parametrize("offset", [-30, 30, 58])
async def test_a_sender_whose_clock_is_off_by_less_than_a_minute_is_heard(keys, memory, offset):
    value = signed(keys, iat=lambda now: now + offset, exp=lambda now: now + offset + behalf.LIFE - 5)
    assert (await check(keys, memory, value)).on_behalf_of == "bank-7"


async def test_an_ordinary_client_may_speak_for_nobody_and_a_gateway_may(keys, memory):
    ordinary = replace(CALLER, peer_region=None)
    with pytest.raises(BadOnBehalfOf, match="gateways"):
        await check(keys, memory, signed(keys, sub="江苏省人民检察院"), ordinary)
    assert not memory.seen
    found = await check(keys, memory, signed(keys), replace(ordinary, gateway=True))
    assert found.on_behalf_of == "bank-7"


def test_a_hub_that_names_nobody_is_refused():
    with pytest.raises(BadOnBehalfOf, match="must name"):
        behalf.needed(CALLER)
    behalf.needed(replace(CALLER, on_behalf_of="bank-7"))
    behalf.needed(replace(CALLER, peer_region=None))


async def test_the_chain_of_names_goes_on_and_is_never_replaced(keys, memory):
    gateway = Caller("client-1", frozenset(), purpose="loan", case="案-1", on_behalf_of="bank-7", via=(("x", "page"),))
    asker = Asker.of(gateway)
    assert (asker.name, asker.via) == ("bank-7", (("", "client-1"), ("x", "page")))
    value = behalf.make(
        keys.current(), issuer=SENDER, name=asker.name, audience=HERE, purpose="loan", case="案-1", via=asker.via
    )
    found = await check(keys, memory, value)
    assert (found.on_behalf_of, found.via) == ("bank-7", ((SENDER, "client-1"), ("x", "page")))
    assert found.behalf_digest == content_digest(value.encode())
    assert Asker.of(replace(gateway, on_behalf_of=None, via=())).name == "client-1"


async def test_it_works_once(keys, memory):
    value = signed(keys)
    await check(keys, memory, value)
    with pytest.raises(BadOnBehalfOf, match="before"):
        await check(keys, memory, value)


async def test_another_type_key_or_signature_is_refused(keys, memory, tmp_path):
    stranger = KeyStore(tmp_path / "stranger")
    stranger.ensure()
    head, body, mark = signed(keys).split(".")
    for value in (
        signed(keys, "JWT"),
        signed(keys, "credit-receipt+jwt"),
        signed(stranger),
        f"{head}.{body}.{'A' * len(mark)}",
        f"{signed(stranger).split('.')[0]}.{body}.{mark}",
        f"{head}.{body}",
        f"{head}.{body}.",
        "",
        "a.b.c",
        "é.é.é",
        signed(keys, sub="x" * 9000),
    ):
        with pytest.raises(BadOnBehalfOf):
            await check(keys, memory, value)


@pytest.mark.parametrize("alg", ["none", ["EdDSA"], {}])
async def test_an_unsigned_one_is_refused_whatever_its_header_says(keys, memory, alg):
    from hub.signing.suites import b64u

    head = json.dumps({"alg": alg, "kid": keys.current().kid, "typ": behalf.TYP}).encode()
    with pytest.raises(BadOnBehalfOf):
        await check(keys, memory, f"{b64u(head)}.{signed(keys).split('.')[1]}.")


async def test_a_ledger_that_cannot_remember_is_no_bad_statement(keys):
    with pytest.raises(LedgerUnavailable):
        await check(keys, Memory(broken=True), signed(keys))
