"""The page GraphiQL: only where it is switched on, only the hub's own files, and a way out where it is not built."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from hub.auth.clients import Client
from hub.auth.jose import PrivateJwk, generate_jwk, public_part
from hub.graphiql_link import FILE, make_link
from hub.graphiql_page import graphiql_routes
from hub.settings import load_settings

ON = load_settings({"HUB_GRAPHIQL": "1"})


def _http(built: Path) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Starlette(routes=list(graphiql_routes(ON, lambda client: True, built))))
    return httpx.AsyncClient(transport=transport, base_url="http://hub.example")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    files = tmp_path / "dist" / "graphiql"
    files.mkdir(parents=True)
    (files.parent / "index.html").write_text('<script type="module" src="./graphiql/page-1.js"></script>')
    (files / "page-1.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("secret")
    return files.parent


def test_no_page_where_the_setting_is_off() -> None:
    assert graphiql_routes(load_settings({}), lambda client: True) == []


async def test_a_page_that_is_not_built_says_how_in_both_languages(tmp_path: Path) -> None:
    answer = await _http(tmp_path / "nowhere").get("/graphiql")
    assert answer.status_code == 200
    assert "make graphiql" in answer.text
    assert "尚未构建" in answer.text


async def test_the_page_and_its_files_come_from_here_under_a_strict_policy(built: Path) -> None:
    http = _http(built)
    page = await http.get("/graphiql")
    file = await http.get("/graphiql/page-1.js")
    assert file.text == "export {}"
    assert "javascript" in file.headers["content-type"]
    for answer in (page, file):
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["nothing.js", "index.html", "..%2findex.html", "..%2f..%2fsecret.txt", "%2e%2e"])
async def test_nothing_else_is_served(built: Path, name: str) -> None:
    assert (await _http(built).get(f"/graphiql/{name}")).status_code == 404


async def test_a_one_time_link_gives_one_client(tmp_path: Path) -> None:
    settings = load_settings({"HUB_GRAPHIQL": "1", "HUB_DATA": str(tmp_path / "data")})
    added: list[Client] = []

    def add(client: Client) -> bool:
        added.append(client)
        return True

    link = make_link(settings, "http://127.0.0.1:1")
    code = link.partition("#link=")[2]
    assert (settings.run / FILE).stat().st_mode & 0o777 == 0o600
    assert code not in (settings.run / FILE).read_text()
    jwk = public_part(PrivateJwk.read(generate_jwk()).public)
    transport = httpx.ASGITransport(Starlette(routes=list(graphiql_routes(settings, add))))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:1") as http:
        wrong = [
            await http.post("/graphiql/client", json={"code": "x", "jwk": jwk}),
            await http.post("/graphiql/client", json={"code": code}),
            await http.post("/graphiql/client", json={"code": code, "jwk": generate_jwk()}),
            await http.post("/graphiql/client", content=b"[" * 100_000),
        ]
        first, second = [await http.post("/graphiql/client", json={"code": code, "jwk": jwk}) for _ in range(2)]
    assert [answer.status_code for answer in wrong] == [401, 400, 400, 400]
    assert (first.status_code, second.status_code) == (200, 401)
    assert [client.client_id for client in added] == [first.json()["client_id"]]
    assert "credit:unmask" not in added[0].scopes
    assert not (settings.run / FILE).exists()
