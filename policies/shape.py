"""What a table of a pack may and must hold, found out by letting its own reader read an empty one.

So the message about missing keys names all of them at once, and skeletons and ``docs/policies.md`` cannot fall behind
the readers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from policies.table import MissingKey, PackError, Table

_MISSING: Any = object()
_DAY = "2026-01-01"


@dataclass(frozen=True, slots=True)
class Key:
    """One key as its reader asks for it. ``wanted`` is what it takes, in words; ``inner`` the keys of its tables."""

    name: str
    wanted: str
    required: bool
    many: bool = False  # [[tables]]
    inner: tuple[Key, ...] = ()
    allowed: tuple[str, ...] = ()


@dataclass
class _Asked:
    keys: dict[str, Key] = field(default_factory=dict)
    inner: dict[str, _Asked] = field(default_factory=dict)

    def shape(self) -> tuple[Key, ...]:
        found = []
        for name, key in self.keys.items():
            inner = self.inner[name].shape() if name in self.inner else ()
            found.append(Key(key.name, key.wanted, key.required, key.many, inner, key.allowed))
        return tuple(found)


class _Recorder(Table):
    """An empty table that answers every question with something that fits, and remembers what was asked."""

    def __init__(self, asked: _Asked) -> None:
        super().__init__("", {}, {})
        self._asked = asked

    def _note(self, key: str, wanted: str, default: Any, **more: Any) -> None:
        self._asked.keys.setdefault(key, Key(key, wanted, default is _MISSING, **more))

    def place(self, *keys: str) -> str:
        return ""

    def text(self, key: str, default: str = _MISSING) -> str:
        self._note(key, "a text", default)
        return "x" if default is _MISSING else default

    def flag(self, key: str, default: bool = _MISSING) -> bool:
        self._note(key, "true or false", default)
        return False if default is _MISSING else default

    def integer(self, key: str, default: int = _MISSING, *, least: int = 0) -> int:
        self._note(key, f"a whole number from {least}", default)
        return least if default is _MISSING else default

    def percent(self, key: str, default: float) -> float:
        self._note(key, "a number of percent", default)
        return default

    def day(self, key: str, default: str = _MISSING) -> str:
        self._note(key, "a date such as 2026-04-01", default)
        return _DAY if default is _MISSING else default

    def validity(self) -> tuple[str, str]:
        self._note("valid_from", "a date such as 2026-04-01", "")
        self._note("valid_to", "a date such as 2026-04-01, inclusive", "")
        return _DAY, _DAY

    def choice(self, key: str, allowed: Sequence[str], default: str = _MISSING) -> str:
        self._note(key, "one of " + ", ".join(allowed), default, allowed=tuple(allowed))
        return allowed[0] if default is _MISSING else default

    def texts(self, key: str, allowed: Sequence[str] = (), default: tuple[str, ...] = _MISSING) -> tuple[str, ...]:
        wanted = "texts, of " + ", ".join(allowed) if allowed else "texts"
        self._note(key, wanted, default, allowed=tuple(allowed))
        if default is _MISSING:
            return (allowed[0] if allowed else "x",)
        return default

    def table(self, key: str) -> Table:
        self._note(key, "a table", _MISSING)
        return _Recorder(self._asked.inner.setdefault(key, _Asked()))

    def tables(self, key: str, *, needed: bool = False) -> list[Table]:
        self._note(key, "tables", _MISSING if needed else [], many=True)
        return [_Recorder(self._asked.inner.setdefault(key, _Asked()))]

    def done(self) -> None:
        """Nothing is left over in an empty table."""


def shape_of(read: Callable[[Table], Any]) -> tuple[Key, ...]:
    """The keys that ``read`` asks for, in its order. What it refuses of an empty table ends the look."""
    asked = _Asked()
    try:
        read(_Recorder(asked))
    except PackError:
        pass
    except (KeyError, IndexError, ValueError, AttributeError):
        pass  # a reader that reckons with what it read: what it had asked for by then is known
    return asked.shape()


def completed(error: MissingKey) -> PackError:
    """The same about all the keys that the table lacks, so that they are added at once and not one a try."""
    if error.read is None:
        return error
    lacking = [key for key in shape_of(error.read) if key.required and key.name not in error.present]
    if len(lacking) < 2:
        return error
    names = ", ".join(key.name for key in lacking)
    add = "; ".join(f"{key.name} = … ({key.wanted})" for key in lacking)
    return PackError(error.place, f"{names} are missing", hint=f"add {add}")


def skeleton(section: str, read: Callable[[Table], Any]) -> str:
    """A section to be filled in: required keys with what they take, optional ones behind ``#``."""
    whole = section == "agreement"  # a file of its own, whose root is read
    lines = [] if whole else [f"[[{section}]]"]
    later: list[str] = []
    _keys("" if whole else f"{section}.", shape_of(read), lines, later)
    return "\n".join([*lines, *later]).lstrip() + "\n"


def _keys(path: str, keys: tuple[Key, ...], lines: list[str], later: list[str]) -> None:
    for key in keys:
        if key.inner:
            head = f"[[{path}{key.name}]]" if key.many else f"[{path}{key.name}]"
            body: list[str] = []
            after: list[str] = []
            _keys(f"{path}{key.name}.", key.inner, body, after)
            mark = "" if key.required else "# "
            later += ["", *(f"{mark}{line}" for line in [head, *body, *after])]
        else:
            mark = "" if key.required else "# "
            lines.append(f"{mark}{key.name} = {_value(key)}  # {key.wanted}")


def _value(key: Key) -> str:
    if key.wanted.startswith("texts"):
        return f'["{key.allowed[0] if key.allowed else "…"}"]'
    if key.wanted.startswith("a date"):
        return _DAY
    if key.wanted == "true or false":
        return "false"
    if "number" in key.wanted:
        return key.wanted.rsplit(" ", 1)[-1] if key.wanted.startswith("a whole") else "0"
    return f'"{key.allowed[0] if key.allowed else "…"}"'
