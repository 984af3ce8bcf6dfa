"""Asks a service as a client would, without HTTP."""

from __future__ import annotations

import json
from typing import Any

from hub.graphql.service import GraphQLService
from schema.caller import Caller

CODE = "91320400XY00000123"
OTHER = "91320400XY0000020X"
ALL_PURPOSES = frozenset({"mutual-recognition", "gate-check", "loan", "investigation", "self-service", "operations"})


def caller(*scopes: str, purpose: str | None = None, case: str | None = None, subject: str | None = None) -> Caller:
    return Caller(
        "client-1",
        frozenset(f"credit:{scope}" for scope in scopes),
        purposes=ALL_PURPOSES,
        purpose=purpose,
        case=case,
        subject=subject,
        name="bank",
    )


MUTUAL = caller("mutual", purpose="mutual-recognition")
INVESTIGATOR = caller("investigate", purpose="investigation", case="案-1")
PUBLIC = caller("public")
OPERATOR = caller("operate")
SELF = caller("self", purpose="self-service", subject=CODE)
EVERYTHING = caller("public", "mutual", "gate", "investigate", "operate", "unmask", purpose="investigation", case="1")


async def post(service: GraphQLService, who: Caller, query: str, variables: Any = None, **more: Any) -> dict[str, Any]:
    """The answer's JSON with ``status`` added."""
    answer = await raw(service, who, query, variables, **more)
    return {**json.loads(answer.body), "status": answer.status}


async def raw(service: GraphQLService, who: Caller, query: str, variables: Any = None, **more: Any) -> Any:
    body = {"query": query, "variables": variables, **more}
    headers = [(b"content-type", b"application/json"), (b"accept", b"application/graphql-response+json")]
    return await service.answer("POST", b"", headers, json.dumps(body).encode(), who)
