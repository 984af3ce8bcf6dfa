"""Loading files: from paths to facts in the graph, a report, and the rows that were set aside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

from graph_loaders.engine import Engine
from graph_loaders.load.lock import load_lock
from graph_loaders.load.present import Present, Rows
from graph_loaders.load.regions import check_region, write_regions
from graph_loaders.load.rotate import check_key, finish_rotation
from graph_loaders.load.runs import end_run, new_run, start_run
from graph_loaders.load.snapshot import Snapshot
from graph_loaders.load.steady import read_page
from graph_loaders.load.unmatched import unmatched
from graph_loaders.load.version import Clock
from graph_loaders.load.writer import Writer
from graph_loaders.persons import Persons
from graph_loaders.report import FileReport, LoadReport, Quarantine, too_bad
from graph_loaders.sources import Found, Profile, Source, survey
from graph_loaders.staging import NameBook
from graph_loaders.statements import statement
from graph_loaders.transform import Batch, FileRun, Rules
from schema.ports import CodedWords, ListTypes, TermRules
from schema.times import OPEN_INSTANT, today

MAX_BAD = 50.0  # percent of a file's rows
GOOD, TOO_BAD, BROKEN_OFF = "good", "too_bad", "broken_off"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LoadResult:
    """``stopped`` is the path of the first file that passed ``max_bad``; None when none did."""

    run: str
    report: LoadReport
    stopped: str | None = None


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """``today`` is the day that counts as today. ``quarantine`` None: rows set aside are counted only. ``waiting`` is
    told when another load must end first, ``reading`` of each file as it begins (its ``FileRun`` counts along).
    ``found`` is what a survey of the paths has found, where one was made already. ``region``: the hub's own (GB/T
    2260); a registry that lies outside it altogether is another city's and is refused ("" takes any)."""

    today: date
    profile: Profile | None = None
    dry_run: bool = False
    full_snapshot: bool = False
    max_bad: float = MAX_BAD
    quarantine: Path | None = None
    regions: Sequence[Mapping[str, Any]] = ()
    found: Found | None = None
    region: str = ""
    waiting: Callable[[], None] | None = None
    reading: Callable[[FileRun], None] | None = None


async def load_paths(
    engine: Engine,
    persons: Persons,
    paths: Iterable[Path],
    *,
    terms: TermRules,
    lists: ListTypes,
    words: CodedWords | None = None,
    day: date | None = None,
    options: LoadOptions | None = None,
) -> LoadResult:
    """Loads files and folders, registry files first. The graph must be migrated.

    One load at a time for each data folder; others wait. Killed at any point and run again it ends in the same graph.
    Raises UsageError for files that are not understood, SettingsError for another person key than the graph's,
    GraphUnavailable; a share of bad rows above ``max_bad`` is told
    by ``LoadResult.stopped``, and what was written before stays.
    """
    options = options or LoadOptions(day or today())
    found = options.found
    if found is None:
        found = await asyncio.to_thread(survey, paths, options.profile)
    load = _Load(engine, persons, Rules(options.today, terms, lists, words), options, new_run(), found)
    async with AsyncExitStack() as stack:
        if not options.dry_run:
            await stack.enter_async_context(load_lock(engine.config.data, waiting=options.waiting))
            await finish_rotation(engine, persons)
            await check_key(engine, persons)
        return await load.all(found.sources)


class _Load:
    """One call of ``load_paths``."""

    def __init__(
        self, engine: Engine, persons: Persons, rules: Rules, options: LoadOptions, run: str, found: Found
    ) -> None:
        self._engine = engine
        self._persons = persons
        self._rules = rules
        self._options = options
        self._run = run
        self._report = LoadReport(run, found.skipped)
        self._present = Present()
        self._names = NameBook(self._names_of)
        self._named: list[tuple[str, FileReport]] = []
        self._folder = engine.config.data / "run"

    async def all(self, sources: Sequence[Source]) -> LoadResult:
        options = self._options
        clock = writer = None
        if not options.dry_run:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            await write_regions(self._engine, options.regions)
            clock = await Clock.start(self._engine)
            await start_run(self._engine, self._run, sources)
            key_id = self._persons.key_id
            writer = Writer(self._engine, clock, self._run, key_id, snapshot=options.full_snapshot)
        stopped = None
        with Quarantine(options.quarantine) as quarantine:
            try:
                for source in sources:
                    verdict = await self._file(source, writer, quarantine)
                    if verdict != GOOD:
                        stopped = stopped or source.place
                    if verdict == BROKEN_OFF:
                        break
            finally:
                self._names.close()
            if clock is not None and writer is not None:
                if options.full_snapshot and stopped is None:
                    await self._present.mark(self._engine, self._run)
                    snapshot = Snapshot(self._engine, clock, self._run, options.today, writer.findings)
                    await snapshot.finish({source.kind for source in sources})
                quarantine.write(writer.findings.settle(self._named))
                self._report.unmatched = await unmatched(self._engine, writer.endings)
                await end_run(self._engine, self._run, self._report, finished=stopped is None)
        return LoadResult(self._run, self._report, stopped)

    async def _file(self, source: Source, writer: Writer | None, quarantine: Quarantine) -> str:
        """Too many bad rows end a long file, and the load with it; one that was read to its end leaves the other files
        alone, so that one row in a file of one costs nothing else."""
        folder = self._folder if writer is not None else None
        file = FileRun(source, self._rules, self._persons.tokens, self._names, folder)
        self._report.add(file.report)
        self._named.append((source.name, file.report))
        if self._options.reading is not None:
            self._options.reading(file)
        faulty = Rows()
        async with aclosing(ahead(cast(AsyncGenerator[Batch, None], file.batches()))) as batches:
            async for batch in batches:
                if source.kind == "registry" and self._options.region:
                    check_region(self._options.region, source, batch.facts.get("SubjectState", ()))
                quarantine.write(batch.rejects)
                if too_bad(file.report, self._options.max_bad, ended=False):
                    return BROKEN_OFF
                if writer is not None:
                    if batch.conflict:
                        writer.findings.known.update((source.name, reject.row) for reject in batch.rejects)
                    await self._write(writer, batch, faulty)
        if self._options.full_snapshot and faulty:
            await asyncio.to_thread(self._present.read, source, faulty)
        return TOO_BAD if too_bad(file.report, self._options.max_bad, ended=True) else GOOD

    async def _write(self, writer: Writer, batch: Batch, faulty: Rows) -> None:
        if self._options.full_snapshot and not batch.conflict:
            for reject in batch.rejects:
                faulty.add(reject.row)
        facts = batch.facts
        if batch.conflict:  # so that claims of one key come into one transaction
            facts = {label: sorted(rows, key=lambda row: row["key"]) for label, rows in facts.items()}
        await writer.write(facts)

    async def _names_of(self, codes: list[str]) -> Mapping[str, Collection[str]]:
        rows = await read_page(self._engine, statement("write/names"), {"codes": codes, "open": OPEN_INSTANT})
        names: dict[str, set[str]] = {}
        for row in rows:
            names.setdefault(row["code"], set()).add(row["name"])
        return names


async def ahead(items: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """The same items, the next one in the making while one is used. A half-made one is waited for, never abandoned,
    since it is made in a thread."""
    making: asyncio.Future[T] = asyncio.ensure_future(anext(items))
    try:
        while True:
            try:
                item = await asyncio.shield(making)
            except StopAsyncIteration:
                return
            making = asyncio.ensure_future(anext(items))
            yield item
    finally:
        await asyncio.gather(making, return_exceptions=True)
        await items.aclose()
