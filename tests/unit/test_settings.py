"""Settings: defaults that need nothing, and a start that stops at the first name or value that cannot be meant."""

from __future__ import annotations

import os
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from hub.settings import Settings, load_settings
from schema.errors import SettingsError


def test_nothing_needs_to_be_set() -> None:
    settings = load_settings({})
    assert settings == Settings()
    assert (settings.data, settings.region, settings.host, settings.port) == (Path("var"), "320400", "127.0.0.1", 8000)
    assert (settings.graph, settings.sql, settings.graph_heap_mb) == ("embedded", "sqlite", 1024)
    assert (settings.rate_limit, settings.peer_deadline, settings.peer_max_bytes) == (6000, 2.0, 8 * 1024 * 1024)


def test_what_shows_more_than_production_should_is_off_by_default() -> None:
    settings = load_settings({})
    assert (settings.graphiql, settings.introspection, settings.peer_private, settings.otel) == (False,) * 4


def test_every_default_written_out_is_taken_back() -> None:
    written = {}
    for field in fields(Settings):
        value = field.default
        if isinstance(value, bool):
            value = int(value)
        if value is not None and value != "" and value != ():
            written[f"HUB_{field.name.upper()}"] = str(value)
    assert load_settings(written) == Settings()


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        load_settings({}).port = 1  # type: ignore[misc]


def test_an_unknown_name_stops_the_start_and_the_known_ones_are_told() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"HUB_PROT": "8000"})
    assert "HUB_PROT" in caught.value.message
    assert "HUB_PORT" in caught.value.hint
    assert caught.value.exit_code == 2


def test_names_of_others_are_none_of_our_business() -> None:
    assert load_settings({"GITHUB_TOKEN": "x", "PORT": "1", "hub_port": "1"}) == Settings()


