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
    assert len(lines.splitlines()) == 6


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
