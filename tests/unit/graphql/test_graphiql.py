"""The page and everything it loads come from the hub itself."""

from __future__ import annotations

import re

import httpx
import pytest
from starlette.applications import Starlette

from hub.graphql.graphiql import graphiql_routes


@pytest.fixture
def http() -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Starlette(routes=list(graphiql_routes())))
    return httpx.AsyncClient(transport=transport, base_url="http://hub.example")


async def test_everything_the_page_names_is_served_here(http: httpx.AsyncClient) -> None:
    page = await http.get("/graphiql")
    assert page.status_code == 200
    names = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(names) == 6
    for name in names:
        assert not name.startswith(("http", "//"))
        answer = await http.get(f"/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/")
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert "script-src 'self'" in page.headers["content-security-policy"]


async def test_modules_that_scripts_import_are_served(http: httpx.AsyncClient) -> None:
    script = (await http.get("/graphiql/page.js")).text
    (name,) = re.findall(r'from "\./([^"]+)"', script)
    assert (await http.get(f"/graphiql/{name}")).status_code == 200


@pytest.mark.parametrize("name", ["nothing.js", "..%2fservice.py", "%2e%2e/service.py", "index.html"])
async def test_nothing_else_is_served(http: httpx.AsyncClient, name: str) -> None:
    assert (await http.get(f"/graphiql/{name}")).status_code == 404
