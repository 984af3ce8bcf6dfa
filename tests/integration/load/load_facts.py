"""Rows as transform hands them over, short enough to write by hand in a test."""

from __future__ import annotations

import hashlib
from typing import Any

from schema.times import OPEN_DATE


def digest(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:32]


def fact(key: str, said: object, valid_from: str, valid_to: str = OPEN_DATE, **more: Any) -> dict[str, Any]:
    return {
        "vid": digest(key, said, valid_from, valid_to),
        "key": key,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "source": "test.csv",
        "row": 1,
        "sha256": digest("row", key, said),
        **more,
    }


def state(code: str, name: str, status: str = "存续") -> dict[str, Any]:
    return fact(
        code,
        (name, status),
        "2020-01-01",
        code=code,
        name=name,
        kind="ENTERPRISE",
        region="320400",
        status=status,
        established_on="2020-01-01",
        registrar="常州市市场监督管理局",
    )


def role(
    code: str,
    token: str = "",
    *,
    relation: str = "REPRESENTS",
    holder_code: str = "",
    name: str = "张三",
    since: str = "2020-01-01",
    until: str = OPEN_DATE,
    share: float = 0.0,
) -> dict[str, Any]:
    return fact(
        digest(relation, code, token or holder_code, since),
        (name, share),
        since,
        until,
        role=relation,
        code=code,
        token=token,
        adult_on="1990-01-01" if token else "",
        holder_code=holder_code,
        name=name,
        share=share,
        share_given=f"{share}%" if share else "",
    )


def penalty(document: str, code: str, amount: str = "1000", valid_to: str = "2026-12-31") -> dict[str, Any]:
    key = digest("penalty", document, code)
    return fact(
        key,
        amount,
        "2026-01-01",
        valid_to,
        id=key,
        kind="PENALTY",
        list_type="",
        tier="一般",
        document=document,
        code=code,
        name_as_given="某公司",
        authority="某局",
        authority_code="",
        decided_on="2026-01-01",
        until=valid_to,
        until_computed=False,
        term_rule="",
        ground="",
        basis="",
        category="罚款",
        content="",
        amount=amount,
        amount_given=amount,
        licence_name="",
        licence_number="",
        order_key=f"2026-01-01|{key}",
        adverse=True,
        form=document,
        by="某局",
        compared="某公司",
    )


def ending(document: str, kind: str, on: str) -> dict[str, Any]:
    more = {"code": "", "name_as_given": "", "compared": "", "by": "某局", "ends": "", "unbound": "no_record"}
    key = digest("ending", document, kind, on)
    return fact(key, "", on, document=document, form=document, kind=kind, on=on, authority="某局", **more)


def lift(document: str, token: str, on: str) -> dict[str, Any]:
    key = digest("lift", document, token)
    return fact(
        key, on, on, document=document, form=document, token=token, adult_on="1990-01-01", on=on, authority="某法院"
    )


def contract(number: str, party_a: str, party_b: str, completed_on: str = OPEN_DATE) -> dict[str, Any]:
    key = digest("contract", number)
    return fact(
        key,
        completed_on,
        "2026-01-01",
        id=key,
        number=number,
        form=number,
        title="某项目合同",
        field="政府采购",
        amount="100",
        amount_given="0.01",
        signed_on="2026-01-01",
        due_on="2026-06-01",
        completed_on=completed_on,
        status_given="履约中",
        order_key=f"2026-01-01|{key}",
        party_a=party_a,
        party_a_name="甲",
        party_b=party_b,
        party_b_name="乙",
    )
