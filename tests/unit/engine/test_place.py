"""The files by which processes find the embedded engine, and what its start can complain about."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from graph_loaders.engine.jvm import check_glibc, command, environment, free_ports, port_is_taken, wheel, why_ended
from graph_loaders.engine.place import Address, Place, write_private
from schema.errors import GraphUnavailable, SettingsError


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "var")
    place.make()
    return place


def test_an_announced_address_is_read_back_and_private(place: Place) -> None:
    address = Address(7687, "secret", 42, "2026-01-01T00:00:00Z", 2480)
    place.announce(address)
    assert place.address() == address
    assert stat.S_IMODE(place.address_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.run.stat().st_mode) == 0o700


@pytest.mark.parametrize("text", ["", "{", "[]", '{"port": 1}', '{"port": 1, "other": 2}'])
def test_a_damaged_engine_file_counts_as_none(place: Place, text: str) -> None:
    place.address_file.write_text(text)
    assert place.address() is None


def test_a_private_file_is_private_even_over_an_open_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [SettingsError("a", hint="b", message_zh="丙"), GraphUnavailable("a", hint="b")])
def test_the_reason_of_a_failed_start_reaches_the_starter(
    place: Place, error: SettingsError | GraphUnavailable
) -> None:
    assert place.failure() is None
    place.fail(error)
    told = place.failure()
    assert type(told) is type(error)
    assert told is not None
    assert (told.message, told.hint, told.message_zh) == (error.message, error.hint, error.message_zh)


def test_a_missing_wheel_says_how_to_install_it() -> None:
    with pytest.raises(SettingsError) as told:
        wheel("no_such_engine_wheel")
    assert "pip install 'delta-credit-hub[embedded]'" in told.value.hint


@pytest.mark.parametrize("version", ["2.33", "2.17", "2.5"])
def test_an_old_glibc_is_named(version: str) -> None:
    with pytest.raises(SettingsError, match=version) as told:
        check_glibc("glibc", version)
    assert "HUB_GRAPH" in told.value.hint


@pytest.mark.parametrize(("library", "version"), [("glibc", "2.34"), ("glibc", "2.41"), ("", ""), ("glibc", "3.0")])
def test_a_new_enough_or_unknown_library_passes(library: str, version: str) -> None:
    check_glibc(library, version)


def test_the_command_line_bounds_heap_and_time_and_has_no_password(place: Place) -> None:
    write_private(place.password_file, "s3cret")
    line = command(place, 7001, 7002, 300)
    for part in (
        "-Xmx300m",
        "-Darcadedb.command.timeout=60000",
        "-Darcadedb.txWalFlush=2",
        "-Darcadedb.bolt.port=7001",
    ):
        assert part in line
    assert "s3cret" not in " ".join(line)


def test_the_engine_gets_a_clean_environment() -> None:
    given = {"PATH": "/bin", "JAVA_TOOL_OPTIONS": "-Xmx1m", "HUB_SECRET": "x", "LC_ALL": "C"}
    assert environment(given) == {"PATH": "/bin", "LC_ALL": "C.UTF-8"}


def test_free_ports_differ() -> None:
    assert len(set(free_ports(5))) == 5


@pytest.mark.parametrize(
    ("output", "kind", "said"),
    [
        ("Error: Could not create…\nToo small maximum heap\n", SettingsError, "heap"),
        ("LockException: Database 'hub' is locked by another process", GraphUnavailable, "in use by another"),
        ("java: version `GLIBC_2.34' not found", SettingsError, "glibc 2.34"),
        ("java.lang.IllegalStateException: broken\n\tat x", GraphUnavailable, "IllegalStateException: broken"),
        ("", GraphUnavailable, "no output"),
    ],
)
def test_the_output_of_a_failed_engine_is_told(place: Place, output: str, kind: type, said: str) -> None:
    place.output.write_text(output)
    error = why_ended(place, 1)
    assert type(error) is kind
    assert said in error.message
    assert error.hint


def test_a_taken_port_is_recognised(place: Place) -> None:
    assert not port_is_taken(place)
    place.output.write_text("ServerException: Unable to listen for BOLT connections using the configured ports '1'")
    assert port_is_taken(place)
