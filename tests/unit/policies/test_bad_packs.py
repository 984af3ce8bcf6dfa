"""Each defect of a pack stops the load with file, line and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policies import PackError, check_cases, load_policies

HEAD = '[pack]\ntitle = "Own"\ntitle_zh = "自有"\n'
RULE = """
[[rule]]
id = "own-rule"
version = 1
valid_from = 2020-01-01
title = "Own rule"
title_zh = "自有规则"
article = "某市条例第一条"
source = "illustrative"
effect = "POINTS_INDICATOR"
measure = "limit-conveniences"
record_kind = "PENALTY"
tiers = [
  "严重", # a comment with [ and "
]
subject_kinds = ["ENTERPRISE"]
attribution = "decision"
exclusions = ["under_18"]
stays_after_change = true
term = { kind = "record" }
role = [{ kind = "LEGAL_REPRESENTATIVE" }]

[[rule.case]]
title = "reached"
subject_kind = "ENTERPRISE"
as_of = 2026-11-01
record = { kind = "PENALTY", tier = "严重", decided_on = 2026-03-10, until = 2029-03-10 }
role = [{ kind = "LEGAL_REPRESENTATIVE", person = "甲" }]
expect = [{ person = "甲", because = "reached" }]

[[rule.case]]
title = "another tier"
subject_kind = "ENTERPRISE"
as_of = 2026-11-01
record = { kind = "PENALTY", tier = "一般", decided_on = 2026-03-10, until = 2029-03-10 }
role = [{ kind = "LEGAL_REPRESENTATIVE", person = "甲" }]
expect = []
"""
START = HEAD.count("\n") + 2  # the line of [[rule]]


def write(folder: Path, text: str, name: str = "own.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_good_pack_from_an_extra_folder_loads_and_its_cases_hold(tmp_path: Path) -> None:
    policies = load_policies("320400", [write(tmp_path, HEAD + RULE)])
    assert "own-rule" in {rule.id for rule in policies.rules("2026-11-01")}
    assert check_cases(policies) >= 20


def test_an_extra_folder_may_have_folders_of_regions(tmp_path: Path) -> None:
    (tmp_path / "330700").mkdir()
    write(tmp_path / "330700", HEAD + RULE)
    assert len(load_policies("330700", [tmp_path]).written) == 4
    assert len(load_policies("320400", [tmp_path]).written) == 3


DEFECTS = [
    ('article = "某市条例第一条"\n', "", "[[rule]]", "article is missing"),
    ('article = "某市条例第一条"', 'article = " "', "article", "article is empty"),
    ("version = 1", 'version = "1"', "version", "version is '1'"),
    ("version = 1", "version = 0", "version", "version is 0"),
    ("version = 1", "version = true", "version", "version is True"),
    ("version = 1", "verison = 1", "[[rule]]", "version is missing"),
    ("version = 1", "version = 1\nseverity = 3", "severity", "unknown key 'severity'"),
    ("valid_from = 2020-01-01", 'valid_from = "2020-01-01"', "valid_from", "valid_from is '2020-01-01'"),
    ("valid_from = 2020-01-01", "valid_from = 2020-01-01T00:00:00", "valid_from", "time of day"),
    ("valid_from = 2020-01-01", "valid_from = 2020-01-01\nvalid_to = 2019-01-01", "valid_to", "is before"),
    ("valid_from = 2020-01-01\n", "", "[[rule]]", "valid_from is missing"),
    ('source = "illustrative"', 'source = "hearsay"', "source", "source is 'hearsay'"),
    ('effect = "POINTS_INDICATOR"', 'effect = "PRISON"', "effect", "effect is 'PRISON'"),
    ('"ENTERPRISE"]\nattribution', '"COMPANY"]\nattribution', "subject_kinds", "subject_kinds holds 'COMPANY'"),
    ('subject_kinds = ["ENTERPRISE"]', "subject_kinds = []", "subject_kinds", "subject_kinds is empty"),
    ('exclusions = ["under_18"]\n', "", "[[rule]]", "minors are outside everything adverse"),
    ('exclusions = ["under_18"]', 'exclusions = ["widows"]', "exclusions", "exclusions holds 'widows'"),
    ('attribution = "decision"', 'attribution = "act"', "attribution", "attribution is 'act'"),
    ('attribution = "decision"', 'attribution = "listing"', "attribution", "no listing date"),
    ('record_kind = "PENALTY"', 'record_kind = "PENALTY"\nlists = ["失信被执行人"]', "[[rule]]", "do not fit together"),
    ('{ kind = "LEGAL_REPRESENTATIVE" }', '{ kind = "AUDITOR" }', "role", "kind is 'AUDITOR'"),
    ('{ kind = "LEGAL_REPRESENTATIVE" }', '{ kind = "SHAREHOLDER", share_at_least = 101 }', "role", "is 101"),
    ('{ kind = "LEGAL_REPRESENTATIVE" }', '{ kind = "LEGAL_REPRESENTATIVE", x = 1 }', "role", "unknown key 'x'"),
    ('role = [{ kind = "LEGAL_REPRESENTATIVE" }]', "role = [1]", "role", "role is not made of tables"),
    ('{ kind = "record" }', '{ kind = "years" }', "term", "years is missing"),
    ('measure = "limit-conveniences"', 'measure = "pillory"', "[[rule]]", "measure 'pillory'"),
    ('measure = "limit-conveniences"', 'measure = "limit-exit"', "[[rule]]", "does not carry the effect"),
    ("valid_from = 2020-01-01", "valid_from = 2010-01-01", "[[rule]]", "not in the catalogue on every day"),
    (
        'as_of = 2026-11-01\nrecord = { kind = "PENALTY", tier = "严重"',
        "as_of = 2026-11-01\nrecord = { kind = 7",
        "",
        "kind is 7",
    ),
    ('because = "reached"', 'because = "perhaps"', "expect", "because is 'perhaps'"),
    ("expect = []", 'expect = [{ person = "甲", because = "reached" }]', "[[rule.case]]", "cases must show"),
    ("[[rule]]", "[[rule]", "[[rule]", "is not TOML"),
    ('title = "Own"', "", "[pack]", "title is missing"),
]


@pytest.mark.parametrize(("old", "new", "at", "message"), DEFECTS, ids=[f"{d[3]} {d[1][:20]}" for d in DEFECTS])
def test_a_defect_is_named_with_file_and_line(tmp_path: Path, old: str, new: str, at: str, message: str) -> None:
    text = (HEAD + RULE).replace(old, new, 1)
    assert text != HEAD + RULE
    with pytest.raises(PackError, match=re.escape(message)) as caught:
        load_policies("320400", [write(tmp_path, text)])
    place = caught.value.message.partition(": ")[0]
    assert place.startswith(str(tmp_path / "own.toml") + ":")
    if at:
        key = at if at.startswith("[") else f"\n{at} = "
        assert int(place.rpartition(":")[2]) == line_of(text, key) + key.startswith("\n")
    assert caught.value.hint


def test_a_case_that_fails_is_named_with_its_own_line(tmp_path: Path) -> None:
    text = (HEAD + RULE).replace("expect = []", 'expect = [{ person = "甲", because = "under_18" }]')
    policies = load_policies("320400", [write(tmp_path, text)])
    with pytest.raises(PackError, match=r"gives nothing, not 甲: under_18") as caught:
        check_cases(policies)
    assert f":{line_of(text, '[[rule.case]]' + chr(10) + 'title = ' + chr(34) + 'another')}:" in caught.value.message


def test_overlapping_versions_are_refused_with_both_places(tmp_path: Path) -> None:
    text = HEAD + RULE + RULE.replace("version = 1", "version = 2").replace("2020-01-01", "2024-01-01")
    with pytest.raises(PackError, match=r"own-rule version 2 overlaps version 1 \(.*own\.toml:5\)"):
        load_policies("320400", [write(tmp_path, text)])


def test_versions_that_follow_one_another_are_chosen_by_the_attribution_date(tmp_path: Path) -> None:
    second = RULE.replace("version = 1", "version = 2\nsupersedes = 1").replace("2020-01-01", "2024-01-01")
    policies = load_policies("320400", [write(tmp_path, HEAD + RULE + second)])
    spans = [(w.rule.version, w.rule.valid_from, w.rule.valid_to) for w in policies.written if w.rule.id == "own-rule"]
    assert spans == [(1, "2020-01-01", "2023-12-31"), (2, "2024-01-01", "9999-12-31")]


def test_a_shipped_rule_can_be_superseded_from_an_extra_folder(tmp_path: Path) -> None:
    text = HEAD + RULE.replace("own-rule", "indicator-to-legal-rep").replace(
        "version = 1", "version = 2\nsupersedes = 1"
    )
    policies = load_policies("330305", [write(tmp_path, text)])
    mine = [w.rule for w in policies.written if w.rule.id == "indicator-to-legal-rep"]
    assert [(rule.version, rule.valid_to) for rule in mine] == [(1, "2019-12-31"), (2, "9999-12-31")]


def test_an_unknown_section_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"own\.toml:5: unknown key 'rules'"):
        load_policies("320400", [write(tmp_path, HEAD + "\n[[rules]]\nid = 1\n")])


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="is not a folder"):
        load_policies("320400", [tmp_path / "none"])


OTHERS = [
    (
        '[[list]]\nname = "A级纳税人"\ntitle = "x"\nsort = "adverse"\nnational = false\nbasis = "x"\nsource = "pub"\n',
        "already there",
    ),
    ('[[region]]\ncode = "32040"\nname = "x"\ntitle = "x"\ndelta = true\nsource = "std"\n', "code is '32040'"),
    (
        '[[region]]\ncode = "320499"\nname = "x"\ntitle = "x"\nparent = "999999"\ndelta = true\nsource = "std"\n',
        "parent 999999",
    ),
    ('[[region]]\ncode = "320400"\nname = "x"\ntitle = "x"\ndelta = true\nsource = "std"\n', "region 320400 overlaps"),
    (
        '[[measure]]\nid = "limit-exit"\ntitle = "x"\ntitle_zh = "x"\nclass = "A"\nbasis = "x"\nsource = "pub"\n'
        "valid_from = 2020-01-01\n",
        "measure 'limit-exit' overlaps",
    ),
    (
        '[[scale]]\nname = "全国公共信用综合评价"\ntitle = "x"\ngrades = ["a"]\nsubject_kinds = ["ENTERPRISE"]\n'
        'article = "x"\nsource = "pub"\n',
        "scale '全国公共信用综合评价' overlaps",
    ),
    (
        '[[terms]]\nid = "t"\ntitle_zh = "t"\narticle = "t"\nsource = "pub"\n[[terms.tier]]\nlongest_months = 1\n',
        "a term is missing",
    ),
]


@pytest.mark.parametrize(("text", "message"), OTHERS, ids=[other[1] for other in OTHERS])
def test_other_sections_are_checked_too(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PackError, match=re.escape(message)) as caught:
        load_policies("320400", [write(tmp_path, HEAD + "\n" + text)])
    assert "own.toml:" in caught.value.message
