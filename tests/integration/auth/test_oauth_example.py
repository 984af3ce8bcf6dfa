"""The example client of the documentation, run as a reader would, against real authorisation and real signatures."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from jwcrypto import jwk
from oauth_outsider import new_key, public
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.auth import Auth
from hub.auth.clients import new_client
from hub.settings import Settings
from hub.signing import KeyStore, RequestFacts, sign_response
from schema.errors import HubError

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "client.py"


@dataclass
class SmallHub:
    """Answers every question with the caller, signed. ``meddle`` is what a man in the middle does to an answer."""

    base: str
    auth: Auth
    keys: KeyStore
    meddle: str = ""

    async def graphql(self, request: Request) -> Response:
        url, body = f"{self.base}/graphql", await request.body()
        try:
            caller = await self.auth.authenticate(request.scope["headers"], request.method, url)
        except HubError as error:
            return JSONResponse(error.problem(), error.status, error.headers)
        answer = json.dumps({"data": {"client": caller.client_id, "purpose": caller.purpose}}).encode()
        asked = b'{"query":"{other}"}' if self.meddle == "question" else body
        facts = RequestFacts.of("POST", url, asked, request.headers.get)
        headers = dict(sign_response(self.keys, facts, 200, answer, "receipt-1"))
        if self.meddle == "answer":
            answer = answer.replace(b"client", b"klient")
        return Response(answer, 200, headers)

    async def well_known(self, request: Request) -> Response:
        return JSONResponse({"keys": [key.jwk | {"kid": key.kid} for key in self.keys.public()]})


@pytest_asyncio.fixture(scope="module")
async def small_hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SmallHub]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = Settings(data=tmp_path_factory.mktemp("hub"), base_url=base)
        keys = KeyStore(settings.data / "keys")
        keys.ensure()
        async with Auth(settings) as auth:
            hub = SmallHub(base, auth, keys)
            routes = [*auth.routes, Route("/graphql", hub.graphql, methods=["POST"])]
            routes.append(Route("/.well-known/credit-hub", hub.well_known))
            server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off"))
            task = asyncio.create_task(server.serve(sockets=[listener]))
            yield hub
            server.should_exit = True
            await task


async def run_example(hub: SmallHub, folder: Path, key: jwk.JWK, *words: str) -> tuple[int, str, str, str]:
    client = new_client("bank", scope="credit:public credit:gate", jwks=[public(key)])
    hub.auth.clients.add(client)
    (folder / "key.json").write_text(key.export_private())
    command = [str(EXAMPLE), hub.base, client.client_id, str(folder / "key.json"), *words]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, out.decode(), err.decode(), client.client_id


def test_the_example_is_short_and_uses_nothing_of_the_hub() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    imported = {line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported - set(sys.stdlib_module_names) == {"httpx", "http_message_signatures", "joserfc"}


@pytest.mark.parametrize("alg", ["EdDSA", "ES256"])
@pytest.mark.parametrize("kind", ["OKP", "EC", "RSA"])
async def test_the_example_asks_and_checks_the_answer(small_hub: SmallHub, tmp_path: Path, kind: str, alg: str) -> None:
    small_hub.keys.rotate(alg)
    words = ("credit:gate", "{ x }", "gate-check")
    code, out, err, client_id = await run_example(small_hub, tmp_path, new_key(kind), *words)
    assert code == 0, err
    assert json.loads(out) == {"data": {"client": client_id, "purpose": "gate-check"}}


@pytest.mark.parametrize("meddle", ["answer", "question"])
async def test_the_example_refuses_a_meddled_answer(
    small_hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meddle: str
) -> None:
    monkeypatch.setattr(small_hub, "meddle", meddle)
    code, out, err, _ = await run_example(small_hub, tmp_path, new_key(), "credit:gate", "{ x }")
    assert code == 1
    assert out == ""
    assert ("InvalidSignature" if meddle == "answer" else "another question") in err


async def test_the_example_shows_a_refusal(small_hub: SmallHub, tmp_path: Path) -> None:
    code, _, err, _ = await run_example(small_hub, tmp_path, new_key(), "credit:gate", "{ x }", "loan")
    assert code == 1
    assert "INSUFFICIENT_SCOPE" in err
