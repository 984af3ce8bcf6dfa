"""The authorization server over HTTP: metadata, keys, token, revocation, introspection.

Forms are read strictly: one media type, 16 kB, UTF-8, no parameter twice, none in the URL. The work runs in a few
worker threads, so a slow store never blocks the event loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2.rfc6749.errors import InvalidRequestError, OAuth2Error
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.auth.assertions import METHOD
from hub.auth.dpop import Proof, check_proof
from hub.auth.jose import ALGS
from hub.auth.people.pushed import push
from hub.auth.profile import GRANT_TYPES, FormRequest, ProfileServer, Reply
from hub.auth.refusals import InvalidDpopProof, UseDpopNonce, described
from hub.request_checks import TOKEN
from schema.errors import HubError
from schema.scopes import SCOPES

MAX_FORM = 16 * 1024  # bytes
MAX_FIELDS = 40
FORM_TYPE = "application/x-www-form-urlencoded"
WELL_KNOWN = "/.well-known/oauth-authorization-server"


class OAuthRoutes:
    """``changed`` is called when a request has revoked something."""

    def __init__(self, server: ProfileServer, *, require_nonce: bool, changed: Callable[[], None]) -> None:
        self._server = server
        self._require_nonce = require_nonce
        self._changed = changed
        self._threads = ThreadPoolExecutor(4, "oauth")

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def routes(self) -> list[Route]:
        return [
            Route(WELL_KNOWN + "{path:path}", self._metadata, methods=["GET"]),
            Route("/oauth/jwks", self._jwks, methods=["GET"]),
            Route("/oauth/par", self._par, methods=["POST"]),
            Route("/oauth/token", self._token, methods=["POST"]),
            Route("/oauth/revoke", self._revoke, methods=["POST"]),
            Route("/oauth/introspect", self._introspect, methods=["POST"]),
        ]

    async def _metadata(self, request: Request) -> Response:
        base = self._server.base_url()
        if request.path_params["path"].rstrip("/") not in ("", urlsplit(base).path.rstrip("/")):
            return Response(status_code=404)
        return JSONResponse(metadata(base), headers={"Cache-Control": "public, max-age=60"})

    async def _jwks(self, request: Request) -> Response:
        return JSONResponse(
            self._server.keys.jwks(),
            media_type="application/jwk-set+json",
            headers={"Cache-Control": "public, max-age=60"},
        )

    async def _token(self, request: Request) -> Response:
        return await self._answer(request, self._grant, with_proof=True)

    async def _par(self, request: Request) -> Response:
        return await self._answer(request, lambda form: push(self._server, form), with_proof=True)

    async def _revoke(self, request: Request) -> Response:
        try:
            return await self._answer(request, lambda form: self._server.create_endpoint_response("revocation", form))
        finally:
            self._changed()

    async def _introspect(self, request: Request) -> Response:
        return await self._answer(request, lambda form: self._server.create_endpoint_response("introspection", form))

    def _grant(self, form: FormRequest) -> Reply:
        return self._server.create_token_response(form)

    async def _answer(
        self, request: Request, work: Callable[[FormRequest], Reply], *, with_proof: bool = False
    ) -> Response:
        url = f"{self._server.base_url()}{request.url.path}"
        nonce = ""
        try:
            form = await read_form(request)
            proof = self._proof(request, url) if with_proof else None
            loop = asyncio.get_running_loop()
            status, body, headers = await loop.run_in_executor(self._threads, work, FormRequest(url, form, proof))
        except OAuth2Error as error:
            status, body, headers = self._server.handle_error_response(None, error)
        except ClientDisconnect:
            return Response(status_code=400)
        except HubError as error:
            body = error.problem() | {"error": "temporarily_unavailable"}
            headers = {"Retry-After": "1", "Cache-Control": "no-store"} | error.headers
            return JSONResponse(body, error.status, headers, "application/problem+json")
        if with_proof and (self._require_nonce or body.get("error") == UseDpopNonce.error):
            nonce = self._server.keys.nonces().current(time.time())
        headers = {name: value for name, value in headers.items() if name != "Content-Type"}
        return JSONResponse(body, status, headers | ({"DPoP-Nonce": nonce} if nonce else {}))

    def _proof(self, request: Request, url: str) -> Proof:
        sent = request.headers.getlist("dpop")
        if len(sent) != 1:
            raise described(InvalidDpopProof, "there is not exactly one DPoP header")
        now = time.time()
        try:
            proof = check_proof(sent[0], method="POST", url=url, now=now)
        except ValueError as error:
            raise described(InvalidDpopProof, str(error)) from None
        missing = proof.nonce is None and self._require_nonce
        if missing or (proof.nonce is not None and not self._server.keys.nonces().fresh(proof.nonce, now)):
            raise described(UseDpopNonce, "the proof needs a fresh nonce of this server")
        return proof


async def read_form(request: Request) -> dict[str, str]:
    """The parameters of a form post. Raises InvalidRequestError."""
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() != FORM_TYPE or charset not in ("", "charset=utf-8"):
        raise InvalidRequestError(description=f"the content type is not {FORM_TYPE}")
    if request.headers.get("content-encoding"):
        raise InvalidRequestError(description="the body is compressed")
    if request.headers.get("authorization"):
        raise InvalidRequestError(description=f"clients authenticate by {METHOD} only")
    if request.url.query:
        raise InvalidRequestError(description="parameters belong in the body")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            raise InvalidRequestError(description=f"the body is larger than {MAX_FORM} bytes", status_code=413)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise InvalidRequestError(description="the body is not a form") from None
    form = dict(pairs)
    if TOKEN in form:
        raise InvalidRequestError(description="a token is no parameter here")
    if len(form) != len(pairs):
        raise InvalidRequestError(description="a parameter is there twice")
    return form


def metadata(base: str) -> dict[str, Any]:
    """RFC 8414 metadata; ``dpop_…`` from RFC 9449 section 5.1, ``…pushed…`` from RFC 9126 section 5."""
    methods, algs = [METHOD], list(ALGS)
    found: dict[str, Any] = {
        "issuer": base,
        "token_endpoint": f"{base}/oauth/token",
        "jwks_uri": f"{base}/oauth/jwks",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "introspection_endpoint": f"{base}/oauth/introspect",
        "scopes_supported": list(SCOPES),
        "authorization_endpoint": f"{base}/oauth/authorize",
        "pushed_authorization_request_endpoint": f"{base}/oauth/par",
        "require_pushed_authorization_requests": True,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,  # RFC 9207
        "grant_types_supported": list(GRANT_TYPES),
        "dpop_signing_alg_values_supported": algs,
    }
    for endpoint in ("token", "revocation", "introspection"):
        found[f"{endpoint}_endpoint_auth_methods_supported"] = (
            methods if endpoint == "introspection" else [*methods, "none"]
        )
        found[f"{endpoint}_endpoint_auth_signing_alg_values_supported"] = algs
    return found
