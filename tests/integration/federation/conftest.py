"""The neighbours of the unit tests, on sockets."""

from __future__ import annotations

import sys
from pathlib import Path

UNIT = Path(__file__).resolve().parents[2] / "unit" / "federation"
if str(UNIT) not in sys.path:
    sys.path.insert(0, str(UNIT))
