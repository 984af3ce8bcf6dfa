"""Pieces of Cypher, each in its own file under ``cypher/read``, put together into one statement.

In a piece, ``<word>`` stands for another piece or an expression made by the composer, and every name that begins with
``v_`` is a variable of that piece, made unique for each use (neither engine lets a subquery shadow an outer name).
Values never enter the text: they are parameters.
"""

from __future__ import annotations

import re
from functools import cache

from graph_loaders.statements import statement

_VARYING = re.compile(r"<([a-z_]+)>|\bv_([a-z_]+)\b")


@cache
def _template(name: str) -> tuple[str, ...]:
    """Texts, holes and own variables in turn: every third piece from 0 is text, from 1 a hole or "", from 2 a variable
    or ""."""
    text = " ".join(line.strip() for line in statement(f"read/{name}").splitlines())
    return tuple(piece or "" for piece in _VARYING.split(text))


def fragment(name: str, number: int, /, **parts: str) -> str:
    """The text of ``read/<name>.cypher`` with its own variables numbered and its holes filled.

    Raises LookupError when a hole has no part, since such a statement must not reach an engine.
    """
    pieces = _template(name)
    made = list(pieces)
    try:
        made[1::3] = [parts[hole] if hole else "" for hole in pieces[1::3]]
    except KeyError as missing:
        raise LookupError(f"{name} needs <{missing.args[0]}>") from None
    made[2::3] = [f"{variable}{number}" if variable else "" for variable in pieces[2::3]]
    return "".join(made)


def own(word: str, number: int) -> str:
    """How the variable ``v_<word>`` of a piece is called in use ``number``."""
    return f"{word}{number}"
