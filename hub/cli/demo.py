"""``credit-hub demo``: whole city hubs with sample data on this machine, as in production but for data and address."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.settings import Settings
from schema import times
from schema.errors import UsageError

if TYPE_CHECKING:
    from hub.demo.hubs import RunningHub


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "demo",
        help="run city hubs with sample data 演示",
        description="Runs whole city hubs with sample data on this machine 本机演示多个城市枢纽",
    )
    parser.add_argument("--check", action="store_true", help="ask, verify offline, tell, end 自检后退出")
    parser.add_argument("--cities", type=int, metavar="N", help="only the first N cities 城市数量")
    parser.add_argument("--from", dest="source", type=Path, metavar="DIR", help="folder of city folders 城市数据目录")
    parser.add_argument("--today", type=_day, metavar="DATE", help="today, also the default asOf 当日")
    parser.add_argument(
        "--behind", action="append", default=[], metavar="REGION=URL", help="address of a reverse proxy 反向代理地址"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON line when ready 就绪时输出 JSON")
    parser.set_defaults(func=_demo)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date YYYY-MM-DD") from None


async def _demo(args: argparse.Namespace, settings: Settings) -> int:
    from hub.demo.cities import given_cities, sample_cities
    from hub.demo.directory import make_anchors
    from hub.demo.hubs import prepare, stop_all

    behind = _pairs(args.behind)
    with tempfile.TemporaryDirectory(prefix="credit-hub-demo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        today = date.fromisoformat(args.today) if args.today else times.today()
        if args.source:
            cities = await asyncio.to_thread(given_cities, args.source)
        else:
            _tell(args, "making sample data 生成样例数据 …")
            cities = await asyncio.to_thread(sample_cities, folder / "cities", today)
        cities = cities[: args.cities] if args.cities else cities
        directory = folder / "directory.json"
        private, public = make_anchors(folder / "anchors")
        hubs = prepare(cities, folder, directory, public, args.today, behind)
        stop = _stop_signal()
        try:
            _tell(args, f"starting {len(hubs)} hubs, each with its own graph 启动 {len(hubs)} 个枢纽 …")
            starting = asyncio.ensure_future(_start(hubs, folder, directory, private, args.today))
            ending = asyncio.ensure_future(stop.wait())
            await asyncio.wait({starting, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                starting.cancel()
                await asyncio.gather(starting, return_exceptions=True)
                return 1
            try:
                starting.result()
            except BaseExceptionGroup as group:
                raise group.exceptions[0] from None
            if args.check:
                return await _check(hubs, directory, folder)
            _ready(args, hubs, directory, private)
            await stop.wait()
        finally:
            await stop_all(hubs)
    return 0


async def _start(
    hubs: Sequence[RunningHub], folder: Path, directory: Path, private: Sequence[Path], today: str | None
) -> None:
    from hub.demo.directory import write_directory
    from hub.demo.hubs import start_all
    from hub.demo.joining import join

    await start_all(hubs, folder, today)
    await write_directory(directory, private, hubs)
    await join(hubs, directory)


async def _check(hubs: Sequence[RunningHub], directory: Path, folder: Path) -> int:
    from hub.demo.check import Failed, check

    try:
        await check(hubs, directory, folder, print)
    except Failed as failed:
        print(f"does not hold 未通过: {failed}", file=sys.stderr)
        return 1
    return 0


def _ready(args: argparse.Namespace, hubs: Sequence[RunningHub], directory: Path, private: Sequence[Path]) -> None:
    if args.json:
        facts = {
            "ready": True,
            "directory": str(directory),
            "anchors": [str(path) for path in private],
            "hubs": [hub.facts() for hub in hubs],
        }
        print(json.dumps(facts, ensure_ascii=False), flush=True)
        return
    for hub in hubs:
        print(f"  {hub.city.region} {hub.city.name}  {hub.url}  HUB_DATA={hub.data}")
    print("\n".join(_tries(hubs[0], directory)), flush=True)


def _tries(hub: RunningHub, directory: Path) -> list[str]:
    """First commands, to be copied as they stand."""
    anchors = ":".join(str(path) for path in sorted((directory.parent / "anchors").glob("*.pub.jwk")))
    listed = "{ records(filter: {kinds: [PENALTY]}, first: 5) { nodes { documentNumber until subject { code } } } }"
    effects = "query($c: USCC!) { penetration(subject: $c) { reached { ruleId article until person { name } } } }"
    recognised = "query($c: USCC!) { recognised(subject: $c) { region status mappedValue agreement reason } }"
    variables = """--variables '{"c": "CODE"}'"""
    return [
        "",
        "Try these in another terminal, with a CODE that the first one shows 在另一个终端中试试:",
        f"  export HUB_DATA={hub.data} HUB_TRUST_ANCHORS={anchors}",
        f"  credit-hub query '{listed}'",
        f"  credit-hub query '{effects}' {variables} --save answer.json",
        f"  credit-hub verify answer.json --trust {directory}",
        f"  credit-hub query '{recognised}' {variables}",
        "  credit-hub peers",
        f"  GraphiQL: {hub.url}/graphiql",
        "Ctrl-C ends it 按 Ctrl-C 结束",
    ]


def _pairs(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in given:
        region, separator, url = text.partition("=")
        if not separator or not url:
            raise UsageError(f"--behind {text} is not REGION=URL", hint="for example 320583=http://127.0.0.1:9000")
        found[region] = url.rstrip("/")
    return found


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    return stop


def _tell(args: argparse.Namespace, text: str) -> None:
    if not args.json:
        print(text, flush=True)
