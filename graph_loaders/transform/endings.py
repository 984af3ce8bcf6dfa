"""Endings of records (expiry, repair, correction, revocation) and court lifts for one person."""

from __future__ import annotations

from typing import Any

from graph_loaders.transform.faults import Fault
from graph_loaders.transform.identity import SEPARATOR, ending_key, fact_hash
from graph_loaders.transform.reading import Parsed, Reading
from schema.documents import document_form
from schema.names import compared_name
from schema.records import ENDING_KINDS
from schema.times import OPEN_DATE

REPAIRS = ("document", "ending", "on", "authority", "code", "name")
NO_RECORD = "no_record"  # until it is bound: graph_loaders.load.binding
LIFTS = ("document", "person_number", "on", "authority")


def repair_row(read: Reading, cells: list[Any], row: int) -> Parsed:
    """One ending of one document; which of the four it is decides what it does to the record. The firm, where it is
    named, is whose record it ends."""
    raw_document, raw_ending, raw_on, raw_authority, raw_code, raw_name = cells
    code, marks = read.code("code", raw_code) if read.says_code(raw_code) else ("", ())
    document = read.key("document", raw_document, "missing_document")
    given = read.texts[raw_ending]
    kind = ENDING_KINDS.get(given) or _ending(given)
    if not kind:
        raise Fault("ending", "unknown_ending", raw_ending)
    on = read.dates.needed("on", raw_on)
    authority, name = read.texts[raw_authority], read.texts[raw_name]
    text = SEPARATOR.join((document, kind, on, authority, code, name))
    form, by, compared = document_form(document), compared_name(authority), compared_name(name)
    fact = _fact(read, row, on)
    fact |= {
        "key": ending_key(form, kind, code, compared, by),
        "vid": fact_hash("ENDING", text),
        "document": document,
        "kind": kind,
        "on": on,
        "authority": authority,
        "code": code,
        "name_as_given": name,
        "form": form,
        "by": by,
        "compared": compared,
        "ends": "",
        "unbound": NO_RECORD,
    }
    return Parsed(fact, text, marks)


_WORDS = {"撤销": "REVOCATION", "更正": "CORRECTION", "修复": "REPAIR", "到期": "EXPIRY", "期满": "EXPIRY"}
_DENIALS = ("不予", "不准", "未", "驳回", "拒绝", "不通过", "不同意", "无需")


def _ending(text: str) -> str:
    """Longer wordings of the four endings, such as 撤销行政处罚决定; "" where several are named (撤销信用修复 takes a
    repair back) or one is denied (不予修复)."""
    kinds = {kind for word, kind in _WORDS.items() if word in text}
    return kinds.pop() if len(kinds) == 1 and not any(word in text for word in _DENIALS) else ""


def lift_row(read: Reading, cells: list[Any], row: int) -> Parsed:
    """A court lifted the consumption limit of one document for one person (法发〔2019〕35号 §17(2))."""
    raw_document, raw_number, raw_on, raw_authority = cells
    number = read.person("person_number", raw_number)
    document = read.key("document", raw_document, "missing_document")
    on = read.dates.needed("on", raw_on)
    authority = read.texts[raw_authority]
    fact = _fact(read, row, on)
    fact |= {"document": document, "token": "", "adult_on": "", "on": on, "authority": authority}
    fact["form"] = document_form(document)
    return Parsed(fact, SEPARATOR.join((document, on, authority)), number=number)


def _fact(read: Reading, row: int, on: str) -> dict[str, Any]:
    return {
        "vid": "",
        "key": "",
        "valid_from": on,
        "valid_to": OPEN_DATE,
        "source": read.name,
        "row": row,
        "sha256": "",
    }
