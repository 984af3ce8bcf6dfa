"""Gate checks (核查): checks at a matter, their stages and feedback."""

from __future__ import annotations

from hub.acts.gate import perform, views, watch
from hub.acts.gate.sources import SourceReader
from hub.acts.room import Mutation, Room

ROOM = Room(
    name="gate",
    mutations={
        "gateCheck": Mutation(perform.gate_check, views.performed),
        "gateCheckBatch": Mutation(perform.gate_check_batch, views.batch),
        "reportFeedback": Mutation(perform.report_feedback, views.performed),
    },
    queries={
        "gateCase": views.gate_case,
        "gateCases": views.gate_cases,
        "matters": views.matters,
        "measuresCatalogue": views.measures_catalogue,
        "feedbackRate": views.feedback_rate,
    },
    refs={"GateSource": SourceReader},
    changed=watch.changed,
)
