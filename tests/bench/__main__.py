"""``python -m tests.bench [--quick] [NAME …]``: prints each figure with its aim; says the machine."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform

NAMES = ("graphql", "documents", "http", "load", "federation", "gate", "faults", "noise")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("names", nargs="*", default=list(NAMES), metavar="NAME", help=" ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    args = parser.parse_args()
    print(
        f"machine: {platform.machine()} {platform.system()} {platform.release()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )
    for name in args.names:
        figures = importlib.import_module(f"tests.bench.bench_{name}").run(args.quick)
        for title, figure in figures.items():
            print(f"{title}: {json.dumps(figure, default=lambda value: round(value, 4))}")


if __name__ == "__main__":
    main()
