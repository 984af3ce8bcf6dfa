"""What is in the small city: every kind of fact that the reader's tests ask about."""

from __future__ import annotations

from collections.abc import Callable

from reader_town import ELSEWHERE, FIRM, GOV, HIDDEN, HOSPITAL, OTHER, RENAMED, Town

from schema.times import OPEN_DATE


def filled(token: Callable[[str], str]) -> Town:
    """The city that the reader's tests ask about; ``token`` makes a person's token of any text."""
    town = Town()
    town.registered(FIRM, "常州甲公司", recorded=100)
    town.registered(OTHER, "常州乙公司")
    town.registered(RENAMED, "常州旧名公司", "2010-01-01", "2025-05-31")
    town.registered(RENAMED, "常州新名公司", "2025-06-01", status="迁出")
    town.registered(HOSPITAL, "常州卫生服务中心", kind="INSTITUTION")
    town.registered(GOV, "常州市局", kind="GOVERNMENT")
    town.registered(FIRM, "写错的名字", recorded=1, retracted=100)
    _records(town)
    _roles(town, token)
    town.contract("HT-1", (GOV, FIRM), "2025-01-01", "2026-01-01")
    town.contract("HT-2", (GOV, FIRM), "2025-02-01", "2026-02-01", "2026-01-15", "已完成")
    town.contract("HT-3", (GOV, FIRM), "2025-03-01", "2026-03-01", OPEN_DATE, "解除")
    town.contract("HT-4", (GOV, OTHER), "2026-05-01", "2027-03-01")
    for number, due, kept in (
        ("CN-1", "2026-12-31", OPEN_DATE),
        ("CN-2", "2026-05-01", "2026-04-01"),
        ("CN-3", "2026-05-01", "2026-06-01"),
        ("CN-4", "2026-05-01", OPEN_DATE),
    ):
        town.about(
            "Commitment",
            FIRM,
            "2026-01-01",
            number=number,
            kind="信用修复",
            matter="",
            name_as_given="",
            made_on="2026-01-01",
            due_on=due,
            kept_on=kept,
            status_given="履行中",
        )
    town.about(
        "Rating", FIRM, "2026-02-01", scale="公共信用评价", score="91.5", grade="优", rated_on="2026-02-01", issuer=""
    )
    return town


def _records(town: Town) -> None:
    town.record(FIRM, "罚1", "2025-01-01", "2026-12-31", amount="12000.50", name="常州甲公司")
    town.record(FIRM, "罚2", "2024-01-01", "2025-01-01", name="常州丙公司", computed=True)
    town.record(FIRM, "罚3", "2026-06-01", "2026-12-01", tier="轻微")
    town.record(FIRM, "罚4", "2025-03-01", "2027-03-01")
    town.ending("罚4", "REPAIR", "2026-03-01")
    town.record(FIRM, "罚5", "2025-04-01", "2027-04-01")
    town.ending("罚5", "REVOCATION", "2026-05-01", recorded=50)
    town.record(FIRM, "罚6", "2025-05-01", "2027-05-01")
    town.ending("罚6", "CORRECTION", "2026-12-15")
    town.record(FIRM, "许1", "2020-05-01", "2025-05-01", kind="LICENCE", tier="")
    town.record(FIRM, "誉1", "2025-07-01", kind="AWARD", list_type="A级纳税人", tier="")
    town.record(
        FIRM,
        "列1",
        "2026-02-01",
        "2026-11-01",
        valid_to="2026-10-31",
        kind="LIST_ENTRY",
        list_type="失信被执行人",
        tier="",
    )
    town.record(FIRM, "列2", "2026-02-02", kind="LIST_ENTRY", list_type="失信被执行人", tier="")
    town.record(FIRM, "罚7", "2026-08-01", "2027-08-01", recorded=10, retracted=100)
    town.record(FIRM, "罚8", "2026-11-02", "2027-08-01")
    town.record(ELSEWHERE, "罚9", "2026-07-01", "2027-07-01", name="外地公司旧称")
    town.record(ELSEWHERE, "罚10", "2026-07-02", "2027-07-01", name="外地公司")
    town.record(HIDDEN, "罚11", "2023-07-02", "2024-07-01", name="只有旧案的公司")


def _roles(town: Town, token: Callable[[str], str]) -> None:
    town.role(token("one"), "张三丰", FIRM, "2015-01-01", "2025-06-30")
    town.role(token("two"), "欧阳修文", FIRM, "2025-07-01")
    town.role(token("three"), "张三丰", OTHER, "2015-01-01")
    town.role(token("two"), "欧阳修文", OTHER, "2016-01-01", relation="HOLDS", share=51.5)
    town.role(token("four"), "李四", RENAMED, "2016-01-01", recorded=1, retracted=100)
    town.holding(OTHER, FIRM, "2018-01-01", 40.0)
