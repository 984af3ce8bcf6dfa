"""What a load says about its files: counts by kind, and the rows set aside with their reasons."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

from graph_loaders.sources.kinds import is_doubtful
from graph_loaders.sources.model import Skipped
from schema.errors import HubError, ServiceError, UsageError
from schema.records import FILE_KINDS, FileKind

ENDING_FILES = ("repairs", "lifts")  # kinds of file whose rows speak about records of others
JUDGED_FROM = 1000  # rows of a file, before which its share of bad rows means nothing


@dataclass(frozen=True, slots=True)
class Reject:
    """A row set aside. ``file`` is its path, ``row`` the data row from 1, ``field`` what the file calls the column.

    Identification numbers in ``value`` are masked.
    """

    file: str
    row: int
    field: str
    reason: str
    value: str
    hint: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An ending or lift that matches no record. ``reason``: ``no_record`` of this number is held, ``other_firm`` than
    the one named, ``before_decision``, or ``ambiguous`` (several decisions have the number)."""

    kind: FileKind
    file: str
    row: int
    document: str
    ending: str
    on: str
    reason: str


@dataclass(slots=True)
class FileReport:
    """Counts of one file so far: rows = accepted + duplicates + all quarantined, at the latest at its end.

    ``read`` and ``unread`` are its headers; ``notes`` count what is out of sight in it and was read all the same.
    """

    kind: FileKind
    path: str
    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    tolerated: Counter[str] = field(default_factory=Counter)
    sha256: str = ""
    read: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)

    @property
    def doubtful(self) -> list[str]:
        """Columns that are not read although facts may hang on them, by their names."""
        return [header for header in self.unread if is_doubtful(header)]


def too_bad(report: FileReport, percent: float, ended: bool) -> bool:
    """True when more than this share of the file's rows were set aside; judged from row 1000 or at the file's end."""
    if not ended and report.rows < JUDGED_FROM:
        return False
    return report.quarantined.total() * 100 > percent * report.rows


class LoadReport:
    """The report of one load; files of one kind are summed."""

    def __init__(self, run: str, skipped: Iterable[Skipped] = ()) -> None:
        self.run = run
        self.files: list[FileReport] = []
        self.skipped = list(skipped)
        self.unmatched: list[Unmatched] = []

    def add(self, report: FileReport) -> None:
        self.files.append(report)

    def as_json(self) -> dict[str, Any]:
        files: dict[str, Any] = {}
        for kind in FILE_KINDS:
            of_kind = [report for report in self.files if report.kind == kind]
            if of_kind:
                files[kind] = {
                    "rows": sum(report.rows for report in of_kind),
                    "accepted": sum(report.accepted for report in of_kind),
                    "duplicates": sum(report.duplicates for report in of_kind),
                    "quarantined": _sum(report.quarantined for report in of_kind),
                    "warnings": _sum(report.warnings for report in of_kind),
                    "tolerated": _sum(report.tolerated for report in of_kind),
                    "paths": [report.path for report in of_kind],
                    "columns": {
                        "read": _distinct(report.read for report in of_kind),
                        "unread": _distinct(report.unread for report in of_kind),
                        "doubtful": _distinct(report.doubtful for report in of_kind),
                    },
                }
                if notes := _sum(report.notes for report in of_kind):
                    files[kind]["notes"] = notes
            if kind in files and kind in ENDING_FILES:
                files[kind]["unmatched"] = [_shown(one) for one in self.unmatched if one.kind == kind]
        return {"run": self.run, "files": files, "skipped": [entry.as_json() for entry in self.skipped]}

    def write(self, path: Path) -> None:
        try:
            path.write_bytes(orjson.dumps(self.as_json(), option=orjson.OPT_INDENT_2) + b"\n")
        except OSError as error:
            raise _unwritable(path, error) from None


class Quarantine:
    """JSON Lines of the rows set aside, readable by its owner only. Without a path nothing is written."""

    def __init__(self, path: Path | None) -> None:
        self._file = None
        self._path = path or Path()
        if path is not None:
            try:
                self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
            except OSError as error:
                raise _unwritable(path, error) from None

    def write(self, rejects: Iterable[Reject]) -> None:
        if self._file is not None:
            try:
                for reject in rejects:
                    self._file.write(orjson.dumps(asdict(reject)) + b"\n")
                self._file.flush()
            except OSError as error:
                raise _unwritable(self._path, error) from None

    def __enter__(self) -> Quarantine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with suppress(OSError):  # what could not be written has been told
                self._file.close()


def _shown(one: Unmatched) -> dict[str, Any]:
    return {name: value for name, value in asdict(one).items() if name != "kind"}


def _sum(counts: Iterable[Counter[str]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(sorted(total.items()))


def _distinct(lists: Iterable[list[str]]) -> list[str]:
    return list(dict.fromkeys(header for headers in lists for header in headers))


def _unwritable(path: Path, error: OSError) -> HubError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
        return ServiceError(
            f"{path} cannot be written: {error.strerror}",
            hint="free space on the disk, then run this again",
            message_zh="磁盘空间不足或故障",
        )
    return UsageError(
        f"{path} cannot be written: {error.strerror}",
        hint="give a path in a folder that exists",
        message_zh="无法写入文件",
    )
