"""What this request's token and headers open: scopes that are held, and those of them that count now."""

from __future__ import annotations

from dataclasses import dataclass

from schema import scopes as s
from schema.caller import Caller
from schema.errors import CaseRequired, HubError, PurposeRequired

_FREE = frozenset({s.PUBLIC, s.OPERATE})


@dataclass(frozen=True, slots=True)
class Access:
    """Part of a plan's key. ``active`` are the held scopes whose purpose (and case) the request gives.

    A scope without its purpose opens nothing, neither fields nor rows; so a client with several scopes sees under each
    purpose what belongs to it.
    """

    held: frozenset[str]
    active: frozenset[str]
    purpose: str | None
    has_case: bool

    @classmethod
    def of(cls, caller: Caller) -> Access:
        held = caller.scopes & s.SCOPES.keys()
        active = {scope for scope in held if _counts(scope, caller)}
        if s.INVESTIGATE not in active:
            active.discard(s.UNMASK)
        return cls(frozenset(held), frozenset(active), caller.purpose, caller.case is not None)

    def missing(self, candidates: frozenset[str]) -> HubError:
        """Why scopes that are held do not count: the header to add, by name."""
        if self.purpose in s.PURPOSES_OF_SCOPE[s.INVESTIGATE] and s.INVESTIGATE in candidates and not self.has_case:
            return CaseRequired(
                "credit:investigate needs a case number",
                hint="send the header Credit-Case 请在请求头 Credit-Case 中填写案号",
                message_zh="缺少案号",
            )
        names = sorted({purpose for scope in candidates for purpose in s.PURPOSES_OF_SCOPE[scope]})
        given = "" if self.purpose is None else f"; Credit-Purpose {self.purpose} does not fit"
        return PurposeRequired(
            f"this question needs a purpose under {' or '.join(sorted(candidates))}{given}",
            hint=f"send the header Credit-Purpose: {' or '.join(names)} 请在请求头 Credit-Purpose 中说明目的",
            message_zh="缺少相符的用途",
        )


def _counts(scope: str, caller: Caller) -> bool:
    if scope in _FREE:
        return True
    if caller.purpose is None:
        return False
    if scope == s.INVESTIGATE and caller.case is None:
        return False
    if scope == s.MUTUAL and caller.peer_region is not None:
        return True  # a neighbouring hub carries the end client's purpose through
    return caller.purpose in s.PURPOSES_OF_SCOPE[scope]
