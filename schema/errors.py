"""The one tree of expected errors.

    HubError                       code, status, hint; never prints a traceback
    ├── UsageError                 BAD_USER_INPUT 400, exit 2 at the command line
    │   ├── SettingsError          a bad or unknown setting
    │   ├── LimitExceeded          LIMIT_EXCEEDED 400
    │   └── KeyRequired            IDEMPOTENCY_KEY_REQUIRED 400
    ├── Unauthenticated            UNAUTHENTICATED 401
    ├── Forbidden                  INSUFFICIENT_SCOPE 403
    │   ├── NotAgreed              a hub of the directory asks what no agreement opens
    │   ├── PurposeRequired        PURPOSE_REQUIRED
    │   ├── CaseRequired           CASE_REQUIRED
    │   ├── FieldNotAllowed        FIELD_NOT_ALLOWED
    │   └── NotTrustedDocument     NOT_TRUSTED_DOCUMENT
    ├── ServiceError               a needed service is missing or stopped, exit 3
    │   ├── GraphUnavailable       GRAPH_UNAVAILABLE 503
    │   └── LedgerUnavailable      LEDGER_UNAVAILABLE 503
    ├── TimedOut                   TIMEOUT 504
    ├── ActError                   a mutation that was not performed; nothing was written
    │   ├── KeyReused              IDEMPOTENCY_KEY_REUSED 422
    │   ├── KeyInUse               IDEMPOTENCY_KEY_IN_USE 409
    │   ├── Conflict               CONFLICT 409: the thing has moved on
    │   ├── NotPossible            NOT_POSSIBLE 409: a rule forbids it
    │   └── NotFound               NOT_FOUND 404: not there, or not the asker's
    └── Refused                    the answer is "no", exit 1

Every message says what happened; every ``hint`` says what to do next. ``message_zh`` is shown beside the
message where people read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from schema.masking import mask_person_ids


class HubError(Exception):
    """An expected error. ``exit_code`` is the command line's (see docs/cli.md)."""

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "", message_zh: str = "") -> None:
        message = mask_person_ids(message, free=True)  # somebody's input may be quoted in it
        super().__init__(message)
        self.message = message
        self.hint = mask_person_ids(hint, free=True)
        self.message_zh = message_zh
        self.headers: dict[str, str] = {}  # response headers that go with it, such as WWW-Authenticate

    @property
    def www_authenticate(self) -> str:
        """The challenge of a 401 or 403 (RFC 9449 section 7.1), or an empty text."""
        return self.headers.get("WWW-Authenticate", "")

    def extensions(self) -> dict[str, Any]:
        """The GraphQL ``errors[].extensions`` of this error."""
        return {"code": self.code, "hint": self.hint}

    def problem(self) -> dict[str, Any]:
        """The RFC 9457 body of this error."""
        detail = f"{self.message} {self.message_zh}".strip()
        return {
            "type": "about:blank",
            "title": self.code,
            "status": self.status,
            "detail": detail,
            "code": self.code,
            "hint": self.hint,
        }


class UsageError(HubError):
    code = "BAD_USER_INPUT"
    status = 400
    exit_code = 2


class SettingsError(UsageError):
    pass


class LimitExceeded(UsageError):
    code = "LIMIT_EXCEEDED"


class KeyRequired(UsageError):
    code = "IDEMPOTENCY_KEY_REQUIRED"


class Unauthenticated(HubError):
    code = "UNAUTHENTICATED"
    status = 401


class Forbidden(HubError):
    code = "INSUFFICIENT_SCOPE"
    status = 403


class NotAgreed(Forbidden):
    """A hub of the directory asks what no agreement opens to it."""


class PurposeRequired(Forbidden):
    code = "PURPOSE_REQUIRED"


class CaseRequired(Forbidden):
    code = "CASE_REQUIRED"


class FieldNotAllowed(Forbidden):
    code = "FIELD_NOT_ALLOWED"


class NotTrustedDocument(Forbidden):
    code = "NOT_TRUSTED_DOCUMENT"


class ServiceError(HubError):
    code = "SERVICE_UNAVAILABLE"
    status = 503
    exit_code = 3


class GraphUnavailable(ServiceError):
    code = "GRAPH_UNAVAILABLE"


class LedgerUnavailable(ServiceError):
    code = "LEDGER_UNAVAILABLE"


class TimedOut(HubError):
    code = "TIMEOUT"
    status = 504
    exit_code = 3


class ActError(HubError):
    pass


class KeyReused(ActError):
    code = "IDEMPOTENCY_KEY_REUSED"
    status = 422


class KeyInUse(ActError):
    code = "IDEMPOTENCY_KEY_IN_USE"
    status = 409


class Conflict(ActError):
    """The message says what the thing is now."""

    code = "CONFLICT"
    status = 409


class NotPossible(ActError):
    """``reasons``: what forbids it, each ``{rule, article, because, from}``; ``from`` is the first day on which it
    would be otherwise (ISO), None where no day changes it."""

    code = "NOT_POSSIBLE"
    status = 409

    def __init__(
        self, message: str, *, reasons: Sequence[Mapping[str, Any]] = (), hint: str = "", message_zh: str = ""
    ) -> None:
        super().__init__(message, hint=hint, message_zh=message_zh)
        self.reasons = [dict(reason) for reason in reasons]

    def extensions(self) -> dict[str, Any]:
        return {**super().extensions(), "reasons": self.reasons}


class NotFound(ActError):
    code = "NOT_FOUND"
    status = 404


class Refused(HubError):
    code = "REFUSED"
    status = 409
    exit_code = 1
