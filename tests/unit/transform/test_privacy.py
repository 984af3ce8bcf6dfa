from __future__ import annotations

from pathlib import Path

import orjson
from transform_tools import CODE, PENALTIES, REGISTRY, transform, write

from graph_loaders.report import Quarantine
from schema.identifiers import person_id_check

NUMBER = "32010219900101000" + person_id_check("32010219900101000")
WRONG = NUMBER[:17] + ("1" if NUMBER[17] != "1" else "2")


async def test_no_number_is_in_facts_or_quarantine_wherever_it_stood(tmp_path: Path) -> None:
    penalties = [
        f"{NUMBER}商行,{CODE},甲{NUMBER}号,当事人{NUMBER}违法,1,2026-05-30,2026-08-30,轻微",
        f"甲,{NUMBER},甲1号,事实,1,2026-05-30,2026-08-30,轻微",
        f"甲,{CODE},甲2号,事实,{NUMBER},2026-05-30,2026-08-30,轻微",
        f"甲,{CODE},甲3号,事实,1,{NUMBER},2026-08-30,轻微",
        f"甲,{CODE},甲4号,当事人{WRONG}违法,1,2026-05-30,2026-08-30,轻微",
        f"甲,{CODE},甲5号,{NUMBER}",
    ]
    write(tmp_path, "a.csv", PENALTIES, *penalties)
    states = [
        f"{CODE},甲公司,企业,田某{NUMBER},{number},2024-09-27,,2023-12-27,局,320413,存续" for number in (NUMBER, WRONG)
    ]
    write(tmp_path, "b.csv", REGISTRY, *states)
    write(tmp_path, "c.jsonl", f'{{"认定文号":{NUMBER[:17]}0,"证件号码":"{WRONG}","解除日期":"2026-01-02"}}')
    result = await transform(tmp_path)
    with Quarantine(tmp_path / "q.jsonl") as quarantine:
        quarantine.write(result.rejects)
    lines = (tmp_path / "q.jsonl").read_text(encoding="utf-8")
    kept = repr(result.facts) + repr(result.conflicts) + lines
    assert NUMBER not in kept
    assert WRONG not in kept
    assert NUMBER[6:14] not in kept
    assert (tmp_path / "q.jsonl").stat().st_mode & 0o077 == 0
    assert all(
        set(orjson.loads(line)) == {"file", "row", "field", "reason", "value", "hint"} for line in lines.splitlines()
    )
    assert len(lines.splitlines()) == 7  # a number inside a key too: masked, it would be the same for strangers


async def test_numbers_in_parts_are_in_no_name_title_basis_or_matter(tmp_path: Path) -> None:
    parted = f"{NUMBER[:6]}-{NUMBER[6:14]}-{NUMBER[14:]}"
    contract = f"HT1,合同{parted},领域,{CODE},甲{parted},{CODE},乙,1,2026-01-01,2026-02-01,,履约中"
    write(
        tmp_path,
        "a.csv",
        "合同编号,合同名称,领域,甲方代码,甲方名称,乙方代码,乙方名称,金额(万元),签订日期,履约截止日期,实际完成日期,状态",
        contract,
    )
    commitment = f"CN1,信用修复,{CODE},甲,还款{parted},2026-01-01,2026-02-01,,履行中"
    write(tmp_path, "b.csv", "承诺编号,承诺类型,主体代码,主体名称,事项,承诺日期,履行期限,履行日期,状态", commitment)
    listing = f"失信被执行人,甲,{CODE},某院{parted},执1号,依据{parted},事由,2026-01-01,"
    write(
        tmp_path, "c.csv", "名单类型,主体名称,主体代码,认定机关,认定文号,认定依据,列入事由,列入日期,移出日期", listing
    )
    write(
        tmp_path, "d.csv", REGISTRY, f"{CODE},甲{parted}公司,企业,田某,{NUMBER},2024-09-27,,2023-12-27,局,320413,存续"
    )
    facts = (await transform(tmp_path)).facts
    assert {"Contract", "Commitment", "Record", "SubjectState"} <= set(facts)
    assert parted not in repr(facts)


async def test_the_hash_of_a_row_follows_the_token_not_the_number(tmp_path: Path) -> None:
    path = write(tmp_path, "b.csv", REGISTRY, f"{CODE},甲公司,企业,田某,{NUMBER},2024-09-27,,2023-12-27,局,320413,存续")
    first = (await transform(path)).facts["Role"][0]
    second = (await transform(path, tokenise=lambda numbers: ["other" for _ in numbers])).facts["Role"][0]
    assert first["sha256"] != second["sha256"]
    assert first["key"] != second["key"]
    assert first["vid"] != second["vid"]


async def test_texts_that_no_database_takes_are_made_harmless(tmp_path: Path) -> None:
    lines = [
        '{"决定书文号":"甲\\u0000\\u200b1号\\n","处理类型":"撤销","日期":"2026-01-31","机关":"某\\ufeff局"}',
        '{"决定书文号":"甲\\ud8002号","处理类型":"撤销","日期":"2026-01-31"}',
        '{"决定书文号":"甲3号","处理类型":"撤销","日期":123456789012345678901234567890}',
    ]
    result = await transform(write(tmp_path, "a.jsonl", *lines))
    assert [(fact["document"], fact["authority"]) for fact in result.facts["Ending"]] == [("甲 1号", "某局")]
    assert result.reasons() == {2: "broken_json", 3: "unparsable_date"}
