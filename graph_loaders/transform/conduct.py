"""Contracts, commitments, ratings and complaints. Of a complaint neither who complained nor what was said is kept."""

from __future__ import annotations

from typing import Any

from graph_loaders.transform.amounts import read_score
from graph_loaders.transform.identity import SEPARATOR, fact_hash
from graph_loaders.transform.reading import Parsed, Reading, free_text
from schema.documents import document_form
from schema.names import compared_name
from schema.times import OPEN_DATE

CONTRACTS = (
    "number",
    "title",
    "field",
    "party_a",
    "party_a_name",
    "party_b",
    "party_b_name",
    "amount",
    "signed_on",
    "due_on",
    "completed_on",
    "status",
)
COMMITMENTS = ("number", "commitment_kind", "code", "name", "matter", "made_on", "due_on", "kept_on", "status")
RATINGS = ("code", "scale", "score", "grade", "rated_on", "issuer")
COMPLAINTS = ("number", "received_at", "code", "matter")


def _base(read: Reading, row: int, key: str, text: str, since: str, until: str = OPEN_DATE) -> dict[str, Any]:
    return {
        "vid": fact_hash(key, text),
        "key": key,
        "valid_from": since,
        "valid_to": until,
        "source": read.name,
        "row": row,
        "sha256": "",
    }


def contract_row(read: Reading, cells: list[Any], row: int) -> Parsed:
    """A contract between two organisations; ``completed_on`` open means not completed."""
    raw_number, raw_title, raw_field, raw_a, raw_a_name, raw_b, raw_b_name, raw_amount, *rest = cells
    raw_signed, raw_due, raw_completed, raw_status = rest
    texts, dates = read.texts, read.dates
    party_a, marks_a = read.code("party_a", raw_a)
    party_b, marks_b = read.code("party_b", raw_b)
    number = read.key("number", raw_number, "missing_number")
    signed = dates.needed("signed_on", raw_signed)
    due = dates.end("due_on", raw_due)
    completed = dates.given("completed_on", raw_completed) or OPEN_DATE
    amount, given = read.amount("amount", raw_amount)
    content = {
        "number": number,
        "title": texts[raw_title],
        "field": texts[raw_field],
        "amount": amount,
        "signed_on": signed,
        "due_on": due,
        "completed_on": completed,
        "status_given": texts[raw_status],
        "party_a": party_a,
        "party_a_name": texts[raw_a_name],
        "party_b": party_b,
        "party_b_name": texts[raw_b_name],
    }
    text = SEPARATOR.join(content.values())
    form = document_form(number)
    key = fact_hash("CONTRACT", form, party_a, party_b)
    fact = _base(read, row, key, text, signed) | content
    fact |= {"id": key, "amount_given": given, "order_key": f"{signed}|{key}", "form": form}
    return Parsed(fact, text + SEPARATOR + given, marks_a + marks_b)


def commitment_row(read: Reading, cells: list[Any], row: int) -> Parsed:
    """A credit commitment; ``kept_on`` open means not kept."""
    raw_number, raw_kind, raw_code, raw_name, raw_matter, raw_made, raw_due, raw_kept, raw_status = cells
    texts, dates = read.texts, read.dates
    code, marks = read.code("code", raw_code)
    number = read.key("number", raw_number, "missing_number")
    made = dates.needed("made_on", raw_made)
    content = {
        "number": number,
        "kind": texts[raw_kind],
        "matter": texts[raw_matter],
        "code": code,
        "name_as_given": texts[raw_name],
        "made_on": made,
        "due_on": dates.end("due_on", raw_due),
        "kept_on": dates.given("kept_on", raw_kept) or OPEN_DATE,
        "status_given": texts[raw_status],
    }
    text = SEPARATOR.join(content.values())
    form = document_form(number)
    key = fact_hash("COMMITMENT", form, code)
    # of two claims about one promise the one that says how it ended is held, whatever their order and hashes
    rank = f"{content['kept_on']}|{0 if content['status_given'] else 1}"
    fact = _base(read, row, key, text, made) | content | {"id": key, "form": form, "rank": rank}
    return Parsed(fact, text, marks, subject=code, name=content["name_as_given"])


def rating_row(read: Reading, cells: list[Any], row: int) -> Parsed:
    """A rating on one scale on one day; scores and grades of different scales are not compared here."""
    raw_code, raw_scale, raw_score, raw_grade, raw_rated, raw_issuer = cells
    code, marks = read.code("code", raw_code)
    rated = read.dates.needed("rated_on", raw_rated)
    content = {
        "code": code,
        "scale": read.texts[raw_scale],
        "score": read_score("score", raw_score),
        "grade": read.texts[raw_grade],
        "rated_on": rated,
        "issuer": read.texts[raw_issuer],
    }
    text = SEPARATOR.join(content.values())
    key = fact_hash("RATING", code, compared_name(content["scale"]), rated, compared_name(content["issuer"]))
    return Parsed(_base(read, row, key, text, rated) | content | {"id": key}, text, marks)


def complaint_row(read: Reading, cells: list[Any], row: int) -> Parsed:
    """That there was a complaint on an organisation, when and about what kind of matter. Not a credit record."""
    raw_number, raw_received, raw_code, raw_matter = cells
    code, marks = read.code("code", raw_code)
    number = read.key("number", raw_number, "missing_number")
    instant, day = read.dates.instant("received_at", raw_received)
    matter = free_text(raw_matter)[:40]
    text = SEPARATOR.join((number, code, str(instant), matter))
    form = document_form(number)
    fact = _base(read, row, fact_hash("COMPLAINT", form, code), text, day, day)
    fact |= {"form": form, "number": number, "code": code, "received_at": instant, "received_on": day, "matter": matter}
    return Parsed(fact, text, marks)
