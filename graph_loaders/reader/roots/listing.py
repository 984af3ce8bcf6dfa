"""Root connections: ``records``, ``contracts``, ``searchSubjects``, ``searchPersons`` and ``loadRuns``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from graph_loaders.reader.columns import Shape
from graph_loaders.reader.composer import Composer, Node
from graph_loaders.reader.connections import Page, connection
from graph_loaders.reader.fields.record import visible, wanted
from graph_loaders.reader.fragments import fragment, own
from graph_loaders.reader.reading import Reading
from graph_loaders.reader.roots.root import Making, Root, Row, always, filtered, usable_code
from schema.selection import Select
from schema.times import OPEN_DATE

AFTER_DAY = "}"  # sorts after "|", which follows the date in a sort key


def listed(shape: Shape) -> Callable[[Sequence[Row], Reading], Any]:
    return lambda rows, reading: shape([row["value"] for row in rows], reading)


def records(making: Making, select: Select) -> Callable[[Reading], Root]:
    """From the subject where the filter names one, else from the index of sort keys."""

    @cache
    def of_subject() -> Root:
        composer = making.composer()
        number = composer.number()
        record = own("rec", number)
        page = connection(composer, select, "Record", Node(record))
        void, condition = wanted(composer, select, record)
        composer.parameter("subject", _subject(select))
        text = fragment(
            "root/records_of_subject",
            number,
            visible=visible(composer, record, void),
            wanted=condition,
            after=page.after,
            first=page.first,
            rows=page.rows,
        )
        return Root(text, composer.producers, listed(page.shape))

    @cache
    def of_all() -> Root:
        composer = making.composer()
        number = composer.number()
        record = own("rec", number)
        page = connection(composer, select, "Record", Node(record))
        void, condition = wanted(composer, select, record)
        _bounds(composer, select, page)
        text = fragment(
            "root/records",
            number,
            visible=visible(composer, record, void),
            wanted=condition,
            first=page.first,
            rows=page.rows,
        )
        return Root(text, composer.producers, listed(page.shape))

    return lambda reading: of_all() if filtered(select, "subject")(reading) is None else of_subject()


def contracts(making: Making, select: Select) -> Callable[[Reading], Root]:
    def which(composer: Composer, contract: str) -> str:
        if "filter" not in select.given:
            return "true"
        overdue = composer.parameter("overdue", filtered(select, "overdue"))
        return f"({overdue} IS NULL OR {fragment('contract/overdue', composer.number(), node=contract)} = {overdue})"

    @cache
    def of_subject() -> Root:
        composer = making.composer()
        number = composer.number()
        contract = own("contract", number)
        page = connection(composer, select, "Contract", Node(contract))
        composer.parameter("subject", _subject(select))
        text = fragment(
            "root/contracts_of_subject",
            number,
            wanted=which(composer, contract),
            after=page.after,
            first=page.first,
            rows=page.rows,
        )
        return Root(text, composer.producers, listed(page.shape))

    @cache
    def of_all() -> Root:
        composer = making.composer()
        number = composer.number()
        contract = own("contract", number)
        page = connection(composer, select, "Contract", Node(contract))
        _bounds(composer, select, page)
        text = fragment(
            "root/contracts",
            number,
            wanted=which(composer, contract),
            first=page.first,
            rows=page.rows,
        )
        return Root(text, composer.producers, listed(page.shape))

    return lambda reading: of_all() if filtered(select, "subject")(reading) is None else of_subject()


def load_runs(making: Making, select: Select) -> Callable[[Reading], Root]:
    composer = making.composer()
    number = composer.number()
    page = connection(composer, select, "LoadRun", Node(own("run", number)))
    text = fragment("root/load_runs", number, after=page.after, first=page.first, rows=page.rows)
    return always(Root(text, composer.producers, listed(page.shape)))


def _subject(select: Select) -> Callable[[Reading], str]:
    return lambda reading: usable_code(filtered(select, "subject")(reading))


def _bounds(composer: Composer, select: Select, page: Page) -> None:
    """Bounds of a listing by sort key, ``$newest`` > keys >= ``$oldest``: the cursor, the day asked about and the days
    of the filter narrow them, so that the index does the work."""

    def newest(reading: Reading) -> str:
        cursor = reading.values[page.after.removeprefix("$")]
        until = min(reading.values["as_of"], filtered(select, "decidedTo")(reading) or OPEN_DATE) + AFTER_DAY
        return str(until if cursor is None else min(cursor, until))

    composer.parameter("newest", newest)
    composer.parameter("oldest", lambda reading: filtered(select, "decidedFrom")(reading) or "")
