"""``credit-hub completion``: words for the shell to complete, made from the commands themselves."""

from __future__ import annotations

import argparse
from typing import Any

from hub.settings import Settings

SHELLS = ("bash", "zsh", "tcsh")


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "completion",
        help="completion for a shell 命令补全",
        description="Prints a script by which a shell completes these commands 输出命令补全脚本",
    )
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=f"one of {', '.join(SHELLS)} 终端类型")
    parser.set_defaults(func=_completion)


def _completion(args: argparse.Namespace, settings: Settings) -> int:
    import shtab

    from hub.cli import build_parser

    print(shtab.complete(build_parser(), shell=args.shell))
    return 0
