"""Commitments and ratings of a subject."""

from __future__ import annotations

from graph_loaders.reader.columns import Column
from graph_loaders.reader.composer import Composer, Node, TypeFields
from graph_loaders.reader.makers import day, one, piece, text
from schema.selection import Select


def _kept(_composer: Composer, node: Node, _select: Select) -> Column:
    """Null while it was not kept on the day asked about."""
    kept = f"{node.variable}.kept_on"
    return Column(f"CASE WHEN {kept} <= $as_of THEN {kept} END")


COMMITMENT = TypeFields(
    fields={
        "number": text("number"),
        "kind": text("kind"),
        "subject": one("record/subject", "subject"),
        "madeOn": day("made_on"),
        "dueOn": day("due_on"),
        "keptOn": _kept,
        "state": piece("held/commitment_state"),
    }
)

RATING = TypeFields(
    fields={
        "scale": text("scale"),
        "grade": text("grade"),
        "score": text("score"),
        "ratedOn": day("rated_on"),
        "validTo": day("valid_to"),
        "issuer": text("issuer"),
    }
)
