"""Files as the field sends them, from the rows to the answer: invented ones, and those beside the repository."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from reader_asking import INVESTIGATOR, MUTUAL, OPERATOR, PUBLIC, ask, emptied

from graph_loaders.engine import Engine
from graph_loaders.load import LoadOptions, LoadResult, load_paths
from graph_loaders.persons import Persons
from graph_loaders.reader import CypherGraph
from policies import load_policies
from schema.identifiers import person_id_check

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases"
AS_OF = "2026-11-01"
CODE, OTHER = "91320481XYYB35GE27", "91320413XYA4BLRL7W"
NUMBER = "32010219900101000" + person_id_check("32010219900101000")
REGISTRY = (
    "统一社会信用代码,主体名称,主体类别,法定代表人,法定代表人证件号码,"
    "任职起始日期,任职终止日期,成立日期,登记机关,行政区划代码,登记状态"
)
PENALTIES = "CF_XDR_MC,CF_XDR_SHXYM,CF_WSH,CF_NR_FK,CF_JDRQ,CF_GSJZQ,CF_CFJG,SXCD,CF_ZT,信息使用范围"
RECORDS = """query($code: USCC!) { subject(code: $code) { name
  records(filter: {includeVoid: true}, first: 50) {
    nodes { documentNumber state endedOn objectionPending tier warnings } } } }"""
EFFECTS = "query($code: USCC!) { subject(code: $code) { representatives { name } effects { ruleId person { name } } } }"
HELD = """query($code: USCC!) { subject(code: $code) {
  roles(first: 50) { nodes { kind share } } effects { ruleId illustrative } } }"""


class Town:
    """A graph of its own for each test."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.policies = load_policies("320400")
        self.persons = Persons.open(folder / "person.key", folder)
        self.graph = CypherGraph(
            engine, self.persons, cursor_key=bytes(64), region="320400", piercing=self.policies, timeout=120
        )

    async def load(self, *paths: Path, max_bad: float = 50.0) -> LoadResult:
        options = LoadOptions(date.fromisoformat(AS_OF), max_bad=max_bad, quarantine=self.folder / "q.jsonl")
        rules: Any = {"terms": self.policies, "lists": self.policies, "words": self.policies}
        return await load_paths(self.engine, self.persons, paths, **rules, options=options)

    async def records(self, code: str, scopes: frozenset[str] = INVESTIGATOR) -> dict[str, dict[str, Any]]:
        answer = await ask(self.graph, RECORDS, scopes, as_of=AS_OF, code=code)
        return {node["documentNumber"]: node for node in answer["records"]["nodes"]} if answer else {}

    async def effects(self, code: str) -> list[str]:
        answer = await ask(self.graph, EFFECTS, INVESTIGATOR, as_of=AS_OF, code=code)
        return [effect["ruleId"] for effect in answer["effects"]]


@pytest.fixture
async def town(clean_graph: Engine, tmp_path: Path) -> Town:
    await emptied(clean_graph)
    return Town(clean_graph, tmp_path)


