from __future__ import annotations

from collections import Counter
from pathlib import Path

import orjson
import pytest

from graph_loaders.report import FileReport, LoadReport, Quarantine, too_bad
from graph_loaders.sources import Skipped
from graph_loaders.staging import Spool
from graph_loaders.transform.faults import HINTS, WARNINGS, hint
from schema.errors import UsageError


def report(rows: int, bad: int, path: str = "a.csv") -> FileReport:
    return FileReport("xzcf", path, rows, rows - bad, 0, Counter({"missing_uscc": bad} if bad else {}))


@pytest.mark.parametrize(
    ("rows", "bad", "ended", "stops"),
    [
        *((999, 999, False, False), (1000, 501, False, True), (1000, 500, False, False), (10, 6, True, True)),
        *((10, 5, True, False), (0, 0, True, False)),
    ],
)
def test_the_share_of_bad_rows_is_judged_from_row_1000_or_at_the_end(
    rows: int, bad: int, ended: bool, stops: bool
) -> None:
    assert too_bad(report(rows, bad), 50, ended) is stops


def test_files_of_one_kind_are_summed(tmp_path: Path) -> None:
    whole = LoadReport("run-1", [Skipped("c.dbf", "a table", "export it", data=True)])
    first, second = report(10, 1), report(5, 2, "b.csv")
    first.read, first.unread, second.read, second.unread = ["甲", "乙"], ["备注"], ["乙"], ["XK_ZT", "备注"]
    second.notes["hidden_rows"] = 2
    whole.add(first)
    whole.add(second)
    whole.write(tmp_path / "report.json")
    assert orjson.loads((tmp_path / "report.json").read_bytes()) == {
        "run": "run-1",
        "files": {
            "xzcf": {
                "rows": 15,
                "accepted": 12,
                "duplicates": 0,
                "quarantined": {"missing_uscc": 3},
                "warnings": {},
                "tolerated": {},
                "paths": ["a.csv", "b.csv"],
                "columns": {"read": ["甲", "乙"], "unread": ["备注", "XK_ZT"], "doubtful": ["XK_ZT"]},
                "notes": {"hidden_rows": 2},
            }
        },
        "skipped": [{"path": "c.dbf", "reason": "a table", "hint": "export it"}],
    }


def test_a_path_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        Quarantine(tmp_path / "nowhere" / "q.jsonl")
    with pytest.raises(UsageError, match="cannot be written"):
        LoadReport("run").write(tmp_path)


def test_every_reason_says_what_to_do_in_both_languages() -> None:
    for english, chinese in (*HINTS.values(), *WARNINGS.values()):
        assert english[:6].isascii()
        assert any("\u4e00" <= char <= "\u9fff" for char in chinese)
    assert hint("missing_uscc").endswith("请补填统一社会信用代码")


def test_a_spool_gives_back_what_was_put_in_as_often_as_asked_and_leaves_no_file(tmp_path: Path) -> None:
    spool: Spool[int] = Spool(tmp_path, part=10)
    for number in range(25):
        spool.add(number)
    assert list(spool) == list(spool) == list(range(25))
    assert list(tmp_path.iterdir()) == []
    spool.close()
