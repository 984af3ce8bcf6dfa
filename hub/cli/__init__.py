"""The command line: one module for each group of commands, each with ``register(subparsers)``.

Exit codes: 0 done, 1 "no", 2 wrong use or bad settings, 3 a needed service is missing or stopped. Expected errors
print one line that says what to do, never a traceback.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import importlib.metadata
import inspect
import io
import json
import os
import sqlite3
import sys
from collections.abc import Sequence
from typing import Any

from hub.cli.examples import EXAMPLE, add_examples
from hub.disk_space import disk_full, is_disk_full, lacks_space
from hub.settings import Settings, load_settings
from schema.errors import HubError, ServiceError, UsageError

MODULES = (
    "serve",
    "demo",
    "query",
    "load",
    "file_kinds",
    "persons",
    "client",
    "user",
    "policy",
    "keys",
    "backup",
    "acts",
    "gate",
    "verify",
    "witness",
    "directory",
    "peers",
    "schema",
    "completion",
)


class _Help(argparse.HelpFormatter):
    """An example stays on its line, so that it can be copied."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return indent + text if text.startswith(EXAMPLE) else super()._fill_text(text, width, indent)


class _Parser(argparse.ArgumentParser):
    """Wrong use is one line on standard error and exit code 2."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"formatter_class": _Help, **options})

    def error(self, message: str) -> Any:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def build_parser(modules: Sequence[str] = MODULES) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="credit-hub",
        description="A city's public-credit hub 长三角信用互认枢纽",
        epilog="Settings are HUB_… environment variables; see docs/settings.md.",
    )
    parser.add_argument(
        "--version", action="version", version=f"credit-hub {_version()}", help="print the version 版本"
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    for name in modules:
        importlib.import_module(f"hub.cli.{name}").register(subparsers)
    add_examples(parser)
    return parser


def _version() -> str:
    try:
        return importlib.metadata.version("delta-credit-hub")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Chinese characters is no reason to end
    parser = build_parser()
    given = sys.argv[1:] if argv is None else list(argv)
    if not given:
        parser.print_help()
        return 0
    args = parser.parse_args(given)
    settings: Settings | None = None
    try:
        settings = load_settings()
        result = args.func(args, settings)
        if inspect.iscoroutine(result):
            result = asyncio.run(result)
        return int(result or 0)
    except UsageError as error:
        return _fail(error, as_json=bool(getattr(args, "json", False)))
    except KeyboardInterrupt:
        print("credit-hub: interrupted 已中断", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        expected = _expected(error, settings)
        if expected is None:
            raise
        return _fail(expected, as_json=bool(getattr(args, "json", False)))


def _expected(error: BaseException, settings: Settings | None) -> HubError | None:
    """What the system, the database or the graph refuses, in words; None for what nobody expects. The embedded graph
    has no words for a full disk, so that is looked at."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, HubError) and not isinstance(error, ServiceError):
        return error
    if any(is_disk_full(one) for one in chain) or (settings is not None and lacks_space(settings.data)):
        return disk_full()
    if isinstance(error, HubError):
        return error
    if isinstance(error, OSError):
        return _of_system(error)
    if any(isinstance(one, sqlite3.Error) for one in chain):
        return ServiceError(f"the database refuses: {chain[-1]}", hint="see the disk and HUB_SQL, then run this again")
    if type(error).__module__.startswith("neo4j."):
        return ServiceError("the graph refuses to write", hint="see the graph's log and its disk, then run this again")
    return None


def _of_system(error: OSError) -> HubError:
    """A file or folder that cannot be used is wrong use; anything else that the system refuses is out of order."""
    if error.filename is None:
        return ServiceError(
            f"the system refuses: {error.strerror or error}", hint="free what it lacks, then run this again"
        )
    name = os.fsdecode(error.filename)
    return UsageError(f"{name} cannot be used: {error.strerror}", hint="check the path, HUB_DATA and the rights")


def _fail(error: HubError, *, as_json: bool) -> int:
    text = " ".join(part for part in (error.message, error.message_zh) if part)
    line = f"credit-hub: {text}" + (f"; {error.hint}" if error.hint else "")
    print(line.replace("\n", " "), file=sys.stderr)
    if as_json:
        with contextlib.suppress(OSError):  # what it could not be written to in the first place
            print(
                json.dumps({"ok": False, **error.extensions(), "message": error.message}, ensure_ascii=False),
                flush=True,
            )
    return error.exit_code
