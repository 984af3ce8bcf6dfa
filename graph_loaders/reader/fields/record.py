"""Records: penalties, licences, list entries and honours, with their state on the day asked about."""

from __future__ import annotations

from typing import Any

from graph_loaders.reader.columns import Column
from graph_loaders.reader.composer import Composer, Node, TypeFields
from graph_loaders.reader.fragments import fragment
from graph_loaders.reader.makers import constant, day, inline, instant_text, node_id, one, piece, prop, text
from graph_loaders.reader.money import money
from graph_loaders.reader.reading import Reading
from schema.selection import Select

LIGHT_TIER = "轻微"


def state_of(composer: Composer, variable: str) -> str:
    """The expression of a record's state: [state, day it ended, day from which it is void]."""
    return fragment("record/state", composer.number(), node=variable)


def visible(composer: Composer, record: str, state: str) -> str:
    """Which records these scopes may see. Inside the statement, so that pages and counts tell nothing of the others.

    Void records are left out here too; ``wanted`` of a listing opens them where they were asked for. A credit:self
    token opens more rows for its own subject only.
    """
    condition = _visible(composer.rows.light, composer.rows.active_only, record, state)
    if composer.bound_rows is None:
        return condition
    own = composer.parameter("own_subject", lambda reading: reading.asking.caller.subject or "")
    more = _visible(composer.bound_rows.light, composer.bound_rows.active_only, record, state)
    return f"({condition} OR {record}.code = {own} AND {more})"


def _visible(light: bool, active_only: bool, record: str, state: str) -> str:
    conditions = []
    if active_only:
        conditions.append(f"(NOT {record}.adverse OR {state}[0] = 'ACTIVE')")
    if not light:
        conditions.append(f"{record}.tier <> '{LIGHT_TIER}'")
    return " AND ".join(conditions) or "true"


def not_void(composer: Composer, record: str, state: str, asked: str = "false") -> str:
    """Void records stay out, unless ``asked`` (an expression) and the scopes open ended ones."""
    standing = f"NOT {state}[0] IN ['REVOKED', 'CORRECTED']"
    if composer.rows.ended:
        return standing if asked == "false" else f"({asked} OR {standing})"
    if composer.bound_rows is not None and composer.bound_rows.ended and asked != "false":
        own = composer.parameter("own_subject", lambda reading: reading.asking.caller.subject or "")
        return f"({asked} AND {record}.code = {own} OR {standing})"
    return standing


def _state(position: int) -> Any:
    def make(_composer: Composer, node: Node, _select: Select) -> Column:
        ready = node.near.get("state")
        if ready is not None:
            return Column(f"{ready}[{position}]")
        return Column(f"v_state[{position}]", group="state")

    return make


def _state_group(composer: Composer, node: Node, expressions: list[str]) -> str:
    number = composer.number()
    bound = f"st{number}"
    columns = ", ".join(expression.replace("v_state", bound) for expression in expressions)
    return f"head([{bound} IN [{state_of(composer, node.variable)}] | [{columns}]])"


def _warnings(value: Any, _reading: Reading) -> list[str]:
    names, computed, given = value
    warnings = []
    if computed:
        warnings.append("until_computed")
    if not names:
        warnings.append("not_in_local_registry")
    elif given and given not in names:
        warnings.append("name_mismatch")
    return warnings


def _provenance(composer: Composer, node: Node, select: Select) -> Column:
    return inline("Provenance")(composer, node, select)


RECORD = TypeFields(
    fields={
        "id": node_id("Record", "id"),
        "documentNumber": text("document"),
        "kind": prop("kind"),
        "listType": text("list_type"),
        "tier": text("tier"),
        "subject": one("record/subject", "subject"),
        "nameAsGiven": text("name_as_given"),
        "authority": text("authority"),
        "decidedOn": prop("decided_on"),
        "until": day("until"),
        "lastDay": day("valid_to"),
        "state": _state(0),
        "endedOn": _state(1),
        "voidedOn": _state(2),
        "objectionPending": constant("false"),
        "ground": text("ground"),
        "legalBasis": text("basis"),
        "amount": money("amount"),
        "warnings": piece("record/warnings", _warnings),
        "provenance": _provenance,
    },
    groups={"state": _state_group},
)

PROVENANCE = TypeFields(
    fields={
        "run": prop("run"),
        "source": prop("source"),
        "row": prop("row"),
        "sha256": prop("sha256"),
        "recordedAt": prop("recorded_at", instant_text),
    }
)
