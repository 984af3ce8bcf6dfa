"""Every reason, ending and instant of the shipped rules, on data written for them, on both engines."""

from __future__ import annotations

import pytest
from piercing_ask import ask, told
from piercing_world import DEFAULTER, LOADED, SERIOUS, World, token

from graph_loaders.engine import Engine
from policies import Policies, load_policies

P1, P2, P3 = "indicator-to-legal-rep", "judgment-defaulter-consumption-limit", "serious-violation-role-bar"


@pytest.fixture(scope="module")
def rules() -> Policies:
    return load_policies("320400")


@pytest.fixture(scope="module")
async def city(clean_graph: Engine) -> Engine:
    w = World()
    for code in ("FIRM", "GAP", "YOUNG", "DEFAULT", "LISTED", "OTHER", "OWNER", "ENDED"):
        w.subject(code)
    w.subject("SHOP", "INDIVIDUAL_BUSINESS")
    w.subject("SCHOOL", "INSTITUTION", "320404")

    w.represents("old", "FIRM", "2010-01-01", "2026-03-09")
    w.represents("new", "FIRM", "2026-03-10")
    w.penalty("P-old", "FIRM", "2026-03-09", "2027-03-09")
    w.penalty("P-new", "FIRM", "2026-03-10", "2026-11-01", "轻微")
    w.penalty("P-over", "FIRM", "2025-10-31", "2026-10-31")
    w.penalty("P-elsewhere", "NOWHERE", "2026-03-10", "2029-03-10")
    w.represents("keeper", "SHOP", "2010-01-01")
    w.penalty("P-shop", "SHOP", "2026-03-10", "2029-03-10")
    w.listed("S-shop", "SHOP", SERIOUS, "2026-03-10")
    w.represents("first", "SCHOOL", "2010-01-01")
    w.represents("second", "SCHOOL", "2010-01-01")
    w.penalty("P-school", "SCHOOL", "2026-03-10", "2029-03-10")
    w.represents("gone", "GAP", "2010-01-01", "2026-01-31")
    w.represents("come", "GAP", "2026-02-02")
    w.penalty("P-gap", "GAP", "2026-02-01", "2029-02-01")
    w.represents("kid", "YOUNG", "2020-01-01", adult_on="2026-03-11")
    w.penalty("P-kid", "YOUNG", "2026-03-10", "2029-03-10")
    w.penalty("P-grown", "YOUNG", "2026-03-11", "2029-03-11")

    w.represents("boss", "DEFAULT", "2010-01-01", "2026-06-01")
    w.holds("boss", "DEFAULT", 10.0, "2010-01-01")
    w.holds("half", "DEFAULT", 50.0, "2010-01-01", "2026-04-01")
    w.holds("almost", "DEFAULT", 49.99, "2010-01-01")
    w.owns("OWNER", "DEFAULT", 60.0, "2010-01-01")
    w.listed("D-1", "DEFAULT", DEFAULTER, "2026-03-10")
    w.listed("D-2", "DEFAULT", DEFAULTER, "2026-02-10", "2026-11-02")
    w.listed("D-removed", "DEFAULT", DEFAULTER, "2026-02-10", "2026-11-01")
    w.lifts("D-2", "half", "2026-11-01")
    w.lifts("D-1", "boss", "2026-11-02")

    w.represents("barred", "LISTED", "2010-01-01", "2025-06-01")
    w.represents("barred", "OTHER", "2010-01-01")
    w.represents("barred", "SHOP2", "2010-01-01")
    w.subject("SHOP2", "INDIVIDUAL_BUSINESS")
    w.represents("barred", "UNKNOWN", "2010-01-01")
    w.listed("S-1", "LISTED", SERIOUS, "2025-01-01")
    w.listed("S-lapsed", "LISTED", SERIOUS, "2023-11-01")
    w.listed("S-last-day", "LISTED", SERIOUS, "2023-11-02")

    w.represents("chief", "ENDED", "2010-01-01")
    for kind in ("EXPIRY", "REPAIR", "CORRECTION", "REVOCATION"):
        w.penalty(f"P-{kind}", "ENDED", "2026-03-10", "2029-03-10")
        w.ends(f"P-{kind}", kind, "2026-11-01")
    w.penalty("P-later", "ENDED", "2026-03-10", "2029-03-10")
    w.ends("P-later", "REVOCATION", "2026-11-02")
    await w.write(clean_graph)
    return clean_graph


EXPECTED = {
    "FIRM": [(P1, "P-new", f"reached {token('new')}"), (P1, "P-old", f"reached {token('old')}")],
    "NOWHERE": [(P1, "P-elsewhere", "registered_elsewhere")],
    "SHOP": [(P1, "P-shop", "kind_outside_rule"), (P3, "S-shop", "kind_outside_rule")],
    "SCHOOL": [(P1, "P-school", f"reached {token(name)}") for name in ("first", "second")],
    "GAP": [(P1, "P-gap", "no_representative_on_date")],
    "YOUNG": [(P1, "P-grown", f"reached {token('kid')}"), (P1, "P-kid", f"under_18 {token('kid')}")],
    "DEFAULT": [
        (P2, "D-1", f"reached {token('boss')}"),
        (P2, "D-1", f"reached {token('half')}"),
        (P2, "D-1", "legal_person_holder"),
        (P2, "D-2", f"reached {token('boss')}"),
        (P2, "D-2", f"lifted {token('half')}"),
        (P2, "D-2", "legal_person_holder"),
    ],
    "LISTED": [
        (P3, "S-1", f"reached {token('barred')}"),
        (P3, "S-lapsed", f"bar_lapsed {token('barred')}"),
        (P3, "S-last-day", f"reached {token('barred')}"),
    ],
    "ENDED": [(P1, "P-later", f"reached {token('chief')}")],
}


