"""Facts that a full snapshot has only as faulty rows: they count as present, though the rows were set aside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graph_loaders.engine import Engine
from graph_loaders.load.steady import run_steps
from graph_loaders.load.tables import on_nodes, on_roles
from graph_loaders.load.writer import distinct
from graph_loaders.sources import Broken, Source, open_rows
from graph_loaders.transform.reading import clean_text
from schema.documents import document_form
from schema.identifiers import is_uscc, normalise_code

PAGE = 2_000
_MARKS = re.compile(r'[,，;|^"\t\x01{}\[\]]|: ')  # between the cells of a row in any container
_SHORTEST = 3

# kind of file → statement, label, column that still tells what the row is about
_NODES = {
    "registry": ("keep", "SubjectState", "code"),
    "xzcf": ("keep_forms", "Record", "document"),
    "xzxk": ("keep_forms", "Record", "document"),
    "lists": ("keep_forms", "Record", "document"),
    "repairs": ("keep_endings", "Ending", "document"),
    "lifts": ("keep_endings", "Lift", "document"),
    "contracts": ("keep_forms", "Contract", "number"),
    "commitments": ("keep_forms", "Commitment", "number"),
    "ratings": ("keep_ratings", "Rating", "code"),
    "complaints": ("keep_forms", "Complaint", "number"),
}
_ROLES = {"registry": "REPRESENTS", "shareholders": "HOLDS"}


@dataclass(slots=True)
class Present:
    """Values by statement and label (nodes) and by relation (roles)."""

    nodes: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    roles: dict[str, set[str]] = field(default_factory=dict)

    def add(self, kind: str, cells: dict[str, str]) -> None:
        """Notes one faulty row by the cells of its kind's columns; cells that are missing or wrong tell nothing."""
        if entry := _NODES.get(kind):
            name, label, column = entry
            if value := cells.get(column, ""):
                self.nodes.setdefault((name, label), set()).add(value if column == "code" else document_form(value))
        if (relation := _ROLES.get(kind)) and (code := cells.get("code", "")):
            self.roles.setdefault(relation, set()).add(code)

    def read(self, source: Source, rows: Rows) -> None:
        """Reads the faulty rows of a file once more. Blocking."""
        columns = {name: place for name, place in source.columns.items() if name in ("code", "document", "number")}
        for number, cells in enumerate(open_rows(source), 1):
            if number not in rows:
                continue
            if isinstance(cells, Broken):
                for part in _parts(cells):
                    self.add(source.kind, {name: _cell(name, (part,), 0) for name in ("code", "document", "number")})
            else:
                self.add(source.kind, {name: _cell(name, cells, place) for name, place in columns.items()})

    async def mark(self, engine: Engine, run: str) -> None:
        """Marks what is claimed of them as kept by this snapshot."""
        for (name, label), values in self.nodes.items():
            for part in _pages(values):
                await run_steps(engine, [(on_nodes(name, label), {"values": part, "run": run})])
        for relation, codes in self.roles.items():
            for part in _pages(codes):
                await run_steps(engine, [(on_roles("keep_roles", relation), {"codes": part, "run": run})])


class Rows:
    """A set of row numbers in one bit each."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, number: int) -> None:
        byte, bit = divmod(number, 8)
        if byte >= len(self._bits):
            self._bits.extend(bytes(byte + 1 - len(self._bits)))
        self._bits[byte] |= 1 << bit

    def __contains__(self, number: int) -> bool:
        byte, bit = divmod(number, 8)
        return byte < len(self._bits) and bool(self._bits[byte] & 1 << bit)

    def __bool__(self) -> bool:
        return bool(self._bits)


def _cell(name: str, cells: Sequence[object], place: int) -> str:
    raw = cells[place] if place < len(cells) else ""
    if name != "code":
        return clean_text(raw)
    code = normalise_code(str(raw))[0]
    return code if is_uscc(code) else ""


def _parts(row: Broken) -> set[str]:
    """What may be a code or the number of something in a row that cannot be read: better kept than withdrawn."""
    parts = (part.strip() for text in row.texts for part in _MARKS.split(text))
    return {part for part in parts if len(part) >= _SHORTEST and any(map(str.isdigit, part))}


def _pages(values: set[str]) -> Iterator[list[str]]:
    ordered = distinct(values)
    for start in range(0, len(ordered), PAGE):
        yield ordered[start : start + PAGE]
