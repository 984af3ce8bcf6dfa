from __future__ import annotations

from pathlib import Path

from transform_tools import CODE, OTHER, PENALTIES, REGISTRY, transform, write

LISTS = "名单类型,主体名称,主体代码,认定机关,认定文号,认定依据,列入事由,列入日期,移出日期"
NUMBER = "340121197212170008"
PERSON = NUMBER[:17] + "X"


async def test_a_penalty_without_publication_end_gets_the_longest_term_of_its_tier(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.csv",
        PENALTIES,
        f"甲公司,{CODE},甲1号,事实,0.11,2026-05-30,2026-08-30,轻微",
        f"甲公司,{CODE},甲2号,事实,82.59,2026-05-30,,一般",
        f"甲公司,{CODE},甲3号,事实,,2026-05-30,,",
    )
    given, computed, unknown = (await transform(path)).facts["Record"]
    assert (given["until"], given["until_computed"], given["amount"]) == ("2026-08-30", False, "1100")
    assert (computed["until"], computed["until_computed"], computed["term_rule"]) == ("2027-05-30", True, "term-一般")
    assert (unknown["until"], unknown["tier"], unknown["amount"]) == ("2029-05-30", "", "")
    assert given["valid_from"] == given["decided_on"]
    assert given["valid_to"] == given["until"]


async def test_a_list_entry_is_in_force_until_the_day_before_its_removal(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.csv",
        LISTS,
        f"失信被执行人,甲,{CODE},法院,甲执1号,依据,事由,2026-01-02,2026-10-01",
        f"A级纳税人,甲,{CODE},税务局,,依据,事由,2026-01-02,",
        f"某未登记名单,甲,{CODE},某局,甲3号,依据,事由,2026-01-02,",
    )
    result = await transform(path)
    entry, award, unknown = result.facts["Record"]
    assert (entry["kind"], entry["until"], entry["valid_to"], entry["adverse"]) == (
        "LIST_ENTRY",
        "2026-10-01",
        "2026-09-30",
        True,
    )
    assert (award["kind"], award["until"], award["adverse"]) == ("AWARD", "9999-12-31", False)
    assert unknown["kind"] == "LIST_ENTRY"
    assert result.files["lists"]["warnings"] == {"unknown_list_type": 1}


async def test_a_registry_row_gives_a_state_and_the_term_of_its_representative(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.csv",
        REGISTRY,
        f"{CODE},甲公司,企业,田强晓,{PERSON},2024-09-27,2025-01-01,2023-12-27,常州市市场监督管理局,320413,存续",
        f"{OTHER},乙公司,企业,李某,,,,2020-01-01,常州市市场监督管理局,320413,存续",
    )
    result = await transform(path)
    role, state = result.facts["Role"][0], result.facts["SubjectState"][0]
    assert (state["code"], state["kind"], state["region"]) == (CODE, "ENTERPRISE", "320413")
    assert (role["valid_from"], role["valid_to"], role["adult_on"]) == ("2024-09-27", "2025-01-01", "1990-12-17")
    assert role["token"].startswith("token-")
    assert len(result.facts["Role"]) == 1
    assert result.files["registry"]["warnings"] == {"no_representative_number": 1}


async def test_holders_are_persons_or_organisations(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.csv",
        "统一社会信用代码,股东名称,股东类型,股东证件号码,持股比例,起始日期,终止日期",
        f"{CODE},何某,自然人,{PERSON.lower()},51.00%,2025-07-27,",
        f"{CODE},乙公司,法人,{OTHER.lower()},49.00%,2025-07-27,",
        f"{CODE},丙公司,法人,{OTHER[:-1]}0,49.00%,2025-07-27,",
    )
    result = await transform(path)
    person, company = result.facts["Role"]
    assert (person["share"], person["holder_code"], person["token"][:6]) == (51.0, "", "token-")
    assert (company["share"], company["holder_code"], company["token"]) == (49.0, OTHER, "")
    assert result.reasons() == {3: "bad_uscc_check"}


async def test_endings_and_lifts_name_their_document(tmp_path: Path) -> None:
    repairs = write(
        tmp_path,
        "a.csv",
        "决定书文号,处理类型,日期,机关",
        *("甲1号,信用修复,2026-03-14,局", "甲2号,撤销行政处罚决定,2027-03-14,局", "甲3号,别的,2026-03-14,局"),
        "甲4号,异议更正,2026-03-14,局",
        *("甲5号,不予修复,2026-03-14,局", "甲6号,撤销信用修复,2026-03-14,局", "甲7号,驳回撤销申请,2026-03-14,局"),
    )
    lifts = write(tmp_path, "b.csv", "认定文号,证件号码,解除日期,机关", f"甲执1号,{PERSON},2026-03-14,法院")
    result = await transform(repairs, lifts)
    assert [fact["kind"] for fact in result.facts["Ending"]] == ["REPAIR", "REVOCATION", "CORRECTION"]
    assert result.reasons() == dict.fromkeys((3, 5, 6, 7), "unknown_ending")
    assert result.facts["Lift"][0]["document"] == "甲执1号"
    assert result.facts["Lift"][0]["token"]


async def test_of_a_complaint_neither_the_person_nor_the_words_are_kept(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.jsonl",
        f'{{"工单号":"1","受理时间":"2026-04-22 08:11:36","诉求人标识":"SQca110b80","被诉主体代码":"{CODE}",'
        '"被诉主体名称":"甲","地点":"人民路123号","事项":"噪声扰民","内容":"夜间作业"}',
    )
    (fact,) = (await transform(path)).facts["Complaint"]
    assert fact["matter"] == "噪声扰民"
    assert fact["received_on"] == "2026-04-22"
    assert not [text for text in ("SQca110b80", "夜间作业", "人民路") if text in repr(fact)]
