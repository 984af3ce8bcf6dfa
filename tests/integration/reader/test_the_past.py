"""The past must not undo the law: asOf and knownAt never show what today's answer no longer shows, to scopes that do
not open ended adverse records; the others see the past as it was."""

from __future__ import annotations

import itertools
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from neo4j_server import wanted
from reader_asking import INVESTIGATOR, MUTUAL, OPERATOR, PUBLIC, ask
from reader_town import ELSEWHERE, FIRM, HIDDEN, OTHER, Town

from graph_loaders.engine import Engine
from graph_loaders.persons import Persons
from graph_loaders.reader import CypherGraph
from graph_loaders.reader.reading import global_id
from policies import load_policies
from schema.times import OPEN_DATE, OPEN_INSTANT

TODAY = "2026-11-01"
LOAN, GATE, SELF = frozenset({"credit:loan"}), frozenset({"credit:gate"}), frozenset({"credit:self"})
CLOSED = (PUBLIC, MUTUAL, GATE, LOAN, MUTUAL | PUBLIC, MUTUAL | SELF)
DEFAULTER, SERIOUS = "失信被执行人", "市场监管严重违法失信名单"
CODES = (FIRM, OTHER, HIDDEN, ELSEWHERE)
DAYS = ("2024-06-30", "2025-06-30", "2026-03-01", "2026-07-01", "2026-10-31", TODAY, "2026-11-02", "2027-06-01")
INSTANTS = (5, 15, 25, 35, 45, None)


def _city(token: Callable[[str], str]) -> Town:
    """Facts with every kind of ending, learnt and taken back at several times; drawn once, the same each time."""
    draw = random.Random(20260401)
    town = Town()
    town.registered(FIRM, "常州甲公司", "2010-01-01", "2025-05-31")
    town.registered(FIRM, "常州甲新公司", "2025-06-01")
    town.registered(OTHER, "常州乙公司", recorded=20)
    for person, code, end in (("one", FIRM, "2026-01-31"), ("two", FIRM, OPEN_DATE), ("two", OTHER, "2026-02-28")):
        town.role(token(person), "张三丰", code, "2015-01-01", end)
    town.role(token("one"), "张三丰", OTHER, "2016-01-01", recorded=1, retracted=30)
    town.role(token("two"), "张三丰", ELSEWHERE, "2016-01-01")
    sorts = (("PENALTY", ""), ("LIST_ENTRY", DEFAULTER), ("LIST_ENTRY", SERIOUS), ("LICENCE", ""), ("AWARD", "A级"))
    for number, (code, (kind, listed)) in enumerate(itertools.product((*CODES[:2], *CODES), sorts * 3)):
        document = f"文{number}"
        decided = draw.choice(("2024-01-01", "2025-01-01", "2026-02-01", "2026-09-01"))
        until = draw.choice(("2026-05-01", "2026-10-31", "2027-09-01", OPEN_DATE))
        tier = draw.choice(("一般", "轻微", "严重")) if kind == "PENALTY" else ""
        recorded = draw.choice((1, 10, 20))
        replaced = draw.choice((30, 40, OPEN_INSTANT, OPEN_INSTANT))
        sort: dict[str, Any] = {"kind": kind, "list_type": listed}
        town.record(code, document, decided, until, tier=tier, recorded=recorded, retracted=replaced, **sort)
        if replaced != OPEN_INSTANT and draw.random() < 0.6:
            later = draw.choice((until, "2026-04-01", "2027-01-01"))
            town.record(code, document, decided, later, tier=draw.choice((tier, "轻微")), recorded=replaced, **sort)
        if draw.random() < 0.5:
            ending = draw.choice(("REPAIR", "EXPIRY", "REVOCATION", "CORRECTION"))
            on = draw.choice(("2025-03-01", "2026-04-01", "2026-08-01", "2026-12-01"))
            gone = draw.choice((30, OPEN_INSTANT, OPEN_INSTANT))
            town.ending(document, ending, on, recorded=draw.choice((1, 20)), retracted=gone)
        if listed == DEFAULTER and draw.random() < 0.5:
            lifted = draw.choice(("2026-04-01", "2026-12-01"))
            town.lift(document, token("two"), lifted, recorded=draw.choice((1, 20)))
    for number, code in enumerate(CODES):
        for scale, rated, until in (("甲", "2025-01-01", "2026-01-01"), ("乙", "2025-01-01", "2027-01-01")):
            place = {"valid_to": until, "issuer": f"{code}{scale}", "grade": "优", "score": "", "scale": scale}
            town.about("Rating", code, rated, rated_on=rated, retracted_at=(OPEN_INSTANT, 40)[number % 2], **place)
        promise = {"number": f"诺{number}", "kind": "", "matter": "", "name_as_given": "", "status_given": ""}
        dates = {"made_on": "2025-01-01", "due_on": "2025-09-01", "kept_on": OPEN_DATE}
        gone = (OPEN_INSTANT, 40)[number % 2]
        town.about("Commitment", code, "2025-01-01", key=f"诺{number}", retracted_at=gone, **promise, **dates)
    return town


