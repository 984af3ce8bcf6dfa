from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_hub import Hub, until


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A data folder of its own; whatever the test started is ended."""
    hub = Hub(tmp_path / "var")
    yield hub
    for user in hub.users:
        user.kill()
        user.wait()
        for stream in (user.stdin, user.stdout):
            if stream is not None:
                stream.close()
    try:
        until(lambda: not hub.processes(), 15)
    finally:
        for process in hub.processes():
            process.kill()
