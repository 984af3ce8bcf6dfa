"""Bulk gate checks: codes out of files, jobs that are cut and taken up again, the root over the result."""

from __future__ import annotations

import openpyxl
import orjson
import pytest
from pymerkle import InmemoryTree

from hub.cli.gate_files import Job, read_codes, write_workbook
from schema.errors import UsageError

FIRM, OTHER = "91320411XYHFHJL15H", "12320404XYEBEXCX24"


def row(code: str, decision: str = "NONE"):
    case = {"id": "c", "decision": decision, "receipt": "r", "findings": []}
    return {"code": code, "error": None, "case": case}


@pytest.mark.parametrize(
    "data",
    [
        f"{FIRM}\n{OTHER}\n".encode(),
        f"\ufeff名称,代码\r\n某公司,{FIRM}\r\n\r\n另一家,{OTHER}\r\n".encode(),
        f"名称,代码\n某公司,{FIRM}\n另一家,{OTHER}\n".encode("gb18030"),
    ],
)
def test_codes_are_found_in_text(tmp_path, data: bytes):
    (tmp_path / "codes.csv").write_bytes(data)
    assert read_codes(tmp_path / "codes.csv") == [FIRM, OTHER]


def test_codes_are_found_in_a_workbook_and_a_wrong_one_keeps_its_row(tmp_path):
    book = openpyxl.Workbook()
    for cells in (["代码"], [FIRM], ["91320411XYHFHJL15J"], [OTHER]):
        book.active.append(cells)
    book.save(tmp_path / "codes.xlsx")
    assert read_codes(tmp_path / "codes.xlsx") == [FIRM, "91320411XYHFHJL15J", OTHER]


@pytest.mark.parametrize("data", [b"", b"\n\n"])
def test_a_file_without_rows_is_refused(tmp_path, data: bytes):
    (tmp_path / "codes.txt").write_bytes(data)
    with pytest.raises(UsageError):
        read_codes(tmp_path / "codes.txt")


def test_a_job_that_was_cut_in_a_line_goes_on_under_the_same_key(tmp_path):
    codes = [FIRM, OTHER, FIRM]
    job = Job.open(tmp_path / "out", codes, "m", "")
    job.add([row(FIRM)])
    key = job.key
    with job.part.open("ab") as file:
        file.write(b'[{"code": "half')
    again = Job.open(tmp_path / "out", codes, "m", "")
    assert (again.done, again.key) == (1, key)
    again.add([row(OTHER, "DENY"), row(FIRM)])
    root, counts = again.finish()
    lines = (tmp_path / "out.jsonl").read_bytes().splitlines()
    assert [orjson.loads(line)["row"] for line in lines] == [1, 2, 3]
    assert counts == {"NONE": 2, "DENY": 1}
    tree = InmemoryTree(algorithm="sha256")
    for line in lines:
        tree.append_entry(line)
    assert root == tree.get_root().hex()
    write_workbook(tmp_path / "out.xlsx", again.result, ("row", "code"))
    assert openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0].max_row == 4


def test_a_job_about_something_else_is_refused(tmp_path):
    Job.open(tmp_path / "out", [FIRM], "m", "")
    for codes, matter in (([OTHER], "m"), ([FIRM], "n")):
        with pytest.raises(UsageError):
            Job.open(tmp_path / "out", codes, matter, "")
