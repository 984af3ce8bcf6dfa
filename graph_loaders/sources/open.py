"""Opening files: container, encoding, delimiter, header row and kind are found by looking into them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from graph_loaders.sources.csv_rows import CsvRows
from graph_loaders.sources.jsonl_rows import JsonRows, read_object
from graph_loaders.sources.kinds import Match, expected_headers, match_headers, match_positions
from graph_loaders.sources.lines import BOMS, Lines, detect_encoding, detect_line_end
from graph_loaders.sources.model import Broken, Container, Source
from graph_loaders.sources.profile import Profile, load_profile
from graph_loaders.sources.xlsx_rows import XlsxRows, open_workbook, plain_cell, quiet_rows
from schema.errors import UsageError

HEADER_WITHIN = 30  # rows of notes that may stand above the header
DELIMITERS = (",", "\t", ";", "|", "，", "\x01", "^")
_TABLES = (".csv", ".tsv", ".xlsx", ".jsonl", ".ndjson")
_HEAD = 1 << 16

Rows = CsvRows | JsonRows | XlsxRows


def open_rows(source: Source) -> Rows:
    """The rows of a source; iterating over it reads the file once, ``position`` tells how far (bytes)."""
    if source.container == "xlsx":
        return XlsxRows(source)
    return JsonRows(source) if source.container == "jsonl" else CsvRows(source)


def find_sources(paths: Iterable[Path], profile: Profile | None = None) -> list[Source]:
    """All sources among files and folders, registry files first. In a folder, what is no table is passed over, and so
    is a table without a header: the JSON Lines of a day on which nothing happened.

    Raises UsageError for a path that is not there, a file that is given and not recognised, a table in a folder that is
    not recognised, and when nothing was found.
    """
    profile = profile or load_profile()
    paths = list(paths)
    found: dict[Path, Source] = {}
    for path in paths:
        for file in _files(path):
            try:
                source = open_source(file, profile)
            except UsageError:
                if path.is_dir() and (file.suffix.lower() not in _TABLES or _blank(file)):
                    continue
                raise
            found.setdefault(file.resolve(), source)
    if not found:
        raise UsageError(
            f"no data files in {', '.join(map(str, paths))}",
            hint="expected headers: " + expected_headers(profile),
            message_zh="没有可加载的文件",
        )
    return sorted(found.values(), key=lambda source: (source.order, str(source.path)))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith((".", "~$")))
    if not path.is_file():
        raise UsageError(f"{path} is not there", hint="give files or folders that exist", message_zh="文件不存在")
    return [path]


def _blank(file: Path) -> bool:
    with file.open("rb") as opened:
        head = opened.read(_HEAD)
    for bom in BOMS:
        head = head.removeprefix(bom)
    return len(head) < _HEAD and not head.strip()


def open_source(path: Path, profile: Profile | None = None) -> Source:
    """The source that a file is. Raises UsageError, with the headers expected, when it is none."""
    profile = profile or load_profile()
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="check path and rights") from None
    container = _container(head)
    if container == "xlsx":
        source = _open_workbook(path, profile)
    else:
        encoding = profile.encoding or detect_encoding(path)
        end = detect_line_end(head)
        source = (_open_json if container == "jsonl" else _open_csv)(path, profile, encoding, end)
    if source is None:
        raise UsageError(
            f"{path} is of no known kind",
            hint="expected headers (or give --source PROFILE): " + expected_headers(profile),
            message_zh="无法识别文件类型",
        )
    return source


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
    headers: dict[str, None] = {}
    for line in islice(Lines(path, encoding, end), HEADER_WITHIN * 4):
        value = Broken("") if isinstance(line, Broken) else read_object(line)
        if not isinstance(value, Broken):
            headers.update(dict.fromkeys(value))
    match = match_headers(list(headers), profile)
    if match is None:
        return None
    return _source(path, "jsonl", list(headers), match, 0, profile, encoding=encoding, line_end=end)


def _open_workbook(path: Path, profile: Profile) -> Source | None:
    best: Source | None = None
    with open_workbook(path) as book:
        for name in [profile.sheet] if profile.sheet in book.sheetnames else book.sheetnames:
            sheet = book[name]
            if not hasattr(sheet, "reset_dimensions"):
                continue  # a chart
            sheet.reset_dimensions()
            rows = quiet_rows(sheet.iter_rows(values_only=True), HEADER_WITHIN)
            plain = [[plain_cell(cell) for cell in row] for row in rows]
            for match, row, headers in _candidates(plain, profile):
                while headers and not headers[-1] and profile.header_row != 0:
                    headers.pop()
                if best is None or match.found > len(best.columns):
                    best = _source(path, "xlsx", headers, match, row, profile, sheet=name)
    return best
