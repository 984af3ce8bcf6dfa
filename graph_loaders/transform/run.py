"""One file from bytes to batches of facts, in two readings and bounded memory.

The first reading keeps eight bytes a row and finds rows that repeat or may contradict each other; the second parses,
and what may clash waits for the end of the file. Persons' numbers become tokens batch by batch; none is ever staged.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from graph_loaders.report import FileReport, Reject
from graph_loaders.sources import Source, open_rows
from graph_loaders.sources.open import Rows
from graph_loaders.staging import NameBook, Spool
from graph_loaders.transform.contradictions import CLASH, DUPLICATE, Waiting, contradictions, part_roles
from graph_loaders.transform.identity import SEPARATOR, lift_ids, role_ids, row_hash
from graph_loaders.transform.reading import Parsed, Rules
from graph_loaders.transform.repeats import Repeats, find_repeats
from graph_loaders.transform.rows import RowParser, complete
from schema.errors import UsageError
from schema.identifiers import adult_on
from schema.names import compared_name

BATCH = 5_000  # rows

Tokens = Callable[[Sequence[str]], Sequence[str]]
"""The hub's tokens of identification numbers, in order. CPU-bound; called from a worker thread."""


@dataclass(slots=True)
class Batch:
    """Facts by label (``Role`` for relations) of up to 5000 rows, and the rows set aside meanwhile.

    ``conflict``: the facts contradict each other (their rows count as quarantined and are in ``rejects``): they are
    claims of which none is to be held.
    """

    facts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    conflict: bool = False

    def add(self, label: str, parsed: Parsed) -> None:
        if parsed.fact is not None:
            self.facts.setdefault(label, []).append(parsed.fact)
        if parsed.role is not None:
            self.facts.setdefault("Role", []).append(parsed.role)


