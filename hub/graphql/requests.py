"""GraphQL over HTTP: from method, address, headers and body to one request; everything odd is refused here.

Source: the GraphQL-over-HTTP specification. No batches, no duplicate keys, no other character set than UTF-8.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from hub.graphql.limits import Limits
from schema.errors import HubError, LimitExceeded, UsageError

RawHeaders = Iterable[tuple[bytes, bytes]]
RESPONSE_JSON = "application/graphql-response+json"
JSON = "application/json"


class BadRequest(UsageError):
    """Not a well-formed GraphQL request: 400, whatever media type is accepted."""


class WrongMediaType(UsageError):
    status = 415


class TooLarge(LimitExceeded):
    status = 413


class NotAcceptable(UsageError):
    status = 406


class WrongMethod(UsageError):
    """405; the method that works is in ``Allow``."""

    status = 405


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What is asked. ``sha256`` names a trusted document, alone or beside its text."""

    query: str | None
    variables: dict[str, Any]
    operation_name: str | None
    sha256: str | None
    is_get: bool


def accepted(headers: RawHeaders) -> str:
    """The media type of the answer. Without ``Accept`` it is application/json, as of old. Raises NotAcceptable."""
    text = ", ".join(value.decode("latin-1") for name, value in headers if name.lower() == b"accept")
    if not text.strip():
        return JSON
    best, best_q = "", 0.0
    for item in text.split(",")[:40]:
        media, *parameters = (part.strip().lower() for part in item.split(";"))
        quality = _quality(parameters)
        offered = {RESPONSE_JSON: RESPONSE_JSON, JSON: JSON, "application/*": JSON, "*/*": JSON}.get(media)
        if offered is not None and quality > best_q:
            best, best_q = offered, quality
    if not best:
        raise NotAcceptable(
            "none of the accepted media types can be given",
            hint=f"accept {RESPONSE_JSON}",
            message_zh="不支持所要求的媒体类型",
        )
    return best


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return max(0.0, min(1.0, float(parameter[2:])))
            except ValueError:
                return 0.0
        if parameter.startswith("charset=") and parameter[8:].strip('"') not in ("utf-8", "utf8"):
            return 0.0
    return 1.0


def read_request(method: str, query_string: bytes, headers: RawHeaders, body: bytes, limits: Limits) -> GraphQLRequest:
    """Raises BadRequest and the other errors above."""
    headers = list(headers)
    if method == "GET":
        if body:
            raise BadRequest(
                "a GET request has no body", hint="put the document in the address or use POST 请改用 POST"
            )
        return _from_parameters(query_string)
    if method != "POST":
        raise WrongMethod(f"{method[:16]} is not answered here", hint="use POST 请使用 POST", message_zh="不支持的方法")
    _check_headers(headers)
    if len(body) > limits.body_bytes:
        raise TooLarge(
            f"the body has more than {limits.body_bytes} bytes",
            hint="ask less at once 请减少查询内容",
            message_zh="请求体过大",
        )
    given = _json(body, "the body")
    if isinstance(given, list):
        raise BadRequest(
            "batches are not answered",
            hint="send one request for each document 请逐个发送",
            message_zh="不支持批量请求",
        )
    return _from_object(given, is_get=False)


def _check_headers(headers: list[tuple[bytes, bytes]]) -> None:
    types = [value.decode("latin-1") for name, value in headers if name.lower() == b"content-type"]
    media, *parameters = (part.strip().lower() for part in (types[0] if len(types) == 1 else "").split(";"))
    charset = [p[8:].strip('"') for p in parameters if p.startswith("charset=")]
    if media != JSON or any(name not in ("utf-8", "utf8") for name in charset):
        raise WrongMediaType(
            "the body must be application/json in UTF-8",
            hint="send Content-Type: application/json 请使用 application/json",
            message_zh="请求体须为 UTF-8 的 JSON",
        )
    encodings = {value.strip().lower() for name, value in headers if name.lower() == b"content-encoding"}
    if encodings - {b"identity", b""}:
        raise WrongMediaType(
            "a compressed body is not taken", hint="send it as it is 请勿压缩请求体", message_zh="不接受压缩的请求体"
        )


def _from_parameters(query_string: bytes) -> GraphQLRequest:
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=20,
            strict_parsing=False,
        )
    except ValueError:
        raise BadRequest("the address is not percent-encoded UTF-8", hint="encode it 请按 UTF-8 编码") from None
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name in given:
            raise BadRequest(f"{name[:40]} is given twice", hint="give it once 请勿重复参数", message_zh="参数重复")
        given[name] = value
    for name in ("variables", "extensions"):
        if name in given:
            given[name] = _json(given[name].encode(), name) if given[name] else None
    return _from_object(given, is_get=True)


def _from_object(given: Any, *, is_get: bool) -> GraphQLRequest:
    if not isinstance(given, dict):
        raise BadRequest(
            "the body is not a JSON object", hint='send {"query": …} 请发送 JSON 对象', message_zh="请求体格式错误"
        )
    query = _of_type(given, "query", str)
    operation_name = _of_type(given, "operationName", str)
    variables = _of_type(given, "variables", dict) or {}
    extensions = _of_type(given, "extensions", dict) or {}
    sha256 = _hash(given, extensions)
    if query is None and sha256 is None:
        raise BadRequest("query is missing", hint='send {"query": …} 请填写 query', message_zh="缺少 query")
    return GraphQLRequest(query, variables, operation_name or None, sha256, is_get)


def _of_type(given: dict[str, Any], name: str, kind: type[Any]) -> Any:
    value = given.get(name)
    if value is not None and not isinstance(value, kind):
        what = "a string" if kind is str else "an object"
        raise BadRequest(f"{name} is not {what}", hint=f"send {what} or leave it out 请检查 {name} 的类型")
    return value


def _hash(given: dict[str, Any], extensions: dict[str, Any]) -> str | None:
    """The hash of a trusted document: ``documentId`` (``sha256:…`` or bare) or a persisted query's."""
    value = given.get("documentId")
    persisted = extensions.get("persistedQuery")
    if value is None and isinstance(persisted, dict):
        value = persisted.get("sha256Hash")
    if value is None:
        return None
    text = value.removeprefix("sha256:").lower() if isinstance(value, str) else ""
    if len(text) != 64 or any(c not in "0123456789abcdef" for c in text):
        raise BadRequest("documentId is not a SHA-256 in hex", hint="send sha256: and 64 hex digits 请检查文档标识")
    return text


def _json(data: bytes, what: str) -> Any:
    """Strict JSON: UTF-8, each key once, no NaN, no half of a surrogate pair, no depth that exhausts the parser."""
    try:
        text = data.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except HubError:
        raise
    except UnicodeError:
        raise BadRequest(
            f"{what} is not UTF-8", hint="encode it as UTF-8 请使用 UTF-8", message_zh="编码错误"
        ) from None
    except (ValueError, RecursionError):
        raise BadRequest(
            f"{what} is not JSON", hint="send valid JSON 请发送合法的 JSON", message_zh="不是合法的 JSON"
        ) from None
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadRequest("a JSON key is given twice", hint="give each key once 请勿重复键", message_zh="JSON 键重复")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)
