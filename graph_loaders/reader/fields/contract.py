"""Contracts with their parties; overdue is judged on the day asked about, whatever state the source gives."""

from __future__ import annotations

from graph_loaders.reader.columns import Column
from graph_loaders.reader.composer import Composer, Node, TypeFields
from graph_loaders.reader.fragments import own
from graph_loaders.reader.makers import constant, day, inline, many, node_id, piece, text
from graph_loaders.reader.money import money
from schema.selection import Select


def _completed(_composer: Composer, node: Node, _select: Select) -> Column:
    """Null while it was not completed on the day asked about."""
    done = f"{node.variable}.completed_on"
    return Column(f"CASE WHEN {done} <= $as_of THEN {done} END")


def _party_role(_composer: Composer, node: Node, _select: Select) -> Column:
    return Column(f"{node.near['part']}.role")


CONTRACT = TypeFields(
    fields={
        "id": node_id("Contract", "id"),
        "number": text("number"),
        "title": text("title"),
        "parties": many("contract/parties", "subject", lambda number: {"part": own("part", number)}),
        "signedOn": day("signed_on"),
        "dueOn": day("due_on"),
        "completedOn": _completed,
        "state": text("status_given"),
        "overdue": piece("contract/overdue"),
        "amount": money("amount"),
        "milestones": constant("[]"),
    }
)


CONTRACT_PARTY = TypeFields(fields={"subject": inline("Subject"), "role": _party_role})
