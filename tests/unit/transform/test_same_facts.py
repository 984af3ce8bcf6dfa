"""One table, in whatever container and style it comes, gives the same facts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from table_writers import WRITERS, Table
from transform_tools import CODE, OTHER, transform

COLUMNS = (
    "行政相对人名称",
    "统一社会信用代码",
    "行政处罚决定书文号",
    "违法事实",
    "罚款金额(万元)",
    "处罚决定日期",
    "公示截止期",
)
FIELD_CODES = ("CF_XDR_MC", "CF_XDR_SHXYM", "CF_WSH", "CF_SY", "CF_NR_FK", "CF_JDRQ", "CF_GSJZQ")
BY_CRAWLERS = ("当事人", "社会信用代码", "处罚决定文号", "案由", "罚款数额（万元）", "作出处罚决定日期", "公示结束日期")
TIDY = st.text(st.sampled_from("甲乙丙丁，。“”\"',;|\t\n<&>[]{}_x0041_=#abc 1２三"), min_size=1, max_size=30).map(
    lambda text: "述" + " ".join(text.split(" ")).strip() + "终"
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    rows = []
    for number in range(draw(st.integers(1, 6))):
        day = draw(st.sampled_from(("2026-03-01", "2025-12-31", "2026-10-08")))
        end = draw(st.sampled_from(("2027-03-01", "", "2028-01-01")))
        fine = draw(st.sampled_from(("1.5", "", "20", "0.3")))
        ground = draw(TIDY)
        code = draw(st.sampled_from((CODE, OTHER)))
        rows.append(["常州某某有限公司", code, f"常罚〔2026〕{number}号", ground, fine, day, end])
    return rows


def header(style: str) -> list[list[str]]:
    if style == "codes":
        return [list(FIELD_CODES)]
    if style == "crawlers":
        return [list(BY_CRAWLERS)]
    if style == "notes above":
        width = len(COLUMNS) - 1
        return [["某市行政处罚信息公示表", *[""] * width], ["填报单位：某局", *[""] * width], list(COLUMNS)]
    if style == "marked":
        return [[f"*{name}（必填）" for name in COLUMNS]]
    if style == "two lines":
        lines = [["行政相对人名称", "统一社会信用代码", "行政处罚", "", "", "", "公示截止期"]]
        return [*lines, ["", "", "决定书文号", "违法事实", "罚款金额(万元)", "决定日期", ""]]
    return [list(COLUMNS)]


def facts(path: Path) -> Any:
    found = asyncio.run(transform(path))
    own = ("source", "row", "sha256")
    records = [{k: v for k, v in fact.items() if k not in own} for fact in found.facts.get("Record", [])]
    return sorted(records, key=lambda fact: str(fact)), sorted(found.reasons().items())


def rendered(folder: Path, name: str, table: Table) -> Path:
    path = folder / "data"
    WRITERS[name](path, table)
    return path


def flat(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Blanks at line ends and tabs are what containers may differ in."""
    return [
        ["\n".join(" ".join(line.split()) for line in cell.split("\n") if line.strip()) for cell in row] for row in rows
    ]


@settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    rows=tables(),
    name=st.sampled_from(sorted(WRITERS)),
    style=st.sampled_from(("plain", "codes", "crawlers", "marked", "notes above", "two lines")),
)
def test_one_table_gives_the_same_facts_in_every_container(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], name: str, style: str
) -> None:
    folder = tmp_path_factory.mktemp("same")
    if "json" in name and style in ("notes above", "two lines"):
        style = "plain"
    rows = flat(rows)
    expected = facts(rendered(folder, "jsonl", [*header("plain"), *rows]))
    assert facts(rendered(folder, name, [*header(style), *rows])) == expected


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_every_container_is_read(tmp_path: Path, name: str) -> None:
    rows = [
        ["常州某某有限公司", CODE, f"常罚〔2026〕{n}号", '述 "引"，\n二行', "1.5", "2026-03-01", ""] for n in range(3)
    ]
    expected = facts(rendered(tmp_path, "jsonl", [*header("plain"), *rows]))
    assert len(expected[0]) == 3
    assert facts(rendered(tmp_path, name, [*header("plain"), *rows])) == expected
