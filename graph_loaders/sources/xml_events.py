"""XML as a stream of events, without what a table never needs: no document types, no entities, bounded depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Protocol
from xml.parsers import expat

from graph_loaders.sources.book import DEEPEST
from schema.errors import UsageError

BLOCK = 1 << 16


class Handler(Protocol):
    """Names are local ones, without the prefix of their namespace."""

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


class XmlFault(ValueError):
    """The text is not the XML that it should be; the message says why."""


def parser(handler: Handler) -> expat.XMLParserType:
    """Raises XmlFault while parsing, for document types, entities and deep nesting."""
    made = expat.ParserCreate()
    made.buffer_text = True
    made.ordered_attributes = False
    names: dict[str, str] = {}
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise XmlFault(f"more than {DEEPEST} elements in each other")
        local = names.get(name) or names.setdefault(name, name.rpartition(":")[2])
        handler.start(local, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        handler.end(names[name])

    def refused(*_: object) -> None:
        raise XmlFault("document types and entities are not read")

    made.StartElementHandler = start
    made.EndElementHandler = end
    made.CharacterDataHandler = handler.text
    for event in ("StartDoctypeDeclHandler", "EntityDeclHandler", "ExternalEntityRefHandler"):
        setattr(made, event, refused)
    return made


def feed(file: IO[bytes], handler: Handler) -> Iterator[int]:
    """Parses a file block by block; yields the bytes read so far after each. Raises XmlFault."""
    made = parser(handler)
    done = 0
    try:
        while block := file.read(BLOCK):
            made.Parse(block, False)
            done += len(block)
            yield done
        made.Parse(b"", True)
    except expat.ExpatError as error:
        raise XmlFault(str(error)) from None
    yield done


def parse_text(text: str, handler: Handler) -> None:
    """Parses text that is decoded already, whatever encoding it declares. Raises XmlFault."""
    try:
        parser(handler).Parse(text, True)
    except expat.ExpatError as error:
        raise XmlFault(str(error)) from None


def attribute(attributes: dict[str, str], name: str) -> str:
    """An attribute by its local name; "" where there is none."""
    for key, value in attributes.items():
        if key == name or key.endswith(":" + name):
            return value
    return ""


def whole_number(text: str, largest: int) -> int:
    """A count in an attribute, bounded. Raises XmlFault."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise XmlFault("a count is no number")
    return min(int(text), largest)


def no_workbook(place: str, what: str, why: str = "") -> UsageError:
    """A file that says it is a workbook and cannot be read as one."""
    return UsageError(
        f"{place} is not a readable {what}" + (f" ({why})" if why else ""),
        hint="save it again as .xlsx without a password, or as CSV",
        message_zh="无法读取该工作簿",
    )