@pytest.mark.parametrize("code", EXPECTED)
async def test_records_of_a_subject_reach_whom_the_rules_say(city: Engine, rules: Policies, code: str) -> None:
    assert told(await ask(city, rules, code=code)) == sorted(EXPECTED[code])


@pytest.mark.parametrize(
    ("name", "outcomes"),
    [
        ("old", ["P-old reached"]),
        ("boss", ["D-1 reached", "D-2 reached"]),
        ("half", ["D-1 reached", "D-2 lifted"]),
        ("almost", []),
        ("kid", ["P-grown reached", "P-kid under_18"]),
        ("barred", ["S-1 reached", "S-lapsed bar_lapsed", "S-last-day reached"]),
        ("keeper", []),
        ("come", []),
    ],
)
async def test_a_person_is_told_only_what_concerns_the_person(
    city: Engine, rules: Policies, name: str, outcomes: list[str]
) -> None:
    found = await ask(city, rules, person=name)
    assert sorted(f"{f.row['records'][0]} {f.decision.because}" for f in found) == outcomes
    assert {f.decision.person for f in found} <= {token(name)}


async def test_one_person_in_both_roles_is_one_effect_by_its_branch_above_the_threshold(
    city: Engine, rules: Policies
) -> None:
    by_person = {f.decision.person: f for f in await ask(city, rules, code="DEFAULT") if f.row["records"] == ["D-1"]}
    boss, half = by_person[token("boss")], by_person[token("half")]
    assert [(role["relation"], illustrative) for role, illustrative in boss.roles] == [("REPRESENTS", False)]
    assert [(role["relation"], illustrative) for role, illustrative in half.roles] == [("HOLDS", True)]
    assert (boss.decision.illustrative, half.decision.illustrative) == (False, True)
    assert (boss.decision.until, boss.decision.last_day) == ("9999-12-31", "9999-12-31")


async def test_a_bar_is_reported_on_the_other_enterprises_registered_here(city: Engine, rules: Policies) -> None:
    for found in (await ask(city, rules, code="LISTED"), await ask(city, rules, person="barred")):
        bar = next(f for f in found if f.row["records"] == ["S-1"])
        assert [other["code"] for other in bar.reported()] == ["OTHER"]
        assert (bar.decision.until, bar.decision.last_day) == ("2028-01-01", "2027-12-31")


async def test_the_day_asked_about_decides_endings_terms_and_lifts(city: Engine, rules: Policies) -> None:
    before = told(await ask(city, rules, code="ENDED", as_of="2026-10-31"))
    assert {document for _, document, _ in before} == {
        "P-EXPIRY",
        "P-REPAIR",
        "P-CORRECTION",
        "P-REVOCATION",
        "P-later",
    }
    assert told(await ask(city, rules, code="ENDED", as_of="2026-11-02")) == []
    later = told(await ask(city, rules, code="DEFAULT", as_of="2026-11-02"))
    assert (P2, "D-1", f"lifted {token('boss')}") in later
    assert not any(document == "D-2" for _, document, _ in later)
    assert told(await ask(city, rules, code="DEFAULT", as_of="2026-02-09")) == []
    assert (P1, "P-over", f"reached {token('old')}") in told(await ask(city, rules, code="FIRM", as_of="2026-10-31"))


async def test_what_was_known_then_is_answered_as_it_was_known(city: Engine, rules: Policies) -> None:
    early, late = World(recorded=LOADED), World(recorded=5 * LOADED)
    early.subject("KNOWN")
    early.represents("wrong", "KNOWN", "2010-01-01")
    early.rows["represents"][0]["retracted_at"] = 5 * LOADED
    early.penalty("P-known", "KNOWN", "2026-03-10", "2029-03-10")
    early.listed("D-known", "KNOWN", DEFAULTER, "2026-03-10")
    late.represents("right", "KNOWN", "2010-01-01")
    late.ends("P-known", "REVOCATION", "2026-05-01")
    late.lifts("D-known", "right", "2026-05-01")
    await early.write(city)
    await late.write(city)
    assert told(await ask(city, rules, code="KNOWN", known=LOADED - 1)) == []
    assert told(await ask(city, rules, code="KNOWN", known=5 * LOADED - 1)) == [
        (P1, "P-known", f"reached {token('wrong')}"),
        (P2, "D-known", f"reached {token('wrong')}"),
    ]
    assert told(await ask(city, rules, code="KNOWN", known=5 * LOADED)) == [(P2, "D-known", f"lifted {token('right')}")]
    assert await ask(city, rules, person="wrong") == []
