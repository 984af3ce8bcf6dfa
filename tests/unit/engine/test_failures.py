"""Driver errors, told in the hub's own."""

from __future__ import annotations

import asyncio

import pytest
from neo4j.exceptions import Neo4jError, ServiceUnavailable, SessionExpired

from graph_loaders.engine.failures import is_gone, is_passing, told
from schema.errors import GraphUnavailable, LimitExceeded, SettingsError, TimedOut


def answer(code: str) -> Neo4jError:
    return Neo4jError._hydrate_neo4j(code=code, message="text of the server")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (answer("Neo.ClientError.Transaction.TransactionTimedOut"), TimedOut),
        (answer("Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration"), TimedOut),
        (answer("Neo.TransientError.Transaction.Terminated"), TimedOut),
        (TimeoutError(), TimedOut),
        (answer("Neo.TransientError.General.MemoryPoolOutOfMemoryError"), LimitExceeded),
        (answer("Neo.ClientError.Security.Unauthorized"), SettingsError),
        (answer("Neo.ClientError.Database.DatabaseNotFound"), SettingsError),
        (answer("Neo.TransientError.General.DatabaseUnavailable"), GraphUnavailable),
        (ServiceUnavailable("x"), GraphUnavailable),
        (SessionExpired("x"), GraphUnavailable),
        (ConnectionResetError(), GraphUnavailable),
    ],
)
def test_expected_failures_become_the_hubs_errors_and_say_what_to_do(error: Exception, expected: type) -> None:
    found = told(error, 2.0)
    assert type(found) is expected
    assert isinstance(found, (TimedOut, LimitExceeded, SettingsError, GraphUnavailable))
    assert found.hint
    assert "text of the server" not in found.message


@pytest.mark.parametrize("code", ["Neo.ClientError.Statement.SyntaxError", "Neo.ClientError.Statement.TypeError"])
def test_faults_of_a_statement_stay_what_they_are(code: str) -> None:
    error = answer(code)
    assert told(error, 2.0) is error
    assert not is_gone(error)
    assert not is_passing(error)


def test_cancellation_is_never_translated() -> None:
    error = asyncio.CancelledError()
    assert told(error, 2.0) is error


def test_deadlocks_and_lost_races_are_worth_another_try_and_an_outage_is_no_answer() -> None:
    assert is_passing(answer("Neo.TransientError.Transaction.DeadlockDetected"))
    assert is_passing(answer("Neo.ClientError.Schema.ConstraintValidationFailed"))
    assert not is_passing(ServiceUnavailable("x"))
    assert is_gone(ServiceUnavailable("x"))
    assert not is_gone(TimeoutError())
