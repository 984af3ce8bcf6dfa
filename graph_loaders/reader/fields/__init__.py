"""How the fields of each GraphQL type are fetched from the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graph_loaders.reader.composer import TypeFields
from graph_loaders.reader.fields.contract import CONTRACT, CONTRACT_PARTY
from graph_loaders.reader.fields.held import COMMITMENT, RATING
from graph_loaders.reader.fields.loads import LOAD_RUN
from graph_loaders.reader.fields.person import PERSON, ROLE
from graph_loaders.reader.fields.record import PROVENANCE, RECORD
from graph_loaders.reader.fields.subject import SUBJECT
from graph_loaders.reader.makers import constant
from graph_loaders.reader.piercing import person_effects, subject_effects
from schema.piercing import Piercing


def types(piercing: Piercing | None) -> Mapping[str, TypeFields]:
    """The table of all types that are nodes of the graph or lie in one; without rules nothing has an effect."""
    of_subject = constant("[]") if piercing is None else subject_effects(piercing)
    of_person = constant("[]") if piercing is None else person_effects(piercing)
    return {
        "Commitment": COMMITMENT,
        "Contract": CONTRACT,
        "ContractParty": CONTRACT_PARTY,
        "LoadRun": LOAD_RUN,
        "Person": replace(PERSON, fields={**PERSON.fields, "effects": of_person}),
        "Provenance": PROVENANCE,
        "Rating": RATING,
        "Record": RECORD,
        "Role": ROLE,
        "Subject": replace(SUBJECT, fields={**SUBJECT.fields, "effects": of_subject}),
    }
