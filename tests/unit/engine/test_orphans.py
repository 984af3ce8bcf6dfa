"""Which connections to the engine their clients have closed, as the kernel tells."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from graph_loaders.engine.orphans import abandoned, end_statements


def until_abandoned(port: int) -> set[int]:
    deadline = time.monotonic() + 2
    while not (found := abandoned(port)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


def test_a_connection_that_only_its_client_closed_is_abandoned() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        leaving = socket.create_connection(("127.0.0.1", port))
        staying = socket.create_connection(("127.0.0.1", port))
        accepted = [server.accept()[0], server.accept()[0]]
        left = leaving.getsockname()[1]
        assert abandoned(port) == set()
        leaving.close()
        assert until_abandoned(port) == {left}
        assert abandoned(port + 1) == set()
        for end in (*accepted, staying):
            end.close()
        assert abandoned(port) == set()


def test_a_system_without_the_tables_knows_of_none(tmp_path: Path) -> None:
    assert abandoned(7687, (tmp_path / "none",)) == set()


def test_an_engine_that_does_not_answer_ends_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert end_statements(port, "x", {1}) == 0
