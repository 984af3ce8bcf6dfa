"""A fourth rule from a TOML file alone reaches people, and a pack can be tried before it is put in force."""

from __future__ import annotations

from pathlib import Path

import pytest
from piercing_ask import ask, told
from piercing_world import AS_OF, World, token

from graph_loaders.engine import Engine
from graph_loaders.reader.piercing_scan import Found, everywhere
from policies import load_policies
from policies.trial import with_pack, without_pack
from schema.times import OPEN_INSTANT

WAGES = "拖欠农民工工资失信联合惩戒对象名单"
PACK = f"""
[pack]
title = "Arrears in wages"
title_zh = "拖欠工资"

[[rule]]
id = "wage-arrears-office"
version = 1
valid_from = 2022-01-01
title = "Representatives and large holders of employers in arrears"
title_zh = "欠薪单位负责人任职限制"
article = "某市条例第十条"
source = "illustrative"
illustrative = true
effect = "ROLE_BAR"
measure = "limit-office"
record_kind = "LIST_ENTRY"
lists = ["{WAGES}"]
subject_kinds = ["ENTERPRISE"]
attribution = "listing"
exclusions = ["under_18"]
stays_after_change = false
term = {{ kind = "removal" }}
role = [{{ kind = "LEGAL_REPRESENTATIVE" }}, {{ kind = "SHAREHOLDER", share_at_least = 30 }}]

[[rule.case]]
title = "in office"
subject_kind = "ENTERPRISE"
as_of = 2026-11-01
record = {{ kind = "LIST_ENTRY", list = "{WAGES}", decided_on = 2026-03-10 }}
role = [{{ kind = "LEGAL_REPRESENTATIVE", person = "甲", valid_to = 2026-12-01 }}]
expect = [{{ person = "甲", because = "reached", until = 2026-12-01 }}]

[[rule.case]]
title = "left since"
subject_kind = "ENTERPRISE"
as_of = 2026-11-01
record = {{ kind = "LIST_ENTRY", list = "{WAGES}", decided_on = 2026-03-10 }}
role = [{{ kind = "LEGAL_REPRESENTATIVE", person = "甲", valid_to = 2026-10-31 }}]
expect = [{{ person = "甲", because = "role_ended" }}]
"""
RULE = "wage-arrears-office"


@pytest.fixture(scope="module")
async def city(clean_graph: Engine) -> Engine:
    w = World()
    w.subject("EMPLOYER", region="320412")
    w.represents("left", "EMPLOYER", "2010-01-01", "2026-10-31")
    w.represents("stays", "EMPLOYER", "2010-01-01")
    w.holds("third", "EMPLOYER", 30.0, "2010-01-01")
    w.holds("fifth", "EMPLOYER", 20.0, "2010-01-01")
    w.listed("W-1", "EMPLOYER", WAGES, "2026-03-10")
    w.subject("FINED")
    w.represents("young", "FINED", "2010-01-01", adult_on="2026-06-01")
    w.represents("grown", "FINED", "2010-01-01")
    w.penalty("P-1", "FINED", "2026-03-10", "2029-03-10")
    await w.write(clean_graph)
    return clean_graph


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    (tmp_path / "own.toml").write_text(PACK, encoding="utf-8")
    return tmp_path / "own.toml"


async def test_a_fourth_rule_by_a_file_alone(city: Engine, pack: Path) -> None:
    policies = load_policies("320400", [pack.parent])
    found = await ask(city, policies, code="EMPLOYER")
    assert told(found) == sorted(
        (RULE, "W-1", outcome)
        for outcome in (f"role_ended {token('left')}", f"reached {token('stays')}", f"reached {token('third')}")
    )
    assert {f.decision.article for f in found} == {"某市条例第十条"}
    assert told(await ask(city, load_policies("320400"), code="EMPLOYER")) == []
    assert [f.decision.because for f in await ask(city, policies, person="third")] == ["reached"]


async def reached(city: Engine, pack: Path, size: int) -> list[set[tuple[str, str, str]]]:
    books = (without_pack("320400", (), pack), with_pack("320400", (), pack))
    sets: list[set[tuple[str, str, str]]] = [set(), set()]
    async for index, found in everywhere(city, books, AS_OF, OPEN_INSTANT - 1, size=size):
        assert isinstance(found, Found)
        if found.decision.reached:
            sets[index].add((found.decision.rule_id, found.document, found.region))
    return sets


@pytest.mark.parametrize("size", [1, 100])
async def test_a_trial_tells_who_would_newly_be_reached(city: Engine, pack: Path, size: int) -> None:
    before, after = await reached(city, pack, size)
    assert after - before == {(RULE, "W-1", "320412")}
    assert before - after == set()


async def test_a_trial_of_a_changed_rule_tells_who_no_longer_is(city: Engine, tmp_path: Path) -> None:
    shipped = Path(__file__).resolve().parents[3] / "policies" / "packs" / "national" / "piercing.toml"
    text = shipped.read_text(encoding="utf-8").split("\n[[rule]]\n")
    changed = text[0] + "\n[[rule]]\n" + text[1].replace('["ENTERPRISE", "INSTITUTION"]', '["INSTITUTION"]')
    cases = changed.replace('subject_kind = "ENTERPRISE"', 'subject_kind = "INSTITUTION"')
    (tmp_path / "narrow.toml").write_text(cases, encoding="utf-8")
    before, after = await reached(city, tmp_path / "narrow.toml", 100)
    assert before - after == {("indicator-to-legal-rep", "P-1", "320402")}
    assert after - before == set()
