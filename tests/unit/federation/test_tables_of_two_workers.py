"""Two workers that start at once over a new database."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import create_engine, inspect

from federation.feed.tables import metadata
from schema.sql_tables import create_missing


def test_tables_are_made_once_by_whoever_comes_first(tmp_path: Path):
    engines = [create_engine(f"sqlite:///{tmp_path}/hub.sqlite", connect_args={"timeout": 15}) for _ in range(6)]
    failures: list[BaseException] = []
    start = threading.Barrier(len(engines))

    def run(engine) -> None:
        start.wait()
        try:
            create_missing(engine, metadata)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert set(inspect(engines[0]).get_table_names()) >= {table.name for table in metadata.sorted_tables}
    for engine in engines:
        engine.dispose()
