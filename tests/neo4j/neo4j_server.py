"""A real Neo4j Community server for tests, without a container: jars from Maven Central, a small Java launcher.

``python tests/neo4j/neo4j_server.py`` fetches it into ``.cache/neo4j``.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".cache" / "neo4j"
READY_WITHIN = 180.0
OPENED = ("java.base/java.nio", "java.base/sun.nio.ch", "java.base/java.io")
NEEDED = "a Neo4j server for tests needs Java 17 or newer and Maven on the PATH: install them and run `make test-neo4j`"


@dataclass(frozen=True)
class Neo4jServer:
    url: str
    user: str
    password: str
    password_file: Path
    pid: int


def wanted() -> bool:
    """CI must have it; elsewhere it is asked for."""
    return os.environ.get("HUB_TEST_NEO4J") == "1" or os.environ.get("CI") == "true"


def fetch() -> Path:
    """The folder of jars, downloaded once for this version of the pom. Raises RuntimeError when that fails."""
    libraries = CACHE / "lib"
    pom = (HERE / "pom.xml").read_text(encoding="utf-8")
    stamp = CACHE / "pom.xml"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == pom:
        return libraries
    maven = shutil.which("mvn")
    if maven is None:
        raise RuntimeError(NEEDED)
    shutil.rmtree(libraries, ignore_errors=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    line = [maven, "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
    done = subprocess.run([*line, f"-DoutputDirectory={libraries}"], capture_output=True, text=True, timeout=900)
    if done.returncode:
        raise RuntimeError(f"Maven could not fetch Neo4j: {(done.stdout + done.stderr)[-2000:]}")
    stamp.write_text(pom, encoding="utf-8")
    return libraries


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def running(folder: Path, port: int | None = None, password: str | None = None) -> Iterator[Neo4jServer]:
    """A server with its data in ``folder``; ends with the block, and with this process however that ends."""
    java = shutil.which("java")
    if java is None:
        raise RuntimeError(NEEDED)
    libraries = fetch()
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    password_file = folder / "password"
    fresh = not password_file.exists()
    if fresh:
        password_file.write_text(password or secrets.token_urlsafe(16), encoding="utf-8")
        password_file.chmod(0o600)
    secret = password_file.read_text(encoding="utf-8")
    line = [java, "-Xmx512m", "-XX:+UseSerialGC", *(f"--add-opens={name}=ALL-UNNAMED" for name in OPENED)]
    line += ["-cp", f"{libraries}/*", str(HERE / "Launch.java"), str(folder / "home"), str(port)]
    with (folder / "output").open("ab") as output:
        process = subprocess.Popen(line, stdout=output, stderr=output, preexec_fn=_end_with_parent)
    try:
        _set_password(port, secret, fresh, process, folder / "output")
        yield Neo4jServer(f"bolt://127.0.0.1:{port}", "neo4j", secret, password_file, process.pid)
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))  # PR_SET_PDEATHSIG


def _set_password(port: int, secret: str, fresh: bool, process: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    auth = ("neo4j", "neo4j" if fresh else secret)
    while True:
        try:
            with GraphDatabase.driver(f"bolt://127.0.0.1:{port}", auth=auth, connection_timeout=2) as driver:
                if fresh:
                    change = "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $secret"
                    driver.execute_query(change, {"secret": secret}, database_="system")
                else:
                    driver.execute_query("RETURN 1", database_="neo4j")
                return
        except (DriverError, Neo4jError, OSError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                text = output.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise RuntimeError(f"Neo4j did not start: {error}\n{text}") from None
            time.sleep(0.25)


if __name__ == "__main__":
    print(fetch())
