"""``node`` and ``person``: one object by the id or token that this client was shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from graph_loaders.reader.composer import Composer, Node, of_type
from graph_loaders.reader.fields.record import visible
from graph_loaders.reader.fields.subject import held
from graph_loaders.reader.fragments import fragment, own
from graph_loaders.reader.reading import Reading, parse_global_id
from graph_loaders.reader.roots.root import Making, Root, argument, only
from schema.selection import Select

# Type → the statement that finds one, the variable it binds, and the parameter with its key.
_FINDS: Mapping[str, tuple[str, str, str]] = {
    "Subject": ("root/subject", "subject", "code"),
    "Person": ("root/person", "person", "token"),
    "Record": ("root/record", "rec", "id"),
    "Contract": ("root/contract", "contract", "id"),
    "LoadRun": ("root/load_run", "run", "id"),
}


def key_of(reading: Reading, global_id: str) -> tuple[str, str] | None:
    """Type and the hub's own key behind a global id of this client; None for any other text."""
    parsed = parse_global_id(global_id)
    if parsed is None or parsed[0] not in _FINDS:
        return None
    type_name, key = parsed
    if type_name != "Person":
        return parsed
    token = reading.hub_token(key)
    return None if token is None else (type_name, token)


def conditions(composer: Composer, type_name: str, variable: str) -> dict[str, str]:
    """The holes of a finding statement that say whether its object may be seen. Void records may, by their id."""
    if type_name == "Subject":
        return {"held": held(composer, variable)}
    if type_name == "Record":
        return {"visible": visible(composer, variable, "true")}
    return {}


def _find(making: Making, select: Select, type_name: str, key: Callable[[Reading], Any]) -> Root:
    composer = making.composer()
    number = composer.number()
    file, word, parameter = _FINDS[type_name]
    variable = own(word, number)
    inner = composer.columns(type_name, Node(variable), select.children)
    composer.parameter(parameter, key)
    text = fragment(file, number, columns=inner.expression, **conditions(composer, type_name, variable))

    def shape(rows: Any, reading: Reading) -> Any:
        return inner.shape(only(rows), reading)

    return Root(text, composer.producers, shape)


def node(making: Making, select: Select) -> Callable[[Reading], Root]:
    """By the type in the id. An id that this client was not given has the same answer as one that nobody has."""

    def asked(reading: Reading) -> tuple[str, str] | None:
        return key_of(reading, argument(select, "id")(reading))

    @cache
    def of(type_name: str) -> Root:
        return _find(making, select, type_name, lambda reading: (asked(reading) or ("", ""))[1])

    def choose(reading: Reading) -> Root:
        found = asked(reading)
        return NOTHING if found is None or not of_type(found[0], select.children) else of(found[0])

    return choose


def person(making: Making, select: Select) -> Callable[[Reading], Root]:
    def token(reading: Reading) -> str | None:
        return reading.hub_token(argument(select, "token")(reading))

    root = _find(making, select, "Person", token)
    return lambda reading: NOTHING if token(reading) is None else root


def _nothing(_rows: Any, _reading: Reading) -> None:
    return None


NOTHING = Root("", {}, _nothing, unless=lambda _reading: [None])
