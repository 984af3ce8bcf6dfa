"""The library behind person tokens leaves nothing in the system's temporary folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_the_unpacked_library_is_not_left_behind(tmp_path: Path) -> None:
    code = "from graph_loaders.persons.group import hash_to_group; print(hash_to_group(b'x').hex())"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert len(done.stdout.strip()) == 64
    assert list(tmp_path.iterdir()) == []
