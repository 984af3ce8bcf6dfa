"""The shipped packs load for every region and all their cases hold."""

from __future__ import annotations

import dataclasses

import pytest

from policies import PackError, check_cases, load_policies
from policies.judge import judge
from policies.packs import folders_of
from schema.piercing import REASONS
from schema.times import OPEN_DATE

REGIONS = ("320400", "320583", "330700", "330500", "330305")
RULES = ["indicator-to-legal-rep", "judgment-defaulter-consumption-limit", "serious-violation-role-bar"]


@pytest.mark.parametrize("region", REGIONS)
def test_every_case_beside_a_rule_holds(region: str) -> None:
    policies = load_policies(region)
    assert [rule.id for rule in policies.rules("2026-11-01")] == RULES
    assert check_cases(policies) >= 15


def test_a_case_that_the_rule_contradicts_is_named_with_file_and_line() -> None:
    policies = load_policies("320400")
    first = policies.written[0]
    minors_too = dataclasses.replace(first, rule=dataclasses.replace(first.rule, adults_only=False))
    with pytest.raises(PackError, match=r"packs/national/piercing\.toml:\d+: case 'a minor"):
        check_cases(dataclasses.replace(policies, written=(minors_too,)))


def test_a_rule_catches_a_list_by_each_of_its_names() -> None:
    rule = next(rule for rule in load_policies("320400").rules("2026-11-01") if rule.id == RULES[1])
    assert rule.record_keys() == ("LIST_ENTRY|失信被执行人", "LIST_ENTRY|失信被执行人名单")


def test_cases_show_every_reason_that_the_shipped_rules_know() -> None:
    shown = {
        outcome.because
        for written in load_policies("320400").written
        for case in written.cases
        for outcome in case.expected
    }
    assert shown == {"reached", *REASONS} - {"role_ended"}


def test_points_are_an_illustration_outside_the_region_whose_rule_it_is() -> None:
    flags = {region: load_policies(region).rules("2026-11-01")[0].illustrative for region in REGIONS}
    assert flags == {"320400": True, "320583": True, "330700": True, "330500": True, "330305": False}


def test_a_region_reads_its_own_folders_from_the_nation_down() -> None:
    assert folders_of("330305") == ("national", "330000", "330300", "330305")
    assert folders_of("320400") == ("national", "320000", "320400")


def test_a_rule_is_not_there_before_its_first_day() -> None:
    assert load_policies("320400").rules("2010-09-30") == ()
    assert [rule.id for rule in load_policies("320400").rules("2010-10-01")] == [RULES[1]]


@pytest.mark.parametrize(
    ("decided_on", "tier", "last_day", "rule"),
    [
        ("2026-04-01", "轻微", "2026-07-01", "publication-term-order-36"),
        ("2026-04-01", "一般", "2027-04-01", "publication-term-order-36"),
        ("2026-03-31", "严重", "2029-03-31", "publication-term-order-58"),
        ("2023-04-30", "一般", "2024-04-30", "publication-term-before-order-58"),
        ("2022-11-30", "轻微", "2023-02-28", "publication-term-before-order-58"),
        ("2024-02-29", "", "2027-02-28", "publication-term-order-58"),
        ("2024-02-29", "特别严重", "2027-02-28", "publication-term-order-58"),
    ],
)
def test_the_term_follows_tier_and_day_of_decision(decided_on: str, tier: str, last_day: str, rule: str) -> None:
    assert load_policies("320400").last_day(decided_on, tier) == (last_day, rule)


def test_lists_are_known_by_their_aliases_and_an_unknown_one_is_adverse_and_local() -> None:
    policies = load_policies("320400")
    assert policies.known("失信被执行人")
    assert policies.known("重大税收违法失信主体名单")
    assert policies.is_award("A级纳税人")
    assert not policies.is_award("失信被执行人")
    assert not policies.known("某县红榜")
    assert not policies.is_award("某县红榜")
    assert not policies.lists.is_national("某县红榜")
    assert policies.lists.is_national("失信被执行人")


def test_a_region_code_is_found_on_the_days_on_which_it_stands() -> None:
    regions = load_policies("330305").regions
    assert regions.find("330322", "2014-01-01") is not None
    assert regions.find("330322", "2026-01-01") is None
    assert regions.chain("320583", "2026-01-01") == ("320583", "320500", "320000")
    assert regions.chain("320412", "2026-01-01") == ("320412", "320400", "320000")
    xintai = regions.find("370982", "2026-01-01")
    assert xintai is not None
    assert not xintai.delta


def test_scales_come_with_the_province() -> None:
    zhejiang, jiangsu = load_policies("330700").scales, load_policies("320400").scales
    scale = zhejiang.find("浙江省公共信用评价(千分制)", "2026-01-01")
    assert scale is not None
    assert (scale.grades[0], scale.grades[-1], scale.highest) == ("优秀", "差", 1000)
    assert jiangsu.find("浙江省公共信用评价(千分制)", "2026-01-01") is None


def test_an_open_term_stays_open() -> None:
    policies = load_policies("320400")
    written = next(written for written in policies.written if written.rule.id == RULES[1])
    decisions = [decision for case in written.cases[:1] for decision in judge(written.rule, case.facts)]
    assert {decision.until for decision in decisions} == {OPEN_DATE}
    assert {decision.last_day for decision in decisions} == {OPEN_DATE}
