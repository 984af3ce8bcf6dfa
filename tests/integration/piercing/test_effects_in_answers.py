"""Effects as answers: nested selections, paths, ids of the client, one statement for each root field."""

from __future__ import annotations

from typing import Any

import pytest
from piercing_select import select
from piercing_world import AS_OF, DEFAULTER, SERIOUS, World, token

from graph_loaders.engine import Engine
from graph_loaders.reader import CypherGraph
from graph_loaders.reader.reading import global_id
from policies import load_policies
from schema.caller import Caller
from schema.errors import UsageError
from schema.identifiers import uscc_check
from schema.ports import Asking
from schema.scopes import MUTUAL


class OpenTokens:
    """Shows each client its name before the token: enough to see which of the two an answer holds."""

    def token(self, number: str) -> str:
        return token(number)

    def for_client(self, token: str, client_id: str) -> str:
        return f"{client_id}-{token}"

    def from_client(self, shown: str, client_id: str) -> str:
        if not shown.startswith(f"{client_id}-"):
            raise UsageError("not of this client", hint="")
        return shown.removeprefix(f"{client_id}-")


def uscc(body: str) -> str:
    """A code with valid check digits that cannot belong to anyone (body prefix XY)."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    organ = f"XY{body:0>6}"
    total = sum(int(c, 36) * w for c, w in zip(organ, weights, strict=True))
    inner = "0" if 11 - total % 11 == 11 else "X" if 11 - total % 11 == 10 else str(11 - total % 11)
    first = f"91320402{organ}{inner}"
    return first + uscc_check(first)


FIRM, OTHER, OWNER = uscc("1"), uscc("2"), uscc("3")
ASKING = Asking(Caller("bank", frozenset({MUTUAL}), peer_region=None), AS_OF)


@pytest.fixture(scope="module")
async def city(clean_graph: Engine) -> Engine:
    w = World()
    for code in (FIRM, OTHER, OWNER):
        w.subject(code)
    w.represents("张三", FIRM, "2010-01-01", "2026-06-01")
    w.represents("张三", OTHER, "2010-01-01")
    w.holds("张三", FIRM, 80.0, "2012-01-01")
    w.represents("幼童", FIRM, "2020-01-01", adult_on="2030-01-01")
    w.owns(OWNER, FIRM, 50.0, "2010-01-01")
    w.listed("D-1", FIRM, DEFAULTER, "2026-03-10", "2028-03-10")
    w.listed("S-1", FIRM, SERIOUS, "2026-03-10")
    w.penalty("P-1", FIRM, "2026-03-10", "2027-03-10")
    await w.write(clean_graph)
    return clean_graph


def graph_over(engine: Any) -> CypherGraph:
    rules = load_policies("320400")
    return CypherGraph(engine, OpenTokens(), cursor_key=bytes(64), region="320400", piercing=rules)


@pytest.fixture(scope="module")
def graph(city: Engine) -> CypherGraph:
    return graph_over(city)


async def ask(graph: CypherGraph, tree: dict[str, Any], name: str = "penetration", **arguments: Any) -> Any:
    root = select(name, tree)
    return await graph.prepare(root, frozenset({MUTUAL}))({root.index: arguments}, ASKING)


EDGE = {"from": None, "to": None, "kind": None, "validFrom": None, "validTo": None, "region": None}


async def test_an_effect_tells_rule_article_path_and_term(graph: CypherGraph) -> None:
    tree = {
        "reached": {
            "ruleId": None,
            "ruleVersion": None,
            "article": None,
            "source": {"documentNumber": None, "state": None},
            "effect": None,
            "illustrative": None,
            "person": {"token": None, "name": None},
            "subject": {"code": None, "name": None},
            "roles": {"kind": None, "illustrative": None, "path": EDGE},
            "path": EDGE,
            "attributedOn": None,
            "until": None,
            "lastDay": None,
            "reportedOn": {"code": None},
            "receipts": None,
        }
    }
    reached = (await ask(graph, tree, subject=FIRM))["reached"]
    assert [(effect["ruleId"], effect["person"]["token"]) for effect in reached] == [
        (rule, f"bank-{token('张三')}")
        for rule in ("indicator-to-legal-rep", "judgment-defaulter-consumption-limit", "serious-violation-role-bar")
    ]
    limit = reached[1]
    person = global_id("Person", f"bank-{token('张三')}")
    subject = global_id("Subject", FIRM)
    about, held = limit["path"]
    assert (about["kind"], about["to"], about["validFrom"], about["validTo"]) == (
        "ABOUT",
        subject,
        "2026-03-10",
        "2028-03-09",
    )
    assert held == {
        "from": person,
        "to": subject,
        "kind": "REPRESENTS",
        "validFrom": "2010-01-01",
        "validTo": "2026-06-01",
        "region": "320400",
    }
    assert [(role["kind"], role["illustrative"], role["path"][1]["kind"]) for role in limit["roles"]] == [
        ("LEGAL_REPRESENTATIVE", False, "REPRESENTS"),
        ("SHAREHOLDER", True, "HOLDS"),
    ]
    assert limit["roles"][1]["path"][1]["validTo"] is None
    assert (limit["until"], limit["lastDay"], limit["attributedOn"]) == ("2028-03-10", "2028-03-09", "2026-03-10")
    assert limit["source"] == {"documentNumber": "D-1", "state": "ACTIVE"}
    assert limit["person"]["name"] == "张*"
    assert limit["receipts"] == []
    assert (limit["illustrative"], reached[0]["illustrative"]) == (False, True)
    assert list(limit) == list(tree["reached"])
    assert [effect["reportedOn"] for effect in reached] == [[], [], [{"code": OTHER}]]


async def test_reasons_name_the_record_and_the_person_where_one_is_concerned(graph: CypherGraph) -> None:
    tree = {
        "notReached": {"ruleId": None, "record": {"documentNumber": None}, "person": {"name": None}, "reason": None}
    }
    found = (await ask(graph, tree, subject=FIRM))["notReached"]
    kid = {"name": "幼*"}
    assert [(n["record"]["documentNumber"], n["person"], n["reason"]) for n in found] == [
        ("P-1", kid, "under_18"),
        ("D-1", None, "legal_person_holder"),
        ("D-1", kid, "under_18"),
        ("S-1", kid, "under_18"),
    ]


async def test_a_person_is_asked_by_id_or_token_of_the_same_client_only(graph: CypherGraph) -> None:
    tree = {"reached": {"ruleId": None}, "notReached": {"reason": None}}
    shown = f"bank-{token('张三')}"
    by_id = await ask(graph, tree, person=global_id("Person", shown))
    assert [effect["ruleId"] for effect in by_id["reached"]] == [
        "indicator-to-legal-rep",
        "judgment-defaulter-consumption-limit",
        "serious-violation-role-bar",
    ]
    assert by_id["notReached"] == []
    assert await ask(graph, tree, person=shown) == by_id
    nothing = {"reached": [], "notReached": []}
    assert await ask(graph, tree, person=global_id("Person", f"other-{token('张三')}")) == nothing
    assert await ask(graph, tree, person=global_id("Subject", FIRM)) == nothing
    assert await ask(graph, tree, subject=uscc("9")) == nothing
    kid = await ask(graph, tree, person=global_id("Person", f"bank-{token('幼童')}"))
    assert kid == {"reached": [], "notReached": [{"reason": "under_18"}] * 3}


@pytest.mark.parametrize("arguments", [{}, {"subject": None, "person": None}, {"subject": FIRM, "person": "x"}])
async def test_exactly_one_of_subject_and_person(graph: CypherGraph, arguments: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="exactly one of subject and person"):
        await ask(graph, {"reached": {"ruleId": None}}, **arguments)


async def test_effects_nest_in_one_statement_and_aliases_stay_apart(graph: CypherGraph, city: Engine) -> None:
    seen: list[str] = []
    city.on_statement(lambda name, _seconds: seen.append(name))
    inner = {"ruleId": None, "subject": {"code": None, "effects": {"ruleId": None, "person": {"name": None}}}}
    tree = {
        "effects": {"a: source": {"documentNumber": None}, "b: source": {"kind": None}, "person": {"effects": inner}},
        "more: effects": {"__typename": None, "source": {"documentNumber": None}},
    }
    answer = await ask(graph, tree, "subject", code=FIRM)
    assert seen == ["subject"]
    assert [(e["a"], e["b"]) for e in answer["effects"]] == [
        ({"documentNumber": "P-1"}, {"kind": "PENALTY"}),
        ({"documentNumber": "D-1"}, {"kind": "LIST_ENTRY"}),
        ({"documentNumber": "S-1"}, {"kind": "LIST_ENTRY"}),
    ]
    nested = answer["effects"][0]["person"]["effects"]
    assert [e["subject"]["code"] for e in nested] == [FIRM] * 3
    assert nested[0]["subject"]["effects"][0] == {"ruleId": "indicator-to-legal-rep", "person": {"name": "张*"}}
    assert [e["__typename"] for e in answer["more"]] == ["Effect"] * 3


class Listening:
    """The engine, with the texts of what was asked kept."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.texts: list[str] = []

    async def read(self, text: str, *args: Any, **more: Any) -> Any:
        self.texts.append(text)
        return await self._engine.read(text, *args, **more)


async def test_nothing_is_fetched_of_what_is_not_selected(city: Engine) -> None:
    listening = Listening(city)
    graph = graph_over(listening)
    await ask(graph, {"reached": {"ruleId": None}}, subject=FIRM)
    await ask(graph, {"reached": {"reportedOn": {"code": None}, "person": {"name": None}}}, subject=FIRM)
    little, more = listening.texts
    for part in ("reported:", "persons:", "records:", "subjects:"):
        assert part not in little
    assert "reported:" in more
    assert "persons:" in more
    assert "records:" not in more