def write(folder: Path, name: str, *lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def firm(code: str = CODE, name: str = "甲公司") -> str:
    return f"{code},{name},企业,某人,{NUMBER},2020-01-01,,2015-01-01,局,320404,存续"


def penalty(document: str, code: str = CODE, name: str = "甲公司", by: str = "某局", more: str = "一般,,") -> str:
    return f"{name},{code},{document},1,2026-05-01,2027-05-01,{by},{more}"


async def test_endings_bind_to_number_and_firm_and_are_told_when_they_match_nothing(town: Town) -> None:
    folder = town.folder / "in"
    write(folder, "a.csv", REGISTRY, firm(), firm(OTHER, "乙公司"))
    both = [penalty("罚〔2026〕1号"), penalty("罚〔2026〕1号", OTHER, "乙公司")]
    mine = [penalty("某罚〔2026〕2号"), penalty("某罚〔2026〕3号"), penalty("某罚〔2026〕5号")]
    write(folder, "b.csv", PENALTIES, *both, *mine)
    header = "决定书文号,处理类型,日期,机关,统一社会信用代码"
    endings = [
        *(
            f"罚[2026]第1号,信用修复,2026-08-01,别局,{OTHER}",
            "某罚(2026)2,撤销,2026-08-01,别局,",
            f"某罚〔2026〕3号,撤销,2026-08-01,,{OTHER}",
        ),
        *("某罚〔2026〕4号,撤销,2026-08-01,,", "/,撤销,2026-08-01,,"),
    ]
    write(folder, "c.csv", header, *endings)
    result = await town.load(folder)
    first, second = await town.records(CODE), await town.records(OTHER)
    assert {number: record["state"] for number, record in first.items()} == {
        "罚〔2026〕1号": "ACTIVE",
        "某罚〔2026〕2号": "REVOKED",
        "某罚〔2026〕3号": "ACTIVE",
        "某罚〔2026〕5号": "ACTIVE",
    }
    assert second["罚〔2026〕1号"]["state"] == "REPAIRED"
    told = result.report.as_json()["files"]["repairs"]
    assert [(one["row"], one["reason"]) for one in told["unmatched"]] == [(3, "other_firm"), (4, "no_record")]
    assert told["quarantined"] == {"missing_document": 1}
    query = "{ dataQuality { unmatchedEndings { document reason } } }"
    quality = await ask(town.graph, query, OPERATOR, as_of=AS_OF)
    assert [one["reason"] for one in quality["unmatchedEndings"]] == ["other_firm", "no_record"]


async def test_an_ending_loaded_before_its_record_binds_when_the_record_comes(town: Town) -> None:
    ending = write(town.folder, "c.csv", "决定书文号,处理类型,日期,机关", "某罚【2026】7号,撤销,2026-08-01,某局")
    assert len((await town.load(ending)).report.unmatched) == 1
    await town.load(write(town.folder, "b.csv", PENALTIES, penalty("某罚〔2026〕7号")))
    assert (await town.records(CODE))["某罚〔2026〕7号"]["state"] == "REVOKED"
    await town.load(write(town.folder, "d.csv", PENALTIES, penalty("某罚〔2026〕7号", OTHER, "乙公司")))
    assert (await town.records(CODE))["某罚〔2026〕7号"]["state"] == "ACTIVE"  # now it could be either's


async def test_what_the_source_says_of_a_record_is_heard(town: Town) -> None:
    folder = town.folder / "in"
    write(folder, "a.csv", REGISTRY, firm())
    rows = [
        penalty(f"某罚〔2026〕{i}号", more=more)
        for i, more in enumerate(("一般,1,", "一般,2,", "一般,3,", "怪,,", "一般,,1", "一般,,2", "一般,,"))
    ]
    write(folder, "b.csv", PENALTIES, *rows)
    await town.load(folder)
    numbers = [f"某罚〔2026〕{i}号" for i in range(7)]
    assert list(await town.records(CODE, PUBLIC)) in ([numbers[1], numbers[6]], [numbers[6], numbers[1]])
    assert set(await town.records(CODE, MUTUAL)) == {*numbers[1:5], numbers[6]}
    everything = await town.records(CODE)
    assert set(everything) == set(numbers)
    assert everything[numbers[0]]["state"] == "REVOKED"
    assert everything[numbers[1]]["objectionPending"]
    assert "unknown_tier" in everything[numbers[3]]["warnings"]


async def test_two_subscriptions_of_one_holder_count_together(town: Town) -> None:
    folder = town.folder / "in"
    write(folder, "a.csv", REGISTRY, f"{CODE},甲公司,企业,,,,,2015-01-01,局,320404,存续")
    header = "统一社会信用代码,股东名称,股东类型,股东证件号码,持股比例,起始日期,终止日期"
    rows = [
        f"{CODE},某人,自然人,{NUMBER},{share},{since},"
        for share, since in (("30%", "2020-01-01"), ("10%", "2020-01-01"), ("15%", "2021-01-01"), ("", "2022-01-01"))
    ]
    write(folder, "b.csv", header, *rows)
    lists = "名单类型,主体名称,主体代码,认定机关,认定文号,列入日期,移出日期"
    write(folder, "c.csv", lists, f"失信被执行人,甲公司,{CODE},某院,（2026）某04执1号,2026-05-01,")
    result = await town.load(folder)
    assert result.report.as_json()["files"]["shareholders"]["accepted"] == 4
    answer = await ask(town.graph, HELD, INVESTIGATOR, as_of=AS_OF, code=CODE)
    assert sorted(str(node["share"]) for node in answer["roles"]["nodes"]) == ["10.0", "15.0", "30.0", "None"]
    assert [(effect["ruleId"], effect["illustrative"]) for effect in answer["effects"]] == [
        ("judgment-defaulter-consumption-limit", True)
    ]


async def test_rows_that_contradict_or_repeat_each_other_across_files_are_counted(town: Town) -> None:
    folder = town.folder / "in"
    write(
        folder, "a.csv", PENALTIES, penalty("某罚〔2026〕1号"), penalty("某罚〔2026〕2号"), penalty("某罚〔2026〕3号")
    )
    other = penalty("某罚[2026]1号").replace(",1,", ",2,")
    write(folder, "b.csv", PENALTIES, other, penalty("某罚〔2026〕2号"), penalty("某罚〔2026〕4号", more="严重,,"))
    result = await town.load(folder)
    counts = result.report.as_json()["files"]["xzcf"]
    held = await town.records(CODE)
    assert len(held) == counts["accepted"] == 3
    assert counts["duplicates"] == 1
    assert counts["quarantined"] == {"conflicting_duplicate": 2}
    assert (town.folder / "q.jsonl").read_text(encoding="utf-8").count("conflicting_duplicate") == 2


async def test_names_are_found_in_any_writing_and_shown_as_given(town: Town) -> None:
    await town.load(write(town.folder, "a.csv", REGISTRY, firm(name="某市\ue863丰（集团）ＡＢ公司")))
    query = """query($name: String!) {
      searchSubjects(filter: {nameContains: $name}) { edges { node { name } matchedName } } }"""
    for name in ("䶮丰(集团)ab", "\ue863丰（集团）", "丰〔集团〕"):
        found = await ask(town.graph, query, INVESTIGATOR, as_of=AS_OF, name=name)
        assert [edge["node"]["name"] for edge in found["edges"]] == ["某市\ue863丰（集团）ＡＢ公司"], name


CHECKS: dict[str, Callable[[Town, dict[str, Any]], Any]] = {}


def case(number: str) -> Callable[[Callable[[Town, dict[str, Any]], Any]], Callable[[Town, dict[str, Any]], Any]]:
    def register(check: Callable[[Town, dict[str, Any]], Any]) -> Callable[[Town, dict[str, Any]], Any]:
        CHECKS[number] = check
        return check

    return register


@case("02")
async def _(town: Town, files: dict[str, Any]) -> None:
    query = "query($code: USCC!) { subject(code: $code) { records { nodes { decidedOn state } } effects { ruleId } } }"
    answer = await ask(town.graph, query, INVESTIGATOR, as_of=AS_OF, code="91320404XY00012182")
    assert {(one["decidedOn"], one["state"]) for one in answer["records"]["nodes"]} == {
        ("2025-03-01", "EXPIRED"),
        ("2026-03-01", "ACTIVE"),
    }
    assert answer["effects"]
    answer = await ask(town.graph, query, INVESTIGATOR, as_of=AS_OF, code="91320404XY0001226W")
    assert {one["state"] for one in answer["records"]["nodes"]} == {"ACTIVE"}
    assert len(answer["records"]["nodes"]) == files["xzcf"]["accepted"] == 2


@case("03")
async def _(town: Town, _files: dict[str, Any]) -> None:
    records = await town.records("91320404XY0001015D")
    assert len(records) == 8
    assert {record["state"] for record in records.values()} == {"REVOKED"}
    assert not await town.effects("91320404XY0001015D")


@case("04")
async def _(town: Town, _files: dict[str, Any]) -> None:
    records = {number[-4:-1]: record for number, record in (await town.records("91320404XY0001314B")).items()}
    assert {number for number, record in records.items() if record["state"] == "ACTIVE"} == {"133", "134", "940"}
    assert records["134"]["objectionPending"]
    assert len(await town.effects("91320404XY0001314B")) == 2


@case("07")
async def _(town: Town, files: dict[str, Any]) -> None:
    answer = await ask(town.graph, HELD, INVESTIGATOR, as_of=AS_OF, code="91320404XY0007003H")
    assert files["shareholders"]["accepted"] == 3
    assert sorted(one["share"] for one in answer["roles"]["nodes"] if one["share"]) == [25.0, 30.0, 45.0]
    assert {one["illustrative"] for one in answer["effects"]} == {True, False}


@case("09")
async def _(town: Town, files: dict[str, Any]) -> None:
    query = "query($code: USCC!) { subject(code: $code) { records { nodes { until } } } }"
    answer = await ask(town.graph, query, INVESTIGATOR, as_of=AS_OF, code="91320404XY000710XP")
    assert {one["until"] for one in answer["records"]["nodes"]} == {"2031-01-04", "2029-01-04"}
    assert files["xzxk"]["accepted"] == 2


@case("10")
async def _(town: Town, _files: dict[str, Any]) -> None:
    for code in ("91320404XY0004603X", "91320404XY0004611Q", "91320404XY000462XG", "91320404XY0004638G"):
        assert not await town.records(code, PUBLIC)
        assert {record["tier"] for record in (await town.records(code)).values()} == {"轻微"}
    assert await town.records("91320404XY0004646B", PUBLIC)


@case("14")
async def _(town: Town, files: dict[str, Any]) -> None:
    answer = await ask(town.graph, EFFECTS, MUTUAL, as_of=AS_OF, code="91320404XY000665X2")
    assert answer["representatives"]
    assert answer["effects"]
    assert not files["registry"]["quarantined"]


@case("20")
async def _(town: Town, files: dict[str, Any]) -> None:
    for code in ("91320404XY0002608Y", "91320404XY0002624L", "91320404XY00026597"):
        assert await town.records(code) is not None
    assert files["registry"]["accepted"] == 13
    assert files["registry"]["warnings"] == {"no_representative_number": 6}


@case("21")
async def _(_town: Town, files: dict[str, Any]) -> None:
    assert files["xzcf"]["accepted"] == 10


@case("30")
async def _(town: Town, files: dict[str, Any]) -> None:
    assert files["xzcf"]["quarantined"] == files["lists"]["quarantined"] == {"citizen_number": 1}
    assert not {"320102195003040004", "320102195103260004"} & set((town.folder / "q.jsonl").read_text().split('"'))


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not beside the repository")
@pytest.mark.parametrize("number", sorted(CHECKS))
async def test_a_case_from_the_field(town: Town, number: str) -> None:
    (folder,) = CASES.glob(f"{number}-*")
    result = await town.load(folder / "in")
    await CHECKS[number](town, result.report.as_json()["files"])
