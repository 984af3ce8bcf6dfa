"""Records: penalties, licences, list entries and honours, with their state on the day asked about."""

from __future__ import annotations

from typing import Any

from graph_loaders.reader.columns import Column
from graph_loaders.reader.composer import Composer, Node, TypeFields
from graph_loaders.reader.fragments import fragment, own
from graph_loaders.reader.looking_back import at_present, is_own, unless_own
from graph_loaders.reader.makers import day, inline, instant_text, node_id, one, open_to_none, piece, prop, text
from graph_loaders.reader.money import money
from graph_loaders.reader.reading import Reading
from schema.names import compared_name
from schema.selection import Select

LIGHT_TIER = "轻微"


def state_of(composer: Composer, variable: str) -> str:
    """The expression of a record's state: [state, day it ended, day from which it is void]."""
    return fragment("record/state", composer.number(), node=variable)


def visible(composer: Composer, record: str, void: str = "false") -> str:
    """Which records these scopes may see, on the day asked about. Inside the statement, so that pages and existence
    tell nothing of the others.

    Where the past is asked about and the scopes do not open what has ended, the record must be visible today by what
    is known now as well (``looking_back``): in this version, or in the one that is held of it now.
    """
    then = _visible(composer, record, void)
    if not composer.past:
        return then
    number = composer.number()
    now = fragment(
        "record/still",
        number,
        node=record,
        same=at_present(_visible(composer, record)),
        other=at_present(_visible(composer, own("now", number))),
    )
    return f"{then} AND {unless_own(composer, f'{record}.code', now)}"


def _visible(composer: Composer, record: str, void: str = "false") -> str:
    """On the day asked about, by what was known.

    Void records stay out unless ``void`` (an expression) holds and the scopes open ended ones. A credit:self token
    opens more rows for its own subject only. CASE, not OR: an OR over properties makes Neo4j's planner read the index
    once for each side and lose its order.
    """
    ended = _opened(composer, "ended", record)
    light = _opened(composer, "light", record)
    hiding = "v_end.kind IN ['REVOCATION', 'CORRECTION']"
    if void != "false" and ended != "false":
        hiding += f" AND NOT ({void} AND {ended})"
    conditions = []
    if ended != "true":
        more = "" if ended == "false" else f" OR {ended}"
        standing = f"{record}.valid_to >= $as_of{more}"
        conditions.append(f"CASE WHEN {record}.adverse THEN {standing} ELSE true END")
        hiding = (
            f"{record}.adverse OR {hiding}" if ended == "false" else f"{record}.adverse AND NOT {ended} OR {hiding}"
        )
    if light != "true":
        conditions.append(f"CASE WHEN {record}.tier = '{LIGHT_TIER}' THEN {light} ELSE true END")
    doubtful = _opened(composer, "doubtful", record)
    if doubtful != "true":
        conditions.append(f"CASE WHEN {record}.doubts IS NULL THEN true ELSE {doubtful} END")
    conditions.append(f"CASE WHEN {record}.use IS NULL THEN true ELSE {_used(composer, record)} END")
    void_here = f"({void} AND {ended})" if void != "false" and ended != "false" else "false"
    conditions.append(f"CASE WHEN {record}.standing IN ['REVOKED', 'CORRECTED'] THEN {void_here} ELSE true END")
    number = composer.number()
    hiding = hiding.replace("v_end", own("end", number))
    return " AND ".join((*conditions, fragment("record/unbroken", number, node=record, hiding=hiding)))


def _opened(composer: Composer, what: str, record: str) -> str:
    """Whether rows of a kind are open: true, false, or only those of the token's own subject."""
    if getattr(composer.rows, what):
        return "true"
    if composer.bound_rows is None or not getattr(composer.bound_rows, what):
        return "false"
    return is_own(composer, f"{record}.code")


def _used(composer: Composer, record: str) -> str:
    """Whether a restricted record may be used: by its use scope, or because it is on the token's own subject."""
    allowed = f"{record}.use IN {sorted(composer.rows.uses)!r}"
    if composer.bound_rows is None:
        return allowed
    own_one = is_own(composer, f"{record}.code")
    return f"({allowed} OR {own_one})"


def wanted(composer: Composer, select: Select, record: str) -> tuple[str, str]:
    """What a RecordFilter asks for: whether void records are wanted, and the condition of the others.

    All of it is parameters, since a filter may come as a variable.
    """
    if "filter" not in select.given:
        return "false", "true"
    index, number = select.index, composer.number()

    def given(field: str) -> str:
        def produce(reading: Reading) -> Any:
            return (reading.of(index).get("filter") or {}).get(field)

        return composer.parameter(f"{field}_{number}", produce)

    condition = fragment(
        "record/wanted",
        composer.number(),
        node=record,
        state=state_of(composer, record),
        subject=given("subject"),
        kinds=given("kinds"),
        states=given("states"),
        lists=given("listTypes"),
        begin=given("decidedFrom"),
        end=given("decidedTo"),
    )
    return f"coalesce({given('includeVoid')}, false)", condition


def _state(position: int) -> Any:
    def make(_composer: Composer, _node: Node, _select: Select) -> Column:
        return Column(f"v_state[{position}]", group="state")

    return make


def _state_group(composer: Composer, node: Node, expressions: list[str]) -> str:
    number = composer.number()
    bound = f"st{number}"
    columns = ", ".join(expression.replace("v_state", bound) for expression in expressions)
    return f"head([{bound} IN [{state_of(composer, node.variable)}] | [{columns}]])"


def _last_day(_composer: Composer, node: Node, _select: Select) -> Column:
    """Null where the source says that a record is over, not since when."""
    over = f"{node.variable}.standing IN ['REVOKED', 'CORRECTED', 'REPAIRED', 'ENDED']"
    return Column(f"CASE WHEN {over} THEN null ELSE {node.variable}.valid_to END", open_to_none)


def _warnings(value: Any, _reading: Reading) -> list[str]:
    names, computed, given, *doubts = value
    warnings = [doubt for said in doubts if said for doubt in said.split(",")]
    if computed:
        warnings.append("until_computed")
    if not names:
        warnings.append("not_in_local_registry")
    elif given and compared_name(given) not in map(compared_name, names):
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
        "lastDay": _last_day,
        "state": _state(0),
        "endedOn": _state(1),
        "voidedOn": _state(2),
        "objectionPending": piece("record/objection"),
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