class FileRun:
    """Transforms one source. Iterate ``batches()`` once; ``report`` counts along and is whole at the end.

    ``done`` of ``total`` bytes: both readings count, for a progress bar. ``names`` is shared by all files of a call,
    registry files first. ``folder`` is for temporary files (default: the system's).
    """

    def __init__(
        self, source: Source, rules: Rules, tokens: Tokens, names: NameBook, folder: Path | None = None
    ) -> None:
        self.source = source
        self.report = FileReport(source.kind, source.place, read=source.read, unread=source.unread)
        if source.out_of_sight:
            self.report.notes["hidden_sheets"] = 1
        self.total = 2 * max(1, source.stored.size)
        self._parser = RowParser(source, rules)
        self._tokens = tokens
        self._names = names
        self._folder = folder
        self._rows: Rows | None = None
        self._before = 0
        self._people: dict[str, str] = {}
        self._named: list[tuple[str, str]] = []

    @property
    def done(self) -> int:
        return self._before + (self._rows.position if self._rows else 0)

    async def batches(self) -> AsyncIterator[Batch]:
        """Batches as they become ready; the work is done in a thread, so that the graph can be written meanwhile."""
        repeats = await asyncio.to_thread(self._first_reading)
        parts = self._second_reading(repeats)
        try:
            while (batch := await asyncio.to_thread(next, parts, None)) is not None:
                await self._check_names()
                yield batch
        finally:
            parts.close()

    def _first_reading(self) -> Repeats:
        digest = sha256()
        with self.source.stored.open() as file:
            while block := file.read(1 << 20):
                digest.update(block)
        self.report.sha256 = digest.hexdigest()
        self._rows = open_rows(self.source)
        repeats = find_repeats(self._parser.watched(iter(self._rows)), self._parser.pair_of())
        self._before = self.total // 2
        return repeats

    def _second_reading(self, repeats: Repeats) -> Generator[Batch, None, None]:
        """Parsed rows in batches; at last those that might clash, decided together."""
        self._rows = open_rows(self.source)
        waiting: Spool[Waiting] = Spool(self._folder)
        rejects: list[Reject] = []
        ready: list[Waiting] = []
        report = self.report
        try:
            for number, digest, outcome in self._parser.parse(iter(self._rows), repeats):
                report.rows += 1
                if outcome is None:
                    report.duplicates += 1
                elif isinstance(outcome, Reject):
                    report.quarantined[outcome.reason] += 1
                    rejects.append(outcome)
                else:
                    ready.append((number, digest, outcome))
                if len(ready) >= BATCH or len(rejects) >= BATCH:
                    yield self._batch(ready, rejects, repeats, waiting)
                    ready, rejects = [], []
            yield self._batch(ready, rejects, repeats, waiting)
            if hidden := getattr(self._rows, "hidden", 0):
                report.notes["hidden_rows"] = hidden
            if report.rows != repeats.rows:
                raise UsageError(
                    f"{self.source.place} changed while it was read",
                    hint="load a file that nobody writes to",
                    message_zh="文件在读取过程中被修改",
                )
            yield from self._decided(waiting)
        finally:
            waiting.close()

    def _batch(self, ready: list[Waiting], rejects: list[Reject], repeats: Repeats, waiting: Spool[Waiting]) -> Batch:
        doubtful = [bool(repeats.clashing) and self._parser.may_clash(parsed, repeats) for _, _, parsed in ready]
        self._complete([parsed for _, _, parsed in ready])
        batch = Batch(rejects=rejects)
        for (number, digest, parsed), waits in zip(ready, doubtful, strict=True):
            if waits:
                waiting.add((number, digest, parsed))
            else:
                self._accept(batch, parsed)
        self._register(batch)
        return batch

    def _decided(self, waiting: Spool[Waiting]) -> Iterator[Batch]:
        """Rows about the same with different values are all set aside; equal rows count once."""
        decide = part_roles(waiting) if self._parser.kind.parts else contradictions(waiting)
        good, bad = Batch(), Batch(conflict=True)
        for number, parsed, verdict in decide:
            if verdict == DUPLICATE:
                self.report.duplicates += 1
            elif verdict == CLASH:
                reject = self._parser.clash(number, parsed)
                self.report.quarantined[reject.reason] += 1
                bad.rejects.append(reject)
                bad.add(self._parser.kind.label, parsed)
                if len(bad.rejects) >= BATCH:
                    yield bad
                    bad = Batch(conflict=True)
            else:
                self._accept(good, parsed)
        self._register(good)
        yield from (batch for batch in (good, bad) if batch.facts or batch.rejects)

    def _accept(self, batch: Batch, parsed: Parsed) -> None:
        report = self.report
        report.accepted += 1
        for mark in parsed.marks:
            report.tolerated[mark] += 1
        for warning in parsed.warnings:
            report.warnings[warning] += 1
        if parsed.subject and self._parser.kind.named:
            self._named.append((parsed.subject, parsed.name))
        batch.add(self._parser.kind.label, parsed)

    def _complete(self, rows: list[Parsed]) -> None:
        """Tokens for the persons of a batch, then the hash of each row."""
        numbers = [number for number in dict.fromkeys(row.number for row in rows) if number]
        wanted = [number for number in numbers if number not in self._people]
        if wanted:
            if len(self._people) > 100_000:
                self._people.clear()
                wanted = numbers
            self._people.update(zip(wanted, self._tokens(wanted), strict=True))
        for row in rows:
            text = row.text
            ids = lift_ids if row.role is None else role_ids
            if row.number:
                number = row.number
                token = self._people[number]
                complete(row, token, adult_on(number), ids)
                if row.fact is None and row.role is not None:
                    row.pair_key = row.role["key"]  # the number is not to be kept with it
                text = f"{text}{SEPARATOR}{token}"
            elif row.role is not None:
                row.role["key"], row.role["vid"] = ids(row.role)
                if row.fact is None:
                    row.pair_key = row.role["key"]
            digest = row_hash(text)
            if row.fact is not None:
                row.fact["sha256"] = digest
            if row.role is not None:
                row.role["sha256"] = digest

    def _register(self, batch: Batch) -> None:
        if self.source.kind == "registry":
            self._names.add((state["code"], state["name"]) for state in batch.facts.get("SubjectState", ()))

    async def _check_names(self) -> None:
        """Warnings on names, for subjects of this registry only; the others are counted as not in it."""
        named, self._named = self._named, []
        if not named:
            return
        known = await self._names.find(code for code, _ in named)
        compared = {code: {compared_name(name) for name in names} for code, names in known.items()}
        for code, name in named:
            names = compared.get(code)
            if not names:
                self.report.tolerated["not_in_local_registry"] += 1
            elif name and compared_name(name) not in names:
                self.report.warnings["name_mismatch"] += 1
