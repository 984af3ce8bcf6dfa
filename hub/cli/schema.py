"""``credit-hub schema``: the schema definition language text of the API."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from hub.settings import Settings


def register(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "schema",
        help="print the GraphQL schema 接口定义",
        description="Prints the SDL, as in docs/schema.graphql 输出 SDL",
    )
    parser.set_defaults(func=_schema)


def _schema(args: argparse.Namespace, settings: Settings) -> int:
    from schema.types.build import sdl

    sys.stdout.write(sdl())
    return 0
