"""The rows that loading hands from transform to load: one TypedDict for each kind of fact.

Keys are the property names of ``docs/graph-model.md``. Dates are ISO strings, open ends ``OPEN_DATE``; absent texts
are ``""``. A person appears as ``Holder`` only: the number has become a token before a row exists.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

FileKind = Literal[
    "registry",
    "shareholders",
    "xzcf",
    "xzxk",
    "lists",
    "repairs",
    "lifts",
    "contracts",
    "commitments",
    "ratings",
    "complaints",
]
FILE_KINDS: tuple[FileKind, ...] = (
    "registry",
    "shareholders",
    "xzcf",
    "xzxk",
    "lists",
    "repairs",
    "lifts",
    "contracts",
    "commitments",
    "ratings",
    "complaints",
)

SUBJECT_KINDS: dict[str, str] = {
    "企业": "ENTERPRISE",
    "个体工商户": "INDIVIDUAL_BUSINESS",
    "事业单位": "INSTITUTION",
    "社会组织": "SOCIAL_ORGANISATION",
    "机关": "GOVERNMENT",
}
ENDING_KINDS: dict[str, str] = {
    "到期": "EXPIRY",
    "期满": "EXPIRY",
    "信用修复": "REPAIR",
    "异议更正": "CORRECTION",
    "更正": "CORRECTION",
    "撤销": "REVOCATION",
    "异议受理": "OBJECTION",
    "异议办结": "OBJECTION_END",
}
"""What a file of endings says of a record. An objection ends nothing: it is a flag from its day until the same
authority says that it is closed."""
TIERS = ("轻微", "一般", "严重")
STANDINGS = ("NORMAL", "REVOKED", "CORRECTED", "REPAIRED", "ENDED", "OBJECTION", "UNCLEAR")
"""What a source's own status column says of a record. UNCLEAR: it says that something is the matter, not what."""
USES = ("PUBLIC", "SHARED", "AUTHORISED", "INTERNAL")
"""Who may use a record, as the source says: anybody; government departments, neighbours' too; who has the subject's
consent; this city's own platform only."""


class Fact(TypedDict):
    """What every row carries. ``vid`` and ``key`` are hex; ``row`` counts data rows from 1."""

    vid: str
    key: str
    valid_from: str
    valid_to: str
    source: str
    row: int
    sha256: str


class SubjectState(Fact):
    code: str
    name: str
    kind: str
    region: str
    status: str
    established_on: str
    registrar: str


class Role(Fact):
    """A dated role. Exactly one of ``token`` (a person) and ``holder_code`` (a subject) is not empty."""

    role: Literal["REPRESENTS", "HOLDS"]
    code: str
    token: str
    adult_on: str
    holder_code: str
    name: str
    share: float
    share_given: str


class Record(Fact):
    id: str
    kind: Literal["PENALTY", "LICENCE", "LIST_ENTRY", "AWARD"]
    list_type: str
    tier: str
    document: str
    code: str
    name_as_given: str
    authority: str
    authority_code: str
    decided_on: str
    until: str
    until_computed: bool
    term_rule: str
    ground: str
    basis: str
    category: str
    content: str
    amount: str
    amount_given: str
    licence_name: str
    licence_number: str
    order_key: str
    adverse: bool
    form: str
    by: str
    compared: str
    standing: NotRequired[str]
    use: NotRequired[str]
    doubts: NotRequired[str]


class Ending(Fact):
    document: str
    kind: Literal["EXPIRY", "REPAIR", "CORRECTION", "REVOCATION", "OBJECTION", "OBJECTION_END"]
    on: str
    authority: str


class Lift(Fact):
    document: str
    token: str
    adult_on: str
    on: str
    authority: str


class Contract(Fact):
    id: str
    number: str
    title: str
    field: str
    amount: str
    amount_given: str
    signed_on: str
    due_on: str
    completed_on: str
    status_given: str
    order_key: str
    party_a: str
    party_a_name: str
    party_b: str
    party_b_name: str


class Commitment(Fact):
    id: str
    number: str
    kind: str
    matter: str
    code: str
    name_as_given: str
    made_on: str
    due_on: str
    kept_on: str
    status_given: str


class Rating(Fact):
    id: str
    code: str
    scale: str
    score: str
    grade: str
    rated_on: str
    issuer: str


class Complaint(Fact):
    number: str
    code: str
    received_at: int
    received_on: str
    matter: str
