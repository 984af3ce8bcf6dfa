"""The page GraphiQL: only where it is switched on, only the hub's own files, and a way out where it is not built."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from hub.graphiql_page import graphiql_routes
from hub.settings import load_settings

ON = load_settings({"HUB_GRAPHIQL": "1"})


def _http(built: Path) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Starlette(routes=list(graphiql_routes(ON, built))))
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
    assert graphiql_routes(load_settings({})) == []


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
