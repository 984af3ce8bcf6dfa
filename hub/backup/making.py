"""``credit-hub backup``: a folder with the SQL store, the graph and the sealed keys, of one running hub.

The last head is read before the SQL store is copied, so the copy never has less than the head that goes with it. Loads
wait meanwhile, answers don't. ``manifest.json`` has the digest of every file.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import os
from pathlib import Path
from typing import Any, BinaryIO

from graph_loaders.engine import Engine
from graph_loaders.graph_copy import graph_lines
from graph_loaders.graph_hash import graph_hash
from graph_loaders.load import load_lock
from hub.backup.sealed_keys import seal, secret_files
from hub.backup.sql_copy import copy_sql
from hub.ledger import Ledger
from hub.settings import Settings
from schema.errors import UsageError
from schema.times import now_us, us_to_iso

FORMAT = 1
MANIFEST, GRAPH, KEYS = "manifest.json", "graph.jsonl.gz", "keys.jwe"
HEAD = "ledger.checkpoint"


async def make_backup(settings: Settings, engine: Engine, folder: Path, recipient: Path) -> dict[str, Any]:
    """The manifest. Raises UsageError for a folder that is not empty or a file that is no key, ServiceError."""
    name = await asyncio.to_thread(_begin, folder, recipient)
    async with load_lock(settings.data):
        async with await Ledger.open(settings) as ledger:
            await ledger.note("backup", {"recipient": name})
        before = await asyncio.to_thread(_secrets, settings, {HEAD})
        sql = await asyncio.to_thread(copy_sql, settings, folder)
        secrets = {**await asyncio.to_thread(_secrets, settings, None), **before}
        _write(folder / KEYS, seal(secrets, recipient))
        with _new(folder / GRAPH) as raw, gzip.GzipFile(fileobj=raw, mode="wb") as file:
            async for line in graph_lines(engine):
                file.write(line)
        facts = await graph_hash(engine)
    manifest = {
        "format": FORMAT,
        "made_at": us_to_iso(now_us()),
        "region": settings.region,
        "name": settings.name,
        "graph_hash": facts,
        "files": {name: digest(folder / name) for name in (sql.name, GRAPH, KEYS)},
    }
    _write(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2).encode())
    return manifest


def _begin(folder: Path, recipient: Path) -> str | None:
    """An empty folder; the recipient's kid."""
    seal({}, recipient)  # a wrong key is noticed before anything is written
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty", hint="give a new folder")
    folder.chmod(0o700)
    kid = json.loads(recipient.read_bytes()).get("kid")
    return kid if isinstance(kid, str) else None


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _secrets(settings: Settings, names: set[str] | None) -> dict[str, bytes]:
    return {n: path.read_bytes() for n, path in secret_files(settings).items() if names is None or n in names}


def _write(path: Path, data: bytes) -> None:
    with _new(path) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _new(path: Path) -> BinaryIO:
    """A file that was not there, for its owner alone."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
