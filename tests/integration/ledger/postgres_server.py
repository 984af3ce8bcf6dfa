"""A temporary PostgreSQL server for tests, from the machine's binaries, or the one that HUB_TEST_POSTGRES names."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

HOW = "needs PostgreSQL: set HUB_TEST_POSTGRES=postgresql://…, or install the server (apt-get install postgresql)"


def binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("pg_ctl")
    return Path(on_path).parent if on_path else None


def available() -> bool:
    return bool(os.environ.get("HUB_TEST_POSTGRES")) or binaries() is not None


@contextmanager
def server() -> Iterator[Server]:
    """A server on a free loopback port, or the given one; ended and removed afterwards."""
    given = os.environ.get("HUB_TEST_POSTGRES")
    if given:
        yield Server(given, None, None)
        return
    folder = binaries()
    assert folder is not None
    user = "postgres" if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="hub-postgres-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {home} -c fsync=off -c max_connections=60"
    made = Server(f"postgresql://postgres@127.0.0.1:{port}/postgres", folder, (home, options, user))
    try:
        if user:
            shutil.chown(home, user)
        made.run("initdb", "-D", str(home / "data"), "-U", "postgres", "-A", "trust", "-N", "--no-locale", "-E", "UTF8")
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(home, ignore_errors=True)


class Server:
    def __init__(self, url: str, folder: Path | None, own: tuple[Path, str, str | None] | None) -> None:
        self.url = url
        self._folder, self._own = folder, own

    @property
    def ours(self) -> bool:
        """Whether tests may stop and start it."""
        return self._own is not None

    def run(self, program: str, *arguments: str) -> None:
        assert self._folder is not None
        assert self._own is not None
        subprocess.run(
            [str(self._folder / program), *arguments],
            check=True,
            user=self._own[2],
            cwd=self._own[0],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )

    def start(self) -> None:
        assert self._own is not None
        home, options, _ = self._own
        self.run("pg_ctl", "-D", str(home / "data"), "-o", options, "-l", str(home / "log"), "-w", "start")

    def stop(self) -> None:
        assert self._own is not None
        try:
            self.run("pg_ctl", "-D", str(self._own[0] / "data"), "-m", "immediate", "-w", "stop")
        except subprocess.CalledProcessError:
            return  # it was not running

    def new_database(self, name: str) -> str:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
        return self.url.rsplit("/", 1)[0] + f"/{name}"
