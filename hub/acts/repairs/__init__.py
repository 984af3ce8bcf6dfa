"""Repairs (信用修复): applied for by the subject, decided by another, by the rule of the record's day."""

from __future__ import annotations

from hub.acts.records import record_reader
from hub.acts.repairs import perform, views
from hub.acts.repairs.tables import metadata
from hub.acts.room import Mutation, Room

ROOM = Room(
    name="repairs",
    mutations={
        "applyForRepair": Mutation(perform.apply_for_repair, views.performed),
        "decideRepair": Mutation(perform.decide_repair, views.performed),
    },
    queries={"mayRepair": views.may_repair, "repairs": views.repairs},
    tables=metadata,
    refs={"Record": record_reader},
)
