"""A gate case as the fold of its transitions. The room needs no tables of its own: everything is in the journal.

Bodies: ``gate-check`` ``{matter stage day decision findings stale due provisional}``, ``gate-feedback``
``{measure outcome reason}``; ``gate-changed`` is what a check would find since, of which the department was told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.acts.model import Written

CHECK, FEEDBACK, CHANGED = "gate-check", "gate-feedback", "gate-changed"


@dataclass(frozen=True, slots=True)
class Case:
    """``acts``: every transition up to the one looked at, at least one check."""

    acts: tuple[Written, ...]

    @property
    def first(self) -> Written:
        return self.acts[0]

    @property
    def last(self) -> Written:
        return self.acts[-1]

    @property
    def checks(self) -> list[Written]:
        return [act for act in self.acts if act.kind == CHECK]

    @property
    def known(self) -> Written:
        """The latest answer that the department had, or was told of."""
        return next(act for act in reversed(self.acts) if act.kind in (CHECK, CHANGED))

    @property
    def feedback(self) -> dict[str, Written]:
        """The latest word on each measure."""
        return {act.body["measure"]: act for act in self.acts if act.kind == FEEDBACK}

    @property
    def matter(self) -> str:
        return str(self.first.body["matter"])

    @property
    def due(self) -> str | None:
        """The last day for feedback, ISO: that of the latest check that found a measure."""
        return next((act.body["due"] for act in reversed(self.checks) if act.body["due"]), None)

    def measures(self) -> dict[str, str]:
        """Measures that await feedback, with what follows from each: those of the latest check."""
        found: dict[str, str] = {}
        for finding in self.checks[-1].body["findings"]:
            found.setdefault(finding["measure"]["id"], finding["kind"])
        return found

    def fed_back(self) -> bool:
        measures = self.measures()
        return bool(measures) and measures.keys() <= self.feedback.keys()

    def state(self, today: str) -> str:
        if self.fed_back():
            return "FED_BACK"
        return "OVERDUE" if self.measures() and self.due is not None and self.due < today else "OPEN"


def fold(acts: Sequence[Written], step: int | None = None) -> Case | None:
    """The case after a step (None: the last); None where there is none, or it is no gate case."""
    kept = tuple(act for act in acts if step is None or act.step <= step)
    return Case(kept) if kept and kept[0].kind == CHECK else None


def sign_of(finding: Mapping[str, Any]) -> str:
    """What tells one finding from another: its rule and what it rests on."""
    source = finding["source"]
    return f"{finding['rule']} {source['document'] or source['key']}"


def changed(before: Written, now: Written) -> list[str]:
    """What has come (+) and gone (-) between two checks."""
    old, new = ([sign_of(finding) for finding in act.body["findings"]] for act in (before, now))
    return [f"+ {sign}" for sign in new if sign not in old] + [f"- {sign}" for sign in old if sign not in new]
