"""What only the graph shows of a load's rows: that another one, maybe of another file, is held or contradicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graph_loaders.load.tables import ROLES, TABLES
from graph_loaders.report import FileReport, Reject
from graph_loaders.transform.faults import hint
from graph_loaders.transform.kinds import KINDS

AGAIN, RIVAL, CLASH = "again", "rival", "clash"

Place = tuple[str, int]
"""Name of the file as the graph keeps it, row."""


@dataclass(slots=True)
class Findings:
    """Rows of this run by place and by what they gave (a label or relation). ``known`` are counted as contradictory by
    their own file already."""

    found: dict[tuple[str, Place], str] = field(default_factory=dict)
    known: set[Place] = field(default_factory=set)

    def again(self, label: str, places: Iterable[tuple[str, int] | None]) -> None:
        """Rows that say what another row of this run has said."""
        if label == "SubjectState":
            return  # an organisation has a row for each term of a representative
        for place in places:
            if place is not None:
                self.found.setdefault((label, (place[0], place[1])), AGAIN)

    def rivals(self, label: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows of which another one is held (or none); what is found last counts."""
        for row in rows:
            self.found[label, (row["source"], row["row"])] = RIVAL if row["held"] else CLASH

    def settle(self, reports: Iterable[tuple[str, FileReport]]) -> list[Reject]:
        """Puts the counts of the files right (``reports`` with the names as the graph keeps them): a row that is not
        held is no longer counted as accepted. Gives the rows that are now set aside."""
        by_name: dict[str, list[FileReport]] = {}
        for name, one in reports:
            by_name.setdefault(name, []).append(one)
        rejects = []
        done: set[tuple[Place, str]] = set()
        for (label, place), what in sorted(self.found.items()):
            report = next((file for file in by_name.get(place[0], ()) if _gives(file, label)), None)
            if report is None or place in self.known or (place, report.kind) in done or _role_of_registry(label):
                continue
            done.add((place, report.kind))
            if label == "SubjectState" and what == RIVAL:
                report.warnings["other_version_held"] += 1
                continue
            report.accepted -= 1
            if what == CLASH:
                reason = KINDS[report.kind].clash
                report.quarantined[reason] += 1
                rejects.append(Reject(report.path, place[1], "", reason, "", hint(reason)))
            else:
                report.duplicates += 1
                if what == RIVAL:
                    report.warnings["other_version_held"] += 1
        return rejects


def _gives(report: FileReport, label: str) -> bool:
    kinds = ROLES[label].kinds if label in ROLES else TABLES[label].kinds
    return report.kind in kinds


def _role_of_registry(label: str) -> bool:
    """A registry row is counted by its organisation."""
    return label == "REPRESENTS"
