"""Gate rules as packs: what may deny, what a neighbour's word needs, and packs that do not hold together."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import PackError, load_policies
from policies.gate import GateBook
from policies.packs import SHIPPED
from schema.gate import FACT_KINDS, GateFact

DAY = "2026-11-01"
REGIONS = ["320400", "330700", *(path.name for path in SHIPPED.iterdir() if path.name.isdecimal())]
PACK = """[pack]
title = "t"
title_zh = "测试"

[[object]]
id = "soft-thing"
title = "t"
title_zh = "测试"
kind = "soft"

[[matter]]
id = "here"
title = "t"
title_zh = "测试"
department = "{department}"
source = "illustrative"
valid_from = 2020-01-01

[[matter.rule]]
id = "one"
object = "{object}"
kind = "{kind}"
measure = "{measure}"
article = "{article}"
"""


@cache
def book_of(region: str) -> GateBook:
    return load_policies(region).gate


GOOD = {
    "department": "finance",
    "object": "judgment-defaulter",
    "kind": "DENY",
    "measure": "limit-market-access",
    "article": "《某法》第一条",
}


def load(folder: Path, **changed: str):
    (folder / "gate.toml").write_text(PACK.format(**(GOOD | changed)), encoding="utf-8")
    return load_policies("320400", [folder])


def test_a_place_adds_its_matter(tmp_path: Path):
    assert load(tmp_path).gate.matter("here", DAY)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"department": "nobody"}, "department 'nobody'"),
        ({"object": "nothing"}, "object 'nothing'"),
        ({"measure": "nothing"}, "measure 'nothing'"),
        ({"measure": "limit-fiscal-funds"}, "class B"),
        ({"measure": "prudent-credit", "kind": "CONSIDER"}, "class C"),
        ({"measure": "priority-funds"}, "measure 'priority-funds'"),
        ({"measure": "limit-market-access", "kind": "REWARD"}, "incentive"),
        ({"object": "soft-thing"}, "rests on soft"),
        ({"article": "部门通知"}, "cites no law"),
    ],
)
def test_a_pack_that_does_not_hold_is_refused_with_its_place(tmp_path: Path, changed: dict[str, str], words: str):
    with pytest.raises(PackError) as refused:
        load(tmp_path, **changed)
    assert words in str(refused.value)
    assert "gate.toml:" in refused.value.place


def test_a_measure_that_ends_before_the_matter_is_refused(tmp_path: Path):
    text = PACK.format(**(GOOD | {"measure": "lapsing"}))
    text += '\n[[measure]]\nid = "lapsing"\ntitle = "t"\ntitle_zh = "测试"\nclass = "A"\nbasis = "《某法》"\n'
    text += 'source = "illustrative"\nvalid_from = 2020-01-01\nvalid_to = 2024-12-31\n'
    (tmp_path / "gate.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match="not in force on 2025-01-01"):
        load_policies("320400", [tmp_path])


facts = st.builds(
    GateFact,
    kind=st.sampled_from(FACT_KINDS),
    name=st.sampled_from(["失信被执行人", "重大税收违法失信主体", "ROLE_BAR", "POINTS_INDICATOR", "A级纳税人", "x"]),
    detail=st.sampled_from(["", "严重", "BREACHED", "优秀"]),
    agreement=st.sampled_from(["", "a@1"]),
    measures=st.sampled_from([(), ("limit-market-access",), ("prudent-credit",)]),
    illustrative=st.booleans(),
)


@pytest.mark.parametrize("region", REGIONS)
@settings(deadline=None)
@given(known=st.lists(facts, max_size=5))
def test_no_deny_without_a_class_a_measure_a_law_and_a_hard_fact(region: str, known: list[GateFact]):
    book = book_of(region)
    for matter in book.matters:
        decision, findings = book.decide(known, matter, DAY)
        denied = [finding for finding in findings if finding.kind == "DENY"]
        assert (decision == "DENY") == bool(denied)
        for finding in denied:
            measure = book.measures.on(finding.measure, DAY)
            assert measure is not None
            assert measure.group == "A"
            assert "《" in finding.article
            assert finding.fact.kind not in ("soft", "points")
            assert not finding.fact.illustrative
            assert not finding.fact.agreement or finding.measure in finding.fact.measures
            assert finding.fact.kind != "award"
