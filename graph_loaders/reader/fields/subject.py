"""Subjects: identity, what the registry says on the day asked about, and everything held about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graph_loaders.reader.columns import Column, Shape
from graph_loaders.reader.composer import Composer, Maker, Node, TypeFields
from graph_loaders.reader.connections import connection, page
from graph_loaders.reader.fields.record import visible, wanted
from graph_loaders.reader.fragments import fragment, own
from graph_loaders.reader.looking_back import still_held
from graph_loaders.reader.makers import blank_to_none, many, node_id, prop
from graph_loaders.reader.reading import Reading
from schema import scopes as s
from schema.selection import Select

IN_FORCE = "held/rating_in_force"
_MORE_THAN_PUBLIC = frozenset({s.MUTUAL, s.GATE, s.INVESTIGATE, s.OPERATE, s.SELF, s.LOAN})


def sees_more(composer: Composer) -> bool:
    """True where roles, contracts, commitments and ratings may be seen, not only what is published."""
    return not composer.scopes.isdisjoint(_MORE_THAN_PUBLIC)


def held(composer: Composer, subject: str) -> str:
    """The condition that a subject may be seen at all; a void record counts for those who may ask for void ones."""
    number = composer.number()
    more = fragment("subject/held_otherwise", composer.number(), node=subject) if sees_more(composer) else ""
    return fragment(
        "subject/held", number, node=subject, visible=visible(composer, own("rec", number), "true"), more=more
    )


def name_of(composer: Composer, subject: str) -> str:
    """The expression of a subject's name on the day asked about."""
    number = composer.number()
    given = fragment(
        "subject/given_name",
        number,
        node=subject,
        others="true" if sees_more(composer) else "false",
        visible=visible(composer, own("fact", number), "true"),
    )
    state = state_of_subject(composer, subject, "name")
    return fragment("subject/name", composer.number(), node=subject, state=state, given=given)


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
    record = own("rec", number)
    listed = connection(composer, select, "Record", Node(record))
    void, condition = wanted(composer, select, record)
    text = fragment(
        "subject/records",
        number,
        node=node.variable,
        visible=visible(composer, record, void),
        wanted=condition,
        after=listed.after,
        first=listed.first,
        rows=listed.rows,
    )
    return Column(text, listed.shape)


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
    near = {"subject": own("self", number), "holder": own("holder", number)}

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


def _commitments(composer: Composer, node: Node, select: Select) -> Column:
    def still(promise: str) -> dict[str, str]:
        return {"still": still_held(composer, "Commitment", promise)}

    return many("subject/commitments", "promise", parts=still)(composer, node, select)


def _ratings(composer: Composer, node: Node, select: Select) -> Column:
    def conditions(rating: str) -> dict[str, str]:
        return {
            "in_force": fragment(IN_FORCE, 0, node=rating),
            "still": still_held(composer, "Rating", rating, IN_FORCE),
        }

    return many("subject/ratings", "rating", parts=conditions)(composer, node, select)


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
        "commitments": _commitments,
        "ratings": _ratings,
    },
    groups={"state": _state_group},
)
