"""Fixtures for every test: none that starts anything by itself."""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent
if str(TESTS / "neo4j") not in sys.path:
    sys.path.insert(0, str(TESTS / "neo4j"))
