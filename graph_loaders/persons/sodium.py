"""The wheel ``rbcl`` with libsodium's ristretto255, without the file that it leaves behind.

At import it unpacks its library into the system's temporary folder, 2.7 MB for every process, and never removes it. A
loaded library needs its file no more.
"""

from __future__ import annotations

import contextlib
import os

import rbcl
from rbcl import _sodium as loaded  # a ctypes library: its name is its path

with contextlib.suppress(OSError, AttributeError):  # a system that locks loaded files keeps it
    os.unlink(loaded._name)

__all__ = ["rbcl"]
