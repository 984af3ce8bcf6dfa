"""The one gate for neighbours, over every root field and path, every purpose, every state of an agreement."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from hub.federated.gate import DOORS, Gate, NotOpen, refusal
from policies import load_policies
from policies.agreements import PEER_PURPOSES, AgreementPack, Share, read_agreements
from policies.fields import read_fields
from policies.recognition import Fact, Recogniser
from policies.sharing import Sharing, sharing
from schema.caller import Caller
from schema.scopes import MUTUAL, PURPOSES
from schema.types.build import build_schema

HERE, THERE, DAY = "320400", "320583", "2026-11-01"
SCHEMA = build_schema()._schema
ROOTS = sorted({*SCHEMA.query_type.fields, *(SCHEMA.mutation_type.fields if SCHEMA.mutation_type else ())})
NAMES = [*ROOTS, "__typename", "__schema", "__type", "/feed", "/federation/digest", "/federation/persons"]
NAMES += ["/federation/witness", "/federation/other"]
CLIENTS, CASES = (None, "bank-7"), (None, "案-1")

OPEN_TO_CLIENTS = {"held", "peerPersons", "peerPenetration", "/federation/persons"}
OPEN_TO_HUBS = {"/feed", "/federation/digest", "/federation/witness"}


def pack(**changes) -> AgreementPack:
    made = AgreementPack(
        id="a",
        version="1",
        title="",
        title_zh="",
        article="",
        source="pub",
        parties=(HERE, THERE),
        valid_from="2021-01-01",
        valid_to="2027-12-31",
        covers=(),
        bands=(),
        cases=(),
        sha256="",
        place="",
        shares=(Share("all", "", ("PENALTY", "LICENCE", "LIST_ENTRY", "AWARD", "RATING")),),
    )
    return replace(made, **changes)


RATINGS = (Share("ratings", "", ("RATING",)),)
TAX = (Share("tax", "", ("LIST_ENTRY",), ("重大税收违法失信主体",)),)
STATES: dict[str, tuple[AgreementPack, ...]] = {
    "none": (),
    "of others": (pack(parties=(HERE, "330700")),),
    "not yet": (pack(valid_from="2026-11-02"),),
    "no longer": (pack(valid_to="2026-10-31"),),
    "whole": (pack(),),
    "one purpose": (pack(purposes=("gate-check",)),),
    "ratings": (pack(shares=RATINGS),),
    "one list": (pack(shares=TAX),),
    "two": (pack(shares=RATINGS), pack(id="b", shares=TAX, purposes=("loan",))),
}
IN_FORCE = {"whole", "one purpose", "ratings", "one list", "two"}


def recogniser(packs) -> Recogniser:
    policies = load_policies(HERE)
    return Recogniser(packs, policies.regions, policies.lists, policies.measures, read_fields())


@pytest.fixture(scope="module")
def found() -> dict[str, Sharing]:
    return {name: sharing(recogniser(packs), of=HERE, to=THERE, today=DAY) for name, packs in STATES.items()}


def expected(name: str, purpose: str | None, client: str | None, case: str | None, state: str) -> bool:
    """Written as the rule reads, not as the table does."""
    if name == "__typename":
        return True
    if state not in IN_FORCE or name not in OPEN_TO_CLIENTS | OPEN_TO_HUBS:
        return False
    if name in OPEN_TO_HUBS:
        return name == "/federation/witness" or state in ("whole", "one purpose")
    purposes = {p for one in STATES[state] for p in one.purposes}
    if client is None or purpose not in purposes or (purpose == "investigation" and case is None):
        return False
    return name == "held" or state != "ratings"


@pytest.mark.parametrize("state", STATES)
def test_every_door_for_every_purpose_under_every_agreement(found, state):
    for name, purpose, client, case in product(NAMES, (None, *PURPOSES), CLIENTS, CASES):
        caller = Caller("https://b", frozenset((MUTUAL,)), purpose=purpose, case=case, peer_region=THERE)
        caller = replace(caller, on_behalf_of=client)
        fault = refusal(name, caller, found[state])
        assert (fault is None) == expected(name, purpose, client, case, state), (name, purpose, client, case)
        assert fault is None or fault.status == 403


def test_what_is_open_to_hubs_is_of_the_schema_and_nothing_else():
    assert {name for name in DOORS if not name.startswith(("/", "__"))} <= set(ROOTS)
    assert {"subject", "subjects", "records", "contracts", "person", "penetration", "node", "_entities"} <= set(ROOTS)


def test_one_closed_field_among_open_ones_closes_the_question(found):
    gate = Gate(lambda region, day: found["whole"])
    caller = Caller("https://b", frozenset((MUTUAL,)), purpose="gate-check", peer_region=THERE, on_behalf_of="bank-7")
    gate.admit(caller, ["held", "__typename"])
    with pytest.raises(NotOpen):
        gate.admit(caller, ["held", "contracts"])
    gate.admit(replace(caller, peer_region=None), ["contracts"])  # others have their scopes


def test_facts_are_told_as_far_as_the_agreements_open_them_and_on_days_of_theirs(found):
    tax, other = Fact("LIST_ENTRY", "重大税收违法失信主体"), Fact("LIST_ENTRY", "失信被执行人")
    penalty, grade = Fact("PENALTY"), Fact("RATING", scale="s", grade="A")
    opened = {name: [one.opens(fact) for fact in (tax, other, penalty, grade)] for name, one in found.items()}
    assert opened["none"] == opened["no longer"] == opened["of others"] == [False] * 4
    assert (opened["whole"], opened["ratings"]) == ([True] * 4, [False, False, False, True])
    assert (opened["one list"], opened["two"]) == ([True, False, False, False], [True, False, False, True])
    gate = Gate(lambda region, day: sharing(recogniser(STATES["whole"]), of=HERE, to=region, today=DAY, day=day))
    caller = Caller("https://b", frozenset((MUTUAL,)), peer_region=THERE)
    assert gate.opened(caller, DAY)({"__typename": "Rating", "scale": "s"})
    with pytest.raises(NotOpen):
        gate.opened(caller, "2020-12-31")
    assert gate.opened(replace(caller, peer_region=None), "2020-12-31") is None


def test_fields_of_supervision_and_directions_of_band_maps_bound_what_is_told():
    shipped = recogniser(read_agreements())
    narrow = replace(shipped, agreements=tuple(p for p in shipped.agreements if p.id == "jiading-kunshan-taicang"))
    told = sharing(narrow, of="320583", to="310114", today=DAY)
    assert told.opens(Fact("PENALTY", field="环保"))
    assert not told.opens(Fact("PENALTY", field="交通运输"))
    assert not told.whole
    bands = replace(shipped, agreements=tuple(p for p in shipped.agreements if p.id == "jinhua-bands"))
    scale = "浙江省公共信用评价(千分制)"
    assert sharing(bands, of="330500", to="330700", today=DAY).opens(Fact("RATING", scale=scale))
    assert not sharing(bands, of="330500", to="330300", today=DAY).opens(Fact("RATING", scale=scale))
    assert not sharing(bands, of="330500", to="330700", today=DAY).opens(Fact("PENALTY"))


def test_every_purpose_that_a_pack_may_name_is_a_purpose():
    assert set(PEER_PURPOSES) <= set(PURPOSES)
    assert not {"self-service", "operations"} & set(PEER_PURPOSES)
