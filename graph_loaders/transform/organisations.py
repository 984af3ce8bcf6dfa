"""Registry and shareholders: an organisation's state, and the dated roles of persons and organisations in it."""

from __future__ import annotations

from typing import Any

from graph_loaders.transform.amounts import read_share
from graph_loaders.transform.faults import Fault
from graph_loaders.transform.identity import SEPARATOR, fact_hash
from graph_loaders.transform.reading import Parsed, Reading
from schema.identifiers import is_region, is_uscc, normalise_code
from schema.names import compared_name
from schema.records import SUBJECT_KINDS
from schema.times import FIRST_DATE

REGISTRY = (
    "code",
    "name",
    "subject_kind",
    "representative",
    "representative_number",
    "since",
    "until",
    "established_on",
    "registrar",
    "region",
    "status",
)
SHAREHOLDERS = ("code", "holder", "holder_kind", "holder_number", "share", "since", "until")

_KIND_WORDS = (
    ("个体", "INDIVIDUAL_BUSINESS"),
    ("事业", "INSTITUTION"),
    ("社会", "SOCIAL_ORGANISATION"),
    ("社团", "SOCIAL_ORGANISATION"),
    ("民办非企业", "SOCIAL_ORGANISATION"),
    ("基金会", "SOCIAL_ORGANISATION"),
    ("机关", "GOVERNMENT"),
    ("企业", "ENTERPRISE"),
    ("公司", "ENTERPRISE"),
    ("合作社", "ENTERPRISE"),
)


def subject_kind(text: str) -> str:
    """The kind of an organisation by the word for it; "" when no word is known."""
    known = SUBJECT_KINDS.get(text)
    return known or next((kind for word, kind in _KIND_WORDS if word in text), "")


def registry_row(read: Reading, cells: list[Any], row: int) -> Parsed:
    """A state of the organisation and, where its number is given, the term of one representative.

    What is wrong with the term or the number of the representative costs the role, not the organisation; only a citizen
    number with a slip in it sets the row aside, since it would name somebody else.
    """
    raw_code, raw_name, raw_kind, raw_person, raw_number, raw_since, raw_until, raw_established, *rest = cells
    registrar, region, status = map(read.texts.__getitem__, rest)
    code, marks = read.code("code", raw_code)
    number, unusable = read.optional_person("representative_number", raw_number)
    name = read.texts[raw_name]
    if not name:
        raise Fault("name", "missing_name")
    kind = subject_kind(read.texts[raw_kind])
    if not kind:
        raise Fault("subject_kind", "unknown_subject_kind", raw_kind)
    person = read.texts[raw_person]
    if number:
        since = read.dates.needed("since", raw_since)
    else:
        since = read.dates.given("since", raw_since)
    until = read.dates.end("until", raw_until)
    established = read.dates.given("established_on", raw_established)
    if number and until < since:
        raise Fault("until", "end_before_start", raw_until)
    if not is_region(region):
        region = ""
    content = (code, name, kind, region, status, established, registrar)
    text = SEPARATOR.join((*content, person, since, until))
    state = {
        "vid": fact_hash("STATE", *content),
        "key": fact_hash("STATE", code),
        "valid_from": established or FIRST_DATE,
        "valid_to": "9999-12-31",
        "source": read.name,
        "row": row,
        "sha256": "",
        "code": code,
        "name": name,
        "kind": kind,
        "region": region,
        "status": status,
        "established_on": established,
        "registrar": registrar,
    }
    role = None
    warnings: tuple[str, ...] = ()
    if number:
        role = _role(read, row, "REPRESENTS", code, since, until, person)
    elif person or unusable:
        warnings = ("no_representative_number",)
    return Parsed(state, text, marks, warnings, role, number, pair_key=code, pair=compared_name(name))


def shareholder_row(read: Reading, cells: list[Any], row: int) -> Parsed:
    """The term of one holder: a natural person by number, or an organisation by code."""
    raw_code, raw_holder, raw_kind, raw_number, raw_share, raw_since, raw_until = cells
    code, marks = read.code("code", raw_code)
    number = holder_code = ""
    if _is_person(read.texts[raw_kind], raw_number):
        number = read.person("holder_number", raw_number)
    else:
        holder_code, more = read.code("holder_number", raw_number)
        marks += more
    holder = read.texts[raw_holder]
    since = read.dates.needed("since", raw_since)
    until = read.dates.end("until", raw_until)
    share, share_given = read_share("share", raw_share, read.percents)
    if until < since:
        raise Fault("until", "end_before_start", raw_until)
    role = _role(read, row, "HOLDS", code, since, until, holder)
    role.update(holder_code=holder_code, share=share, share_given=share_given)
    text = SEPARATOR.join((code, holder, holder_code, repr(share), share_given, since, until))
    warnings = ("share_unknown",) if share < 0 else ()
    pair = SEPARATOR.join((code, number or holder_code))
    return Parsed(None, text, marks, warnings, role=role, number=number, pair_key=pair, pair=repr(share))


def _is_person(kind: str, raw_number: object) -> bool:
    """By the holder's kind; where that says nothing, by what the number looks like."""
    if kind:
        return "自然人" in kind and "非自然人" not in kind
    return not is_uscc(normalise_code(str(raw_number))[0])


def _role(read: Reading, row: int, role: str, code: str, since: str, until: str, name: str) -> dict[str, Any]:
    return {
        "vid": "",
        "key": "",
        "valid_from": since,
        "valid_to": until,
        "source": read.name,
        "row": row,
        "sha256": "",
        "role": role,
        "code": code,
        "token": "",
        "adult_on": "",
        "holder_code": "",
        "name": name,
        "share": 0.0,
        "share_given": "",
        "part": 0,
    }
