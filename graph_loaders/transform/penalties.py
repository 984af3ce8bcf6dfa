"""Administrative penalties: one record each, with the document that decided it."""

from __future__ import annotations

from typing import Any

from graph_loaders.transform.amounts import fine_in_text, is_shortened
from graph_loaders.transform.faults import Fault
from graph_loaders.transform.identity import SEPARATOR, fact_hash, penalty_key
from graph_loaders.transform.marks import marks_of
from graph_loaders.transform.reading import Parsed, Reading, free_text
from schema.documents import document_form
from schema.names import compared_name

PENALTIES = (
    "name",
    "code",
    "document",
    "violation",
    "ground",
    "basis",
    "category",
    "category_2",
    "content",
    "fine",
    "confiscated",
    "decided_on",
    "valid_until",
    "until",
    "authority",
    "authority_code",
    "tier",
    "status",
    "use",
)


def penalty_row(read: Reading, cells: list[Any], row: int) -> Parsed:
    """An administrative penalty. Without a publication end the longest term of its tier is computed and marked.

    ``until`` is the last day of publication. The fine is in its own column, or (older files) in the decision's text.
    """
    (
        raw_name,
        raw_code,
        raw_document,
        raw_violation,
        raw_ground,
        raw_basis,
        raw_category,
        raw_category_2,
        raw_content,
        raw_fine,
        _,
        raw_decided,
        raw_valid,
        raw_until,
        raw_authority,
        raw_authority_code,
        raw_tier,
        raw_status,
        raw_use,
    ) = cells
    texts, dates = read.texts, read.dates
    code, marks = read.code("code", raw_code)
    document = read.optional_key("document", raw_document)
    if not document and (not texts[raw_authority] or is_shortened(raw_document)):
        raise Fault("document", "missing_document", raw_document)  # nothing tells it apart
    decided = dates.needed("decided_on", raw_decided)
    until = dates.given("until", raw_until)
    dates.end("valid_until", raw_valid)
    if decided > read.today:
        raise Fault("decided_on", "future_decision_date", raw_decided)
    content = free_text(raw_content)
    warnings: tuple[str, ...] = ()
    amount = given = ""
    if "fine" in read.source.columns:
        amount, given = read.amount("fine", raw_fine)
    else:
        amount, given = fine_in_text(content)
        if not amount and "罚款" in content:
            warnings = ("fine_not_stated",)
    if until and until < decided:
        raise Fault("until", "publication_end_before_decision", raw_until)
    tier, unknown = read.word("tier", raw_tier)
    marked = marks_of(read, raw_status, raw_use, unknown)
    warnings += marked.warnings
    term_rule = ""
    if not until:
        until, term_rule = read.terms[decided, tier]
    category = texts[raw_category]
    second = texts[raw_category_2]
    if second and second != category:
        category = f"{category};{second}" if category else second
    name, basis, authority = texts[raw_name], texts[raw_basis], texts[raw_authority]
    ground = free_text(raw_ground) or free_text(raw_violation)
    authority_code = read.optional_code(raw_authority_code)
    text = SEPARATOR.join(
        (
            document,
            code,
            name,
            decided,
            until,
            term_rule,
            tier,
            authority,
            authority_code,
            ground,
            basis,
            category,
            content,
            amount,
        )
    )
    text = SEPARATOR.join((text, *marked.texts))
    form, by = document_form(document), compared_name(authority)
    key = penalty_key(form, code, by, decided)
    record = {
        "vid": fact_hash("PENALTY", text),
        "key": key,
        "valid_from": decided,
        "valid_to": marked.valid_to(decided, until),
        "source": read.name,
        "row": row,
        "sha256": "",
        "id": key,
        "kind": "PENALTY",
        "list_type": "",
        "tier": tier,
        "document": document,
        "code": code,
        "name_as_given": name,
        "authority": authority,
        "authority_code": authority_code,
        "decided_on": decided,
        "until": until,
        "until_computed": term_rule != "",
        "term_rule": term_rule,
        "ground": ground,
        "basis": basis,
        "category": category,
        "content": content,
        "amount": amount,
        "amount_given": given,
        "licence_name": "",
        "licence_number": "",
        "order_key": f"{decided}|{key}",
        "adverse": True,
        "form": form,
        "by": by,
        "compared": compared_name(name),
        **marked.properties,
    }
    return Parsed(
        record,
        text + SEPARATOR + given,
        marks,
        warnings,
        None,
        "",
        code,
        name,
        SEPARATOR.join((form, code) if form else (form, code, decided, by)),
        SEPARATOR.join((amount, decided)),
    )
