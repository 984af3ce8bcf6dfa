"""Load runs: one for each call, with the hash of its sources; a run that was killed stays unfinished."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from graph_loaders.engine import Engine
from graph_loaders.load.steady import run_steps
from graph_loaders.report import LoadReport
from graph_loaders.sources import Source
from graph_loaders.statements import statement
from schema.times import OPEN_INSTANT, now_us


def new_run() -> str:
    """An id that sorts by time: UTC to the second, and four random bytes."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


async def start_run(engine: Engine, run: str, sources: Sequence[Source]) -> None:
    started = now_us()
    properties = {
        "kind": ",".join(dict.fromkeys(source.kind for source in sources)),
        "source": ", ".join(source.name for source in sources),
        "source_sha256": "",
        "started_at": started,
        "finished_at": OPEN_INSTANT,
        "rows": 0,
        "accepted": 0,
        "duplicates": 0,
        "quarantined": 0,
        "report": "",
        "order_key": f"{started}|{run}",
    }
    await run_steps(engine, [(statement("write/run_start"), {"id": run, "properties": properties})])


async def end_run(engine: Engine, run: str, report: LoadReport, *, finished: bool) -> None:
    """Counts and report; ``finished`` is False for a run that stopped at its share of bad rows."""
    files = report.files
    properties: dict[str, Any] = {
        "source_sha256": sources_hash([file.sha256 for file in files]),
        "finished_at": now_us() if finished else OPEN_INSTANT,
        "rows": sum(file.rows for file in files),
        "accepted": sum(file.accepted for file in files),
        "duplicates": sum(file.duplicates for file in files),
        "quarantined": sum(file.quarantined.total() for file in files),
        "report": orjson.dumps(report.as_json()).decode(),
    }
    await run_steps(engine, [(statement("write/run_end"), {"id": run, "properties": properties})])


def sources_hash(hashes: Sequence[str]) -> str:
    """The SHA-256 of the file; of several files, the SHA-256 of their hashes in order, joined by line ends."""
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()
