"""A neighbour's next key: announced by the present one, taken where the directory lets it, before it is used."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from stub_hub import InProcess, Response, StubHub

from federation.directory import edit, sign
from federation.directory.current import CurrentDirectory
from hub.auth.jose import generate_jwk
from hub.federated.successors import TYP, Announced, Learner

HERE, THERE = "320400", "320583"


class Place:
    """A directory of two hubs; what THERE publishes is what ``statements`` holds."""

    def __init__(self, folder, successors: bool) -> None:
        self.here, self.there = StubHub.make(folder, HERE, 8001), StubHub.make(folder, THERE, 8002)
        self.transport = InProcess(self.here, self.there)
        self.anchor = {**generate_jwk(), "kid": "anchor"}
        (folder / "anchor.jwk").write_text(json.dumps(self.anchor))
        data = edit.init([self.anchor], 1, issued=date.today(), expires=date.today() + timedelta(days=60))
        for hub in (self.here, self.there):
            entry = {"region": hub.region, "name": "", "url": hub.url, "ledger": {}, "successors": successors}
            data = edit.put_hub(data, {**entry, "keys": [dict(k) for k in hub.listed().keys]}, issued=date.today())
        (folder / "d.json").write_bytes(sign(data, self.anchor))
        self.directory = CurrentDirectory(folder / "d.json", (folder / "anchor.jwk",), folder / "state.json")
        self.directory.reload()
        self.messenger = self.here.messenger(folder / HERE, self.transport.client)
        self.announced = Announced(
            self.there.keys, self.there.messenger(folder, self.transport.client), folder / "s.json"
        )
        self.statements: list[str] | None = None
        self.there.change = self.document
        self.there.answer = lambda path, query, body: (200, {})
        self.learner = Learner(HERE, self.directory, self.messenger, self.transport)

    def document(self, response: Response) -> Response:
        held = self.announced.current() if self.statements is None else self.statements
        return replace(response, body=json.dumps({"successors": held}).encode())

    async def look(self) -> set[str]:
        """Key ids of THERE that count here after a look."""
        await self.learner.look(self.directory.get().hub(THERE))
        return {str(key["kid"]) for key in self.directory.get().hub(THERE).keys}


@pytest.fixture
def make(tmp_path):
    return lambda successors=True: Place(tmp_path, successors)


async def test_a_key_that_is_to_come_is_learnt_and_outlives_its_announcer(make):
    place = make()
    moved = []
    place.directory.listeners.append(lambda: moved.append(1))
    made = place.there.keys.rotate(after=60)
    assert made.kid in await place.look()
    assert made.kid in await place.look()
    assert moved == [1]
    assert place.announced.current() == Announced(place.there.keys, place.messenger, place.announced._path).current()
    await place.transport.close()


async def test_without_the_directorys_leave_nothing_is_taken(make):
    place = make(successors=False)
    made = place.there.keys.rotate(after=60)
    assert made.kid not in await place.look()
    await place.transport.close()


async def test_only_a_key_of_the_directory_announces_and_only_what_comes_after(make, tmp_path):
    place = make()
    stranger = StubHub.make(tmp_path / "stranger", THERE)
    other = stranger.keys.public()[0]
    jwk = {**other.jwk, "kid": other.kid, "nbf": int(time.time()) + 60, "exp": int(time.time()) + 600}

    def said(by: StubHub, key: object, typ: str = TYP, **claims: object) -> str:
        text = {"iss": place.there.url, "iat": int(time.time()), "jwk": key, **claims}
        return by.keys.current().jws(json.dumps(text).encode(), typ)

    wrong = [
        said(stranger, jwk),
        said(place.there, jwk, "credit-feed+jwt"),
        said(place.there, jwk, iss="https://other.example"),
        said(place.there, {**jwk, "nbf": int(time.time()) - 60}),
        said(place.there, {**jwk, "exp": None}),
        said(place.there, {"kty": "oct"}),
        said(place.there, "key"),
        "",
        "[" * 100_000,
    ]
    for statement in wrong:
        place.statements = [statement]
        assert await place.look() == {str(key["kid"]) for key in place.there.listed().keys}, statement
    place.statements = [said(place.there, jwk)]
    assert other.kid in await place.look()
    await place.transport.close()
