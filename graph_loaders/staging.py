"""What one load must remember beyond memory: rows that wait for the end of their file, and registered names.

Both lie in anonymous temporary files that the system removes with the process, also after a kill; neither ever holds an
identification number.
"""

from __future__ import annotations

import pickle
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Generic, TypeVar

T = TypeVar("T")

NamesOf = Callable[[list[str]], Awaitable[Mapping[str, Collection[str]]]]
"""Names of subjects in this hub's registry, by code; codes that are not registered are left out."""


class Spool(Generic[T]):
    """A list that goes to disk in parts. Written once, then read as often as needed."""

    def __init__(self, folder: Path | None = None, part: int = 10_000) -> None:
        self._folder = folder
        self._part = part
        self._items: list[T] = []
        self._file: IO[bytes] | None = None

    def add(self, item: T) -> None:
        self._items.append(item)
        if len(self._items) >= self._part:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by close()
            pickle.dump(self._items, self._file, pickle.HIGHEST_PROTOCOL)
            self._items = []

    def __iter__(self) -> Iterator[T]:
        if self._file is not None:
            self._file.seek(0)
            while True:
                try:
                    yield from pickle.load(self._file)  # noqa: S301 - our own file, without a name
                except EOFError:
                    break
        yield from self._items

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class NameBook:
    """Names of the registry: those accepted in this call, and those that the graph holds."""

    def __init__(self, names_of: NamesOf | None = None) -> None:
        self._names_of = names_of
        # "" is SQLite's private temporary database: in memory first, then in a nameless file
        self._here = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._here.execute("PRAGMA journal_mode = OFF")
        self._here.execute("CREATE TABLE names (code TEXT, name TEXT, PRIMARY KEY (code, name)) WITHOUT ROWID")

    def add(self, names: Iterable[tuple[str, str]]) -> None:
        """Names of accepted registry rows."""
        self._here.execute("BEGIN")
        self._here.executemany("INSERT OR IGNORE INTO names VALUES (?, ?)", names)
        self._here.execute("COMMIT")

    async def find(self, codes: Iterable[str]) -> dict[str, set[str]]:
        wanted = sorted(set(codes))
        found: dict[str, set[str]] = {}
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            marks = ",".join("?" * len(part))
            for code, name in self._here.execute(f"SELECT code, name FROM names WHERE code IN ({marks})", part):  # noqa: S608
                found.setdefault(code, set()).add(name)
        if self._names_of is not None and wanted:
            for code, names in (await self._names_of(wanted)).items():
                found.setdefault(code, set()).update(names)
        return found

    def close(self) -> None:
        self._here.close()
