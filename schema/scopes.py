"""Scopes and purposes, and the one table that says which scopes open which field.

Every scope list here means OR: any of the listed scopes opens the field. This is the only place that says so;
``docs/scopes.md`` is made from it and the query plan is compiled against it.
"""

from __future__ import annotations

from typing import NamedTuple

PUBLIC = "credit:public"
MUTUAL = "credit:mutual"
LOAN = "credit:loan"
GATE = "credit:gate"
INVESTIGATE = "credit:investigate"
SELF = "credit:self"
OPERATE = "credit:operate"
UNMASK = "credit:unmask"
DECIDE = "credit:decide"
ACTS = "credit:acts"
CASE = "credit:case"

SCOPES: dict[str, tuple[str, str]] = {
    PUBLIC: ("what is published of a subject", "公开信息"),
    MUTUAL: ("mutual recognition between cities", "互认"),
    LOAN: ("loan profile with the subject's consent", "信易贷"),
    GATE: ("gate check by a department", "办事核查"),
    INVESTIGATE: ("browse relations for a case", "调查"),
    SELF: ("the subject's own data", "本主体"),
    OPERATE: ("operate the hub", "运维"),
    UNMASK: ("full names, together with credit:investigate", "姓名去掩码"),
    DECIDE: ("decide objections and repairs", "裁决"),
    ACTS: ("a person's own acts", "本人事项"),
    CASE: ("work on cases", "办理案件"),
}

PURPOSES: dict[str, tuple[str, str]] = {
    "mutual-recognition": ("mutual recognition", "互认"),
    "gate-check": ("gate check", "办事核查"),
    "loan": ("loan", "信贷"),
    "investigation": ("investigation of a case", "调查"),
    "self-service": ("self-service of the subject", "本主体服务"),
    "operations": ("operations", "运维"),
}

# Purposes that make sense under a scope; a client is registered with some of them.
PURPOSES_OF_SCOPE: dict[str, tuple[str, ...]] = {
    PUBLIC: (),
    MUTUAL: ("mutual-recognition",),
    LOAN: ("loan",),
    GATE: ("gate-check",),
    INVESTIGATE: ("investigation",),
    UNMASK: ("investigation",),
    SELF: ("self-service",),
    OPERATE: ("operations",),
    DECIDE: ("operations",),
    ACTS: ("self-service",),
    CASE: ("gate-check", "investigation"),
}


class Role(NamedTuple):
    english: str
    chinese: str
    scopes: tuple[str, ...]


# What people may get a token for. A machine client is registered with scopes, a person with a role.
ROLES: dict[str, Role] = {
    "investigator": Role("investigates cases", "调查人员", (INVESTIGATE, CASE)),
    "clerk": Role("checks at a gate", "经办人员", (GATE, CASE)),
    "decider": Role("decides", "决定人员", (DECIDE, CASE)),
    "operator": Role("operates the hub", "运维人员", (OPERATE,)),
    "person": Role("acts for oneself or a firm", "个人", (ACTS,)),
}
OF_PEOPLE = (ACTS, CASE)  # what only a person does, so the local operator's client has none of them
