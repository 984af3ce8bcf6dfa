"""``credit-hub restore``: a backup back into an empty data folder, an empty SQL store and an empty graph."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

from graph_loaders.engine import GraphConfig, migrate, open_engine
from graph_loaders.graph_copy import put_graph
from graph_loaders.graph_hash import graph_hash
from hub.backup.making import FORMAT, GRAPH, KEYS, MANIFEST, digest
from hub.backup.sealed_keys import unseal
from hub.backup.sql_copy import put_sql
from hub.ledger.audit import Audit, audit_ledger
from hub.ledger.log_keys import LogKeys
from hub.settings import Settings
from hub.signing.keys import write_private
from schema.errors import ServiceError, UsageError


async def restore_backup(settings: Settings, folder: Path, key: Path) -> tuple[dict[str, Any], Audit]:
    """The manifest and what the log's check found. Raises UsageError where the place is not empty or the backup is
    damaged, ServiceError where what was put back is not what was saved."""
    manifest = await asyncio.to_thread(_manifest, folder)
    secrets = await asyncio.to_thread(unseal, (folder / KEYS).read_bytes(), key)
    if settings.data.exists() and any(settings.data.iterdir()):
        raise UsageError(f"{settings.data} is not empty", hint="restore into a new data folder", message_zh="目录非空")
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    await asyncio.to_thread(put_sql, settings, folder)
    for name, data in secrets.items():
        write_private(_place(settings, name), data)
    async with open_engine(GraphConfig.of(settings)) as engine:
        await migrate(engine)
        with gzip.open(folder / GRAPH, "rb") as lines:
            await put_graph(engine, lines)
        found = await graph_hash(engine)
    if found != manifest["graph_hash"]:
        raise ServiceError("the graph put back is not the one that was saved", hint="restore into a new place again")
    return manifest, await asyncio.to_thread(audit_ledger, settings)


def _place(settings: Settings, name: str) -> Path:
    if "/" in name or name.startswith("."):
        raise UsageError(f"{name} is no key file", hint="give a folder made by backup")
    places = {
        "person.key": settings.person_key,
        "person.key.next": settings.person_key.with_name(settings.person_key.name + ".next"),
        "ledger.json": LogKeys(settings).path,
    }
    return places.get(name, settings.data / "keys" / name)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        if manifest["format"] != FORMAT:
            raise ValueError(f"format {manifest['format']}")
        for name, wanted in manifest["files"].items():
            if "/" in name or digest(folder / name) != wanted:
                raise ValueError(f"{name} was changed")
        if not {GRAPH, KEYS} <= manifest["files"].keys():
            raise ValueError("files are missing")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{folder} is no whole backup: {error}", hint="give a folder made by backup", message_zh="备份不完整"
        ) from None
    return manifest
