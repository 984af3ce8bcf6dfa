"""``load``, ``migrate``, ``graph-hash``: files into the graph, its schema, and one number for all it holds."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.settings import Settings
from schema.errors import UsageError

if TYPE_CHECKING:
    from graph_loaders.engine import Engine
    from graph_loaders.load import LoadResult
    from policies import Policies


def register(subparsers: Any) -> None:
    load = subparsers.add_parser(
        "load",
        help="load files into the graph 加载数据",
        description="Loads files, or folders of files, registry files first. A killed load is completed by running it "
        "again; what is held already is not written twice 加载文件或目录，可重复执行",
    )
    load.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders 文件或目录")
    load.add_argument("--acts", action="store_true", help="the facts of the journal of acts, again 重放办理日志")
    load.add_argument("--source", metavar="PROFILE", help="source profile: a shipped name or a TOML file 来源配置")
    load.add_argument("--dry-run", action="store_true", help="read and report, write nothing 只检查不写入")
    load.add_argument(
        "--full-snapshot",
        action="store_true",
        help="the files are all there is of their kinds: the rest is withdrawn 全量，其余撤下",
    )
    load.add_argument(
        "--any-region", action="store_true", help="take a registry of another region too 允许其他地区的登记数据"
    )
    load.add_argument("--today", type=_date, metavar="DATE", help="day for future dates (default: today) 基准日")
    load.add_argument(
        "--max-bad", type=_percent, default=50.0, metavar="PERCENT", help="stop above this share 坏行上限，百分比"
    )
    load.add_argument("--report", type=Path, metavar="FILE", help="counts as JSON 报告文件")
    load.add_argument("--quarantine", type=Path, metavar="FILE", help="rows set aside as JSON Lines 隔离行文件")
    load.add_argument(
        "--explain",
        action="store_true",
        help="say how each file and column is understood, load nothing 说明文件与列如何理解，不加载",
    )
    load.add_argument("--json", action="store_true", help="print the report as JSON 输出 JSON 报告")
    load.set_defaults(func=_load)

    migrate = subparsers.add_parser(
        "migrate",
        help="constraints and indexes of the graph 图结构升级",
        description="Brings constraints and indexes to the newest version; serve and load do it too 升级约束与索引",
    )
    migrate.add_argument("--json", action="store_true", help="print JSON 输出 JSON")
    migrate.set_defaults(func=_migrate)

    hashing = subparsers.add_parser(
        "graph-hash",
        help="one number for all facts held now 图数据哈希",
        description="64 hex digits, equal for equal facts whatever the order of loading 与加载顺序无关的哈希",
    )
    hashing.set_defaults(func=_graph_hash)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a date such as 2026-11-01") from None


def _percent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError("a percentage from 0 to 100")
    return value


@asynccontextmanager
async def ready_engine(settings: Settings) -> AsyncIterator[Engine]:
    """The hub's graph with its newest schema."""
    from graph_loaders.engine import GraphConfig, migrate, open_engine

    async with open_engine(GraphConfig.of(settings)) as engine:
        await migrate(engine)
        yield engine


