"""``/graphql``: authenticate, answer, log, sign; in this order, and never a byte before the log has it.

A raw ASGI endpoint, since every answer passes here. Refusals before authentication, 429 and an unwritable ledger are
unsigned problems without a receipt; every other answer, errors included, is logged and signed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from hub import behalf
from hub.federated.messenger import RECEIPT_JWS
from hub.http import (
    ClientGone,
    RawHeaders,
    Receive,
    Scope,
    Send,
    header,
    problem_body,
    problem_headers,
    read_body,
    refuse_encoding,
    send_bytes,
)
from hub.ledger import Entry
from hub.signing import RequestFacts, content_digest, sign_response, verify_request
from schema.caller import Caller
from schema.errors import HubError, LedgerUnavailable

if TYPE_CHECKING:
    from hub.wiring import Hub

log = logging.getLogger(__name__)
T = TypeVar("T")
PATIENCE = 0.02  # seconds before anybody looks whether the client is still there


@dataclass(frozen=True, slots=True)
class Outcome:
    """An authenticated answer before it is logged."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    facts: dict[str, Any]


class GraphQLEndpoint:
    """An ASGI application for one path."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        hub, headers = self._hub, scope["headers"]
        path = scope["raw_path"].decode("latin-1") if scope.get("raw_path") else scope["path"]
        url = hub.settings.base_url + path
        status = 0
        self._under_way += 1
        try:
            refuse_encoding(headers)
            caller = await hub.auth.identify(headers, scope["method"], url)
            hub.rates.take(caller.client_id)
            body = await read_body(headers, receive)
            with hub.tracing.span("graphql") as span:
                status = await self._answer(scope, headers, url, body, caller, receive, send)
                span.set_attribute("http.response.status_code", status)
        except ClientGone:
            return
        except HubError as error:
            status = error.status
            hub.metrics.count_refusal(error.code)
            await send_bytes(send, status, problem_headers(error), problem_body(error))
        except Exception:
            log.exception("unexpected error at /graphql")
            status = 500
            failed = HubError("something went wrong inside the hub", hint="tell the operator the time")
            await send_bytes(send, status, problem_headers(failed), problem_body(failed))
        finally:
            self._under_way -= 1
            seconds = time.perf_counter() - started
            hub.metrics.requests.labels("/graphql", str(status)).inc()
            hub.metrics.request_seconds.labels("/graphql").observe(seconds)

    async def _answer(
        self,
        scope: Scope,
        headers: RawHeaders,
        url: str,
        body: bytes,
        caller: Caller,
        receive: Receive,
        send: Send,
    ) -> int:
        hub = self._hub
        query = scope["query_string"]
        target = f"{url}?{query.decode('latin-1')}" if query else url
        caller, outcome = await self._outcome(scope, headers, target, body, caller, receive)
        request_digest, answer_digest = content_digest(body), content_digest(outcome.body)
        began = time.perf_counter()
        facts = outcome.facts
        entry = Entry(
            kind="graphql",
            caller=caller,
            request_digest=request_digest,
            answer_digest=answer_digest,
            data_version=facts.get("data_version", ""),
            subject=facts.get("subject"),
            purpose=caller.purpose,
            case=caller.case,
            detail=_with_chain(facts.get("detail"), caller),
            jti="" if facts.get("proof_used") else caller.jti,
            jti_expires=caller.jti_expires,
            follows=facts.get("follows"),
            discloses=facts.get("discloses", ()),
            method=scope["method"],
            target=target,
            status=outcome.status,
            variables=facts.get("variables"),
            content_digest=header(headers, b"content-digest"),
        )
        receipt = await hub.ledger.commit(entry, alone=self._under_way == 1)
        hub.metrics.ledger_seconds.observe(time.perf_counter() - began)
        request = RequestFacts.of(scope["method"], target, body, lambda name: header(headers, name.encode()))
        signed = sign_response(
            hub.keys,
            request,
            outcome.status,
            outcome.body,
            receipt.id,
            request_digest=request_digest,
            answer_digest=answer_digest,
        )
        if caller.peer_region is not None:
            signed.append((RECEIPT_JWS, receipt.jws))  # a neighbour shows it to whoever asked it
        await send_bytes(send, outcome.status, [*outcome.headers, *signed], outcome.body)
        return outcome.status

    async def _outcome(
        self, scope: Scope, headers: RawHeaders, target: str, body: bytes, caller: Caller, receive: Receive
    ) -> tuple[Caller, Outcome]:
        """The answer to an authenticated caller; a refusal becomes one too, since it is logged and signed."""
        try:
            caller = await self._admit(scope, headers, target, body, caller)
        except LedgerUnavailable:
            raise
        except HubError as error:
            self._hub.metrics.count_refusal(error.code)
            kept = tuple(
                pair for pair in problem_headers(error) if pair[0] != "Cache-Control"
            )  # the signature's is sent
            return caller, Outcome(error.status, kept, problem_body(error), {})
        work = self._hub.graphql.answer(scope["method"], scope["query_string"], headers, body, caller, target)
        answer = await _while_connected(work, receive)
        return caller, Outcome(
            answer.status, (("content-type", answer.content_type), *answer.headers), answer.body, answer.facts
        )

    async def _admit(self, scope: Scope, headers: RawHeaders, target: str, body: bytes, caller: Caller) -> Caller:
        """Purpose and case; for hubs of the directory also the request's signature; for proxies the end client."""
        hub = self._hub
        caller = hub.auth.narrow(caller, headers)
        if caller.peer_region is not None:
            text = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
            await verify_request(
                scope["method"],
                target,
                text,
                body,
                find_key=lambda kid: hub.parts.peer_key(caller.client_id, kid),
                memory=hub.ledger,
                sender=caller.client_id,
            )
        value = header(headers, b"credit-on-behalf-of")
        if value is not None:
            caller = await behalf.check(
                value,
                caller,
                audience=hub.settings.base_url,
                find_key=hub.parts.client_key,
                memory=hub.ledger,
            )
        behalf.needed(caller)
        return caller


def _with_chain(detail: dict[str, Any] | None, caller: Caller) -> dict[str, Any] | None:
    """The log keeps who passed the question on, beside the end client."""
    if not caller.via:
        return detail
    return {**(detail or {}), "via": [{"iss": issuer, "sub": name} for issuer, name in caller.via]}


async def _while_connected(work: Awaitable[T], receive: Receive) -> T:
    """The result of ``work``; when the client goes away first it is cancelled, its statement with it: ClientGone."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    watchers: list[asyncio.Task[None]] = []
    gone = False

    async def watch() -> None:
        nonlocal gone
        await _disconnected(receive)
        gone = True
        task.cancel()

    timer = loop.call_later(PATIENCE, lambda: watchers.append(loop.create_task(watch())))
    try:
        return await work
    except asyncio.CancelledError:
        if gone and task.uncancel() == 0:
            raise ClientGone from None
        raise
    finally:
        timer.cancel()
        for watcher in watchers:
            watcher.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
