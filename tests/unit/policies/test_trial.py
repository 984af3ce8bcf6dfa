"""A pack on trial stands in the place of the rules that it rewrites, wherever it lies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policies import PackError
from policies.check import check_packs
from policies.packs import SHIPPED
from policies.trial import with_pack, without_pack
from schema.errors import UsageError

NATIONAL = (SHIPPED / "national" / "piercing.toml").read_text(encoding="utf-8")


@pytest.fixture
def rewritten(tmp_path: Path) -> Path:
    """The shipped rules, the second one with another article."""
    file = tmp_path / "again.toml"
    file.write_text(NATIONAL.replace("若干规定》第三条", "若干规定》第四条"), encoding="utf-8")
    return file


def test_rules_of_the_pack_replace_those_of_the_same_id(rewritten: Path) -> None:
    articles = [rule.article for rule in with_pack("320400", (), rewritten).rules("2026-11-01")]
    assert len(articles) == 3
    assert "第四条" in articles[1]
    assert "第三条" in without_pack("320400", (), rewritten).rules("2026-11-01")[1].article


def test_a_pack_that_already_lies_in_a_folder_is_tried_against_the_others(tmp_path: Path) -> None:
    own = NATIONAL.replace("serious-violation-role-bar", "own-bar").split("\n[[rule]]\n")
    file = tmp_path / "own.toml"
    file.write_text(own[0] + "\n[[rule]]\n" + own[3], encoding="utf-8")
    assert [rule.id for rule in without_pack("320400", (tmp_path,), file).rules("2026-11-01")].count("own-bar") == 0
    assert [rule.id for rule in with_pack("320400", (tmp_path,), file).rules("2026-11-01")].count("own-bar") == 1


def test_a_version_that_supersedes_leaves_the_records_of_before_to_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "next.toml"
    second = NATIONAL.split("\n[[rule]]\n")
    text = second[1].replace("version = 1", "version = 2\nsupersedes = 1").replace("2014-06-14", "2026-01-01")
    file.write_text(second[0] + "\n[[rule]]\n" + text, encoding="utf-8")
    rules = [rule for rule in with_pack("320400", (), file).rules("2026-11-01") if rule.id == "indicator-to-legal-rep"]
    assert [(rule.version, rule.valid_to) for rule in rules] == [(1, "2025-12-31"), (2, "9999-12-31")]


def test_a_failing_case_or_a_pack_without_rules_is_not_tried(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(NATIONAL.replace("years = 3", "years = 1"), encoding="utf-8")
    with pytest.raises(PackError, match=r"bad\.toml:\d+: case 'barred for three years"):
        with_pack("320400", (), file)
    file.write_text('[pack]\ntitle = "x"\ntitle_zh = "x"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="has no"):
        with_pack("320400", (), file)


def test_check_counts_shared_rules_and_cases_once(tmp_path: Path) -> None:
    checked = check_packs("330305", [tmp_path, SHIPPED])
    assert checked.rules == NATIONAL.count("[[rule]]")
    assert checked.cases == NATIONAL.count("[[rule.case]]")
    assert {"320000", "330000", "330305"} <= set(checked.regions)
    assert checked.agreements >= 1


def test_the_guide_shows_a_rule_that_loads(tmp_path: Path) -> None:
    guide = (Path(__file__).resolve().parents[3] / "docs" / "policies.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", guide, flags=re.S)
    text = "\n".join(blocks).replace('id = "judgment-defaulter-consumption-limit"', 'id = "own"')
    (tmp_path / "guide.toml").write_text(text, encoding="utf-8")
    checked = check_packs("320400", [tmp_path])
    assert checked.rules == NATIONAL.count("[[rule]]") + 1
