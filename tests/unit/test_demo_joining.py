"""The demonstration is ready when its hubs know each other, and waits for nobody behind a proxy."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest

from hub.demo import joining
from hub.demo.hubs import RunningHub
from schema.errors import ServiceError, UsageError


@pytest.fixture
def delta(tmp_path, monkeypatch):
    directory = tmp_path / "directory.json"
    directory.write_text('{"payload": "two"}')
    hubs = []
    for region in ("320400", "320583"):
        data = tmp_path / region
        (data / "directory").mkdir(parents=True)
        url = f"http://127.0.0.1:{region[:4]}"
        hubs.append(RunningHub(SimpleNamespace(region=region, name=region), data, {}, url=url, listen=url))
        accept(hubs[-1], "one")
    monkeypatch.setattr(joining, "PAUSE", 0.01)
    return hubs, directory


def accept(hub, payload):
    (hub.data / "directory" / "accepted.json").write_text(json.dumps({"directory": {"payload": payload}}))


async def test_it_waits_until_every_hub_has_taken_the_directory_and_has_met_the_others(delta, monkeypatch):
    hubs, directory = delta
    asked = []

    def row(status, feed):
        return [{"region": hub.city.region, "status": status, "last_feed": feed} for hub in hubs]

    answers = [[], UsageError("no token yet", hint=""), row("REACHABLE", None), row("REACHABLE", "2026-11-01")]

    class Asker:
        def __init__(self, settings):
            pass

        async def __aenter__(self):
            return self

        async def __aexit__(self, *_):
            return None

        async def get(self, path, scope):
            asked.append(path)
            answer = answers[min(len(asked) // 2, 3)]
            if isinstance(answer, Exception):
                raise answer
            return answer

    monkeypatch.setattr(joining, "LocalAsker", Asker)
    joined = asyncio.create_task(joining.join(hubs, directory))
    accept(hubs[0], "two")
    await asyncio.sleep(0.1)
    assert not joined.done()
    assert asked == []
    accept(hubs[1], "two")
    await asyncio.wait_for(joined, 5)
    assert len(asked) >= 6


async def test_a_hub_behind_a_proxy_is_not_called(delta):
    hubs, directory = delta
    for hub in hubs:
        accept(hub, "two")
        hub.url = "http://127.0.0.1:9"
    await asyncio.wait_for(joining.join(hubs, directory), 5)


async def test_a_hub_that_does_not_take_the_directory_is_named(delta, monkeypatch):
    monkeypatch.setattr(joining, "LISTED_WITHIN", 0.1)
    with pytest.raises(ServiceError, match="does not take"):
        await joining.join(*delta)
