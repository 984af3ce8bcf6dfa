"""Python processes of this program: the same code as this one whatever folder it runs in, and none that outlives its
parent.

A module of the current folder never counts: a data folder may hold a ``hub.py`` or ``json.py`` that somebody put there.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import hub

PR_SET_PDEATHSIG = 1  # prctl(2)


def command(module: str, *arguments: str) -> list[str]:
    """``python -m module …`` that does not look into the current folder (``-P``)."""
    return [sys.executable, "-P", "-m", module, *arguments]


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """``given`` with this program's own folder to be found first; an empty entry would be the current folder."""
    root = str(Path(next(iter(hub.__path__))).absolute().parent)
    more = [part for part in given.get("PYTHONPATH", "").split(os.pathsep) if part]
    return {**given, "PYTHONPATH": os.pathsep.join([root, *(part for part in more if part != root)])}


def end_with_parent(pipe: int, parent: int, within: float) -> None:
    """Ends this process soon after its parent, however that ended: the parent alone holds the other end of ``pipe``,
    and the kernel closes it. Where the end is not reached ``within`` seconds, it is made."""
    os.set_inheritable(pipe, False)
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))

    def watch() -> None:
        with contextlib.suppress(OSError):
            os.read(pipe, 1)
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(within)
        os._exit(3)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
