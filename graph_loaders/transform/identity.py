"""What makes two facts the same: ids by content, independent of file, row, container, encoding and order.

``key`` says what a fact is about, ``vid`` everything it says; both are 128-bit BLAKE2b hashes in hex. What is only the
source's way of writing (``amount_given``, ``share_given``) does not enter, so one decision sent as CSV and as XLSX is
one fact. Numbers enter a key in their canonical form (``schema.documents``) and names as they are compared
(``schema.names``), so another spelling is another version of the same fact. docs/graph-model.md lists all keys.

Roles and lifts belong to persons, so their ids are made of the hub's token of the person. When the hub's person key
is rotated, the tokens change and with them these ids: ``role_ids`` and ``lift_ids`` make them anew from the properties
kept in the graph (replace ``token`` first); ``sha256`` stays what it was when the row was loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b, sha256
from typing import Any

from schema.documents import document_form, signed_by_agency
from schema.names import compared_name

SEPARATOR = "\x1f"  # never in a cell: control characters are removed from texts


def fact_hash(*parts: str) -> str:
    """A 128-bit hash of parts in order."""
    return blake2b(SEPARATOR.join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def row_hash(text: str) -> str:
    """SHA-256 of a normalised row: its cells in the order of the kind, persons as tokens."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def penalty_key(form: str, code: str, by: str, day: str) -> str:
    """A decision on a subject. A number without an agency's sign is told apart by the agency (``by``, as compared), a
    decision without a number by agency and day."""
    if not form:
        return fact_hash("PENALTY", "", code, by, day)
    return fact_hash("PENALTY", form, code) if signed_by_agency(form) else fact_hash("PENALTY", form, code, by)


def licence_key(form: str, code: str, by: str, number: str, what: str) -> str:
    """One licence of a decision: by its own number, else by what it is (its name and content)."""
    which = document_form(number) or compared_name(what)
    return fact_hash("LICENCE", form, code, "" if signed_by_agency(form) else by, which)


def entry_key(kind: str, list_type: str, form: str, code: str, by: str, day: str) -> str:
    """One stay on a list: a subject may be listed again under the same number."""
    name = compared_name(list_type).removesuffix("名单")
    return fact_hash(kind, name, form, code, "" if form and signed_by_agency(form) else by, day)


def ending_key(form: str, kind: str, code: str, compared: str, by: str) -> str:
    """An ending of what one number decided, for the firm that it names, said by one authority."""
    return fact_hash("ENDING", form, kind, code, "" if code else compared, by)


def role_ids(role: Mapping[str, Any]) -> tuple[str, str]:
    """``key`` and ``vid`` of a role: its kind, organisation, holder, first day and part (several subscriptions of one
    holder from one day), and all it says."""
    holder = role["token"] or role["holder_code"]
    first: tuple[str, ...] = (role["role"], role["code"], holder, role["valid_from"])
    if part := role.get("part") or 0:
        first = (*first, str(part))
    return (
        fact_hash(*first),
        fact_hash(*first, role["valid_to"], role["adult_on"], role["name"], repr(float(role["share"]))),
    )


def lift_ids(lift: Mapping[str, Any]) -> tuple[str, str]:
    """``key`` and ``vid`` of a court's lift: its document and person, and all it says."""
    first = ("LIFT", document_form(lift["document"]), lift["token"])
    return fact_hash(*first), fact_hash(*first, lift["adult_on"], lift["on"], lift["authority"])
