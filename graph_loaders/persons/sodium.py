"""ristretto255 of the system's libsodium (apt: libsodium23), or the slower form of ``edwards`` where there is none.

The library is loaded by its soname from where the system keeps libraries, never from the data, working or temporary
folder. Whatever is loaded has to give published results (RFC 9496, appendix A) before it is used: a library of another
build, or one that is damaged, never makes a person's token.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable
from functools import cache
from typing import Protocol

from graph_loaders.persons import edwards

SONAMES = ("libsodium.so.26", "libsodium.so.23", "libsodium.26.dylib", "libsodium.23.dylib", "libsodium.dll")
_GENERATOR = bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")
_FIFTEEN = bytes.fromhex("e0c418f7c8d9c4cdd7395b93ea124f3ad99021bb681dfc3302a9d99a2e53e64e")  # 15 times the generator
_NEGATIVE = bytes.fromhex("0100000000000000000000000000000000000000000000000000000000000000")  # encodes nothing
_HASHED = (  # RFC 9496, A.3
    bytes.fromhex(
        "5d1be09e3d0c82fc538112490e35701979d99e06ca3e2b5b54bffe8b4dc772c1"
        "4d98b696a1bbfb5ca32c436cc61c16563790306c79eaca7705668b47dffe5bb6"
    ),
    bytes.fromhex("3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46"),
)


class Group(Protocol):
    """What person tokens need. Elements and scalars are 32 bytes; ``times`` refuses what is no element."""

    name: str

    def from_hash(self, expanded: bytes) -> bytes: ...
    def is_element(self, element: bytes) -> bool: ...
    def times(self, scalar: bytes, element: bytes) -> bytes: ...
    def base_times(self, scalar: bytes) -> bytes: ...


class Sodium:
    """libsodium by ctypes; calls run without the interpreter's lock. Raises ValueError where it says no."""

    def __init__(self, library: ctypes.CDLL) -> None:
        if library.sodium_init() < 0:
            raise OSError("sodium_init failed")
        library.sodium_version_string.restype = ctypes.c_char_p
        self.name = f"libsodium {library.sodium_version_string().decode()}"
        self._from_hash = _function(library.crypto_core_ristretto255_from_hash, 2)
        self._valid = _function(library.crypto_core_ristretto255_is_valid_point, 1)
        self._times = _function(library.crypto_scalarmult_ristretto255, 3)
        self._base = _function(library.crypto_scalarmult_ristretto255_base, 2)

    def from_hash(self, expanded: bytes) -> bytes:
        _sized(expanded, 64)
        return self._made(self._from_hash, expanded)

    def is_element(self, element: bytes) -> bool:
        return len(element) == 32 and self._valid(element) == 1

    def times(self, scalar: bytes, element: bytes) -> bytes:
        _sized(scalar, 32)
        _sized(element, 32)
        return self._made(self._times, scalar, element)

    def base_times(self, scalar: bytes) -> bytes:
        _sized(scalar, 32)
        return self._made(self._base, scalar)

    def _made(self, function: Callable[..., int], *values: bytes) -> bytes:
        out = ctypes.create_string_buffer(32)
        if function(out, *values) != 0:
            raise ValueError("not an element or scalar of ristretto255")
        return out.raw


def _function(function: Callable[..., int], arguments: int) -> Callable[..., int]:
    function.argtypes = [ctypes.c_char_p] * arguments  # type: ignore[attr-defined]
    function.restype = ctypes.c_int  # type: ignore[attr-defined]
    return function


def _sized(value: bytes, size: int) -> None:
    """The library reads that many bytes, however long the value is."""
    if len(value) != size:
        raise ValueError(f"{size} bytes are needed")


def holds(group: Group) -> bool:
    """True when the group gives the published results and refuses what is no element."""
    try:
        return (
            group.base_times((15).to_bytes(32, "little")) == _FIFTEEN
            and group.times((15).to_bytes(32, "little"), _GENERATOR) == _FIFTEEN
            and group.from_hash(_HASHED[0]) == _HASHED[1]
            and group.is_element(_FIFTEEN)
            and not group.is_element(_NEGATIVE)
        )
    except ValueError:
        return False


@cache
def group() -> Group:
    """The group of this process, chosen at the first use. Raises RuntimeError where not even the fallback holds."""
    for soname in SONAMES:
        try:
            found = Sodium(ctypes.CDLL(soname))
        except (OSError, AttributeError):  # not here, or built without ristretto255
            continue
        if holds(found):
            return found
        logging.getLogger("hub.persons").error("%s gives wrong results for ristretto255 and is not used", soname)
    own = edwards.Edwards()
    if not holds(own):
        raise RuntimeError("ristretto255 does not give the published results on this machine")
    logging.getLogger("hub.persons").warning(
        "no libsodium with ristretto255 on this system: person tokens are made slowly; install libsodium23 "
        "系统缺少 libsodium，人员标识计算较慢"
    )
    return own
