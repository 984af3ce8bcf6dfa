"""Where the embedded engine of one data folder keeps its files, and how a user finds a running one.

run/engine.json      mode 600: port, password, pid, start time of the live engine
run/engine.users     every user holds a shared lock on it; nobody left: the keeper stops the engine
run/engine.keeper    held by the keeper; its pid is in it
run/engine.jvm       held by the engine's process itself (inherited descriptor)
run/engine.failed    why the last start failed
graph/               databases and engine configuration
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from schema.errors import GraphUnavailable, SettingsError

USER = "root"
DATABASE = "hub"


@dataclass(frozen=True, slots=True)
class Address:
    """A live engine: Bolt on ``127.0.0.1:port``. ``started_at`` is RFC 3339 in UTC."""

    port: int
    password: str
    pid: int
    started_at: str
    http_port: int
    user: str = USER
    database: str = DATABASE


@dataclass(frozen=True, slots=True)
class Place:
    """Paths below one data folder."""

    data: Path

    @property
    def run(self) -> Path:
        return self.data / "run"

    @property
    def graph(self) -> Path:
        return self.data / "graph"

    @property
    def address_file(self) -> Path:
        return self.run / "engine.json"

    @property
    def users(self) -> Path:
        return self.run / "engine.users"

    @property
    def keeper(self) -> Path:
        return self.run / "engine.keeper"

    @property
    def jvm(self) -> Path:
        return self.run / "engine.jvm"

    @property
    def password_file(self) -> Path:
        return self.run / "engine.password"

    @property
    def output(self) -> Path:
        return self.run / "engine.out"

    @property
    def failed(self) -> Path:
        return self.run / "engine.failed"

    def make(self) -> None:
        """Creates the folders. Raises SettingsError when the data folder cannot be written."""
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.run.mkdir(mode=0o700, exist_ok=True)
            self.graph.mkdir(mode=0o700, exist_ok=True)
            self.run.chmod(0o700)
            if not os.access(self.run, os.W_OK | os.X_OK):
                raise PermissionError(f"no right to write in {self.run}")
        except OSError as error:
            raise SettingsError(
                f"the data folder {self.data} cannot be used: {error}",
                hint="set HUB_DATA to a folder that this user may write",
                message_zh="数据目录不可写",
            ) from None

    def address(self) -> Address | None:
        """What engine.json says, or None when there is none or it is half written by something else."""
        try:
            return Address(**json.loads(self.address_file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def announce(self, address: Address) -> None:
        write_private(self.address_file, json.dumps(asdict(address)))

    def keeper_pid(self) -> int | None:
        try:
            return int(self.keeper.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def fail(self, error: SettingsError | GraphUnavailable) -> None:
        """Leaves word for whoever waits for the start."""
        kind = "settings" if isinstance(error, SettingsError) else "unavailable"
        text = {"kind": kind, "message": error.message, "hint": error.hint, "message_zh": error.message_zh}
        write_private(self.failed, json.dumps(text))

    def failure(self) -> SettingsError | GraphUnavailable | None:
        """What the last keeper left word of, if anything."""
        try:
            text = json.loads(self.failed.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        kind = SettingsError if text.pop("kind") == "settings" else GraphUnavailable
        return kind(text.pop("message"), **text)


def write_private(path: Path, text: str) -> None:
    """Mode 600 from the first byte, and never seen half written."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
