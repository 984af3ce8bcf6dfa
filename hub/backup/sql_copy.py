"""The SQL store at one instant: SQLite by its own backup, PostgreSQL by ``pg_dump`` and ``pg_restore``.

The local operator's client is taken out: of the copy on SQLite, when it is put back on PostgreSQL.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from sqlalchemy import create_engine, delete, inspect

from hub.auth.local import LOCAL_NAME
from hub.auth.tables import clients
from hub.settings import Settings
from schema.errors import ServiceError, UsageError

SQLITE, POSTGRES = "hub.sqlite", "hub.pgdump"


def copy_sql(settings: Settings, folder: Path) -> Path:
    """The file with the copy. Raises ServiceError where the store cannot be read."""
    if settings.sql != "sqlite":
        path = folder / POSTGRES
        _run(settings, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}")
        path.chmod(0o600)
        return path
    path = folder / SQLITE
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            closing(sqlite3.connect(f"file:{settings.data.absolute() / SQLITE}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(path)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            copy.execute("PRAGMA secure_delete=ON")
            if copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (clients.name,)).fetchone():
                copy.execute(f"DELETE FROM {clients.name} WHERE name = ?", (LOCAL_NAME,))  # noqa: S608 - a name of ours
            copy.commit()
    except sqlite3.Error as error:
        raise ServiceError(f"the SQL store cannot be copied: {error}", hint="check the disk and HUB_DATA") from None
    return path


def put_sql(settings: Settings, folder: Path) -> None:
    """Raises UsageError where the store is not empty or of the other kind."""
    if settings.sql == "sqlite":
        path = settings.data / SQLITE
        if not (folder / SQLITE).exists():
            raise UsageError("this backup is of a PostgreSQL store", hint="set HUB_SQL to an empty PostgreSQL database")
        with (
            (folder / SQLITE).open("rb") as source,
            open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
        ):
            shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())
        return
    if not (folder / POSTGRES).exists():
        raise UsageError("this backup is of an SQLite store", hint="unset HUB_SQL, or set it to sqlite")
    engine = create_engine(settings.sql_url.replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        if inspect(engine).get_table_names():
            raise UsageError("the PostgreSQL database is not empty", hint="make a new, empty one for this hub")
        _run(settings, "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", str(folder / POSTGRES))
        with engine.begin() as connection:
            connection.execute(delete(clients).where(clients.c.name == LOCAL_NAME))
    finally:
        engine.dispose()


def _run(settings: Settings, program: str, *options: str) -> None:
    """The password goes by the environment: arguments of a process are open to every user of the machine."""
    parts = urlsplit(settings.sql_url)
    path = shutil.which(program)
    if path is None:
        raise ServiceError(
            f"{program} is not installed", hint="install the client programs of PostgreSQL (apt: postgresql-client)"
        )
    address = parts.netloc.rpartition("@")[2]
    user = f"{parts.username}@" if parts.username else ""
    url = urlunsplit(parts._replace(netloc=f"{user}{address}"))
    environment = dict(os.environ)
    if parts.password:
        environment["PGPASSWORD"] = unquote(parts.password)
    done = subprocess.run(
        [path, f"--dbname={url}", *options], env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise ServiceError(f"{program}: {why}", hint="its version must not be older than the server's")
