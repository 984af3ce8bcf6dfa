"""What a record's source says of it beside its content: its status, who may use it, what of it is not understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from graph_loaders.transform.cache import Cache
from graph_loaders.transform.reading import Reading

OVER = frozenset(("REVOKED", "CORRECTED", "REPAIRED", "ENDED"))
"""Standings of records that are in force no more. The sources give no day for them, so they are from the first day on;
an ending with a date, from a file of repairs, says it more exactly."""

_NOTES = {"REVOKED": "status_revoked", "CORRECTED": "status_corrected", "REPAIRED": "status_repaired"}
_NOTES |= {"ENDED": "status_ended", "OBJECTION": "status_objection", "UNCLEAR": "unclear_status"}


@dataclass(frozen=True, slots=True)
class Marks:
    """``standing`` and ``use`` are "" where the source says nothing out of the ordinary; ``warnings`` are for the load
    report; ``doubts`` keep the record from being published until they are cleared."""

    standing: str = ""
    use: str = ""
    doubts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def properties(self) -> dict[str, str]:
        """Absent where there is nothing to say, so that an index over them stays small."""
        given = {"standing": self.standing, "use": self.use, "doubts": ",".join(self.doubts)}
        return {name: value for name, value in given.items() if value}

    @property
    def texts(self) -> tuple[str, ...]:
        """What enters the id of the version; nothing for an ordinary record."""
        return tuple(f"{name}={value}" for name, value in self.properties.items())

    def valid_to(self, decided: str, last: str) -> str:
        """The last day in force: before the first where the source says that the record is over."""
        return _BEFORE[decided] if self.standing in OVER else last


ORDINARY = Marks()
_BEFORE: Cache[str, str] = Cache(lambda day: (date.fromisoformat(day) - timedelta(days=1)).isoformat())


def marks_of(read: Reading, raw_status: object, raw_use: object, unknown: str = "") -> Marks:
    """By the cells of the two columns; ``unknown`` is a doubt that another column gave."""
    if raw_status == "" and raw_use == "" and not unknown:
        return ORDINARY
    standing, odd_status = read.word("status", raw_status)
    use, odd_use = read.word("use", raw_use)
    if odd_status:
        standing = "UNCLEAR"
    if odd_use:
        use = "INTERNAL"
    standing = "" if standing == "NORMAL" else standing
    use = "" if use == "PUBLIC" else use
    doubts = [doubt for doubt in (unknown, odd_status, odd_use) if doubt]
    warnings = list(doubts)
    if standing and not odd_status:
        warnings.append(_NOTES[standing])
        if standing == "UNCLEAR":
            doubts.append(_NOTES[standing])
    if not standing and not use and not doubts:
        return ORDINARY
    return Marks(standing, use, tuple(doubts), tuple(warnings))
