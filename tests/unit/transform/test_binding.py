"""An ending ends records of its number, on the firm it names; its authority only chooses."""

from __future__ import annotations

from typing import Any

import pytest

from graph_loaders.load.binding import bound_to


def record(ident: str, code: str = "A", by: str = "甲局", decided: str = "2026-01-01", *names: str) -> dict[str, Any]:
    return {"id": ident, "code": code, "by": by, "decided_on": decided, "names": [f"公司{code}", *names]}


def ending(code: str = "", name: str = "", by: str = "", on: str = "2026-05-01") -> dict[str, Any]:
    return {"code": code, "compared": name, "by": by, "on": on}


@pytest.mark.parametrize(
    ("said", "records", "ends", "why"),
    [
        (ending(), [record("1")], "1", ""),
        (ending(by="修复机关"), [record("1")], "1", ""),  # who repairs need not be who decided
        (ending(), [], "", "no_record"),
        (ending(code="A"), [record("1"), record("2", "B")], "1", ""),
        (ending(name="公司B"), [record("1"), record("2", "B")], "2", ""),
        (ending(code="C"), [record("1")], "", "other_firm"),
        (ending(name="公司C"), [record("1")], "", "other_firm"),
        (ending(), [record("1"), record("2", "B")], "", "ambiguous"),
        (ending(by="乙局"), [record("1"), record("2", "B", "乙局")], "2", ""),
        (ending(by="丙局"), [record("1"), record("2", "B", "乙局")], "", "ambiguous"),
        (ending(by="甲局"), [record("1"), record("2", "B")], "", "ambiguous"),  # one office, two firms
        (ending(code="A", by="乙局"), [record("1"), record("2", "A", "乙局")], "2", ""),
        (ending(code="A"), [record("1"), record("2", "A", "乙局")], "", "ambiguous"),
        (ending(), [record("2"), record("1")], "1 2", ""),  # two licences of one decision
        (ending(on="2025-12-31"), [record("1")], "", "before_decision"),
    ],
)
def test_an_ending_finds_its_records_or_says_why_not(
    said: dict[str, Any], records: list[dict[str, Any]], ends: str, why: str
) -> None:
    assert bound_to(said, records) == (ends, why)
    assert bound_to(said, records[::-1]) == (ends, why)
