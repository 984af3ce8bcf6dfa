"""Files with what goes wrong in practice: one row suffers, the others are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_loaders.sources import Broken, open_rows, open_source
from graph_loaders.sources.lines import BLOCK, LONGEST_LINE, Lines
from graph_loaders.sources.model import Stored

HEADER = "决定书文号,处理类型,日期,机关"


def read(folder: Path, content: bytes) -> list[object]:
    path = folder / "data"
    path.write_bytes(content)
    rows = open_rows(open_source(path))
    found = [row.reason if isinstance(row, Broken) else row[0] for row in rows]
    assert rows.position >= len(content)
    return found


def row(number: int) -> str:
    return f"第{number}号,撤销,2026-01-31,某局"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, f"{HEADER}\n{row(1)}\n".encode(encoding)) == ["第1号"]


def test_gb18030_that_begins_after_a_megabyte_of_ascii_is_found(tmp_path: Path) -> None:
    header = b"CF_XDR_MC,CF_XDR_SHXYM,CF_WSH,CF_JDRQ\n"
    plain = b"A,B,C,2026-01-31\n" * (BLOCK // 16)
    found = read(tmp_path, header + plain + "最后,B,C,2026-01-31\n".encode("gb18030"))
    assert len(found) == BLOCK // 16 + 1
    assert found[-1] == "最后"


def test_a_few_broken_bytes_do_not_make_utf8_another_encoding(tmp_path: Path) -> None:
    lines = [f"{HEADER}\n".encode(), f"{row(1)}\n".encode(), b"\xc4\xe3\xff,x,y,z\n", f"{row(2)}\n".encode()]
    assert read(tmp_path, b"".join(lines)) == ["第1号", "broken_bytes", "第2号"]


def test_each_kind_of_broken_row_has_its_reason(tmp_path: Path) -> None:
    content = "\n".join(
        [
            *(
                HEADER,
                row(1),
                '"第2号,撤销',
                row(3),
                "第4号,撤销",
                row(5) + ",多",
                row(6) + ",,",
                "",
                ",,,",
                row(7) + "\0",
            ),
            *("长" * LONGEST_LINE, row(8), '"第""9""号","撤销","2026-01-31","某\n局"', '第"10号,撤销,2026-01-31,某局'),
        ]
    )
    assert read(tmp_path, content.encode()) == [
        *("第1号", "broken_row", "第3号", "ragged_row", "ragged_row", "第6号", "broken_row", "over_long_row"),
        *("第8号", '第"9"号', '第"10号'),
    ]


def test_an_open_quotation_costs_one_row_also_in_a_long_file(tmp_path: Path) -> None:
    rows = [row(number) for number in range(1000)]
    rows[3] = '"' + rows[3]
    found = read(tmp_path, "\n".join([HEADER, *rows]).encode())
    assert found[3] == "broken_row"
    assert found[:3] + found[4:] == [f"第{n}号" for n in range(1000) if n != 3]


def test_lone_carriage_returns_end_lines_too(tmp_path: Path) -> None:
    assert read(tmp_path, f"{HEADER}\r{row(1)}\r{row(2)}\r".encode()) == ["第1号", "第2号"]


def test_line_feeds_in_cells_do_not_end_lines_that_carriage_returns_end(tmp_path: Path) -> None:
    rows = '"第1号","撤\n销",2026-01-31,某局', row(2)
    assert read(tmp_path, f"{HEADER}\r{rows[0]}\r{rows[1]}\r".encode()) == ["第1号", "第2号"]


def test_lines_of_json_that_are_no_object_are_broken(tmp_path: Path) -> None:
    lines = [
        '{"决定书文号":"甲","处理类型":"撤销","日期":1}',
        "{",
        "[1]",
        '{"决定书文号":NaN}',
        "{" * 5000,
        '{"决定书文号":"乙"}',
    ]
    assert read(tmp_path, "\n".join(lines).encode()) == ["甲", *["broken_json"] * 4, "乙"]


def test_lines_of_another_encoding_are_not_read_as_other_characters(tmp_path: Path) -> None:
    rows = [f"{row(number)}\n" for number in range(20)]
    rows[7] = "第柒号文,撤销,2026-01-31,某局\n"
    content = "".join([HEADER, "\n", *rows[:7]]).encode("gb18030") + rows[7].encode()
    assert content.decode("gb18030"), "the foreign line is text in both encodings"
    found = read(tmp_path, content + "".join(rows[8:]).encode("gb18030"))
    assert found == [*(f"第{n}号" for n in range(7)), "broken_bytes", *(f"第{n}号" for n in range(8, 20))]


def test_rows_that_end_in_different_ways_are_all_read(tmp_path: Path) -> None:
    content = f"{HEADER}\r\n{row(1)}\r{row(2)}\r{row(3)}\r\n{row(4)}\n第5号,撤\r销,2026-01-31,某局\n"
    assert read(tmp_path, content.encode()) == ["第1号", "第2号", "第3号", "第4号", "第5号"]


def test_a_stray_quotation_mark_above_the_header_costs_no_row(tmp_path: Path) -> None:
    rows = "".join(f"{row(number)}\n" for number in range(150))
    found = read(tmp_path, f'"说明：未闭合,,,\n{HEADER}\n{rows}'.encode())
    assert found == [f"第{number}号" for number in range(150)]


@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=("Cs",)), max_size=40), max_size=20))
def test_lines_are_those_that_were_written(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    path = tmp_path_factory.mktemp("lines") / "data"
    path.write_bytes(b"\xef\xbb\xbf" + "".join(f"{line}\n" for line in lines).encode())
    assert "".join(f"{line}\n" for line in Lines(Stored(path), "utf-8")).rstrip("\n") == "".join(
        f"{line}\n" for line in lines
    ).rstrip("\n")


@pytest.mark.parametrize("swallowed", [0, 1, 3, 400])
@pytest.mark.parametrize("later", ['"撤销"', '"撤""销"', '"撤', "撤销"])
def test_an_open_quotation_swallows_no_row_however_far_the_next_mark_is(
    tmp_path: Path, swallowed: int, later: str
) -> None:
    rows = [row(number) for number in range(swallowed + 4)]
    rows[1] = '第1号,"撤销,2026-01-31,某局'
    last = swallowed + 2
    rows[last] = f"第{last}号,{later},2026-01-31,某局"
    found = read(tmp_path, "\n".join([HEADER, *rows]).encode())
    expected = [f"第{number}号" for number in range(swallowed + 4)]
    expected[1] = "broken_row"
    if later == '"撤':
        expected[last] = "broken_row"
    assert found == expected


def test_a_quoted_cell_with_lines_that_are_no_rows_is_one_cell(tmp_path: Path) -> None:
    cells = ('"撤\n一, 二, 三, 四\n销"', '"a\n"",""b"",\n"', '"第2026,,,行\n销"')
    rows = [f"第{number}号,{cell},2026-01-31,某局" for number, cell in enumerate(cells)]
    rows.append('"第3\n号",撤销,2026-01-31,某局')
    assert read(tmp_path, "\n".join([HEADER, *rows]).encode()) == ["第0号", "第1号", "第2号", "第3\n号"]


def test_texts_that_are_kept_from_a_spreadsheet_by_a_formula_are_texts(tmp_path: Path) -> None:
    assert read(tmp_path, f'{HEADER}\n="0012",撤销,2026-01-31,某局\n"=""0013""",撤销,,\n'.encode()) == ["0012", "0013"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_in_any_company(tmp_path: Path, encoding: str, end: str) -> None:
    assert read(tmp_path, end.join([HEADER, row(1), row(2), ""]).encode(encoding)) == ["第1号", "第2号"]


def test_a_zero_byte_within_a_quotation_is_no_text(tmp_path: Path) -> None:
    assert read(tmp_path, f'{HEADER}\n第1号,"撤\n\0销",2026-01-31,某局\n{row(2)}\n'.encode()) == ["broken_row", "第2号"]
