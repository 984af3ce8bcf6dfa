"""Licences, list entries and honours: one record each, with the document that decided it."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from graph_loaders.transform.faults import Fault
from graph_loaders.transform.identity import SEPARATOR, entry_key, fact_hash, licence_key
from graph_loaders.transform.marks import Marks, marks_of
from graph_loaders.transform.reading import Parsed, Reading, free_text
from schema.documents import document_form
from schema.names import compared_name
from schema.times import OPEN_DATE

LICENCES = (
    "name",
    "code",
    "document",
    "title",
    "category",
    "licence_name",
    "licence_number",
    "content",
    "decided_on",
    "since",
    "until",
    "authority",
    "authority_code",
    "status",
    "use",
)
LISTS = (
    *("list_type", "name", "code", "authority", "document", "basis", "ground", "listed_on", "removed_on"),
    *("status", "use"),
)


def licence_row(read: Reading, cells: list[Any], row: int) -> Parsed:
    """An administrative licence; ``until`` is its last day, open for 2099-12-31 and 长期."""
    raw_name, raw_code, raw_document, _, raw_category, raw_licence, raw_number, raw_content, *rest = cells
    raw_decided, raw_since, raw_until, raw_authority, raw_authority_code, raw_status, raw_use = rest
    texts, dates = read.texts, read.dates
    code, marks = read.code("code", raw_code)
    document = read.key("document", raw_document, "missing_document")
    decided = dates.needed("decided_on", raw_decided)
    since = dates.given("since", raw_since)
    until = dates.end("until", raw_until)
    if decided > read.today:
        raise Fault("decided_on", "future_decision_date", raw_decided)
    if until < (since or decided):
        raise Fault("until", "end_before_start", raw_until)
    record = _record(
        read,
        row,
        kind="LICENCE",
        document=document,
        code=code,
        name=texts[raw_name],
        decided=decided,
        until=until,
        valid_to=until,
        authority=texts[raw_authority],
        authority_code=read.optional_code(raw_authority_code),
        category=texts[raw_category],
        content=free_text(raw_content),
        licence_name=texts[raw_licence],
        licence_number=read.optional_key("licence_number", raw_number),
        marked=(marked := marks_of(read, raw_status, raw_use)),
    )
    text = record.pop("text")
    return Parsed(record, text, marks, marked.warnings, subject=code, name=record["name_as_given"])


def list_row(read: Reading, cells: list[Any], row: int) -> Parsed:
    """An entry of a black list or an honour; ``until`` is the day of removal, the day before the last in force."""
    raw_type, raw_name, raw_code, raw_authority, raw_document, raw_basis, raw_ground, *rest = cells
    raw_listed, raw_removed, raw_status, raw_use = rest
    texts, dates = read.texts, read.dates
    code, marks = read.code("code", raw_code)
    list_type = texts[raw_type]
    if not list_type:
        raise Fault("list_type", "missing_list_type")
    listed = dates.needed("listed_on", raw_listed)
    removed = dates.end("removed_on", raw_removed)
    if removed < listed:
        raise Fault("removed_on", "end_before_start", raw_removed)
    record = _record(
        read,
        row,
        kind="AWARD" if read.lists.is_award(list_type) else "LIST_ENTRY",
        list_type=list_type,
        document=read.optional_key("document", raw_document),
        code=code,
        name=texts[raw_name],
        decided=listed,
        until=removed,
        valid_to=_day_before(removed),
        authority=texts[raw_authority],
        ground=free_text(raw_ground),
        basis=texts[raw_basis],
        marked=(marked := marks_of(read, raw_status, raw_use)),
    )
    warnings = marked.warnings if read.lists.known(list_type) else ("unknown_list_type", *marked.warnings)
    return Parsed(record, record.pop("text"), marks, warnings, subject=code, name=record["name_as_given"])


@lru_cache(maxsize=8192)
def _day_before(day: str) -> str:
    return day if day == OPEN_DATE else (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _record(
    read: Reading,
    row: int,
    *,
    kind: str,
    document: str,
    code: str,
    name: str,
    decided: str,
    until: str,
    valid_to: str,
    list_type: str = "",
    authority: str = "",
    authority_code: str = "",
    ground: str = "",
    basis: str = "",
    category: str = "",
    content: str = "",
    licence_name: str = "",
    licence_number: str = "",
    marked: Marks,
) -> dict[str, Any]:
    """A licence, list entry or award."""
    form, by = document_form(document), compared_name(authority)
    if kind == "LICENCE":
        key = licence_key(form, code, by, licence_number, licence_name + content)
    else:
        key = entry_key(kind, list_type, form, code, by, decided)
    what = (kind, list_type, document, code, name, decided, until)
    how = (authority, authority_code, ground, basis, category, content, licence_name, licence_number)
    text = SEPARATOR.join(what + how + marked.texts)
    return {
        "vid": fact_hash(text),
        "key": key,
        "valid_from": decided,
        "valid_to": marked.valid_to(decided, valid_to),
        "source": read.name,
        "row": row,
        "sha256": "",
        "id": key,
        "kind": kind,
        "list_type": list_type,
        "tier": "",
        "document": document,
        "code": code,
        "name_as_given": name,
        "authority": authority,
        "authority_code": authority_code,
        "decided_on": decided,
        "until": until,
        "until_computed": False,
        "term_rule": "",
        "ground": ground,
        "basis": basis,
        "category": category,
        "content": content,
        "amount": "",
        "amount_given": "",
        "licence_name": licence_name,
        "licence_number": licence_number,
        "order_key": f"{decided}|{key}",
        "adverse": kind == "LIST_ENTRY",
        "form": form,
        "by": by,
        "compared": compared_name(name),
        **marked.properties,
        "text": text,
    }
