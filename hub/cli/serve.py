"""``credit-hub serve``: one hub until SIGTERM."""

from __future__ import annotations

import argparse
from typing import Any

from hub.settings import Settings


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "serve", help="run one hub 启动枢纽", description="Runs one hub until SIGTERM 启动一个枢纽"
    )
    parser.add_argument("--workers", type=_count, default=1, metavar="N", help="worker processes 工作进程数")
    parser.add_argument("--json", action="store_true", help="print one JSON line when ready 就绪时输出 JSON")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.set_defaults(func=_serve)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 2 and 1 <= int(text) <= 64):
        raise argparse.ArgumentTypeError("a number from 1 to 64")
    return int(text)


def _serve(args: argparse.Namespace, settings: Settings) -> int:
    from hub.preflight import check_settings
    from hub.serve.process import serve, serve_as_worker

    if args.worker is not None:
        return serve_as_worker(args.worker, settings)
    check_settings(settings)
    return serve(settings, workers=args.workers, as_json=args.json)