@pytest.fixture(scope="module")
async def past(clean_graph: Engine, persons: Persons) -> CypherGraph:
    await _city(persons.token).write(clean_graph)
    rules = load_policies("320400")
    return CypherGraph(clean_graph, persons, cursor_key=bytes(range(64)), region="320400", piercing=rules, timeout=60)


def instant(micros: int | None) -> str:
    return "" if micros is None else f', knownAt: "1970-01-01T00:00:00.{micros:06d}Z"'


class Question:
    """One question under one day and knowledge; each method gives the set of what it shows."""

    def __init__(
        self, graph: CypherGraph, scopes: frozenset[str], code: str, day: str, known: int | None, person: str
    ) -> None:
        self._ask: Callable[..., Awaitable[Any]] = lambda document: ask(
            graph, document, scopes, as_of=TODAY, subject=OTHER
        )
        self._code, self._person = code, person
        self._times = f'asOf: "{day}"{instant(known)}'

    async def _subject(self, fields: str) -> Any:
        return await self._ask(f'{{ subject(code: "{self._code}", {self._times}) {{ {fields} }} }}')

    async def records(self) -> set[str]:
        found = await self._subject("records(first: 200, filter: {includeVoid: true}) { nodes { id } }")
        return {node["id"] for node in found["records"]["nodes"]} if found else set()

    async def pages(self) -> set[str]:
        """Page by page, by the states of that day."""
        shown: set[str] = set()
        after = ""
        while True:
            page = (
                await self._subject(
                    f"records(first: 3{after}, filter: {{states: [ACTIVE, REPAIRED, EXPIRED]}}) "
                    "{ nodes { id } edges { node { documentNumber } } pageInfo { hasNextPage endCursor } }"
                )
                or {"records": {"nodes": [], "pageInfo": {"hasNextPage": False}}}
            )["records"]
            assert page["nodes"] or not page["pageInfo"]["hasNextPage"]
            shown |= {node["id"] for node in page["nodes"]}
            if not page["pageInfo"]["hasNextPage"]:
                return shown
            after = f', after: "{page["pageInfo"]["endCursor"]}"'

    async def listing(self) -> set[str]:
        found = await self._ask(f"{{ records({self._times}, first: 200, filter: {{}}) {{ nodes {{ id }} }} }}")
        return {node["id"] for node in found["nodes"]}

    async def listing_of_subject(self) -> set[str]:
        filter_ = f'filter: {{subject: "{self._code}", includeVoid: true}}'
        found = await self._ask(f"{{ records({self._times}, first: 200, {filter_}) {{ nodes {{ id }} }} }}")
        return {node["id"] for node in found["nodes"]}

    async def nodes(self) -> set[str]:
        shown = set()
        for number in range(0, 90, 7):
            ident = global_id("Record", f"id-文{number}-{self._code}")
            if await self._ask(f'{{ node(id: "{ident}", {self._times}) {{ ... on Record {{ id }} }} }}'):
                shown.add(ident)
        return shown

    async def batch(self) -> set[str]:
        found = await self._ask(
            f'{{ subjects(codes: ["{self._code}"], {self._times}) '
            "{ subject { records(first: 200) { nodes { id } } ratings { issuer } } } }"
        )
        subject = found[0]["subject"] or {"records": {"nodes": []}, "ratings": []}
        return {node["id"] for node in subject["records"]["nodes"]} | {r["issuer"] for r in subject["ratings"]}

    async def others(self) -> set[str]:
        found = await self._subject("ratings { issuer } commitments { number }")
        return {r["issuer"] for r in found["ratings"]} | {c["number"] for c in found["commitments"]} if found else set()

    async def effects(self) -> set[tuple[str, ...]]:
        found = await self._subject(
            "effects { ruleId source { id } person { id } subject { code } reportedOn { code } }"
        )
        return _effects(found["effects"]) if found else set()

    async def penetration(self) -> set[tuple[str, ...]]:
        return await self._penetration(f'subject: "{self._code}"')

    async def penetration_of_a_person(self) -> set[tuple[str, ...]]:
        return await self._penetration(f'person: "{self._person}"')

    async def _penetration(self, whom: str) -> set[tuple[str, ...]]:
        found = await self._ask(
            f"{{ penetration({whom}, {self._times}) {{ notReached {{ record {{ id }} }} "
            "reached { ruleId source { id } person { id } subject { code } reportedOn { code } } } }"
        )
        missed = {(one["record"]["id"],) for one in found["notReached"]}
        return _effects(found["reached"]) | missed | {(effect["source"]["id"],) for effect in found["reached"]}

    async def effects_of_a_person(self) -> set[tuple[str, ...]]:
        found = await self._ask(
            f'{{ node(id: "{self._person}", {self._times}) {{ ... on Person {{ '
            "effects { ruleId source { id } person { id } subject { code } reportedOn { code } } } } }"
        )
        return _effects(found["effects"]) if found else set()


