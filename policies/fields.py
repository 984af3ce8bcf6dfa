"""Fields of supervision (环保, 食药 …): which one a fact belongs to, told by its authority and legal basis."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from policies.rules import SOURCES
from policies.table import Table, read_table

SHIPPED = Path(__file__).parent / "packs" / "agreements" / "fields.toml"


@dataclass(frozen=True, slots=True)
class Field:
    """``basis`` texts decide before ``authorities``, since one authority supervises several fields."""

    name: str
    title: str
    basis: tuple[str, ...]
    authorities: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class FieldBook:
    fields: tuple[Field, ...]

    def of(self, authority: str, basis: str) -> str:
        """The field's name, "" when no pack knows."""
        for field in self.fields:
            if any(text in basis for text in field.basis):
                return field.name
        for field in self.fields:
            if any(text in authority for text in field.authorities):
                return field.name
        return ""


def read_fields(file: Path = SHIPPED) -> FieldBook:
    root = read_table(file, file.name)
    book = FieldBook(root.each("field", _field, needed=True))
    root.done()
    return book


def _field(table: Table) -> Field:
    return Field(
        name=table.text("name"),
        title=table.text("title"),
        basis=table.texts("basis", default=()),
        authorities=table.texts("authorities", default=()),
        source=table.choice("source", SOURCES),
    )
