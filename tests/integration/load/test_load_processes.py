"""Loads as processes: killed and run again, two at once, and never an ID number left anywhere."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from graph_loaders.engine import Engine, GraphConfig, open_engine
from graph_loaders.graph_hash import graph_hash
from graph_loaders.load import LoadOptions, load_paths
from graph_loaders.persons import Persons
from graph_loaders.sample.identifiers import numbers_like_codes, organisation_code, person
from policies import load_policies

TODAY = "2026-11-01"
WITHIN = 120  # seconds, on a busy machine
NUMBER = re.compile(rb"[1-9][0-9]{16}[0-9Xx]")
LIKE_CODES = 10  # rows of natural persons whose number passes the checks of a code
PENALTY_ROWS = 6_000  # more than one batch
REGISTRY = (
    "统一社会信用代码,主体名称,主体类别,法定代表人,法定代表人证件号码,任职起始日期,任职终止日期,成立日期,登记机关,"
    "行政区划代码,登记状态"
)
PENALTIES = (
    "CF_XDR_MC,CF_XDR_SHXYM,CF_WSH,CF_WFXW,CF_SY,CF_YJ,CF_CFLB,CF_NR,CF_NR_FK,CF_JDRQ,CF_YXQ,CF_GSJZQ,CF_CFJG,"
    "CF_CFJGDM,SXCD"
)


class City:
    """Two files, long enough to be killed in the middle: a registry, and penalties in which every third row speaks of
    a person by number."""

    def __init__(self, folder: Path, subjects: int = 600, penalties: int = PENALTY_ROWS) -> None:
        rng = random.Random(5)
        self.folder = folder
        self.codes = [organisation_code(rng, "91", "320400") for _ in range(subjects)]
        people = [person(rng) for _ in self.codes]
        self.numbers = {number.encode() for _, number in people}
        names = [f"常州市试{index}有限公司" for index in range(subjects)]
        registry = [
            f"{code},{name},企业,{who},{number},2020-01-01,,2019-01-01,某局,320400,存续"
            for code, name, (who, number) in zip(self.codes, names, people, strict=True)
        ]
        rows = []
        for index in range(penalties):
            at = index % subjects
            said = f"当事人（身份证号{people[at][1]}）未按图施工" if index % 3 == 0 else "未按图施工"
            fine = "罚款,罚款人民币1万元,1.0"
            rows.append(
                f"{names[at]},{self.codes[at]},常建罚〔2026〕{index}号,违反条例,{said},《条例》第一条,{fine},"
                f"2026-0{1 + index % 9}-01,2099-12-31,2027-01-01,某局,,一般"
            )
        rows.append(f"坏行,{people[0][1]},常建罚〔2026〕90号,,,,,,1.0,2026-01-01,,2027-01-01,某局,,一般")
        for index, number in enumerate(numbers_like_codes(LIKE_CODES)):
            rows.append(f"某人,{number},常公罚〔2026〕{index}号,,,,,,1.0,2026-01-01,,2027-01-01,某局,,一般")
            self.numbers.add(number.encode())
        for name, header, body in (("registry.csv", REGISTRY, registry), ("xzcf.csv", PENALTIES, rows)):
            (folder / name).write_text("\n".join([header, *body]) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return City(tmp_path_factory.mktemp("long"))


@pytest.fixture
async def graph(clean_graph: Engine) -> Engine:
    await emptied(clean_graph)
    return clean_graph


@pytest.fixture(scope="module")
async def undisturbed(clean_graph: Engine, graph_config: GraphConfig, city: City) -> str:
    """The hash after one quiet load."""
    policies = load_policies("320400")
    persons = Persons.open(graph_config.data / "keys" / "person.key", graph_config.data)
    options = LoadOptions(today=date.fromisoformat(TODAY))
    await load_paths(
        clean_graph, persons, [city.folder], terms=policies, lists=policies, words=policies, options=options
    )
    return await graph_hash(clean_graph)


async def emptied(engine: Engine) -> None:
    statement = "MATCH (n) WHERE NOT n:SchemaVersion WITH n LIMIT 5000 DETACH DELETE n RETURN count(*) AS gone"
    while (await engine.write(statement, timeout=60))[0]["gone"]:
        pass


async def start(env: Mapping[str, str], *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "hub",
        *arguments,
        env={**{name: value for name, value in os.environ.items() if not name.startswith("HUB_")}, **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=_as_at_a_terminal,
    )


def _as_at_a_terminal() -> None:
    """A runner in the background ignores interrupts, and what it starts would too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def finished(process: asyncio.subprocess.Process) -> tuple[str, str]:
    out, err = await asyncio.wait_for(process.communicate(), WITHIN)
    assert process.returncode == 0, err.decode()
    return out.decode(), err.decode()


