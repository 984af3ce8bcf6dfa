"""Five real hubs: what one of them gets of another as its neighbour, with an agreement in force and without any."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import date

import pytest

from federation.directory import edit, parse_payload, sign
from federation.directory.trust import encode, payload_of
from federation.documents import HELD
from federation.ports import Asker
from federation.transport import Transport
from hub.federated.messenger import HubMessenger
from hub.signing import KeyStore
from schema.scopes import PURPOSES
from tests.journeys.delta import Delta
from tests.journeys.test_federation import HERE, RECOGNISED, THERE, settled, shared_code

pytestmark = pytest.mark.slow
AGREEMENT = "delta-serious-dishonesty"
CLOSED = {
    "subject": '{ subject(code: "CODE") { name roles { nodes { kind } } contracts { nodes { number } } } }',
    "subjects": '{ subjects(codes: ["CODE"]) { subject { name } } }',
    "records": "{ records(filter: {}) { nodes { documentNumber } } }",
    "contracts": "{ contracts(filter: {}) { nodes { number parties { role } } } }",
    "person": '{ person(token: "x") { token roles { nodes { kind } } } }',
    "penetration": '{ penetration(subject: "CODE") { reached { person { token } } } }',
    "recognised": '{ recognised(subject: "CODE") { status } }',
    "recognisedBatch": '{ recognisedBatch(subjects: ["CODE"]) { code } }',
    "searchSubjects": '{ searchSubjects(filter: {nameContains: "公司"}) { nodes { code } } }',
    "node": '{ node(id: "U3ViamVjdDox") { id } }',
    "_entities": '{ _entities(representations: [{__typename: "Subject", code: "CODE"}]) { ... on Subject { name } } }',
    "beside an open one": '{ held(codes: ["CODE"]) { code } contracts(filter: {}) { nodes { number } } }',
    "held under an alias": "{ held: contracts(filter: {}) { nodes { number } } }",
}
PENETRATION = """query P($subject: USCC!, $regions: [String!]) {
 one: penetration(subject: $subject, regions: $regions) { reached { ruleId } } }"""


class Neighbour:
    """HERE with its own keys, asking THERE whatever it likes."""

    def __init__(self, delta: Delta) -> None:
        settings = replace(delta.settings(HERE), base_url=delta.cities[HERE].url)
        self._transport = Transport(max_bytes=1 << 22)
        self._messenger = HubMessenger(settings, KeyStore.of(settings), self._transport.client)
        found = parse_payload(payload_of(delta.directory.read_bytes())).hub(THERE)
        assert found is not None
        self._hub = found

    async def post(self, path: str, body: object, asker: Asker | None) -> tuple[int, dict]:
        request = await self._messenger.sign(self._hub, "POST", path, json.dumps(body).encode(), asker)
        deadline = asyncio.get_running_loop().time() + 30
        response = await self._transport.send(request, deadline=deadline)
        return response.status, json.loads(response.body)

    async def ask(self, document: str, asker: Asker | None, **variables: object) -> tuple[int, dict]:
        return await self.post("/graphql", {"query": document, "variables": variables}, asker)

    async def close(self) -> None:
        await self._transport.close()


@pytest.fixture
async def neighbour(delta: Delta):
    made = Neighbour(delta)
    yield made
    await made.close()


def publish(delta: Delta, data: bytes) -> None:
    for anchor in delta.anchors[:2]:
        data = sign(data, json.loads(anchor.read_text()))
    draft = delta.directory.with_suffix(".draft")
    draft.write_bytes(data)
    draft.replace(delta.directory)


async def until(holds) -> None:
    for _ in range(300):
        if await holds():
            return
        await asyncio.sleep(0.2)
    raise AssertionError("it did not come to hold in time")


def for_client(purpose: str, case: str | None = None) -> Asker:
    return Asker("bank-7", purpose, case)


async def test_a_neighbour_gets_the_federation_roots_alone_for_purposes_of_the_agreement(delta: Delta, neighbour):
    await settled(delta)
    code = await shared_code(delta)
    for name, document in CLOSED.items():
        status, answer = await neighbour.ask(document.replace("CODE", code), for_client("mutual-recognition"))
        assert (status, answer.get("data")) == (403, None), (name, answer)
    for purpose in PURPOSES:
        status, answer = await neighbour.ask(HELD, for_client(purpose, "案-1"), codes=[code])
        agreed = purpose in ("mutual-recognition", "gate-check", "investigation")
        assert (status, bool((answer.get("data") or {}).get("held"))) == ((200, True) if agreed else (403, False)), (
            purpose
        )
    status, _ = await neighbour.ask(HELD, for_client("investigation"), codes=[code])
    assert status == 403, "an investigation without its case"


async def test_a_neighbour_that_names_no_end_client_gets_nothing(delta: Delta, neighbour):
    await settled(delta)
    assert (await neighbour.ask(HELD, None, codes=[await shared_code(delta)]))[0] == 400
    assert (await neighbour.ask("{ __typename }", None))[0] == 400
    elements = {"elements": ["e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"]}
    assert (await neighbour.post("/federation/persons", elements, None))[0] == 403
    assert (await neighbour.post("/federation/persons", elements, for_client("loan")))[0] == 403
    status, answer = await neighbour.post("/federation/persons", elements, for_client("mutual-recognition"))
    assert (status, len(answer["elements"])) == (200, 1)
    for name in ("江苏省\u202e人民检察院", "bank\n7"):
        assert (await neighbour.ask(HELD, Asker(name, "mutual-recognition"), codes=["x"]))[0] == 400


async def test_one_that_is_listed_without_an_agreement_gets_nothing_and_its_own_clients_are_told(
    delta: Delta, neighbour
):
    await settled(delta)
    code, before = await shared_code(delta), delta.directory.read_bytes()
    publish(delta, edit.withdraw_agreement(before, AGREEMENT, issued=date.today()))

    async def closed() -> bool:
        return (await neighbour.ask(HELD, for_client("mutual-recognition"), codes=[code]))[0] == 403

    try:
        await until(closed)
        for purpose in PURPOSES:
            for document in (HELD, *CLOSED.values()):
                status, answer = await neighbour.ask(
                    document.replace("CODE", code), for_client(purpose, "案-1"), codes=[code]
                )
                assert (status, answer.get("data")) == (403, None), (purpose, document)
        assert (await neighbour.ask("{ __typename }", for_client("mutual-recognition")))[0] == 200
        assert (await neighbour.post("/federation/persons", {"elements": ["00" * 32]}, for_client("loan")))[0] == 403

        async def refused() -> bool:
            found = (await delta.ask(HERE, RECOGNISED, {"subject": code}))["recognised"]
            return {one["status"] for one in found if one["region"] == THERE} == {"REFUSED"}

        await until(refused)
        for document, key in ((RECOGNISED, "recognised"), (PENETRATION, "one")):
            exchange = await delta.exchange(HERE, document, {"subject": code, "regions": [HERE, THERE]})
            lacking = json.loads(exchange.answer)["extensions"]["incomplete"]
            assert lacking == [{"path": [key], "region": THERE, "status": "REFUSED"}]
    finally:
        version = payload_of(delta.directory.read_bytes())["version"]
        restored = {**payload_of(before), "version": version + 1}
        publish(delta, encode(restored))
    await settled(delta)


async def test_a_city_that_is_down_is_named_in_every_answer_that_lacks_it(delta: Delta):
    await settled(delta)
    code = await shared_code(delta)
    delta.proxies[THERE].set("down", everything=True)
    try:
        exchange = await delta.exchange(HERE, PENETRATION, {"subject": code, "regions": [HERE, THERE]})
        lacking = json.loads(exchange.answer)["extensions"]["incomplete"]
        assert lacking == [{"path": ["one"], "region": THERE, "status": "UNREACHABLE"}]
    finally:
        delta.proxies[THERE].set("pass")
    await settled(delta)

    async def whole() -> bool:
        exchange = await delta.exchange(HERE, PENETRATION, {"subject": code, "regions": [HERE, THERE]})
        return "incomplete" not in json.loads(exchange.answer).get("extensions", {})

    await until(whole)
