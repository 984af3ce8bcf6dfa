"""The embedded engine's process: ArcadeDB on the Java runtime that its wheel carries, speaking Bolt on loopback."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from graph_loaders.engine import heap
from graph_loaders.engine.place import DATABASE, USER, Place
from schema.errors import GraphUnavailable, SettingsError

INSTALL_HINT = "pip install 'delta-credit-hub[embedded]', or set HUB_GRAPH to a Neo4j server"
NEEDS_GLIBC = (2, 34)
LONGEST_STATEMENT = 60  # seconds, for all; shorter limits are the caller's, who drops the connection (see orphans.py)
PR_SET_PDEATHSIG = 1  # prctl(2)

_TICKS = os.sysconf("SC_CLK_TCK")


def wheel(package: str = "arcadedb_embedded") -> Path:
    """The folder of the installed engine. Raises SettingsError when it is missing or this system is too old."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SettingsError(
            "the embedded graph engine is not installed", hint=INSTALL_HINT, message_zh="未安装内嵌图引擎"
        )
    check_glibc(*platform.libc_ver())
    folder = Path(spec.submodule_search_locations[0])
    if not (folder / "jre/bin/java").exists():
        raise SettingsError("the embedded graph engine has no Java runtime", hint=INSTALL_HINT)
    return folder


def check_glibc(library: str, version: str) -> None:
    """The wheel's Java runtime is built against glibc 2.34."""
    numbers = tuple(int(part) for part in version.split(".") if part.isdigit())
    if library == "glibc" and numbers and numbers < NEEDS_GLIBC:
        raise too_old(f"this system has {version}")


def too_old(found: str) -> SettingsError:
    return SettingsError(
        f"the embedded graph engine needs glibc 2.34 or newer; {found}",
        hint="use a newer system (Debian 12, Ubuntu 22.04, RHEL 9), or set HUB_GRAPH to a Neo4j server",
        message_zh="内嵌图引擎需要 glibc ≥ 2.34",
    )