BAD = {
    "HUB_DATA": [""],
    "HUB_REGION": ["3204", "32040a", "３２０４００", "常州"],
    "HUB_PORT": ["-1", "65536", "８０００", "x", "", "1e3"],
    "HUB_BASE_URL": [
        "hub.example",
        "ftp://hub.example",
        "http://hub.example",
        "https://hub.example/?a",
        "https://",
        "https://hub.example:port",
        "https://hub.example:99999",
        "https://a@hub.example",
        "https://a b",
    ],
    "HUB_GRAPH": ["", "neo4j", "neo4j://", "http://graph.example", "bolt://graph:x", "embedded "],
    "HUB_GRAPH_HEAP_MB": ["0", "-5", "1.5", "x"],
    "HUB_GRAPH_TIMEOUT": ["0", "-1", "601", "nan", "inf", "x"],
    "HUB_SQL": ["", "mysql://sql.example", "/var/lib/hub.sqlite"],
    "HUB_GRAPHIQL": ["2", "ja"],
    "HUB_LOG_LEVEL": ["LOUD", ""],
    "HUB_RATE_LIMIT": ["0", "x"],
    "HUB_COPY_MAX_AGE": ["-1", "nan", "1e9"],
    "HUB_AS_OF": ["2026-02-30", "today"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_stops_the_start_with_its_name_and_what_is_allowed(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({name: value})
    assert name in caught.value.message
    assert caught.value.hint.startswith("allowed: ")
    assert "isoformat" not in caught.value.hint


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("HUB_GRAPHIQL", "on", "graphiql", True),
        ("HUB_INTROSPECTION", "False", "introspection", False),
        ("HUB_LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("HUB_BASE_URL", "https://hub.example/", "base_url", "https://hub.example"),
        ("HUB_BASE_URL", "http://127.0.0.1:8000", "base_url", "http://127.0.0.1:8000"),
        ("HUB_BASE_URL", "http://[::1]:8000", "base_url", "http://[::1]:8000"),
        ("HUB_POLICIES", os.pathsep.join(["a", "b"]), "policies", (Path("a"), Path("b"))),
        ("HUB_PORT", "0", "port", 0),
        ("HUB_COPY_MAX_AGE", "0", "copy_max_age", 0.0),
        ("HUB_AS_OF", "2026-11-01", "as_of", "2026-11-01"),
        ("HUB_GRAPH", "neo4j+s://graph.example:7687", "graph", "neo4j+s://graph.example:7687"),
    ],
)
def test_good_values_are_read(name: str, value: str, field: str, expected: object) -> None:
    assert getattr(load_settings({name: value}), field) == expected


def test_plain_http_off_loopback_is_refused_wherever_it_shows() -> None:
    with pytest.raises(SettingsError, match="HUB_BASE_URL"):
        load_settings({"HUB_BASE_URL": "http://192.0.2.1"})
    with pytest.raises(SettingsError, match="HUB_BASE_URL"):
        load_settings({"HUB_HOST": "0.0.0.0", "HUB_BASE_URL": "http://127.0.0.1:8000"})
    assert load_settings({"HUB_HOST": "0.0.0.0", "HUB_BASE_URL": "https://hub.example"}).host == "0.0.0.0"


def _file(folder: Path, text: str) -> dict[str, str]:
    path = folder / "hub.toml"
    path.write_text(text, encoding="utf-8")
    return {"HUB_CONFIG": str(path)}


def test_a_file_gives_settings_and_the_environment_wins(tmp_path: Path) -> None:
    given = _file(tmp_path, 'region = "330400"\nname = "嘉兴市"\nport = 9000\ngraphiql = true\npolicies = ["a", "b"]\n')
    settings = load_settings({**given, "HUB_PORT": "9001"})
    assert (settings.region, settings.name, settings.port, settings.graphiql) == ("330400", "嘉兴市", 9001, True)
    assert settings.policies == (Path("a"), Path("b"))


@pytest.mark.parametrize(
    ("text", "named"),
    [("prot = 1\n", "prot"), ("HUB_PORT = 1\n", "HUB_PORT"), ("port = 70000\n", "port"), ("port = \n", "hub.toml")],
)
def test_a_bad_file_is_named_with_what_is_wrong_in_it(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(_file(tmp_path, text))
    assert named in caught.value.message
    assert "hub.toml" in caught.value.message
    assert caught.value.hint


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HUB_CONFIG"):
        load_settings({"HUB_CONFIG": str(tmp_path / "nothing.toml")})


def test_a_file_in_another_encoding_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_bytes('name = "常州市"\n'.encode("gb18030"))
    with pytest.raises(SettingsError, match="HUB_CONFIG"):
        load_settings({"HUB_CONFIG": str(tmp_path / "hub.toml")})


def test_the_example_file_of_the_page_is_taken(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    text = page.split("```toml\n")[1].split("```")[0]
    assert load_settings(_file(tmp_path, text)).base_url == "https://hub.example"


def test_the_sql_address_follows_the_data_folder(tmp_path: Path) -> None:
    assert load_settings({"HUB_DATA": str(tmp_path)}).sql_url == f"sqlite:///{tmp_path}/hub.sqlite"
    assert load_settings({"HUB_SQL": "postgres://sql.example/hub"}).sql_url == "postgresql://sql.example/hub"


def test_an_empty_host_is_not_every_address_of_the_machine() -> None:
    with pytest.raises(SettingsError, match="HUB_HOST"):
        load_settings({"HUB_HOST": ""})


@pytest.mark.parametrize("name", ["HUB_SQL", "HUB_GRAPH", "HUB_BASE_URL"])
def test_a_password_in_an_address_that_cannot_be_used_is_not_shown(name: str) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        load_settings({name: "mysql://someone:p@ss@host/name"})
    assert "p@ss" not in refused.value.message
    assert "host/name" in refused.value.message


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("HTTPS://Hub.Example:443/", "https://hub.example"),
        ("https://hub.example:8443", "https://hub.example:8443"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("HTTP://LOCALHOST:8000/Credit/", "http://localhost:8000/Credit"),
        ("http://[::1]:80/", "http://[::1]"),
        ("https://hub.example.:443", "https://hub.example"),
    ],
)
def test_a_base_url_has_one_form_however_it_is_written(given: str, kept: str) -> None:
    assert load_settings({"HUB_BASE_URL": given}).base_url == kept


def test_a_file_may_begin_with_a_utf_8_mark(tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_bytes(b'\xef\xbb\xbfname = "hub"\ntrusted_proxies = ["10.0.0.0/8", "::1"]\n')
    settings = load_settings({"HUB_CONFIG": str(path)})
    assert settings.name == "hub"
    assert [str(one) for one in settings.trusted_proxies] == ["10.0.0.0/8", "::1/128"]


def test_database_password_comes_from_a_file_and_never_stands_twice(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("p@ss/word\n")
    given = {"HUB_SQL": "postgresql://hub@db/hub?sslmode=verify-full", "HUB_SQL_PASSWORD_FILE": str(file)}
    assert load_settings(given).sql_url == "postgresql://hub:p%40ss%2Fword@db/hub?sslmode=verify-full"
    for wrong in ("postgresql://hub:x@db/hub", "postgresql://db/hub"):
        with pytest.raises(SettingsError, match="HUB_SQL_PASSWORD_FILE"):
            _ = load_settings({**given, "HUB_SQL": wrong}).sql_url
    file.unlink()
    with pytest.raises(SettingsError, match="cannot be read"):
        _ = load_settings(given).sql_url
