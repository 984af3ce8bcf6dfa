"""Opening files: container, encoding, delimiter, header row and kind are found by looking into them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from graph_loaders.sources.csv_rows import CsvRows
from graph_loaders.sources.jsonl_rows import JsonRows, read_object
from graph_loaders.sources.kinds import (
    Match,
    expected_headers,
    known_headers,
    match_headers,
    match_positions,
    without_unit,
)
from graph_loaders.sources.lines import BOMS, Lines, detect_encoding, detect_line_end
from graph_loaders.sources.model import Broken, Container, Source, shown_path
from graph_loaders.sources.profile import Profile, load_profile
from graph_loaders.sources.xlsx_rows import XlsxRows, open_workbook, plain_cell, quiet_rows
from schema.errors import UsageError

HEADER_WITHIN = 30  # rows of notes that may stand above the header
DELIMITERS = (",", "\t", ";", "|", "，", "\x01", "^")
_TABLES = (".csv", ".tsv", ".xlsx", ".jsonl", ".ndjson")
_EXAMPLES = re.compile(r"示例|样例|样表|范例|模板|模版|example|sample|template", re.IGNORECASE)
_PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"7z\xbc\xaf": "7z", b"Rar!": "RAR", b"\xfd7zXZ": "xz"}
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_HEAD = 1 << 16

Rows = CsvRows | JsonRows | XlsxRows


def open_rows(source: Source) -> Rows:
    """The rows of a source; iterating over it reads the file once, ``position`` tells how far (bytes)."""
    if source.container == "xlsx":
        return XlsxRows(source)
    return JsonRows(source) if source.container == "jsonl" else CsvRows(source)


def find_sources(
    paths: Iterable[Path], profile: Profile | None = None, passed: Callable[[str], None] = lambda place: None
) -> list[Source]:
    """All sources among files and folders, registry files first. In a folder, what is no table is passed over, and so
    is a table without a header: the JSON Lines of a day on which nothing happened. ``passed`` is told of each.

    Raises UsageError for a path that is not there, a file that is given and not recognised, a table in a folder that is
    not recognised, and when nothing was found.
    """
    profile = profile or load_profile()
    paths = list(paths)
    found: dict[Path, list[Source]] = {}
    for path in paths:
        for file in _files(path, passed):
            try:
                sources = open_sources(file, profile, passed)
            except UsageError:
                if path.is_dir() and (file.suffix.lower() not in _TABLES or _blank(file)):
                    if file.name != "city.toml":
                        passed(shown_path(file))
                    continue
                raise
            found.setdefault(file.resolve(), sources)
    if not found:
        raise UsageError(
            f"no data files in {', '.join(map(shown_path, paths))}",
            hint="expected headers: " + expected_headers(profile),
            message_zh="没有可加载的文件",
        )
    everything = (source for sources in found.values() for source in sources)
    return sorted(everything, key=lambda source: (source.order, str(source.path)))


def _files(path: Path, passed: Callable[[str], None]) -> list[Path]:
    """What a path stands for; in a folder not what is hidden, nor folders in it."""
    if path.is_dir():
        seen = sorted(file for file in path.iterdir() if not file.name.startswith((".", "~$")))
        for file in seen:
            if file.is_symlink() and not file.exists() and file.suffix.lower() in _TABLES:
                raise UsageError(f"{shown_path(file)} leads nowhere", hint="mend or remove the link")
            if not file.is_file():
                passed(shown_path(file))
        return [file for file in seen if file.is_file()]
    if not path.is_file():
        what = "is no file" if path.exists() else "is not there"
        raise UsageError(f"{shown_path(path)} {what}", hint="give files or folders that exist", message_zh="文件不存在")
    return [path]


def _blank(file: Path) -> bool:
    with file.open("rb") as opened:
        head = opened.read(_HEAD)
    for bom in BOMS:
        head = head.removeprefix(bom)
    return len(head) < _HEAD and not head.strip()


def open_source(path: Path, profile: Profile | None = None) -> Source:
    """The source that a file is, the best of several. Raises UsageError like ``open_sources``."""
    return open_sources(path, profile)[0]


def open_sources(
    path: Path, profile: Profile | None = None, passed: Callable[[str], None] = lambda place: None
) -> list[Source]:
    """The source that a file is; several for a workbook with data on more than one sheet.

    Raises UsageError, with the headers expected, when it is none.
    """
    profile = profile or load_profile()
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise UsageError(f"{shown_path(path)} cannot be read: {error.strerror}", hint="check path and rights") from None
    if packed := next((name for start, name in _PACKED.items() if head.startswith(start)), ""):
        raise UsageError(f"{shown_path(path)} is packed ({packed})", hint="unpack it first", message_zh="请先解压")
    if head.startswith(_OLD_WORKBOOK):
        raise UsageError(
            f"{shown_path(path)} is an old or encrypted workbook",
            hint="save it as .xlsx without a password, or as CSV",
            message_zh="旧版或加密的工作簿",
        )
    container = _container(head)
    if container == "xlsx":
        if sources := _open_workbook(path, profile, passed):
            return sources
        source = None
    else:
        encoding = profile.encoding or detect_encoding(path)
        end = detect_line_end(head)
        source = (_open_json if container == "jsonl" else _open_csv)(path, profile, encoding, end)
    if source is None:
        raise UsageError(
            f"{shown_path(path)} is of no known kind",
            hint="expected headers (or give --source PROFILE): " + expected_headers(profile),
            message_zh="无法识别文件类型",
        )
    return [source]


def _container(head: bytes) -> Container:
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    start = head.removeprefix(BOMS[0]).lstrip()[:1]
    return "jsonl" if start == b"{" else "csv"


def _source(
    path: Path, container: Container, headers: Sequence[str], match: Match, row: int, profile: Profile, **more: str
) -> Source:
    return Source(
        path=path,
        kind=match.kind,
        container=container,
        headers=tuple(headers),
        columns=match.columns,
        header_row=row,
        dates=profile.dates,
        factors=match.factors,
        twins=match.twins,
        values=profile.kinds[match.kind].values,
        profile=profile.name,
        **more,
    )


def _candidates(rows: Iterable[Sequence[object]], profile: Profile) -> Iterator[tuple[Match, int, list[str]]]:
    for number, row in enumerate(rows, 1):
        headers = ["" if cell is None else str(cell).strip() for cell in row]
        if profile.header_row == 0:
            match = match_positions(len(headers), profile) if any(headers) else None
            if match:
                yield match, 0, [f"#{index}" for index in range(1, len(headers) + 1)]
                return
        elif profile.header_row in (None, number):
            match = match_headers(headers, profile)
            if match:
                yield match, number, headers


def _open_csv(path: Path, profile: Profile, encoding: str, end: str) -> Source | None:
    best: Source | None = None
    for delimiter in (profile.delimiter,) if profile.delimiter else DELIMITERS:
        probe = Source(path, "registry", "csv", (), {}, 0, encoding, delimiter, end)
        for match, row, headers in _candidates(CsvRows(probe).head(HEADER_WITHIN), profile):
            while headers and not headers[-1] and profile.header_row != 0:
                headers.pop()
            if best is None or match.found > len(best.columns):
                best = _source(
                    path, "csv", headers, match, row, profile, encoding=encoding, delimiter=delimiter, line_end=end
                )
    return best


def _open_json(path: Path, profile: Profile, encoding: str, end: str) -> Source | None:
    """Objects may leave out what is empty, so that a key may first be met far down: all lines are looked through."""
    headers: dict[str, None] = {}
    known = known_headers(profile)
    for number, line in enumerate(Lines(path, encoding, end)):
        value = Broken("") if isinstance(line, Broken) else read_object(line)
        if isinstance(value, Broken) or value.keys() <= headers.keys():
            continue
        first = number < HEADER_WITHIN * 4
        headers.update((key, None) for key in value if first or without_unit(key) in known)
    match = match_headers(list(headers), profile)
    if match is None:
        return None
    return _source(path, "jsonl", list(headers), match, 0, profile, encoding=encoding, line_end=end)


def _open_workbook(path: Path, profile: Profile, passed: Callable[[str], None]) -> list[Source]:
    """The sheet with the most columns of a kind, then what further sheets have data; examples are passed over."""
    found: list[tuple[Source, bool]] = []
    with open_workbook(path) as book:
        for name in [profile.sheet] if profile.sheet in book.sheetnames else book.sheetnames:
            sheet = book[name]
            if not hasattr(sheet, "reset_dimensions"):
                continue  # a chart
            sheet.reset_dimensions()
            rows = sheet.iter_rows(values_only=True)
            plain = [[plain_cell(cell) for cell in row] for row in quiet_rows(rows, HEADER_WITHIN)]
            best: Source | None = None
            for match, row, headers in _candidates(plain, profile):
                while headers and not headers[-1] and profile.header_row != 0:
                    headers.pop()
                if best is None or match.found > len(best.columns):
                    best = _source(path, "xlsx", headers, match, row, profile, sheet=name)
            if best is None:
                continue
            filled = any(any(cell != "" for cell in row) for row in plain[best.header_row :]) or _any_cell(rows)
            found.append((best, filled))
    real = [entry for entry in found if not _EXAMPLES.search(entry[0].sheet)] or found
    first = max(real, key=lambda entry: (entry[1], len(entry[0].columns)), default=None)
    sources = [first[0], *(source for source, filled in real if filled and source is not first[0])] if first else []
    for source, filled in found:
        if filled and source not in sources:
            passed(f"{shown_path(path)}#{source.sheet}")
    return [replace(source, part=source.sheet) for source in sources] if len(sources) > 1 else sources


def _any_cell(rows: Iterator[tuple[object, ...]]) -> bool:
    while chunk := quiet_rows(rows, 500):
        if any(cell is not None for row in chunk for cell in row):
            return True
    return False
