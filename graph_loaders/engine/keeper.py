"""The keeper: a small detached process that owns the embedded engine of one data folder.

It starts the engine, starts it again when it crashes, and stops it as soon as nobody holds the users' lock. So the
engine outlives whoever started it while others use it, and no orphan is left when they all die, however they die.
The engine itself gets SIGTERM from the kernel if the keeper dies.

Run as ``python -m graph_loaders.engine.keeper DATA HEAP_MB``; ``graph_loaders.engine.embedded`` does so.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from graph_loaders.engine.heap import HeapWatch
from graph_loaders.engine.jvm import command, folder_taken, free_ports, port_is_taken, spawn, start_failed, why_ended
from graph_loaders.engine.locks import FileLock
from graph_loaders.engine.orphans import abandoned, end_statements
from graph_loaders.engine.place import Address, Place, write_private
from schema.errors import GraphUnavailable, SettingsError

LOOK_EVERY = 0.25  # seconds between two looks at the users
WORKS = 0.1 * LOOK_EVERY  # seconds of processor time between two looks: below, the engine is idle
READY_WITHIN = 120.0  # seconds; recovery of a large graph after a crash is part of the start
FOLDER_FREE_WITHIN = 8.0  # seconds that an earlier engine gets to end
STOP_WITHIN = 8.0  # seconds from SIGTERM to SIGKILL
WORN_OUT_STOP_WITHIN = 1.0  # an engine that does nothing but collect ends no sooner by being waited for
CRASHES = 5  # within CRASH_WINDOW: give up
CRASH_WINDOW = 60.0
SIGNALS = {signal.SIGTERM, signal.SIGCHLD}


class _NobodyLeft(Exception):
    """Asked to stop, or the last user is gone."""


class Keeper:
    """Holds one engine. ``users`` is taken exclusively at the end, so that nobody joins an engine that is stopping."""

    def __init__(self, place: Place, heap_mb: int, ports: list[int] | None = None) -> None:
        self.place = place
        self.heap_mb = heap_mb
        self.users = FileLock(place.users)
        self.ports = ports or free_ports(2)  # Bolt, HTTP
        self.engine: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        crashes: list[float] = []
        self._new_password()
        try:
            while True:
                self._start()
                worn_out = self._watch()
                self.place.address_file.unlink(missing_ok=True)
                if worn_out:
                    self._end(WORN_OUT_STOP_WITHIN)
                    continue
                now = time.monotonic()
                crashes = [at for at in crashes if now - at < CRASH_WINDOW] + [now]
                if len(crashes) >= CRASHES:
                    raise why_ended(self.place, self.engine.returncode if self.engine else -1)
        finally:
            self._stop()

    def _new_password(self) -> None:
        """The engine makes its user anew from this file when it has no users file."""
        (self.place.graph / "config" / "server-users.jsonl").unlink(missing_ok=True)
        write_private(self.place.password_file, secrets.token_urlsafe(32))

    def _start(self) -> None:
        """Until the engine answers. A port taken by someone else in the meantime is replaced, twice."""
        for attempt in range(3):
            lock = self._folder()
            try:
                line = command(self.place, self.ports[0], self.ports[1], self.heap_mb)
                self.engine = spawn(line, self.place, lock.fd)
            finally:
                lock.close()
            if self._ready():
                self._announce()
                return
            if attempt == 2 or not port_is_taken(self.place):
                raise why_ended(self.place, self.engine.returncode)
            self.ports = free_ports(2)

    def _folder(self) -> FileLock:
        """The engine's own lock: an engine whose keeper was killed may still be ending."""
        lock = FileLock(self.place.jvm)
        deadline = time.monotonic() + FOLDER_FREE_WITHIN
        killed = False
        while not lock.try_exclusive():
            if time.monotonic() > deadline:
                lock.close()
                raise folder_taken(self.place)
            if not killed and time.monotonic() > deadline - FOLDER_FREE_WITHIN / 3:
                killed = True
                _kill_engine(self.place)
            self._pause(0.05)
        return lock

    def _ready(self) -> bool:
        """False when the engine ended instead, or never will start. Raises GraphUnavailable when it does neither."""
        assert self.engine is not None
        self.place.jvm.write_text(str(self.engine.pid), encoding="ascii")
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if self.engine.poll() is not None:
                return False
            if _answers(self.ports[1]):
                return True
            if start_failed(self.place):
                self._end()
                return False
            self._pause(0.05)
        raise GraphUnavailable(
            f"the embedded graph engine did not get ready within {READY_WITHIN:.0f} s",
            hint=f"see {self.place.output}",
            message_zh="内嵌图引擎未在限定时间内就绪",
        )

    def _announce(self) -> None:
        assert self.engine is not None
        password = self.place.password_file.read_text(encoding="utf-8")
        started = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        self.place.announce(Address(self.ports[0], password, self.engine.pid, started, self.ports[1]))

    def _watch(self) -> bool:
        """Returns when the engine has ended by itself, or (True) is worn out: see ``heap``. Ends statements that
        nobody waits for any more."""
        assert self.engine is not None
        password = self.place.password_file.read_text(encoding="utf-8")
        heap = HeapWatch(self.place.run, self.heap_mb)
        before = cpu_seconds(self.engine.pid)
        while self.engine.poll() is None:
            self._pause(LOOK_EVERY)
            used, before = cpu_seconds(self.engine.pid) - before, cpu_seconds(self.engine.pid)
            if used < WORKS:
                continue  # neither collecting without pause nor working for somebody who has left
            if heap.is_worn_out():
                return True
            if gone := abandoned(self.ports[0]):
                end_statements(self.ports[1], password, gone)
        return False

    def _pause(self, seconds: float) -> None:
        """Waits for a signal; raises _NobodyLeft on SIGTERM and when no user is left."""
        heard = signal.sigtimedwait(SIGNALS, seconds)
        if heard is not None and heard.si_signo == signal.SIGTERM:
            raise _NobodyLeft
        if self.users.try_exclusive():
            raise _NobodyLeft

    def _stop(self) -> None:
        self.place.address_file.unlink(missing_ok=True)
        self._end()
        self.place.password_file.unlink(missing_ok=True)

    def _end(self, within: float = STOP_WITHIN) -> None:
        """A clean end first; the log is flushed at every commit, so that a hard one loses nothing either."""
        if self.engine is not None and self.engine.poll() is None:
            self.engine.terminate()
            try:
                self.engine.wait(within)
            except subprocess.TimeoutExpired:
                self.engine.kill()
                self.engine.wait()


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used; counts on where the system does not tell, so that it seems to work."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return time.monotonic()


def _kill_engine(place: Place) -> None:
    """Ends an engine of this folder that neither has a keeper nor ends by itself."""
    with contextlib.suppress(OSError, ValueError):
        pid = int(place.jvm.read_text(encoding="ascii"))
        if str(place.graph).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)


def _answers(port: int) -> bool:
    """The engine's own readiness: its databases are open and its listeners up."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/api/v1/ready")
        return connection.getresponse().status == 204
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main(arguments: list[str]) -> int:
    data, heap_mb = arguments
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    place = Place(Path(data))
    lock = FileLock(place.keeper)
    deadline = time.monotonic() + 1
    while not lock.try_exclusive():
        if time.monotonic() > deadline:
            return 0  # another keeper has this folder
        time.sleep(0.02)
    lock.write(str(os.getpid()))
    place.address_file.unlink(missing_ok=True)
    os.chdir(place.run)
    place.failed.unlink(missing_ok=True)
    try:
        Keeper(place, int(heap_mb)).run()
    except _NobodyLeft:
        return 0
    except (SettingsError, GraphUnavailable) as error:
        place.fail(error)
        return 1
    except Exception as error:
        place.fail(GraphUnavailable(f"the engine's keeper failed: {error!r}", hint=f"see {place.run}"))
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
