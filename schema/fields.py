"""The one table of which scopes open which field. Every list means OR: any of its scopes opens the field.

The query plan is compiled against it and ``docs/scopes.md`` is made from it. A type that is not listed has no rule of
its own: it is part of what holds it (a page, an amount, a relation on a path).
"""

from __future__ import annotations

from dataclasses import dataclass

from schema import scopes as s

PUBLIC: frozenset[str] = frozenset({s.PUBLIC, s.MUTUAL, s.GATE, s.INVESTIGATE, s.OPERATE, s.SELF})
HELD: frozenset[str] = frozenset({s.MUTUAL, s.GATE, s.INVESTIGATE, s.OPERATE, s.SELF})
PERSONS: frozenset[str] = frozenset({s.MUTUAL, s.GATE, s.INVESTIGATE})
BROWSE: frozenset[str] = frozenset({s.INVESTIGATE})
FIND: frozenset[str] = frozenset({s.INVESTIGATE, s.OPERATE})
OPERATE: frozenset[str] = frozenset({s.OPERATE})
CHECK: frozenset[str] = frozenset({s.GATE})
GATE: frozenset[str] = frozenset({s.GATE, s.OPERATE})
OWN: frozenset[str] = frozenset({s.SELF})
DECIDE: frozenset[str] = frozenset({s.DECIDE})
COMMIT: frozenset[str] = frozenset({s.SELF, s.GATE})
TAKING: frozenset[str] = frozenset({s.GATE, s.DECIDE})
CASES: frozenset[str] = frozenset({s.SELF, s.OPERATE, s.DECIDE})

# "Type.field", or "Type.*" for the fields of a type that have no line of their own.
FIELDS: dict[str, frozenset[str]] = {
    "Query.subject": PUBLIC,
    "Query.subjects": PUBLIC,
    "Query._entities": PUBLIC,
    "Query.records": PUBLIC,
    "Query.node": PUBLIC,
    "Query.contracts": HELD,
    "Query.penetration": PERSONS,
    "Query.person": PERSONS,
    "Query.recognised": PERSONS,
    "Query.recognisedBatch": PERSONS,
    "Query.held": frozenset({s.MUTUAL}),
    "Query.peerPersons": frozenset({s.MUTUAL}),
    "Query.peerPenetration": frozenset({s.MUTUAL}),
    "Query.searchSubjects": FIND,
    "Query.searchPersons": BROWSE,
    "Query.neighbourhood": BROWSE,
    "Query.path": BROWSE,
    "Query.loadRuns": OPERATE,
    "Query.dataQuality": OPERATE,
    "Query.gateCase": GATE,
    "Query.gateCases": GATE,
    "Query.matters": GATE,
    "Query.measuresCatalogue": GATE,
    "Query.feedbackRate": GATE,
    "Query.objections": CASES,
    "Query.repairs": CASES,
    "Query.mayRepair": CASES,
    "Query.mayCommit": COMMIT | CASES,
    "Mutation.gateCheck": CHECK,
    "Mutation.gateCheckBatch": CHECK,
    "Mutation.reportFeedback": CHECK,
    "Mutation.objectTo": OWN,
    "Mutation.decideObjection": DECIDE,
    "Mutation.applyForRepair": OWN,
    "Mutation.decideRepair": DECIDE,
    "Mutation.makeCommitment": COMMIT,
    "Mutation.fulfilCommitment": TAKING,
    "Mutation.reportBreach": TAKING,
    "Subject.*": PUBLIC,
    "Subject.representatives": HELD,
    "Subject.contracts": HELD,
    "Subject.commitments": HELD,
    "Subject.ratings": HELD,
    "Subject.roles": PERSONS,
    "Subject.effects": PERSONS,
    "Record.*": PUBLIC,
    "Contract.*": HELD,
    "Commitment.*": HELD,
    "Rating.*": HELD,
    "Person.*": PERSONS,
    "Role.*": PERSONS,
    "Effect.*": PERSONS,
    "Penetration.*": PERSONS,
    "RecognisedAnswer.*": PERSONS,
    "Neighbourhood.*": BROWSE,
    "Path.*": BROWSE,
    "LoadRun.*": OPERATE,
    "DataQuality.*": OPERATE,
    "GateCase.*": GATE,
    "FeedbackRate.*": GATE,
    "Objection.*": CASES,
    "Repair.*": CASES,
    "Decision.*": COMMIT | CASES,
    "CommitmentCase.*": COMMIT | CASES,
}

