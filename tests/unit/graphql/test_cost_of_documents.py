"""What a document costs before anything is read: its client pays for new ones, and what is kept of them is bounded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asking import CODE, MUTUAL, caller, post
from graphs import HashGraph

from hub.graphql.documents import Lru
from hub.graphql.limits import Limits
from hub.graphql.service import NEW_DOCUMENT, NEW_FIELD, PLANS_ROOM, GraphQLService, Options
from hub.graphql.trusted import TrustedDocuments
from hub.http import TooManyRequests
from schema.types.build import build_schema

FRAGMENT = "fragment F on Subject { id code name kind region status establishedOn records { nodes { id } } }"


def aliased(count: int, mark: str = "a") -> str:
    return "{ " + " ".join(f'{mark}{i}: subject(code: "{CODE}") {{ ...F }}' for i in range(count)) + " } " + FRAGMENT


class Spending:
    def __init__(self, allowed: float = float("inf")) -> None:
        self.spent: list[float] = []
        self._allowed = allowed

    def __call__(self, client: str, amount: float) -> None:
        if sum(self.spent) + amount > self._allowed:
            raise TooManyRequests("too much", hint="wait")
        self.spent.append(amount)


def service(spending: Spending, graph: HashGraph | None = None) -> GraphQLService:
    return GraphQLService(build_schema(), graph or HashGraph(), Options(spend=spending))


async def test_a_new_document_is_paid_for_when_it_is_read_and_when_it_is_planned_and_only_then() -> None:
    spending = Spending()
    hub = service(spending)
    await post(hub, MUTUAL, aliased(2))
    new = NEW_DOCUMENT + NEW_FIELD * 22
    assert spending.spent[:2] == [new, new]
    asked = spending.spent[2]
    spending.spent.clear()
    await post(hub, MUTUAL, aliased(2))
    assert spending.spent == [asked]
    spending.spent.clear()
    await post(hub, caller("public"), aliased(2))  # another plan of a document that is known
    assert spending.spent == [new, asked]


async def test_a_document_that_its_client_cannot_pay_for_is_neither_validated_nor_planned() -> None:
    graph = HashGraph()
    hub = service(Spending(NEW_DOCUMENT + NEW_FIELD * 10), graph)
    with pytest.raises(TooManyRequests):
        await post(hub, MUTUAL, aliased(20) + " fragment Wrong on Nothing { nowhere }")
    assert not graph.selects


async def test_documents_and_plans_are_kept_by_bytes() -> None:
    hub = service(Spending())
    for number in range(110):
        answer = await post(hub, MUTUAL, aliased(26, f"a{number}x"))
        assert "data" in answer
    assert hub._plans.bytes <= PLANS_ROOM
    assert len(hub._plans) < 110
    assert 0 < hub._documents._kept.bytes <= 16 * 1024 * 1024


def test_the_least_used_give_way() -> None:
    kept: Lru[str, int] = Lru(3, 100)
    for key in "abc":
        kept.put(key, 1, 30)
    assert kept.get("a") == 1
    kept.put("d", 1, 40)
    assert [kept.get(key) for key in "abcd"] == [1, None, 1, 1]
    kept.put("a", 2, 10)
    assert (kept.get("a"), kept.bytes, len(kept)) == (2, 80, 3)
    kept.put("e", 1, 101)
    assert (len(kept), kept.bytes) == (0, 0)


@pytest.mark.parametrize(
    ("root", "most"),
    [
        ('path(from: "a", to: "b", maxHops: 6) { nodes { __typename } }', 2),
        ('path(from: "a", to: "b") { nodes { __typename } }', 20),
        ('neighbourhood(center: "a", depth: 3) { truncated }', 8),
        ("dataQuality { __typename }", 9),
    ],
)
async def test_wide_searches_cost_what_they_look_through(root: str, most: int) -> None:
    who = caller("investigate", "operate", purpose="investigation", case="1")
    hub = service(Spending())

    async def asked(count: int) -> Any:
        return await post(hub, who, "{ " + " ".join(f"a{i}: {root}" for i in range(count)) + " }")

    assert "errors" not in await asked(most)
    refused = await asked(most * 2 + 1)
    assert refused["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_what_one_document_may_write_out_is_bounded_and_more_for_a_listed_one(tmp_path: Path) -> None:
    assert "data" in await post(service(Spending()), MUTUAL, aliased(27))
    refused = await post(service(Spending()), MUTUAL, aliased(28))
    assert refused["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "all.graphql").write_text(aliased(50), encoding="utf-8")
    hub = GraphQLService(build_schema(), HashGraph(), Options(), TrustedDocuments(tmp_path))
    assert "data" in await post(hub, MUTUAL, aliased(50))
    assert (Limits().listed().tokens, Limits().listed().fields) == (3_600, 3_000)
