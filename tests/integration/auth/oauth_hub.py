"""A hub's authorisation on a real socket, without the rest of the hub."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from jwcrypto import jwk
from oauth_outsider import Outsider, new_key, public
from starlette.applications import Starlette

from hub.auth.clients import Client, new_client
from hub.auth.service import Auth
from hub.settings import Settings


@dataclass
class RunningAuth:
    auth: Auth
    settings: Settings
    keys: dict[str, jwk.JWK] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return self.settings.base_url

    @property
    def url(self) -> str:
        return f"{self.base}/graphql"

    def client(
        self,
        scope: str = "credit:mutual credit:public",
        *,
        key: jwk.JWK | None = None,
        jwks: list[dict[str, Any]] | None = None,
        **options: Any,
    ) -> Outsider:
        """Registers a new client and answers with its outside half."""
        key = key or new_key()
        client = new_client("bank", scope=scope, jwks=jwks or [public(key)], **options)
        assert self.auth.clients.add(client)
        return Outsider(self.base, client.client_id, key)


@asynccontextmanager
async def running_auth(
    data: Path, *, peers: Callable[[str], Client | None] = lambda _: None, **options: Any
) -> AsyncIterator[RunningAuth]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = Settings(data=data, base_url=base, **options)
    async with Auth(settings, peers=peers) as auth:
        server = uvicorn.Server(uvicorn.Config(Starlette(routes=auth.routes), log_config=None, lifespan="off"))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield RunningAuth(auth, settings)
        finally:
            server.should_exit = True
            await task