# Fields of a type opened further where it is reached through one field: the masked names of representatives.
THROUGH: dict[tuple[str, str], frozenset[str]] = {
    ("Subject.representatives", "Person.id"): HELD,
    ("Subject.representatives", "Person.name"): HELD,
}

# What credit:self opens of another subject that its own data mention.
SELF_ELSEWHERE: frozenset[str] = frozenset({"Subject.id", "Subject.code", "Subject.name"})

# Fields that lead from a subject to what is about the same subject, by the type they lead to.
SAME_SUBJECT: frozenset[str] = frozenset(
    {
        "Record.subject",
        "Commitment.subject",
        "SubjectResult.subject",
        "Objection.subject",
        "Repair.subject",
        "CommitmentCase.subject",
    }
)

# What a value in an argument asks about: who may not read the field may not ask by it either.
ARGUMENTS: dict[str, str] = {
    "Query.subject(code)": "Subject.code",
    "Query.subjects(codes)": "Subject.code",
    "Query._entities(representations)": "Subject.code",
    "Query.person(token)": "Person.token",
    "Query.searchPersons(name)": "Person.name",
    "Query.searchPersons(organisation)": "Role.subject",
    "Query.penetration(subject)": "Effect.subject",
    "Query.penetration(person)": "Effect.person",
    "Query.recognised(subject)": "Subject.code",
    "Query.recognisedBatch(subjects)": "Subject.code",
    "GateCheckInput.subject": "Subject.code",
    "GateCheckInput.person": "Person.token",
    "GateCaseFilter.subject": "Subject.code",
    "ObjectionFilter.subject": "Objection.subject",
    "RepairFilter.subject": "Repair.subject",
    "MakeCommitmentInput.subject": "CommitmentCase.subject",
    "Query.mayCommit(subject)": "CommitmentCase.subject",
    "SubjectFilter.nameContains": "Subject.name",
    "SubjectFilter.kind": "Subject.kind",
    "SubjectFilter.region": "Subject.region",
    "SubjectFilter.status": "Subject.status",
    "RecordFilter.subject": "Record.subject",
    "RecordFilter.kinds": "Record.kind",
    "RecordFilter.states": "Record.state",
    "RecordFilter.listTypes": "Record.listType",
    "RecordFilter.decidedFrom": "Record.decidedOn",
    "RecordFilter.decidedTo": "Record.decidedOn",
    "RecordFilter.includeVoid": "Record.state",
    "ContractFilter.subject": "Contract.parties",
    "ContractFilter.overdue": "Contract.overdue",
}

# Arguments that name or point to a person: never in a URL, so never by GET. Ids count where they are a Person's.
PERSONAL: frozenset[str] = frozenset({"person(token)", "searchPersons(name)", "penetration(person)"})
PERSONAL_IDS: frozenset[str] = frozenset({"node(id)", "neighbourhood(center)", "path(from)", "path(to)"})


@dataclass(frozen=True, slots=True)
class FieldTable:
    """The table as the planner asks it; tests give other tables to prove that it alone decides."""

    fields: dict[str, frozenset[str]]
    through: dict[tuple[str, str], frozenset[str]]
    arguments: dict[str, str]

    def opening(self, type_name: str, field: str, via: str = "") -> frozenset[str] | None:
        """The scopes that open a field, or None where it belongs to what holds it. ``via`` is ``Type.field`` of the
        field through which the object was reached."""
        rule = self.fields.get(f"{type_name}.{field}")
        if rule is None:
            rule = self.fields.get(f"{type_name}.*")
        if rule is None:
            return None
        further = self.through.get((via, f"{type_name}.{field}"))
        return rule if further is None else rule | further


TABLE = FieldTable(FIELDS, THROUGH, ARGUMENTS)


def without_self(scopes: frozenset[str]) -> frozenset[str]:
    """The scopes that count for a subject to which ``credit:self`` is not bound."""
    return scopes - {s.SELF}
