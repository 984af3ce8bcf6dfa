"""``credit-hub query``: asks a running hub over HTTP as the local operator's client, and keeps the evidence."""

from __future__ import annotations

import argparse
import asyncio
import json
import shlex
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hub.settings import Settings
from schema import scopes as s
from schema.errors import Refused, ServiceError, UsageError

PROOF_PATIENCE = 10.0  # seconds a checkpoint is waited for; it comes within one


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "query",
        help="ask a running hub 查询",
        description="Asks a running hub as the local operator's client 以本机操作员身份查询",
    )
    parser.add_argument("document", metavar="DOCUMENT", help="GraphQL text, a file, or - for standard input 查询语句")
    parser.add_argument(
        "--scope", default=s.MUTUAL, help=f"scopes to ask for, separated by spaces (default {s.MUTUAL}) 权限"
    )
    parser.add_argument("--purpose", metavar="P", help="Credit-Purpose (default: that of the scope) 用途")
    parser.add_argument("--case", metavar="C", help="Credit-Case, for credit:investigate 案号")
    parser.add_argument("--variables", metavar="JSON", default="{}", help="variables as JSON; @FILE or - reads 变量")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the evidence bundle 保存证据")
    parser.add_argument("--curl", action="store_true", help="print a one-use curl command instead 输出 curl 命令")
    parser.set_defaults(func=_query)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as sent and its answer, exact bytes."""

    url: str
    headers: list[tuple[str, str]]
    body: bytes
    status: int
    answer_headers: list[tuple[str, str]]
    answer: bytes


def hub_url(settings: Settings) -> str:
    """Where the hub of this data folder answers: what it wrote when it started, else the settings."""
    from hub.settings import RUN_FILE

    try:
        return str(json.loads((settings.run / RUN_FILE).read_text())["url"])
    except (OSError, ValueError, KeyError):
        if settings.base_url:
            return settings.base_url
        raise ServiceError(
            f"no hub is running with the data folder {settings.data}",
            hint="start it with `credit-hub serve`, or set HUB_DATA (or HUB_BASE_URL) of the one that runs",
            message_zh="枢纽未运行",
        ) from None


def default_purpose(scope: str) -> str | None:
    """The first purpose that goes with the scopes asked for."""
    found = [p for one in scope.split() for p in s.PURPOSES_OF_SCOPE.get(one, ())]
    return found[0] if found else None


async def _query(args: argparse.Namespace, settings: Settings) -> int:
    from hub.cli.files import writable

    purpose = args.purpose or default_purpose(args.scope)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if purpose:
        headers["Credit-Purpose"] = purpose
    if args.case:
        headers["Credit-Case"] = quote(args.case, safe="")
    body = json.dumps({"query": _text(args.document), "variables": _variables(args.variables)}, ensure_ascii=False)
    writable(args.save)
    async with LocalAsker(settings) as asker:
        if args.curl:
            print(await asker.curl(args.scope, headers, body.encode()))
            return 0
        exchange = await asker.ask(args.scope, headers, body.encode())
        print(_pretty(exchange.answer))
        if args.save:
            await asyncio.to_thread(_write, args.save, await asker.bundle(args.scope, exchange))
            print(f"evidence: {args.save}; check it with: credit-hub verify {args.save} 证据已保存", file=sys.stderr)
    if exchange.status >= 400:
        return 1
    return 1 if json.loads(exchange.answer).get("errors") else 0


class LocalAsker:
    """The local operator's client towards the hub of this data folder."""

    def __init__(self, settings: Settings) -> None:
        from hub.auth.local import read_local_client
        from hub.auth.token_client import TokenClient

        self.base_url = hub_url(settings)
        local = read_local_client(settings)
        self._client = TokenClient(self.base_url, local.client_id, local.key)

    async def __aenter__(self) -> LocalAsker:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def ask(self, scope: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        """Raises ServiceError when the hub cannot be reached, Refused when it gives no token."""
        url = f"{self.base_url}/graphql"
        answer = await self._client.request("POST", url, scope=scope, headers=headers, content=body)
        if answer.status_code in (401, 429, 503) and "credit-receipt" not in answer.headers:
            raise (Refused if answer.status_code < 500 else ServiceError)(
                f"the hub refused: {answer.text[:300]}", hint="see docs/api.md"
            )
        sent = [(name.decode(), value.decode()) for name, value in answer.request.headers.raw]
        got = [(name.decode(), value.decode()) for name, value in answer.headers.raw]
        return Exchange(url, sent, body, answer.status_code, got, answer.content)

    async def get(self, path: str, scope: str) -> Any:
        """The JSON of another address of the hub. Raises Refused or ServiceError."""
        answer = await self._client.request("GET", self.base_url + path, scope=scope)
        if answer.status_code != 200:
            raise Refused(f"the hub refused: {answer.text[:300]}", hint="is the hub of this HUB_DATA running?")
        return answer.json()

    async def bundle(self, scope: str, exchange: Exchange) -> dict[str, Any]:
        """The evidence of an exchange, with the inclusion proof once a checkpoint covers it. Raises ServiceError."""
        from hub.evidence.bundle import make_bundle

        receipt = {n.lower(): v for n, v in exchange.answer_headers}.get("credit-receipt", "")
        deadline = time.monotonic() + PROOF_PATIENCE
        while True:
            url = f"{self.base_url}/receipts/{receipt}/proof"
            answer = await self._client.request("GET", url, scope=scope)
            if answer.status_code == 200:
                break
            if answer.status_code != 202 or time.monotonic() > deadline:
                raise ServiceError("the hub gives no proof for this answer", hint="ask again; see its log")
            await asyncio.sleep(0.2)
        return make_bundle(
            method="POST",
            target=exchange.url,
            request_headers=exchange.headers,
            request_body=exchange.body,
            status=exchange.status,
            response_headers=exchange.answer_headers,
            response_body=exchange.answer,
            proof=answer.json(),
        )

    async def curl(self, scope: str, headers: Mapping[str, str], body: bytes) -> str:
        """The same request for curl: its proof works once, for a minute."""
        url = f"{self.base_url}/graphql"
        fields = {**headers, **await self._client.headers("POST", url, scope)}
        parts = ["curl", "-sS", "-X", "POST", shlex.quote(url)]
        for name, value in fields.items():
            parts += ["-H", shlex.quote(f"{name}: {value}")]
        return " ".join([*parts, "--data-binary", shlex.quote(body.decode())])


def _text(document: str) -> str:
    if document == "-":
        return _utf8(sys.stdin.buffer.read(), "standard input")
    if "{" in document:
        return document
    try:
        return _utf8(Path(document).read_bytes(), document)
    except OSError as error:
        raise UsageError(
            f"{document!r} is neither GraphQL text nor a file: {error.strerror}", hint="quote the text"
        ) from None


def _utf8(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{where} is not UTF-8", hint="save it as UTF-8", message_zh="请使用 UTF-8 编码") from None


def _variables(text: str) -> dict[str, Any]:
    if text == "-":
        text = _utf8(sys.stdin.buffer.read(), "standard input")
    elif text.startswith("@"):
        text = _utf8(Path(text[1:]).read_bytes(), text[1:])
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise UsageError("--variables is not a JSON object", hint='for example \'{"code": "…"}\'')
    return value


def _pretty(answer: bytes) -> str:
    try:
        return json.dumps(json.loads(answer), ensure_ascii=False, indent=2)
    except ValueError:
        return answer.decode(errors="replace")


def _write(path: Path, bundle: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(bundle), encoding="utf-8")