def _effects(effects: Any) -> set[tuple[str, ...]]:
    """Whom each reaches, and each organisation that it is reported on."""
    shown: set[tuple[str, ...]] = set()
    for effect in effects:
        whom = (effect["ruleId"], effect["source"]["id"], effect["person"]["id"])
        shown |= {whom, *((*whom, other["code"]) for other in effect["reportedOn"])}
    return shown


PATHS = [name for name in vars(Question) if name[0] != "_"]


async def shown(path: str, *asked: Any) -> set[Any]:
    found: set[Any] = await getattr(Question(*asked), path)()
    return found


def person_id(persons: Persons, name: str) -> str:
    return global_id("Person", persons.for_client(persons.token(name), "client-a"))


@given(
    path=st.sampled_from(PATHS),
    scopes=st.sampled_from(CLOSED),
    code=st.sampled_from(CODES),
    person=st.sampled_from(("one", "two")),
    day=st.sampled_from(DAYS),
    known=st.sampled_from(INSTANTS),
)
@hypothesis_settings(max_examples=20 if wanted() else 200, deadline=None, derandomize=True, database=None)
async def test_nothing_is_shown_of_the_past_that_is_not_shown_today(
    past: CypherGraph,
    persons: Persons,
    path: str,
    scopes: frozenset[str],
    code: str,
    person: str,
    day: str,
    known: int | None,
) -> None:
    whom = person_id(persons, person)
    now = await shown(path, past, scopes, code, TODAY, None, whom)
    then = await shown(path, past, scopes, code, day, known, whom)
    if "credit:self" in scopes:
        own = {global_id("Record", f"id-文{number}-{OTHER}") for number in range(90)}
        then = set() if code == OTHER else then - own  # the token's own subject sees its past
    assert then <= now


@pytest.mark.parametrize("path", PATHS)
async def test_every_path_shows_things_that_lasted_and_would_show_what_has_ended(
    past: CypherGraph, persons: Persons, path: str
) -> None:
    """So that the property above does not hold of nothing: the open scopes see what the closed ones do not."""
    whom = person_id(persons, "two")
    open_, closed, now = set(), set(), set()
    for code in (FIRM, HIDDEN):
        for day, known in ((TODAY, None), ("2025-06-30", None), ("2026-03-01", None), ("2026-10-31", 25)):
            open_ |= await shown(path, past, INVESTIGATOR, code, day, known, whom)
            closed |= await shown(path, past, MUTUAL, code, day, known, whom)
        now |= await shown(path, past, MUTUAL, code, TODAY, None, whom)
    assert closed
    assert closed <= now
    assert open_ - now


ENDED = 'subject(code: "%s", asOf: "%s") { records(first: 200) { nodes { documentNumber state } } ratings { scale } }'


async def test_the_past_as_it_was_for_those_who_may_see_it_and_for_the_subject_itself(past: CypherGraph) -> None:
    asked = "{ " + ENDED % (OTHER, "2026-03-01") + " }"

    async def states(scopes: frozenset[str], subject: str | None = None) -> dict[str, str]:
        found = await ask(past, asked, scopes, as_of=TODAY, subject=subject)
        return {node["documentNumber"]: node["state"] for node in found["records"]["nodes"]}

    whole = await states(INVESTIGATOR)
    assert whole == await states(OPERATOR) == await states(SELF, OTHER)
    few = await states(MUTUAL)
    assert few.keys() < whole.keys()
    assert few.items() <= whole.items()
    assert await states(SELF, FIRM) == {d: s for d, s in few.items() if d in await states(PUBLIC)}


async def test_an_earlier_version_of_what_is_held_now_is_shown_as_it_was_known(
    engine: Engine, persons: Persons, past: CypherGraph
) -> None:
    town = Town()
    town.record(FIRM, "改1", "2026-01-01", "2028-01-01", amount="100", recorded=10, retracted=30)
    town.record(FIRM, "改1", "2026-01-01", "2027-01-01", amount="200", recorded=30)
    town.record(FIRM, "改2", "2026-01-01", "2028-01-01", amount="300", recorded=10, retracted=30)
    await town.write(engine)
    for ident, amount in (("改1", "100"), ("改2", None)):
        text = f'{{ node(id: "{global_id("Record", f"id-{ident}-{FIRM}")}"{instant(20)}) {{ ... on Record '
        found = await ask(past, text + "{ amount { value } } } }", MUTUAL, as_of=TODAY)
        assert (found and found["amount"]["value"]) == amount


async def test_a_question_about_today_is_the_statement_that_it_always_was(
    past: CypherGraph, observed: Callable[[], Any]
) -> None:
    with observed() as seen:
        for times in ("", f', asOf: "{TODAY}"', ', asOf: "2026-10-31"'):
            await ask(
                past, f'{{ subject(code: "{FIRM}"{times}) {{ records {{ nodes {{ id }} }} }} }}', MUTUAL, as_of=TODAY
            )
    present, same, back = seen.texts
    assert present == same
    assert "$today" not in present
    assert "$today" in back
