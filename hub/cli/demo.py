"""``credit-hub demo``: whole city hubs with sample data on this machine, as in production but for data and address."""

from __future__ import annotations

import argparse
import asyncio
import functools
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
    from hub.demo.examples import Examples
    from hub.demo.hubs import RunningHub, Say


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
    from hub.demo.examples import Examples, find_examples
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
            say: Say = functools.partial(_tell, args)
            starting = asyncio.ensure_future(_start(hubs, folder, directory, private, args.today, say))
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
            _ready(args, hubs, directory, private, Examples() if args.json else await find_examples(hubs))
            await stop.wait()
        finally:
            await stop_all(hubs)
    return 0


async def _start(
    hubs: Sequence[RunningHub],
    folder: Path,
    directory: Path,
    private: Sequence[Path],
    today: str | None,
    say: Say,
) -> None:
    from hub.demo.directory import write_directory
    from hub.demo.hubs import start_all
    from hub.demo.joining import join

    await start_all(hubs, folder, today, say)
    say("signing the directory, waiting until the hubs know each other 签署名录，等待各枢纽互联 …")
    await write_directory(directory, private, hubs)
    await join(hubs, directory)


async def _check(hubs: Sequence[RunningHub], directory: Path, folder: Path) -> int:
    from hub.demo.check import check
    from hub.demo.examples import Failed

    try:
        await check(hubs, directory, folder, print)
    except Failed as failed:
        print(f"does not hold 未通过: {failed}", file=sys.stderr)
        return 1
    return 0


def _ready(
    args: argparse.Namespace, hubs: Sequence[RunningHub], directory: Path, private: Sequence[Path], found: Examples
) -> None:
    from hub.demo.hubs import FIRST_PORT

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
    if not hubs[0].url.endswith(f":{FIRST_PORT}"):
        print(f"port {FIRST_PORT} is in use, so the first hub is at {hubs[0].url} 端口 {FIRST_PORT} 已被占用")
    print("\n".join(_tries(hubs, directory, found)), flush=True)


def _tries(hubs: Sequence[RunningHub], directory: Path, found: Examples) -> list[str]:
    """First commands with real codes, to be copied as they stand."""
    anchors = ":".join(str(path) for path in sorted((directory.parent / "anchors").glob("*.pub.jwk")))
    from hub.demo.examples import settings_of
    from hub.graphiql_link import make_link

    hub = hubs[0]
    kept = directory.parent / "answer.json"
    listed = (
        "{ records(filter: {kinds: [PENALTY]}, first: 5) { nodes { documentNumber until subject { code name } } } }"
    )
    lines = [
        "",
        "Try these in another terminal 在另一个终端中试试:",
        f"  export HUB_DATA={hub.data} HUB_TRUST_ANCHORS={anchors} CREDIT_HUB={hub.url}",
        "# penalties 处罚",
        f"  credit-hub query '{listed}'",
    ]
    if found.pierced:
        lines += [
            "# whom a penalty reaches, by which rule and article (illustrative: true = a rule that no text has yet) "
            "穿透到谁，依据哪条规则（illustrative 为 true 表示示例规则）",
            f"  credit-hub query --save {kept} '{_REACHED}' {_code(found.pierced)}",
            f"  credit-hub verify {kept} --trust {directory}",
        ]
    if found.known_widely:
        lines += [
            "# what each city knows of one firm, and what it means here 各市记录及在本市的含义",
            f"  credit-hub query '{_EVERYWHERE}' {_code(found.known_widely)}",
        ]
    if found.barred_abroad:
        regions = json.dumps([one.city.region for one in hubs])
        lines += [
            "# a bar that reaches over the city's border 跨市任职限制",
            f"""  credit-hub query '{_ABROAD}' --variables '{{"c": "{found.barred_abroad}", "r": {regions}}}'""",
        ]
    return [
        *lines,
        "  credit-hub peers",
        f"  GraphiQL (this link works once 链接仅一次有效): {make_link(settings_of(hub), hub.url)}",
        "Ctrl-C ends it 按 Ctrl-C 结束",
    ]


_REACHED = (
    "query($c: USCC!) { penetration(subject: $c) { reached { ruleId illustrative article until person { name } "
    "source { documentNumber } path { kind validFrom validTo } } } }"
)
_EVERYWHERE = "query($c: USCC!) { recognised(subject: $c) { region status mappedValue agreement reason } }"
_ABROAD = (
    "query($c: USCC!, $r: [String!]) { penetration(subject: $c, regions: $r) { reached { ruleId effect illustrative "
    "until person { name } reportedOn { code name region } } } }"
)


def _code(code: str) -> str:
    return f"""--variables '{{"c": "{code}"}}'"""


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
