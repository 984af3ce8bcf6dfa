"""A commitment as the fold of its transitions. The room needs no tables of its own.

Bodies: ``commitment`` ``{day kind matter items due documents waived rule}``, ``commitment-kept`` ``{on evidence day}``,
``commitment-breach`` ``{how found day}``, ``commitment-warning`` ``{due what day}``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.acts.model import Written

MADE, KEPT, BREACH, WARNED = "commitment", "commitment-kept", "commitment-breach", "commitment-warning"


@dataclass(frozen=True, slots=True)
class Case:
    """``acts``: every transition up to the one looked at, at least the first."""

    acts: tuple[Written, ...]

    @property
    def first(self) -> Written:
        return self.acts[0]

    @property
    def last(self) -> Written:
        return self.acts[-1]

    @property
    def kept_on(self) -> str | None:
        return next((str(act.body["on"]) for act in self.acts if act.kind == KEPT), None)

    @property
    def false(self) -> bool:
        return any(act.kind == BREACH and act.body["how"] == "FALSE" for act in self.acts)

    def state(self, today: str) -> str:
        """By the dates, as the graph says it."""
        due, kept = self.first.body["due"], self.kept_on
        if self.false:
            return "FALSE"
        if kept is not None:
            return "KEPT" if kept <= due else "KEPT_LATE"
        return "BREACHED" if due < today else "DUE"


def fold(acts: Sequence[Written], step: int | None = None) -> Case | None:
    """The commitment after a step (None: the last); None where there is none, or it is another kind of case."""
    kept = tuple(act for act in acts if step is None or act.step <= step)
    return Case(kept) if kept and kept[0].kind == MADE else None
