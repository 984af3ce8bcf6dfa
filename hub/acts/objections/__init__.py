"""Objections (异议): made by the subject, decided by another, seen with the record everywhere until then."""

from __future__ import annotations

from hub.acts.objections import perform, views
from hub.acts.objections.tables import metadata
from hub.acts.records import record_reader
from hub.acts.room import Mutation, Room

ROOM = Room(
    name="objections",
    mutations={
        "objectTo": Mutation(perform.object_to, views.performed),
        "decideObjection": Mutation(perform.decide_objection, views.performed),
    },
    queries={"objections": views.objections},
    tables=metadata,
    refs={"Record": record_reader},
)
