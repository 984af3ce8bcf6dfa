"""Commitments (信用承诺): made, kept, broken; warnings before the deadline; documents handed in later."""

from __future__ import annotations

from hub.acts.commitments import notices, perform, views
from hub.acts.room import Mutation, Room

ROOM = Room(
    name="commitments",
    mutations={
        "makeCommitment": Mutation(perform.make_commitment, views.performed),
        "fulfilCommitment": Mutation(perform.fulfil_commitment, views.performed),
        "reportBreach": Mutation(perform.report_breach, views.performed),
    },
    queries={"mayCommit": views.may_commit},
    due={notices.WARNING: notices.warn},
)
