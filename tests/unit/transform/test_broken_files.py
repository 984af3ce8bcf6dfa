"""Files that are cut short, overwritten or made up: read in part, or refused in one line; never an inner error."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from table_writers import WRITERS

from graph_loaders.sources import open_rows, survey
from schema.errors import UsageError

TABLE = [
    ["行政相对人名称", "统一社会信用代码", "行政处罚决定书文号", "违法事实", "处罚决定日期"],
    *(["常州某某有限公司", "91320481XYYB35GE27", f"常罚〔2026〕{n}号", "事实", "2026-03-01"] for n in range(5)),
]
STARTS = (
    *(b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x09\x08\x08\x00", b"<html>", b"<table>", b"{", b"["),
    *(b'<?xml version="1.0"?><a xmlns="urn:schemas-microsoft-com:office:spreadsheet">', b"\xff\xfe", b'"', b"\x03"),
)
QUICK = settings(
    max_examples=150,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def read(folder: Path, content: bytes) -> None:
    """Everything that a load does with it before rows are parsed, as one of several files of a folder."""
    (folder / "x").write_bytes(content)
    with suppress(UsageError):
        for source in survey([folder]).sources:
            for _ in open_rows(source):
                pass


@cache
def whole(name: str) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data"
        WRITERS[name](path, TABLE)
        return path.read_bytes()


Cuts = Iterable[tuple[float, bytes]]


@QUICK
@given(
    name=st.sampled_from(sorted(WRITERS)),
    end=st.floats(0, 1),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6)), max_size=4),
)
def test_what_is_left_of_a_file_is_read_or_refused(tmp_path: Path, name: str, end: float, cuts: Cuts) -> None:
    content = bytearray(whole(name))
    for place, written in cuts:
        start = int(place * len(content))
        content[start : start + len(written)] = written
    read(tmp_path, bytes(content[: max(1, int((0.3 + 0.7 * end) * len(content)))]))


@QUICK
@given(
    start=st.sampled_from(STARTS),
    rest=st.binary(max_size=600),
)
def test_made_up_bytes_are_read_or_refused(tmp_path: Path, start: bytes, rest: bytes) -> None:
    read(tmp_path, start + rest)


def test_an_archive_with_any_byte_overwritten_is_read_or_refused(tmp_path: Path) -> None:
    content = whole("zip of csv")
    for place in range(0, len(content), 5):
        read(tmp_path, content[:place] + b"\xff\xff" + content[place + 2 :])
