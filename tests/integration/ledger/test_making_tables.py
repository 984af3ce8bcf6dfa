"""Processes of one hub that start at once make every table once, on both stores."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import create_engine, inspect, text

from federation.feed import tables as feed
from federation.feed.writer import FeedWriter
from federation.quota import PersonCounts
from federation.witness import Witnessed
from hub.acts import tables as acts
from hub.auth import tables as oauth
from hub.auth.database import Database as AuthDatabase
from hub.federated.assembly import open_sql
from hub.ledger import tables as ledger
from hub.ledger.database import Database
from hub.settings import Settings
from schema.sql_tables import create_missing, make_missing

EVERYTHING = (feed.metadata, acts.metadata, oauth.metadata, ledger.metadata)


def _at_once(work: Callable[[int], object], count: int = 8) -> None:
    gate = threading.Barrier(count)

    def run(n: int) -> None:
        gate.wait()
        work(n)

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(run, range(count)))


def test_whoever_comes_second_finds_the_tables(settings: Settings) -> None:
    settings.data.mkdir(parents=True)
    engines = [open_sql(settings.sql_url) for _ in range(8)]
    for engine in engines[: 8 if settings.sql != "sqlite" else 1]:
        engine.connect().close()  # SQLite changes to its write-ahead log once, before anybody is at work
    try:
        _at_once(lambda n: create_missing(engines[n], *EVERYTHING))
        found = set(inspect(engines[0]).get_table_names())
        assert found >= {table.name for metadata in EVERYTHING for table in metadata.sorted_tables}
        indexes = {one["name"] for one in inspect(engines[0]).get_indexes("feed_current")}
        assert indexes == {"feed_current_code", "feed_current_seq"}
    finally:
        for engine in engines:
            engine.dispose()


def test_all_stores_of_two_workers_open_together(settings: Settings) -> None:
    first = Database(settings)
    first.create()
    first.close()
    engines = [open_sql(settings.sql_url) for _ in range(8)]

    def work(n: int) -> None:
        if n % 4 == 0:
            FeedWriter(engines[n], "320400", lambda typ, claims: "")
        elif n % 4 == 1:
            PersonCounts(engines[n]), Witnessed(engines[n])
        elif n % 4 == 2:
            database = AuthDatabase(settings.sql_url)
            oauth.create_tables(database)
            database.close()
        else:
            database_of_log = Database(settings)
            database_of_log.create()
            with database_of_log.write() as connection:
                make_missing(connection, acts.metadata)
            database_of_log.close()

    try:
        _at_once(work)
    finally:
        for engine in engines:
            engine.dispose()


def test_a_table_that_was_made_without_its_index_gets_it(sqlite_settings: Settings) -> None:
    """A process that was killed between the two statements, where no transaction holds them together."""
    sqlite_settings.data.mkdir(parents=True)
    engine = create_engine(sqlite_settings.sql_url)
    with engine.begin() as connection:
        feed.current.create(connection)
        connection.execute(text("DROP INDEX feed_current_seq"))
    create_missing(engine, feed.metadata)
    assert {one["name"] for one in inspect(engine).get_indexes("feed_current")} >= {"feed_current_seq"}
    engine.dispose()
