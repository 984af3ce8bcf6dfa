"""What every request is held to before anybody looks at its address: one ``Host``, no token outside the header."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from schema.errors import UsageError

_HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
TOKEN = "access_token"  # noqa: S105 - the parameter's name
MOST_PARAMETERS = 1000


class InvalidRequest(UsageError):
    """400 ``invalid_request`` of RFC 6750 section 3.1, in the body and in the challenge."""

    def __init__(self, message: str, *, hint: str = "", message_zh: str = "") -> None:
        super().__init__(message, hint=hint, message_zh=message_zh)
        self.headers["WWW-Authenticate"] = f'DPoP error="invalid_request", error_description="{message}"'

    def problem(self) -> dict[str, Any]:
        return super().problem() | {"error": "invalid_request"}


class BadHost(UsageError):
    pass


def check_request(http_version: str, query: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Raises BadHost (RFC 9112 section 3.2) or InvalidRequest."""
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1 or (not hosts and http_version != "1.0") or (hosts and not _HOST.fullmatch(hosts[0])):
        raise BadHost(
            "the request needs exactly one valid Host field", hint="send the host of the URL", message_zh="Host 头无效"
        )
    if query:
        refuse_token(query)


def refuse_token(parameters: bytes) -> None:
    """A token in an address or a form is in logs and histories, and beside a header there would be two (RFC 6750
    section 2). Raises InvalidRequest."""
    if b"%" not in parameters and b"access_token" not in parameters:
        return
    try:
        pairs = parse_qsl(parameters.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise InvalidRequest("there are too many parameters", hint="see docs/api.md") from None
    if any(name.strip() == TOKEN for name, _ in pairs):
        raise InvalidRequest(
            "an access token stands in the address or in a form",
            hint="send it in one Authorization header only",
            message_zh="令牌只能放在 Authorization 头中",
        )
