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
from graph_loaders.reader.looking_back import at_present
from graph_loaders.reader.piercing_effect import Effects, Field, Memo
from graph_loaders.reader.piercing_facts import Finding, findings, parameters, standing_still
from graph_loaders.reader.piercing_text import Chosen, Names, of_person, of_subject
from graph_loaders.reader.reading import Reading
from schema.piercing import Candidate, Decision, Piercing, Rule
from schema.selection import Select

PARAMETERS = ("pierced", "holding", "reporting")


def subject_effects(piercing: Piercing) -> Maker:
    """``Subject.effects``: effects whose source record is on the bound subject."""

    def make(composer: Composer, node: Node, select: Select) -> Column:
        names = Names.of_subject(node.variable, composer.number())
        effects = Effects(composer, names)
        shape = effects.shape("Effect", select.children)
        register(composer, piercing)
        return Column(_rows(composer, node, effects, names, person=False), _reached(composer, piercing, shape))

    return make


def person_effects(piercing: Piercing) -> Maker:
    """``Person.effects``: effects that reach the bound person."""

    def make(composer: Composer, node: Node, select: Select) -> Column:
        names = Names.of_person(node.variable, composer.number())
        effects = Effects(composer, names)
        shape = effects.shape("Effect", select.children)
        register(composer, piercing)
        expression = f"[{node.variable}.token, {_rows(composer, node, effects, names, person=True)}]"
        reached = _reached(composer, piercing, shape)

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
    rows = _rows(composer, node, effects, names, person=person)
    token = f"{node.variable}.token" if person else "null"

    def shape(raw: Any, reading: Reading) -> Any:
        found = _found(composer.past, rules, raw[1], reading, raw[0])
        memo: Memo = {}
        return {key: make(found, reading, memo) for key, make in fields}

    return Column(f"[{token}, {rows}]", shape)


def register(composer: Composer, piercing: Piercing) -> None:
    """The parameters of the rules in force on the day asked about, and of today's where the past needs them."""

    @lru_cache(maxsize=64)
    def on(day: str) -> dict[str, Any]:
        return parameters(piercing.rules(day))

    def producer(name: str, day: str) -> Callable[[Reading], Any]:
        return lambda reading: on(reading.values[day])[name]

    for name in PARAMETERS:
        composer.parameter(name, producer(name, "as_of"))
        if composer.past:
            composer.parameter(f"{name}_now", producer(name, "today"))
    composer.parameter("uses", lambda _reading: sorted(composer.rows.uses))


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


def _rows(composer: Composer, node: Node, effects: Effects, names: Names, *, person: bool) -> str:
    """The candidates; where the past is asked about and does not reopen what has ended, [those, today's]."""
    then = (of_person if person else of_subject)(names, effects.chosen)
    if not composer.past:
        return then
    today = (Names.of_person if person else Names.of_subject)(node.variable, composer.number())
    chosen = Chosen(reported=["null"] if effects.chosen.reported else [])
    return f"[{then}, {at_present((of_person if person else of_subject)(today, chosen))}]"


def _found(past: bool, piercing: Piercing, rows: Any, reading: Reading, token: str | None) -> list[Finding]:
    """Decisions of the day asked about; of the past, those only that stand today as well."""
    if not past:
        return findings(piercing, rows, reading.values["as_of"], token)
    then, now = rows or ([], [])
    today = findings(piercing, now, reading.values["today"], token)
    return standing_still(findings(piercing, then, reading.values["as_of"], token), today, {row["id"] for row in now})


def _reached(composer: Composer, piercing: Piercing, shape: Field) -> Callable[..., Any]:
    past = composer.past

    def convert(rows: Any, reading: Reading, token: str | None = None) -> Any:
        memo: Memo = {}
        found = _found(past, piercing, rows, reading, token)
        return [shape(finding, reading, memo) for finding in found if finding.decision.reached]

    return convert