async def until(engine: Engine, statement: str, process: asyncio.subprocess.Process) -> None:
    """Waits until the statement counts something, while the process runs."""
    while process.returncode is None:
        if (await engine.read(statement))[0]["n"]:
            return
        await asyncio.sleep(0.02)
    _, err = await process.communicate()
    raise AssertionError(f"the load ended before it could be killed: {err.decode()}")


def left_behind(folder: Path, numbers: set[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    for path in folder.rglob("*"):
        if path.is_file():
            found.update(number.upper() for number in NUMBER.findall(path.read_bytes()))
    return found & numbers


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["MATCH (p:Person) RETURN count(p) AS n", "MATCH (r:Record) RETURN count(r) AS n"])
async def test_a_killed_load_that_is_run_again_ends_in_the_same_graph(
    undisturbed: str, graph: Engine, graph_env: Mapping[str, str], city: City, tmp_path: Path, moment: str
) -> None:
    quarantine = tmp_path / "quarantine.jsonl"
    arguments = ("load", str(city.folder), "--today", TODAY, "--quarantine", str(quarantine), "--json")
    killed = await start(graph_env, *arguments)
    await until(graph, moment, killed)
    killed.send_signal(signal.SIGKILL)
    await killed.wait()
    assert not left_behind(Path(graph_env["HUB_DATA"]), city.numbers)
    half = (await graph.read("MATCH (r:Record) RETURN count(r) AS n"))[0]["n"]
    assert half < PENALTY_ROWS
    out, err = await finished(await start(graph_env, *arguments))
    assert json.loads(out)["files"]["xzcf"]["quarantined"] == {"citizen_number": 1 + LIKE_CODES}
    assert await graph_hash(graph) == undisturbed
    hashed, _ = await finished(await start(graph_env, "graph-hash"))
    assert hashed.strip() == undisturbed
    runs = await graph.read("MATCH (r:LoadRun) RETURN r.finished_at > 9000000000000000 AS open ORDER BY r.order_key")
    assert [row["open"] for row in runs] == [True, False]
    assert not left_behind(Path(graph_env["HUB_DATA"]), city.numbers)
    assert not {number for number in city.numbers if number in (out + err).encode() + quarantine.read_bytes()}


@pytest.mark.slow
async def test_two_loads_at_once_end_in_the_same_graph(
    undisturbed: str, graph: Engine, graph_env: Mapping[str, str], city: City
) -> None:
    arguments = ("load", str(city.folder), "--today", TODAY, "--json")
    loads = [await start(graph_env, *arguments) for _ in range(2)]
    outcomes = await asyncio.gather(*(finished(load) for load in loads))
    assert sum("waiting" in err for _, err in outcomes) == 1
    assert await graph_hash(graph) == undisturbed
    twice = await graph.read("MATCH (r:Record) WITH r.vid AS vid, count(*) AS n WHERE n > 1 RETURN count(*) AS n")
    assert twice == [{"n": 0}]


@pytest.mark.slow
async def test_an_interrupted_load_ends_cleanly_and_can_be_completed(
    undisturbed: str, graph: Engine, graph_env: Mapping[str, str], city: City
) -> None:
    arguments = ("load", str(city.folder), "--today", TODAY, "--json")
    stopped = await start(graph_env, *arguments)
    await until(graph, "MATCH (r:Record) RETURN count(r) AS n", stopped)
    stopped.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(stopped.communicate(), WITHIN)
    assert stopped.returncode == 1
    assert "Traceback" not in err.decode()
    assert "run the same command again" in err.decode()
    await finished(await start(graph_env, *arguments))
    assert await graph_hash(graph) == undisturbed


@pytest.mark.slow
async def test_a_load_outlives_the_death_of_its_engine(
    undisturbed: str, graph_kind: str, graph_config: GraphConfig, city: City, tmp_path: Path
) -> None:
    if graph_kind != "embedded":
        pytest.skip("nobody restarts the server here")
    data = tmp_path / "hub"
    key = graph_config.data / "keys" / "person.key"
    env = {"HUB_DATA": str(data), "HUB_PERSON_KEY_FILE": str(key), "HUB_GRAPH_HEAP_MB": "512"}
    load = await start(env, "load", str(city.folder), "--today", TODAY, "--json")
    async with open_engine(GraphConfig(data=data, heap_mb=512)) as engine:
        await until(engine, "MATCH (p:Person) RETURN count(p) AS n", load)
        os.kill(json.loads((data / "run" / "engine.json").read_text())["pid"], signal.SIGKILL)
        await finished(load)
    hashed, _ = await finished(await start(env, "graph-hash"))
    assert hashed.strip() == undisturbed
