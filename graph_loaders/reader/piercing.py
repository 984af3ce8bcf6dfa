"""Piercing in answers: ``Subject.effects``, ``Person.effects`` and ``penetration``, each one list expression.

The graph finds candidates by the parameters of the rules in force; the rules judge them at reading time, so expiry,
repair, revocation and lifts are live; what is reached is then shaped with everything selected of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from graph_loaders.reader.columns import Column
from graph_loaders.reader.composer import Composer, Maker, Node
from graph_loaders.reader.piercing_effect import Effects, Field, Memo
from graph_loaders.reader.piercing_facts import Finding, Raw, findings, parameters
from graph_loaders.reader.piercing_text import Names, of_person, of_subject
from graph_loaders.reader.reading import Reading
from schema.piercing import Candidate, Decision, Piercing, Rule
from schema.selection import Select

PARAMETERS = ("pierced", "holding", "reporting", "least_share")


def subject_effects(piercing: Piercing) -> Maker:
    """``Subject.effects``: effects whose source record is on the bound subject."""

    def make(composer: Composer, node: Node, select: Select) -> Column:
        names = Names.of_subject(node.variable, composer.number())
        effects = Effects(composer, names)
        shape = effects.shape("Effect", select.children)
        register(composer, piercing)
        return Column(of_subject(names, effects.chosen), _reached(piercing, shape))

    return make


def person_effects(piercing: Piercing) -> Maker:
    """``Person.effects``: effects that reach the bound person."""

    def make(composer: Composer, node: Node, select: Select) -> Column:
        names = Names.of_person(node.variable, composer.number())
        effects = Effects(composer, names)
        shape = effects.shape("Effect", select.children)
        register(composer, piercing)
        expression = f"[{node.variable}.token, {of_person(names, effects.chosen)}]"
        reached = _reached(piercing, shape)

        def of_token(raw: Any, reading: Reading) -> Any:
            token, rows = raw
            return reached(rows, reading, token)

        return Column(expression, of_token)

    return make


def penetration(piercing: Piercing | None, composer: Composer, node: Node, select: Select, *, person: bool) -> Column:
    """The whole ``Penetration`` of a bound subject or person: who is reached, and why others are not."""
    rules = piercing or NoRules()
    start = Names.of_person if person else Names.of_subject
    names = start(node.variable, composer.number())
    effects = Effects(composer, names)
    fields = [(child.key, _part(effects, child)) for child in select.children]
    register(composer, rules)
    rows = (of_person if person else of_subject)(names, effects.chosen)
    token = f"{node.variable}.token" if person else "null"

    def shape(raw: Any, reading: Reading) -> Any:
        found = findings(rules, raw[1], reading.values["as_of"], raw[0])
        memo: Memo = {}
        return {key: make(found, reading, memo) for key, make in fields}

    return Column(f"[{token}, {rows}]", shape)


def register(composer: Composer, piercing: Piercing) -> None:
    """The parameters of the rules in force on the day asked about."""

    @lru_cache(maxsize=64)
    def on(day: str) -> dict[str, Any]:
        return parameters(piercing.rules(day))

    def producer(name: str) -> Callable[[Reading], Any]:
        return lambda reading: on(reading.values["as_of"])[name]

    for name in PARAMETERS:
        composer.parameter(name, producer(name))


class NoRules:
    """A hub without rules: nobody is reached, and there is nothing to say about it."""

    region = ""

    def rules(self, as_of: str) -> Sequence[Rule]:
        return ()

    def judge(self, rule: Rule, candidate: Candidate) -> Sequence[Decision]:
        return ()


def _part(effects: Effects, select: Select) -> Callable[[list[Finding], Reading, Memo], Any]:
    if select.name == "__typename":
        return lambda *_: "Penetration"
    if select.name not in ("reached", "notReached"):
        return lambda *_: None
    reached = select.name == "reached"
    shape = effects.shape("Effect" if reached else "NotReached", select.children)
    return lambda found, reading, memo: [shape(f, reading, memo) for f in found if f.decision.reached is reached]


def _reached(piercing: Piercing, shape: Field) -> Callable[..., Any]:
    def convert(rows: Sequence[Raw], reading: Reading, token: str | None = None) -> Any:
        memo: Memo = {}
        found = findings(piercing, rows, reading.values["as_of"], token)
        return [shape(finding, reading, memo) for finding in found if finding.decision.reached]

    return convert
