"""Files as the field sends them: what stands in their cells is understood, or said, never lost in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from transform_tools import CODE, OTHER, REGISTRY, transform, write

from graph_loaders.sample.identifiers import numbers_like_codes
from policies import load_policies
from schema.identifiers import person_id_check

POLICIES = load_policies("320400")
PENALTIES = "CF_XDR_MC,CF_XDR_SHXYM,CF_WSH,CF_NR_FK,CF_JDRQ,CF_GSJZQ,CF_CFJG,SXCD,CF_ZT,信息使用范围"
LICENCES = "XK_XDR_MC,XK_XDR_SHXYM,XK_WSH,XK_XKBH,XK_NR,XK_JDRQ,XK_YXQZI,XK_XKJG,XK_ZT"
NUMBER = "32010219900101000" + person_id_check("32010219900101000")


def penalty(
    document: str, *, day: str = "2026-05-01", tier: str = "", status: str = "", use: str = "", by: str = "某局"
) -> str:
    return f"甲公司,{CODE},{document},1,{day},,{by},{tier},{status},{use}"


@pytest.mark.parametrize("number", [*numbers_like_codes(3), "320102510326001", NUMBER])
async def test_a_citizen_number_in_another_column_is_set_aside_and_masked(tmp_path: Path, number: str) -> None:
    write(
        tmp_path,
        "a.csv",
        PENALTIES,
        f"某人,{number},罚1号,1,2026-05-01,,某局,,,",
        f"{number},{CODE},罚2号,1,2026-05-01,,某局,,,",
    )
    write(tmp_path, "b.csv", PENALTIES, penalty(number), penalty("罚3号", by=number), penalty(f"' {number}"))
    write(tmp_path, "c.csv", "主体代码,评价体系,分值,等级,评价日期", f"{number},体系,1,优,2026-01-01")
    write(
        tmp_path,
        "d.csv",
        "合同编号,合同名称,甲方代码,乙方代码,签订日期",
        f"{number},名,{CODE},{OTHER},2026-01-01",
        f"1,名,{number},{OTHER},2026-01-01",
    )
    result = await transform(tmp_path, words=POLICIES)
    assert {reject.reason for reject in result.rejects} == {"citizen_number"}
    assert len(result.rejects) == 8
    assert not result.facts
    assert number not in repr(result)


async def test_marks_for_nothing_join_no_strangers(tmp_path: Path) -> None:
    rows = [penalty("/"), penalty("无", day="2026-06-01"), penalty("N/A", by="他局"), penalty("—", by="")]
    write(tmp_path, "a.csv", PENALTIES, *rows)
    write(tmp_path, "b.csv", "决定书文号,处理类型,日期,机关", "/,信用修复,2026-08-01,某局")
    result = await transform(tmp_path)
    assert len({fact["key"] for fact in result.facts["Record"]}) == 3
    assert [reject.reason for reject in result.rejects] == ["missing_document"] * 2


async def test_status_and_use_scope_are_read(tmp_path: Path) -> None:
    rows = [
        *(
            penalty("罚1号", status="0"),
            penalty("罚2号", status="1"),
            penalty("罚3号", status="撤 销"),
            penalty("罚4号", status="2"),
        ),
        *(
            penalty("罚5号", status="３"),
            penalty("罚6号", status="甚怪"),
            penalty("罚7号", use="1"),
            penalty("罚8号", use="仅授权查询"),
        ),
        *(penalty("罚9号", use="甚怪"), penalty("罚10号", use="公示")),
    ]
    result = await transform(write(tmp_path, "a.csv", PENALTIES, *rows), words=POLICIES)
    found = {fact["document"]: fact for fact in result.facts["Record"]}
    standings = [found[f"罚{i}号"].get("standing") for i in range(1, 7)]
    assert standings == [None, "REVOKED", "REVOKED", "OBJECTION", "UNCLEAR", "UNCLEAR"]
    assert [found[f"罚{i}号"].get("use") for i in range(7, 11)] == ["SHARED", "AUTHORISED", "INTERNAL", None]
    assert found["罚2号"]["valid_to"] < found["罚2号"]["decided_on"]
    assert [found[f"罚{i}号"].get("doubts") for i in (5, 6, 9)] == [
        "unclear_status",
        "unknown_status",
        "unknown_use_scope",
    ]
    warnings = result.files["xzcf"]["warnings"]
    assert warnings["unknown_status"] == warnings["unknown_use_scope"] == warnings["unclear_status"] == 1


async def test_one_decision_may_grant_two_licences(tmp_path: Path) -> None:
    def licence(number: str, content: str, status: str = "1") -> str:
        return f"甲公司,{CODE},许〔2026〕1号,{number},{content},2026-01-05,2031-01-04,某局,{status}"

    rows = [licence("JY-1", "食品"), licence("JY-2", "危化品"), licence("无", "药品"), licence("", "器械", "注销")]
    result = await transform(write(tmp_path, "a.csv", LICENCES, *rows), words=POLICIES)
    assert len({fact["key"] for fact in result.facts["Record"]}) == result.files["xzxk"]["accepted"] == 4
    assert [fact.get("standing") for fact in result.facts["Record"]] == [None, None, None, "ENDED"]


@pytest.mark.parametrize(
    ("written", "tier"),
    [
        *(
            ("轻微失信", "轻微"),
            ("轻微失信行为", "轻微"),
            ("轻", "轻微"),
            ("一般失信", "一般"),
            ("严重失信行为", "严重"),
        ),
        *(("（轻微）", None), ("1", None), ("待评", None)),
    ],
)
async def test_a_tier_in_other_words_is_understood_or_said(tmp_path: Path, written: str, tier: str | None) -> None:
    result = await transform(write(tmp_path, "a.csv", PENALTIES, penalty("罚1号", tier=written)), words=POLICIES)
    (fact,) = result.facts["Record"]
    assert fact["tier"] == (tier or "")
    assert fact.get("doubts") == (None if tier else "unknown_tier")
    assert result.files["xzcf"]["warnings"] == ({} if tier else {"unknown_tier": 1})


@pytest.mark.parametrize("number", ["E12345678", "08123456", "3204**********1234", "无", "/", OTHER, "320102900101000"])
async def test_a_representative_without_a_citizen_number_costs_the_role_only(tmp_path: Path, number: str) -> None:
    row = f"{CODE},甲公司,企业,JOHN SMITH,{number},2020-01-01,,2015-01-01,局,320404,存续"
    result = await transform(write(tmp_path, "a.csv", REGISTRY, row))
    assert [fact["name"] for fact in result.facts["SubjectState"]] == ["甲公司"]
    assert "Role" not in result.facts
    assert result.files["registry"]["warnings"] == {"no_representative_number": 1}


async def test_several_subscriptions_of_one_holder_are_parts_that_are_all_held(tmp_path: Path) -> None:
    header = "统一社会信用代码,股东名称,股东类型,股东证件号码,持股比例,起始日期,终止日期"
    rows = [f"{CODE},某人,自然人,{NUMBER},{share},2020-01-01," for share in ("30%", "25%", "25%")]
    rows += [f"{CODE},乙公司,企业,{OTHER},{share},2020-01-01," for share in ("60%", "70%")]
    rows += [f"{OTHER},某人,自然人,{NUMBER},,2020-01-01,"]
    result = await transform(write(tmp_path, "a.csv", header, *rows))
    held = [(role["code"], role["share"], role["part"]) for role in result.facts["Role"]]
    assert sorted(held) == sorted([(CODE, 30.0, 0), (CODE, 25.0, 1), (OTHER, -1.0, 0)])
    assert len({role["key"] for role in result.facts["Role"]}) == 3
    counts = result.files["shareholders"]
    assert (counts["accepted"], counts["duplicates"], counts["quarantined"]) == (3, 1, {"conflicting_duplicate": 2})
    assert counts["warnings"] == {"share_unknown": 1}
    assert NUMBER not in repr(result)
