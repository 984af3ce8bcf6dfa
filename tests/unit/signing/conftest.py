"""Keys of either algorithm."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.signing import KeyStore


@pytest.fixture(params=["EdDSA", "ES256"])
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> KeyStore:
    store = KeyStore(tmp_path)
    store.rotate(request.param)
    return store
