"""What the driver raises, told in the hub's own errors. Programming faults (syntax, types) stay what they are."""

from __future__ import annotations

import asyncio

from neo4j import exceptions as neo4j_errors

from schema.errors import GraphUnavailable, HubError, LimitExceeded, SettingsError, TimedOut

CONSTRAINT = "Neo.ClientError.Schema.ConstraintValidationFailed"

# What a broken, refused or silent connection looks like.
GONE = (neo4j_errors.ServiceUnavailable, neo4j_errors.SessionExpired, OSError)


def is_gone(error: BaseException) -> bool:
    """True when the graph could not be reached, as against an answer that says no."""
    if isinstance(error, neo4j_errors.Neo4jError):
        return error.code in ("Neo.TransientError.General.DatabaseUnavailable", "Neo.ClientError.Cluster.NotALeader")
    return isinstance(error, GONE) and not isinstance(error, TimeoutError)


def is_odd(error: BaseException) -> bool:
    """True for a fault inside the graph's own process that it gives no reason for."""
    return isinstance(error, neo4j_errors.DatabaseError) and error.code == "Neo.DatabaseError.General.UnknownError"


def is_passing(error: BaseException) -> bool:
    """True when the same transaction may well succeed if run again: deadlock, conflict, two MERGEs of one key."""
    if isinstance(error, neo4j_errors.Neo4jError):
        return error.is_retryable() or error.code == CONSTRAINT
    return False


def told(error: BaseException, limit: float) -> BaseException:
    """The hub's error for a driver's error, or the same error when it is a fault of ours. ``limit`` in seconds."""
    if isinstance(error, (HubError, asyncio.CancelledError)):
        return error
    if isinstance(error, TimeoutError):
        return timed_out(limit)
    if isinstance(error, neo4j_errors.Neo4jError):
        return _answered(error, limit)
    if isinstance(error, neo4j_errors.ConnectionPoolError):
        return GraphUnavailable("the graph has no free connection", hint="try again shortly", message_zh="图数据库繁忙")
    if isinstance(error, GONE):
        return unavailable()
    return error


def _answered(error: neo4j_errors.Neo4jError, limit: float) -> BaseException:
    code = error.code or ""
    if ".TransactionTimedOut" in code or code.endswith((".Terminated", ".LockClientStopped")):
        return timed_out(limit)
    if "MemoryPoolOutOfMemory" in code or "OutOfMemory" in code:
        return LimitExceeded("the question needs more memory than the graph allows", hint="ask for less at once")
    if ".Security." in code:
        return SettingsError(
            "the graph refuses the user or password",
            hint="check HUB_GRAPH_USER and HUB_GRAPH_PASSWORD_FILE",
            message_zh="图数据库拒绝登录",
        )
    if code.endswith(".DatabaseNotFound"):
        return SettingsError("the graph server has no such database", hint="check HUB_GRAPH_DATABASE")
    if is_gone(error):
        return unavailable()
    return error


def timed_out(limit: float) -> TimedOut:
    return TimedOut(
        f"the question took longer than {limit:g} s", hint="ask for less at once, or narrow it", message_zh="查询超时"
    )


def unavailable() -> GraphUnavailable:
    return GraphUnavailable(
        "the graph cannot be reached", hint="try again in a few seconds", message_zh="图数据库暂不可用"
    )


def uncertain() -> GraphUnavailable:
    return GraphUnavailable(
        "the graph was lost while it was committing: the change may or may not be in it",
        hint="run the same command again: what was written is not written twice",
        message_zh="提交时连接中断，结果未知，请重试",
    )
