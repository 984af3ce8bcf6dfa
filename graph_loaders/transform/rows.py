"""Rows of one file as parsed rows or rejects, one by one: the pure middle of a load."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from operator import itemgetter
from typing import Any

from graph_loaders.report import Reject
from graph_loaders.sources import Broken, Cells, Source
from graph_loaders.sources.cells import unreadable
from graph_loaders.transform.amounts import above_one, is_shortened
from graph_loaders.transform.faults import Fault, hint
from graph_loaders.transform.identity import SEPARATOR
from graph_loaders.transform.kinds import KINDS, PERSON_COLUMNS
from graph_loaders.transform.reading import Parsed, Reading, Rules, clean_text, key_text, replaced, says_citizen_number
from graph_loaders.transform.repeats import PairOf, Repeats, pair_by, row_key
from schema.documents import document_form
from schema.masking import mask_person_ids

_LONGEST_VALUE = 200
_CODES = frozenset(("code", "party_a", "party_b", "holder_number"))  # judged where they are read
_HIDDEN = re.compile(r"(?<=.{6}).", re.DOTALL)

Outcome = tuple[int, bytes, Parsed | Reject | None]
"""Row number, digest where an equal row exists (else b""), what the row became; None: equal to an accepted row."""


class RowParser:
    """Parses the rows of one source. A row equal to an accepted one is a duplicate; one that may clash is not decided
    here, since that needs the whole file."""

    def __init__(self, source: Source, rules: Rules) -> None:
        self.source = source
        self.kind = KINDS[source.kind]
        self.reading = Reading(source, rules)
        self._positions = [source.columns.get(column, -1) for column in self.kind.columns]

    def pair_of(self) -> PairOf | None:
        """How the first reading finds rows that may clash; None for kinds in which none can."""
        columns = self.source.columns
        if not self.kind.pair or any(column not in columns for column in self.kind.pair):
            return None
        value = next((columns[column] for column in self.kind.pair_value if column in columns), -1)
        texts = {"code": self.reading.any_code, "document": _form, "holder_number": self.reading.any_number}
        keys = tuple((columns[column], texts[column]) for column in self.kind.pair)
        return pair_by(keys, value, clean_text)

    def watched(self, rows: Iterator[Cells | Broken]) -> Iterator[Cells | Broken]:
        """The same rows, in the first reading: whether bare shares are percentages is seen by the whole column."""
        column = self.source.columns.get("share", -1)
        for cells in rows:
            if column >= 0 and not self.reading.percents and not isinstance(cells, Broken):
                self.reading.percents = above_one(cells[column])
            yield cells

    def parse(self, rows: Iterator[Cells | Broken], repeats: Repeats) -> Iterator[Outcome]:
        pick = itemgetter(*self._positions)
        twins = self.source.twins
        read, reading, same = self.kind.read, self.reading, repeats.same
        values = [
            (self.kind.columns.index(column), {key: str(value) for key, value in table.items()})
            for column, table in self.source.values.items()
        ]
        checked = [
            (index, column)
            for index, column in enumerate(self.kind.columns)
            if column in self.source.columns and column not in PERSON_COLUMNS and column not in _CODES
        ]
        accepted: set[bytes] = set()
        for number, cells in enumerate(rows, 1):
            if isinstance(cells, Broken):
                yield number, b"", self._reject(number, "", cells.reason, cells.detail)
                continue
            digest = b""
            if same and row_key(cells) in same:
                digest = blake2b(repr(list(cells)).encode("utf-8", "surrogatepass"), digest_size=16).digest()
                if digest in accepted:
                    yield number, digest, None
                    continue
            picked = list(pick([*cells, ""]))
            if unknown := self._unreadable(picked):
                yield number, digest, self.reject(number, unknown)
                continue
            for index, table in values:
                picked[index] = replaced(table, picked[index])
            try:
                if twins:
                    self._join(picked, cells)
                for index, column in checked:
                    if says_citizen_number(picked[index]):
                        raise Fault(column, "citizen_number", picked[index])
                parsed = read(reading, picked, number)
            except Fault as fault:
                yield number, digest, self.reject(number, fault)
                continue
            if digest and not self.may_clash(parsed, repeats):
                accepted.add(digest)
            yield number, digest, parsed

    def _unreadable(self, picked: list[Any]) -> Fault | None:
        """The first cell of which nothing can be told; it is not empty, so no other cell may stand in for it."""
        for index, cell in enumerate(picked):
            if found := unreadable(cell):
                return Fault(self.kind.columns[index], found.reason, found.shown)
        return None

    def _join(self, picked: list[Any], cells: Cells) -> None:
        """One cell for columns under the same header: what any of them says. Raises Fault where two disagree."""
        for column, places in self.source.twins.items():
            index = self.kind.columns.index(column)
            said = {clean_text(cell): cell for cell in (picked[index], *(cells[place] for place in places))}
            said.pop("", None)
            if len(said) > 1:
                raise Fault(column, "ambiguous_column", " / ".join(said))
            picked[index] = next(iter(said.values()), "")

    @staticmethod
    def may_clash(parsed: Parsed, repeats: Repeats) -> bool:
        return bool(repeats.clashing) and hash(parsed.pair_key) in repeats.clashing

    def clash(self, number: int, parsed: Parsed) -> Reject:
        """The reject of a row that another one contradicts."""
        column = next((column for column in self.kind.shown if column in self.source.columns), self.kind.pair[0])
        return self._reject(number, self.source.header(column), self.kind.clash, parsed.pair.replace(SEPARATOR, " "))

    def reject(self, number: int, fault: Fault) -> Reject:
        text = fault.value if isinstance(fault.value, str) else str(fault.value)
        hidden = (
            fault.column in PERSON_COLUMNS
            or fault.reason in ("bad_person_id_check", "citizen_number")
            or is_shortened(fault.value)
            or _like_a_person(fault, text)
        )
        if hidden:
            text = _HIDDEN.sub("*", text) if len(text) >= 15 else "*" * len(text)
        return self._reject(number, self.source.header(fault.column), fault.reason, text)

    def _reject(self, number: int, field: str, reason: str, value: str) -> Reject:
        text = value[: _LONGEST_VALUE * 10].encode("utf-8", "replace").decode("utf-8")
        shown = mask_person_ids(text, free=True)[:_LONGEST_VALUE]
        return Reject(self.source.place, number, field, reason, shown, hint(reason))


def _form(raw: object) -> str:
    return document_form(key_text(raw))


def _like_a_person(fault: Fault, text: str) -> bool:
    """A holder's number of which most are digits, as when a person's is taken for an organisation's code."""
    return fault.column == "holder_number" and sum(map(str.isdigit, text)) >= 14


def complete(parsed: Parsed, token: str, adult_on: str, ids: Any) -> None:
    """Puts the person's token where the number was; ids of a role or lift follow from it."""
    owner = parsed.role if parsed.role is not None else parsed.fact
    assert owner is not None
    owner["token"], owner["adult_on"] = token, adult_on
    owner["key"], owner["vid"] = ids(owner)
    parsed.number = ""