def free_ports(count: int) -> list[int]:
    """Ports that are free on loopback now; all are held at once so that they differ."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [int(server.getsockname()[1]) for server in held]
    finally:
        for server in held:
            server.close()


def command(place: Place, bolt: int, http: int, heap_mb: int) -> list[str]:
    """The command line. The password is in a file: a command line is seen by every user of the machine."""
    folder = wheel()
    options = {
        "server.rootPath": place.graph,
        "server.rootPasswordPath": place.password_file,
        "server.mode": "production",
        "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "server.defaultDatabases": f"{DATABASE}[{USER}]",
        "server.httpIncomingHost": "127.0.0.1",
        "server.httpIncomingPort": http,
        "bolt.host": "127.0.0.1",
        "bolt.port": bolt,
        "txWalFlush": 2,
        "command.timeout": LONGEST_STATEMENT * 1000,
    }
    opened = ("java.util.concurrent.atomic", "java.nio.channels.spi", "java.lang")
    return [
        str(folder / "jre/bin/java"),
        f"-Xmx{heap_mb}m",
        "--add-modules=jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in opened),
        "-XX:+UseCompactObjectHeaders",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        heap.OPTION,
        "-XX:ErrorFile=engine.crash",
        "-Dfile.encoding=UTF8",
        "-Djava.awt.headless=true",
        "-Dpolyglot.engine.WarnInterpreterOnly=false",
        "-Djava.util.logging.config.file=engine.logging",
        *(f"-Darcadedb.{name}={value}" for name, value in options.items()),
        "-cp",
        str(folder / "jars" / "*"),
        "com.arcadedb.server.ArcadeDBServer",
    ]


def spawn(line: list[str], place: Place, inherited: int) -> subprocess.Popen[bytes]:
    """Starts the engine; ``inherited`` is a lock's descriptor that it keeps open until it ends."""
    write_logging(place)
    fd = os.open(place.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        return subprocess.Popen(
            line,
            stdin=subprocess.DEVNULL,
            stdout=fd,
            stderr=fd,
            cwd=place.run,
            env=environment(os.environ),
            pass_fds=(inherited,),
            umask=0o077,
            preexec_fn=_follow_parent,
        )
    except OSError as error:
        raise GraphUnavailable(f"the embedded graph engine cannot be started: {error}", hint=INSTALL_HINT) from None
    finally:
        os.close(fd)


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Nothing that changes Java's options from outside; UTF-8, so that the data folder may have a Chinese name."""
    dropped = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH")
    kept = {name: value for name, value in given.items() if name not in dropped and not name.startswith("HUB_")}
    return {**kept, "LC_ALL": "C.UTF-8"}


def _follow_parent() -> None:
    """Runs in the new process: ends with its parent, and hears signals that the parent blocks."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))


def write_logging(place: Place) -> None:
    """Warnings only, into two files of at most 4 MB in its working folder: the engine runs for months."""
    text = (
        "handlers=java.util.logging.FileHandler\n"
        ".level=WARNING\n"
        "java.util.logging.FileHandler.pattern=engine.log\n"
        "java.util.logging.FileHandler.limit=4000000\n"
        "java.util.logging.FileHandler.count=2\n"
        "java.util.logging.FileHandler.append=true\n"
        "java.util.logging.FileHandler.formatter=java.util.logging.SimpleFormatter\n"
    )
    (place.run / "engine.logging").write_text(text, encoding="utf-8")


def start_failed(place: Place) -> bool:
    """An engine whose main thread ended with an exception may live on without serving."""
    return 'Exception in thread "main"' in written(place)


def port_is_taken(place: Place) -> bool:
    output = written(place)
    return "Address already in use" in output or "BindException" in output or "Unable to listen" in output


def why_ended(place: Place, code: int) -> SettingsError | GraphUnavailable:
    """Reads the output of an engine that ended while starting."""
    output = written(place)
    if "GLIBC_" in output:
        return too_old("this system's is older")
    if "Could not reserve enough space" in output or "Invalid maximum heap size" in output or "Too small" in output:
        return SettingsError(
            "the embedded graph engine cannot have the heap it is given", hint="set HUB_GRAPH_HEAP_MB (from 256)"
        )
    if "is locked" in output or "LockException" in output or "locked by another" in output:
        return folder_taken(place)
    said = [line for line in output.splitlines() if "xception" in line or "rror" in line] or ["no output"]
    return GraphUnavailable(
        f"the embedded graph engine ended while starting (exit {code}): {said[-1].strip()[:300]}",
        hint=f"see {place.output}",
        message_zh="内嵌图引擎启动失败",
    )


def folder_taken(place: Place) -> GraphUnavailable:
    return GraphUnavailable(
        f"the graph folder {place.graph} is in use by another engine process",
        hint="end the process that uses it, or give this hub its own HUB_DATA",
        message_zh="图数据目录已被其他进程占用",
    )


def written(place: Place) -> str:
    """What the engine has written since it was started: the file is emptied at each start, warnings go elsewhere."""
    try:
        return place.output.read_bytes()[-20_000:].decode("utf-8", "replace")
    except OSError:
        return ""


def worked_seconds(pid: int) -> float | None:
    """Time that a process has run, user and system, or was ready to run while others had the processor: on a machine
    with too much to do the second grows, while a process that is frozen gets neither. None when it has ended (a zombie
    included)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    if fields[0] in (b"Z", b"X"):
        return None
    return (int(fields[11]) + int(fields[12])) / _TICKS + sum(
        map(_waited, Path(f"/proc/{pid}/task").glob("*/schedstat"))
    )


def _waited(schedstat: Path) -> float:
    """Seconds that a thread stood in the queue for a processor; 0 where the system does not tell, or it has ended."""
    try:
        return int(schedstat.read_bytes().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
