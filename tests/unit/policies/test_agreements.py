"""Agreements: their cases hold, bad packs are refused with file and line, only listed ones count."""

from dataclasses import replace
from pathlib import Path

import pytest

from policies.agreements import SHIPPED, read_agreement, read_agreements
from policies.fields import read_fields
from policies.lists import ListBook, ListType
from policies.measures import MeasureBook, measure_book
from policies.packs import Written, pack_files, read_pack
from policies.recognition import Fact, Recogniser, failing_cases
from policies.regions import Region, RegionBook
from policies.table import PackError

DAY = "2026-11-01"
NATIONAL = ("失信被执行人", "市场监管严重违法失信名单", "重大税收违法失信主体", "拖欠农民工工资失信联合惩戒对象名单")


def region(code, parent):
    return Region(code, code, code, parent, True, "std", "0001-01-01", "9999-12-31", "test")


@pytest.fixture(scope="module")
def recogniser():
    lists = ListBook(
        tuple(ListType(name, (), name, False, True, "b", "pub", "0001-01-01", "9999-12-31", "t") for name in NATIONAL)
    )
    regions = RegionBook((region("330305", "330300"), region("330300", "330000"), region("330000", "")))
    return Recogniser(read_agreements(), regions, lists, MeasureBook(()), read_fields())


def test_every_case_beside_an_agreement_holds(recogniser):
    assert recogniser.agreements
    for pack in recogniser.agreements:
        assert failing_cases(recogniser, pack) == []


def test_an_agreement_that_the_directory_does_not_list_does_not_count(recogniser):
    fact = Fact("LIST_ENTRY", "失信被执行人")
    unlisted = replace(recogniser, listed=frozenset())
    assert recogniser.recognise(fact, of="320400", at="330700", day=DAY).recognised
    assert unlisted.recognise(fact, of="320400", at="330700", day=DAY).reason == "no_agreement"


def test_the_field_of_a_fact_is_told_by_its_basis_before_its_authority():
    book = read_fields()
    assert book.of("某市市场监督管理局", "《中华人民共和国产品质量法》第四十九条") == "产品质量"
    assert book.of("某市生态环境局", "《排污费征收办法》") == "环保"
    assert book.of("某市某局", "某办法") == ""


GOOD = (SHIPPED / "delta-serious-dishonesty.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('article = "长三角', '#"长三角', "article is missing"),
        ('version = "1"', 'version = "1"\nspeed = 3', "unknown key 'speed'"),
        ('kinds = ["LIST_ENTRY"]', 'kinds = ["GOSSIP"]', "GOSSIP"),
        ('"310000"', '"Shanghai"', "Shanghai"),
        ("valid_from = 2021-01-01", "valid_from = 2021-01-01\nvalid_to = 2020-01-01", "before valid_from"),
    ],
)
def test_a_bad_pack_is_refused_with_file_and_line(tmp_path: Path, old, new, problem):
    file = tmp_path / "bad.toml"
    file.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PackError, match=problem) as caught:
        read_agreement(file)
    assert caught.value.message.startswith("bad.toml:")


def test_one_version_with_two_texts_is_refused(tmp_path: Path):
    (tmp_path / "a.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.toml").write_text(GOOD + "\n# changed\n", encoding="utf-8")
    with pytest.raises(PackError, match="another text"):
        read_agreements([tmp_path])


def test_a_case_that_does_not_hold_is_named_with_its_line(tmp_path: Path, recogniser):
    file = tmp_path / "case.toml"
    file.write_text(GOOD.replace('expect = "ANSWERED"', 'expect = "NOT_RECOGNISED"', 1), encoding="utf-8")
    failures = failing_cases(recogniser, read_agreement(file))
    assert len(failures) == 1
    assert failures[0].startswith("case.toml:")


def test_a_recognised_listing_yields_what_agreement_and_catalogue_both_allow_each_with_its_basis(recogniser):
    written = Written()
    for file, shown in pack_files("330700"):
        read_pack(file, shown, "330700", written)
    here = replace(recogniser, measures=measure_book(written.measures))
    for name in NATIONAL:
        found = here.recognise(Fact("LIST_ENTRY", name), of="320400", at="330700", day=DAY)
        named = next(c.measures for p in here.agreements for c in p.covers if c.id == found.rule)
        assert tuple(measure.id for measure in found.measures) == named != ()
        assert all(measure.basis for measure in found.measures)
        assert recogniser.recognise(Fact("LIST_ENTRY", name), of="320400", at="330700", day=DAY).measures == ()
