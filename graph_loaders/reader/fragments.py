"""Pieces of Cypher, each in its own file under ``cypher/read``, put together into one statement.

In a piece, ``<word>`` stands for another piece or an expression made by the composer, and every name that begins with
``v_`` is a variable of that piece, made unique for each use (neither engine lets a subquery shadow an outer name).
Values never enter the text: they are parameters.
"""

from __future__ import annotations

import re
from functools import cache

from graph_loaders.statements import statement

_HOLE = re.compile(r"<([a-z_]+)>")
_OWN = re.compile(r"\bv_([a-z_]+)\b")


@cache
def _template(name: str) -> str:
    return " ".join(line.strip() for line in statement(f"read/{name}").splitlines())


def fragment(name: str, number: int, /, **parts: str) -> str:
    """The text of ``read/<name>.cypher`` with its own variables numbered and its holes filled.

    Raises LookupError when a hole has no part, since such a statement must not reach an engine.
    """
    text = _OWN.sub(lambda found: f"{found[1]}{number}", _template(name))

    def part(found: re.Match[str]) -> str:
        try:
            return parts[found[1]]
        except KeyError:
            raise LookupError(f"{name} needs <{found[1]}>") from None

    return _HOLE.sub(part, text)


def own(word: str, number: int) -> str:
    """How the variable ``v_<word>`` of a piece is called in use ``number``."""
    return f"{word}{number}"
