"""Loading against a bare UNWIND of the same prepared rows: how much of the engine's own speed a load reaches."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from graph_loaders.engine import Engine, GraphConfig, migrate, open_engine
from graph_loaders.load import load_paths
from graph_loaders.persons import Persons
from policies import load_policies
from schema.identifiers import org_code_check, uscc_check

BATCH = 5000
BARE = """UNWIND $rows AS row
MERGE (s:Subject {code: row.code})
CREATE (r:Record {vid: row.vid}) SET r += row
CREATE (r)-[:ABOUT]->(s)"""
HEADER = "CF_XDR_MC,CF_XDR_SHXYM,CF_WSH,CF_WFXW,CF_SY,CF_YJ,CF_CFLB,CF_NR,CF_NR_FK,CF_JDRQ,CF_YXQ,CF_GSJZQ,CF_CFJG,SXCD"


def code(number: int) -> str:
    body = f"XY{number:06d}"
    head = f"91320400{body}{org_code_check(body)}"
    return head + uscc_check(head)


def penalties(path: Path, count: int) -> None:
    rng = random.Random(5)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER + "\n")
        for number in range(count):
            day = date(2024, 1, 1) + timedelta(days=rng.randrange(900))
            until = day + timedelta(days=365)
            fine = f"{rng.randrange(1, 9999) / 100}"
            file.write(
                f"某某{number}有限公司,{code(number % 9000)},某罚〔2026〕{number}号,违反某条例,未按规定{number},"
                f"某条例第一条,罚款,罚款人民币{fine}万元,{fine},{day},2099-12-31,{until},某局,一般\n"
            )


async def held_rows(engine: Engine) -> list[dict[str, Any]]:
    rows = await engine.read("MATCH (r:Record) RETURN r{.*} AS row", timeout=120)
    return [row["row"] for row in rows]


async def bare(engine: Engine, rows: list[dict[str, Any]]) -> float:
    began = time.perf_counter()
    for start in range(0, len(rows), BATCH):
        await engine.write(BARE, {"rows": rows[start : start + BATCH]}, timeout=120)
    return len(rows) / (time.perf_counter() - began)


async def measure(folder: Path, count: int) -> dict[str, Any]:
    file = folder / "xzcf.csv"
    penalties(file, count)
    policies = load_policies("320400")
    async with open_engine(GraphConfig(data=folder / "loaded", heap_mb=1024)) as engine:
        await migrate(engine)
        persons = Persons.open(folder / "key", folder)
        began = time.perf_counter()
        await load_paths(engine, persons, [file], terms=policies, lists=policies, words=policies, day=date(2026, 11, 1))
        loaded = count / (time.perf_counter() - began)
        rows = await held_rows(engine)
    async with open_engine(GraphConfig(data=folder / "bare", heap_mb=1024)) as engine:
        await migrate(engine)
        plain = await bare(engine, rows)
    return {"load_per_s": loaded, "unwind_per_s": plain, "rows": len(rows), "ratio": loaded / plain, "aim": ">= 0.5"}


def run(quick: bool) -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name:
        return {"load / bare UNWIND": asyncio.run(measure(Path(name), 20_000 if quick else 100_000))}
