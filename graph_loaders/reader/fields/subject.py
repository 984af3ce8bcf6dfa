"""Subjects: identity, what the registry says on the day asked about, and everything held about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graph_loaders.reader.columns import Column, Shape
from graph_loaders.reader.composer import Composer, Maker, Node, TypeFields
from graph_loaders.reader.connections import connection, page
from graph_loaders.reader.fields.record import not_void, state_of, visible
from graph_loaders.reader.fragments import fragment, own
from graph_loaders.reader.makers import blank_to_none, many, node_id, prop
from graph_loaders.reader.reading import Reading
from schema import scopes as s
from schema.selection import Select

_MORE_THAN_PUBLIC = frozenset({s.MUTUAL, s.GATE, s.INVESTIGATE, s.OPERATE, s.SELF, s.LOAN})


def sees_more(composer: Composer) -> bool:
    """True where roles, contracts, commitments and ratings may be seen, not only what is published."""
    return not composer.scopes.isdisjoint(_MORE_THAN_PUBLIC)


def held(composer: Composer, subject: str) -> str:
    """The condition that a subject may be seen at all."""
    number = composer.number()
    record, state = own("rec", number), own("st", number)
    return fragment(
        "subject/held",
        number,
        node=subject,
        state_of_record=state_of(composer, record),
        visible=f"{visible(composer, record, state)} AND {not_void(composer, record, state)}",
        more=fragment("subject/held_more", composer.number(), node=subject) if sees_more(composer) else "",
    )


def name_of(composer: Composer, subject: str) -> str:
    """The expression of a subject's name on the day asked about."""
    number = composer.number()
    record, state = own("rec", number), own("st", number)
    return fragment(
        "subject/name",
        number,
        node=subject,
        state=state_of_subject(composer, subject, "name"),
        state_of_record=state_of(composer, record),
        visible=f"{visible(composer, record, state)} AND {not_void(composer, record, state)}",
        more=fragment("subject/given_names", composer.number(), node=subject) if sees_more(composer) else "null",
    )


def state_of_subject(composer: Composer, subject: str, prop_name: str) -> str:
    """One property of the registry's version in force."""
    number = composer.number()
    return fragment("subject/state", number, node=subject, columns=f"{own('state', number)}.{prop_name}")


def _name(composer: Composer, node: Node, _select: Select) -> Column:
    return Column(name_of(composer, node.variable))


def _former_names(composer: Composer, node: Node, _select: Select) -> Column:
    """Earlier names, each once, without the present one."""
    names = fragment("subject/former_names", composer.number(), node=node.variable)

    def convert(value: Any, _reading: Reading) -> list[str]:
        return [name for name in dict.fromkeys(value) if name != value[-1]]

    return Column(names, convert)


def _state(expression: str, convert: Any = blank_to_none) -> Maker:
    def make(_composer: Composer, _node: Node, _select: Select) -> Column:
        return Column(expression, convert, group="state")

    return make


def _state_group(composer: Composer, node: Node, expressions: list[str]) -> str:
    number = composer.number()
    state = own("state", number)
    columns = ", ".join(expression.replace("v_state", state) for expression in expressions)
    return fragment("subject/state", number, node=node.variable, columns=f"[{columns}]")


def _records(composer: Composer, node: Node, select: Select) -> Column:
    number = composer.number()
    record, state = own("rec", number), own("st", number)
    listed = connection(composer, select, "Record", Node(record, {"state": state}))
    return Column(
        fragment(
            "subject/records",
            number,
            node=node.variable,
            state_of_record=state_of(composer, record),
            visible=visible(composer, record, state),
            wanted=wanted(composer, select, record, state),
            after=listed.after,
            first=listed.first,
            rows=listed.rows,
        ),
        listed.shape,
    )


def wanted(composer: Composer, select: Select, record: str, state: str) -> str:
    """The conditions of a RecordFilter. All of it is parameters, since a filter may come as a variable."""
    if "filter" not in select.given:
        return not_void(composer, record, state)
    index = select.index

    def given(field: str) -> str:
        def produce(reading: Reading) -> Any:
            return (reading.of(index).get("filter") or {}).get(field)

        return composer.parameter(f"{field}_{index}", produce)

    subject, kinds, states, lists = given("subject"), given("kinds"), given("states"), given("listTypes")
    begin, end, void = given("decidedFrom"), given("decidedTo"), given("includeVoid")
    return " AND ".join(
        (
            not_void(composer, record, state, f"coalesce({void}, false)"),
            f"({subject} IS NULL OR {record}.code = {subject})",
            f"({kinds} IS NULL OR {record}.kind IN {kinds})",
            f"({states} IS NULL OR {state}[0] IN {states})",
            f"({lists} IS NULL OR {record}.list_type IN {lists})",
            f"({begin} IS NULL OR {record}.decided_on >= {begin})",
            f"({end} IS NULL OR {record}.decided_on <= {end})",
        )
    )


def _contracts(composer: Composer, node: Node, select: Select) -> Column:
    number = composer.number()
    listed = connection(composer, select, "Contract", Node(own("contract", number)))
    text = fragment(
        "subject/contracts",
        number,
        node=node.variable,
        after=listed.after,
        first=listed.first,
        rows=listed.rows,
    )
    return Column(text, listed.shape)


def _roles(composer: Composer, node: Node, select: Select) -> Column:
    number = composer.number()
    near = {"subject": node.variable, "holder": own("holder", number)}

    def item(selects: Sequence[Select]) -> tuple[str, Shape]:
        inner = composer.columns("Role", Node(own("role", number), near), selects)
        return inner.expression, inner.shape

    listed = page(composer, select, item)
    text = fragment(
        "role/of_subject",
        number,
        node=node.variable,
        after=listed.after,
        first=listed.first,
        rows=listed.rows,
    )
    return Column(text, listed.shape)


SUBJECT = TypeFields(
    fields={
        "id": node_id("Subject", "code"),
        "code": prop("code"),
        "name": _name,
        "formerNames": _former_names,
        "kind": _state("v_state.kind"),
        "region": _state("v_state.region"),
        "status": _state(
            "CASE WHEN v_state.valid_from <= $as_of AND v_state.valid_to >= $as_of THEN v_state.status END"
        ),
        "establishedOn": _state("v_state.established_on"),
        "representatives": many("subject/representatives", "person"),
        "roles": _roles,
        "records": _records,
        "contracts": _contracts,
        "commitments": many("subject/commitments", "promise"),
        "ratings": many("subject/ratings", "rating"),
    },
    groups={"state": _state_group},
)
