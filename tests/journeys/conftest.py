"""One running delta for all journeys of a session: five hubs take half a minute to start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.journeys.delta import Delta, start_delta, stop_delta

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
TRUTH_DAY = "2026-11-01"


@pytest.fixture(scope="session")
def delta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delta]:
    """Five cities: with ground truth where it lies beside the project, else the project's own sample."""
    folder = tmp_path_factory.mktemp("delta")
    truth = SHARED / "expected.federation.json"
    has_truth = truth.is_file()
    found = start_delta(folder, SHARED if has_truth else None, TRUTH_DAY if has_truth else date.today().isoformat())
    if has_truth:
        found.expected = json.loads(truth.read_text(encoding="utf-8"))
    try:
        yield found
    finally:
        stop_delta(found)


@pytest.fixture(autouse=True)
def well_behaved(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every proxy passes everything on again after a test."""
    yield
    if "delta" in request.fixturenames:
        for proxy in request.getfixturevalue("delta").proxies.values():
            proxy.set("pass")
