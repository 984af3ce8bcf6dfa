"""The audits of npm graphql-http, all of them, against the service on a loopback port."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from hub.graphql.service import GraphQLService, Options
from schema.caller import Caller
from schema.types.build import build_schema

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "unit" / "graphql"))

from graphs import HashGraph  # noqa: E402

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(shutil.which("npm") is None or shutil.which("node") is None, reason="needs Node and npm"),
]
AUDITS = 61


class Endpoint:
    """The service behind bare ASGI, with one caller, as if every request were authenticated."""

    def __init__(self) -> None:
        self._service = GraphQLService(build_schema(), HashGraph(), Options(introspection=True))
        self._caller = Caller("audit", frozenset({"credit:public"}))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        answer = await self._service.answer(
            scope["method"], scope["query_string"], scope["headers"], body, self._caller
        )
        headers = [(b"content-type", answer.content_type.encode())]
        headers += [(name.lower().encode(), value.encode()) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})


@pytest.fixture
async def url() -> AsyncIterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(Endpoint(), log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/graphql"
        server.should_exit = True
        await task


async def run(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=HERE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(180):
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


async def test_every_audit_passes(url: str) -> None:
    if not (HERE / "node_modules" / "graphql-http").is_dir():
        await run("npm", "ci", "--silent")
    results = [json.loads(line) for line in (await run("node", "audits.mjs", url)).splitlines()]
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == AUDITS
