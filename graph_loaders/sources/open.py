"""Opening files: container, encoding, delimiter, header and kind are found by looking into them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from graph_loaders.sources.archive import members
from graph_loaders.sources.container import HEAD, NoTable, blank, looks_like_a_table, no_table, tell
from graph_loaders.sources.csv_rows import CsvRows
from graph_loaders.sources.grid_rows import GridRows, open_book
from graph_loaders.sources.headers import WITHIN, Header, find_header
from graph_loaders.sources.json_rows import JsonDocumentRows, JsonRows, json_arrays, read_object
from graph_loaders.sources.kinds import expected_headers, header_form, known_headers, match_headers, nearest
from graph_loaders.sources.lines import Lines, detect_encoding, detect_line_end
from graph_loaders.sources.merged_cells import header_texts
from graph_loaders.sources.model import GRIDS, Broken, Container, Skipped, Source, Stored
from graph_loaders.sources.profile import Profile, load_profile
from schema.errors import UsageError

DELIMITERS = (",", "\t", ";", "|", "，", "\x01", "^", "\x1f", "¦", "｜")
_EXAMPLES = re.compile(r"示例|样例|样表|范例|模板|模版|example|sample|template", re.IGNORECASE)
_OWN = ({"file", "row", "field", "reason", "value", "hint"}, {"run", "files"})
_WRAPPERS = frozenset(("data", "rows", "records", "list", "result", "results", "items", "content"))

Rows = CsvRows | JsonRows | JsonDocumentRows | GridRows
Tell = Callable[[Skipped], None]


def open_rows(source: Source) -> Rows:
    """The rows of a source; iterating over it reads the file once, ``position`` tells how far (bytes)."""
    if source.container in GRIDS:
        return GridRows(source)
    if source.container == "json":
        return JsonDocumentRows(source)
    return JsonRows(source) if source.container == "jsonl" else CsvRows(source)


def open_source(path: Path, profile: Profile | None = None) -> Source:
    """The source that a file is, the best of several. Raises UsageError like ``open_sources``."""
    return open_sources(path, profile)[0]


def open_sources(path: Path, profile: Profile | None = None, passed: Tell = lambda skipped: None) -> list[Source]:
    """The sources that a file is: one; several for a workbook with data on more than one sheet, or an archive.

    Raises UsageError when it is none: what it is and what to do, or the headers expected. ``passed`` is told of sheets
    and members that are left out.
    """
    profile = profile or load_profile()
    stored = Stored(path)
    head = _head(stored)
    if head.startswith(b"PK") and tell(stored, head) == "zip":
        return _open_archive(path, profile, passed)
    return _open_stored(stored, head, profile, passed)


def skipped(place: str, error: UsageError) -> Skipped:
    """What was met and could not be read."""
    hint = " ".join(part for part in (error.hint, error.message_zh) if part)
    return Skipped(
        place,
        error.message.removeprefix(place).removeprefix(" ").removeprefix("is "),
        hint,
        getattr(error, "data", True),
    )


def _head(stored: Stored) -> bytes:
    try:
        with stored.open() as file:
            return file.read(HEAD)
    except OSError as error:
        raise UsageError(
            f"{stored.place} cannot be read: {error.strerror}", hint="check path and rights", message_zh="文件无法读取"
        ) from None


def _open_archive(path: Path, profile: Profile, passed: Tell) -> list[Source]:
    found: list[Source] = []
    for member in members(path):
        stored = Stored(path, member)
        try:
            head = _head(stored)
            found += _open_stored(stored, head, profile, passed)
        except UsageError as error:
            passed(skipped(stored.place, error))
    if not found:
        raise no_table(
            Stored(path).place,
            "an archive without a table of a known kind",
            ("expected headers: " + expected_headers(profile), "压缩包内没有可识别的表格"),
        )
    return found


def _open_stored(stored: Stored, head: bytes, profile: Profile, passed: Tell) -> list[Source]:
    container = tell(stored, head)
    if blank(head):
        raise no_table(
            stored.place, "empty", ("nothing to load: send it again if there should be", "文件为空"), data=False
        )
    encoding = profile.encoding or detect_encoding(stored)
    seen: list[Sequence[object]] = []
    sources: list[Source] = []
    if container == "zip":
        raise no_table(stored.place, "an archive in an archive", ("unpack it first", "请先解压"))
    if container in GRIDS:
        sources = _open_grid(stored, container, encoding, profile, passed, seen)
    elif container in ("json", "jsonl"):
        opened = _open_json(stored, encoding, head, profile, seen)
        sources = opened or []
        container = "json" if opened is not None else "csv"
    if container == "csv":
        sources = _open_csv(stored, encoding, detect_line_end(head), profile, seen)
    if not sources:
        raise _unknown(stored, container, head, profile, seen)
    return sources


def _empty(stored: Stored) -> NoTable:
    return no_table(
        stored.place, "empty", ("nothing to load: send it again if there should be", "文件为空"), data=False
    )


def _unknown(stored: Stored, container: str, head: bytes, profile: Profile, seen: list[Sequence[object]]) -> UsageError:
    """A table of no kind. Names the kind that it is nearest to, and what it lacks for it."""
    near = max((found for row in seen if (found := nearest(row, profile))), key=lambda found: found[2], default=None)
    hint = "expected headers (or give --source PROFILE): " + expected_headers(profile)
    what = "of no known kind"
    if near and near[1]:
        what += f" (nearest: {near[0]}, without {', '.join(near[1])})"
    error = no_table(stored.place, what, (hint, "无法识别文件类型"))
    keys = {str(key) for row in seen for key in row}
    own = any(names <= keys for names in _OWN)
    named = stored.place.lower().endswith((".csv", ".tsv", ".jsonl", ".ndjson"))
    table = looks_like_a_table(head) if container == "csv" else container != "json" or any(seen)
    error.data = not own and (named or near is not None or table)
    return error


def _source(stored: Stored, container: Container, header: Header, profile: Profile, **more: Any) -> Source:
    headers = list(header.headers)
    while headers and not headers[-1] and header.row:
        headers.pop()
    match = header.match
    return Source(
        path=stored.path,
        member=stored.member,
        kind=match.kind,
        container=container,
        headers=tuple(headers),
        columns=match.columns,
        header_row=header.row,
        dates=profile.dates,
        factors=match.factors,
        twins=match.twins,
        values=profile.kinds[match.kind].values,
        profile=profile.name,
        **more,
    )


def _open_csv(stored: Stored, encoding: str, end: str, profile: Profile, seen: list[Sequence[object]]) -> list[Source]:
    best: tuple[Header, str] | None = None
    for delimiter in (profile.delimiter,) if profile.delimiter else DELIMITERS:
        probe = Source(
            stored.path,
            "registry",
            "csv",
            (),
            {},
            0,
            encoding,
            delimiter,
            end,
            member=stored.member,
        )
        rows = list(enumerate(CsvRows(probe).head(WITHIN), 1))
        seen += [row for _, row in rows if len(row) > 1]
        header = find_header(rows, profile)
        if header and (best is None or header.match.found > best[0].match.found):
            best = header, delimiter
    if best is None:
        return []
    header, delimiter = best
    return [_source(stored, "csv", header, profile, encoding=encoding, delimiter=delimiter, line_end=end)]


def _open_json(
    stored: Stored, encoding: str, head: bytes, profile: Profile, seen: list[Sequence[object]]
) -> list[Source] | None:
    """One object a line, or a document; None for what is no JSON. Objects may leave out what is empty, so that a key
    may first be met far down: all of them are looked through. ``seen`` gets what may be rows of an unknown kind."""
    end = detect_line_end(head)
    lines = (read_object(line) for line in Lines(stored, encoding, end) if isinstance(line, str) and line.strip())
    first = next(lines, Broken(""))
    if not isinstance(first, Broken):
        headers = _keys([first], profile)
        headers.update(_keys(lines, profile, headers))
        header = _of_keys(headers, profile)
        if header:
            return [_source(stored, "jsonl", header, profile, encoding=encoding, line_end=end)]
        seen.append(list(headers))
    best: tuple[Header, str] | None = None
    try:
        arrays = json_arrays(stored, encoding)
    except UsageError:
        if isinstance(first, Broken) and (rest := _keys(lines, profile)) and (header := _of_keys(rest, profile)):
            return [_source(stored, "jsonl", header, profile, encoding=encoding, line_end=end)]
        if isinstance(first, Broken) and not _bracketed_text(head):
            raise
        return [] if not isinstance(first, Broken) else None
    for name, values in arrays:
        keys = _keys(values, profile)
        header = _of_keys(keys, profile)
        if header and (best is None or header.match.found > best[0].match.found):
            best = header, name
        elif name == "" or name.rpartition(".")[2].lower() in _WRAPPERS:
            seen.append(list(keys))
    if not arrays and head.strip()[-1:] in (b"]", b"}") and b"[" in head[:200] and len(head) < 1_000:
        raise _empty(stored)
    return [_source(stored, "json", best[0], profile, encoding=encoding, sheet=best[1])] if best else []


def _bracketed_text(head: bytes) -> bool:
    """A text that begins with a bracket, such as ``[2026]1号``, and is no JSON."""
    return re.match(rb"[\xef\xbb\xbf\s]*\[\s*[\[{\"\]]", head) is None and head.lstrip()[:1] == b"["


def _of_keys(keys: Iterable[str], profile: Profile) -> Header | None:
    headers = list(keys)
    match = match_headers(headers, profile)
    return Header(match, 0, headers) if match else None


def _keys(values: Iterable[object], profile: Profile, before: dict[str, None] | None = None) -> dict[str, None]:
    """The keys of objects in order of appearance; after the first ones only those that columns go by."""
    keys: dict[str, None] = dict(before or {})
    known = known_headers(profile)
    for number, value in enumerate(values):
        if isinstance(value, dict) and not value.keys() <= keys.keys():
            first = number < WITHIN * 4
            keys.update((key, None) for key in value if first or header_form(key)[0] in known)
    return keys


def _open_grid(
    stored: Stored,
    container: Container,
    encoding: str,
    profile: Profile,
    passed: Tell,
    seen: list[Sequence[object]],
) -> list[Source]:
    """The sheet with the most columns of a kind, then what further sheets have data; examples are passed over."""
    found: list[tuple[Source, bool]] = []
    with open_book(stored, container, encoding) as book:
        names = [sheet.name for sheet in book.sheets]
        for name in [profile.sheet] if profile.sheet in names else names:
            sheet = book.sheet(name)
            rows = sheet.rows()
            head = []
            for row in rows:
                head.append(row)
                if row[0] >= WITHIN:
                    break
            texts = header_texts(head, [merge for merge in sheet.merges() if merge[0] <= WITHIN])
            seen += [line for _, line in texts]
            header = find_header(texts, profile, name)
            if header is None:
                continue
            best = _source(stored, container, header, profile, encoding=encoding, sheet=name)
            best = replace(best, since_1904=book.since_1904, out_of_sight=sheet.hidden)
            filled = any(number > header.row for number, _, _ in head) or next(rows, None) is not None
            found.append((best, filled))
    real = [entry for entry in found if not _EXAMPLES.search(entry[0].sheet)] or found
    first = max(real, key=lambda entry: (entry[1], len(entry[0].columns)), default=None)
    sources = [first[0], *(source for source, filled in real if filled and source is not first[0])] if first else []
    for source, filled in found:
        if filled and source not in sources:
            hint = "rename the sheet if its rows are data 如为数据请更改工作表名称"
            passed(Skipped(f"{stored.place}#{source.sheet}", "a sheet of examples", hint))
    return [replace(source, part=source.sheet) for source in sources] if len(sources) > 1 else sources


__all__ = ["NoTable", "Rows", "open_rows", "open_source", "open_sources", "skipped"]