async def _load(args: argparse.Namespace, settings: Settings) -> int:
    from graph_loaders.load import LoadOptions, load_paths
    from graph_loaders.persons import Persons
    from graph_loaders.sources import load_profile, survey
    from hub.cli.acts import replay
    from hub.cli.file_kinds import explain_files
    from hub.cli.files import writable
    from hub.cli.load_notes import say_skipped, say_unread
    from hub.cli.progress import Progress, summary
    from policies import load_policies
    from schema.times import today

    if args.acts != (not args.paths):
        raise UsageError("give files or folders, or --acts alone", hint="see credit-hub load --help 请给出文件或目录")
    if args.acts:
        return await _replay(args, settings)
    profile = load_profile(args.source) if args.source else None
    found = await asyncio.to_thread(survey, args.paths, profile)  # before anything is started
    if args.explain:
        return await asyncio.to_thread(explain_files, found, args.json)
    if args.full_snapshot and found.overlooked:
        first = found.overlooked[0]
        raise UsageError(
            f"{first.path} is {first.reason}, so the files are not all there is",
            hint=f"{first.hint}; or move it away, or load without --full-snapshot",
            message_zh="有文件未能读取，不能作为全量加载",
        )
    read = {source.path.resolve() for source in found.sources}
    for written in (args.report, args.quarantine):
        writable(written, apart_from=read)
    policies = load_policies(settings.region, settings.policies)
    persons = Persons.open(settings.person_key, settings.data)
    say_skipped(found)
    with Progress() as progress, _ended_by_sigterm():
        options = LoadOptions(
            today=args.today or today(),
            profile=profile,
            dry_run=args.dry_run,
            full_snapshot=args.full_snapshot,
            max_bad=args.max_bad,
            quarantine=args.quarantine,
            found=found,
            regions=_regions(policies),
            region="" if args.any_region else settings.region,
            waiting=progress.waiting,
            reading=progress.reading,
        )
        async with ready_engine(settings) as engine, progress.shown():
            result = await load_paths(
                engine, persons, args.paths, terms=policies, lists=policies, words=policies, options=options
            )
    if not args.dry_run:
        await _note(settings, result)
        if args.full_snapshot:
            await replay(settings)  # what acts made of these kinds is not in the files, and holds all the same
    if args.report:
        result.report.write(args.report)
    if args.json:
        print(json.dumps(result.report.as_json(), ensure_ascii=False))
    else:
        summary(result.report, dry_run=args.dry_run)
    say_unread(result.report)
    if result.stopped:
        print(
            f"credit-hub: {result.stopped}: more than {args.max_bad:g} % of its rows were set aside "
            "坏行超过上限; see --quarantine for the reasons, then correct the file or raise --max-bad",
            file=sys.stderr,
        )
        return 1
    return 1 if found.overlooked else 0


async def _replay(args: argparse.Namespace, settings: Settings) -> int:
    from hub.cli.acts import replay

    count = await replay(settings)
    print(json.dumps({"claims": count}) if args.json else f"{count} facts of acts are in the graph 已重放入图")
    return 0


async def _note(settings: Settings, result: LoadResult) -> None:
    """Every load is in the hub's log, by counts."""
    from hub.ledger import Ledger

    files = result.report.as_json()["files"]
    counts = {kind: {name: entry[name] for name in ("rows", "accepted", "duplicates")} for kind, entry in files.items()}
    async with await Ledger.open(settings) as ledger:
        await ledger.note("load", {"run": result.run, "files": counts, "stopped": result.stopped is not None})


def _regions(policies: Policies) -> list[dict[str, Any]]:
    """The newest meaning of each code."""
    ordered = sorted(policies.regions.regions, key=lambda region: region.valid_to)
    newest = {region.code: asdict(region) for region in ordered}
    names = ("code", "name", "parent", "valid_from", "valid_to")
    return [{name: region[name] for name in names} for region in newest.values()]


class _ended_by_sigterm:
    """SIGTERM ends a load like Ctrl-C does: the batch under way is dropped, what was written stays."""

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
        if kind is asyncio.CancelledError:
            print("credit-hub: run the same command again to complete the load 重新执行即可补齐", file=sys.stderr)
            raise KeyboardInterrupt


async def _migrate(args: argparse.Namespace, settings: Settings) -> int:
    from graph_loaders.engine import GraphConfig, migrate, open_engine

    async with open_engine(GraphConfig.of(settings)) as engine:
        version = await migrate(engine)
    print(json.dumps({"version": version}) if args.json else f"graph schema version {version} 图结构版本")
    return 0


async def _graph_hash(args: argparse.Namespace, settings: Settings) -> int:
    from graph_loaders.graph_hash import graph_hash
    from graph_loaders.load import finish_rotation, load_lock
    from graph_loaders.persons import Persons

    def waiting() -> None:
        print("waiting for a load to end 等待加载结束 …", file=sys.stderr)

    async with ready_engine(settings) as engine:
        persons = Persons.open(settings.person_key, settings.data)
        if persons.successor_file.exists():
            async with load_lock(settings.data, waiting=waiting):
                await finish_rotation(engine, persons)
        async with load_lock(settings.data, shared=True, waiting=waiting):
            print(await graph_hash(engine))
    return 0
