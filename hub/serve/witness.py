"""A witness that is no hub: ``POST /add-checkpoint`` of C2SP tlog-witness, and ``GET /checkpoint?origin=``.

It keeps the newest head of each log in ``witness.sqlite`` and its key in ``keys/witness.key``, in its own HUB_DATA.
Checkpoints are public and say what they are by their signatures, so nobody needs a token.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence

import uvicorn
from sqlalchemy import create_engine, event
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from federation.witness import Witnessed, WrongHistory, parse
from hub.federated.witness import Witness
from hub.http import read_body
from hub.ledger.notes import NoteVerifier, parse_checkpoint
from hub.serve.process import bind
from hub.settings import Settings
from schema.errors import HubError, UsageError

SIZE = "text/x.tlog.size"


class WitnessServer:
    """Raises UsageError for a log that is named by no verifier key."""

    def __init__(self, settings: Settings, name: str, logs: Sequence[str]) -> None:
        if not name or not name.isprintable() or "+" in name or " " in name:
            raise UsageError("a witness's name has no blanks and no +", hint="such as witness.example.org")
        self._settings = settings
        self._logs: dict[str, NoteVerifier] = {}
        for vkey in logs:
            try:
                verifier = NoteVerifier.parse(vkey)
            except ValueError as error:
                raise UsageError(f"{vkey!r}: {error}", hint="`ledger.key` of /.well-known/credit-hub") from None
            self._logs[verifier.name] = verifier
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._engine = create_engine(f"sqlite:///{settings.data / 'witness.sqlite'}", connect_args={"timeout": 15})

        @event.listens_for(self._engine, "connect")
        def _connected(connection, record) -> None:  # type: ignore[no-untyped-def]
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")  # a witness must not forget what it cosigned

        self._witness = Witness(name, settings.data / "keys", Witnessed(self._engine))

    @property
    def key(self) -> str:
        """Its verifier key."""
        return self._witness.public.vkey

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/add-checkpoint", self._add, methods=["POST"]),
                Route("/checkpoint", self._last, methods=["GET"]),
            ]
        )

    def serve(self, ready: Callable[[str], None]) -> int:
        """Until SIGTERM or SIGINT."""
        listener, settings = bind(self._settings)
        server = uvicorn.Server(uvicorn.Config(self.app, log_level="warning", access_log=False, lifespan="off"))
        ready(settings.base_url)
        try:
            asyncio.run(_serve(server, listener))
        finally:
            self._engine.dispose()
        return 0

    async def _add(self, request: Request) -> Response:
        try:
            body = await read_body(request.scope["headers"], request.receive)
            origin = parse_checkpoint(parse(body).note).origin
            verifier = self._logs.get(origin)
            if verifier is None:
                return PlainTextResponse("this log is not witnessed here\n", 404)
            return PlainTextResponse(await self._witness.cosign(verifier, body, origin))
        except WrongHistory as wrong:
            if "start" in wrong.message or "shrunk" in wrong.message:
                return Response(f"{wrong.size}\n", 409, {"Content-Type": SIZE})
            return PlainTextResponse(f"{wrong.message}\n", 422)
        except UsageError as error:
            return PlainTextResponse(f"{error.message}\n", 403 if "no checkpoint" in error.message else 400)
        except ValueError as error:
            return PlainTextResponse(f"{error}\n", 400)
        except HubError as error:
            return PlainTextResponse(f"{error.message}\n", error.status)

    async def _last(self, request: Request) -> Response:
        note = await asyncio.to_thread(self._witness.last, request.query_params.get("origin", ""))
        if note is None:
            return PlainTextResponse("nothing was cosigned of this log\n", 404)
        return PlainTextResponse(note, headers={"Cache-Control": "no-cache"})


async def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    await server.serve(sockets=[listener])
