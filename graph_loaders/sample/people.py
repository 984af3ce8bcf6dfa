"""Who and what there is in a sample city: organisations with their dated representatives, before any record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from graph_loaders.sample.identifiers import organisation_code, person
from graph_loaders.sample.tables import Tables

_WORDS = "澜霁岑沅汐芷栎屿桁砚煦榕棠笙禾澍昀峤汀朗"
_TRADES = (
    "精工机械",
    "纺织",
    "包装",
    "软件技术",
    "水产养殖",
    "园林绿化",
    "医疗器械",
    "食品",
    "环保科技",
    "物流",
    "建筑工程",
)
_SHOPS = ("便利店", "水果店", "五金经营部", "面馆", "服装店")
SHARED_PEOPLE = 8


@dataclass(slots=True)
class Organisation:
    code: str
    name: str
    kind: str
    region: str
    founded: date
    representative: tuple[str, str]
    since: date


def shared_people(seed: int, today: date) -> list[tuple[str, str]]:
    """Persons who act in every city of one seed."""
    rng = Random(f"{seed} shared")
    return [person(rng, today=today) for _ in range(SHARED_PEOPLE)]


def _kind_of(index: int) -> tuple[str, str]:
    if index in (12, 13) or index % 17 == 16:
        return ("12", "事业单位") if index % 2 == 0 else ("52", "社会组织")
    return ("92", "个体工商户") if index == 11 or (index % 5 == 4 and index > 12) else ("91", "企业")


def organisations(seed: int, region: str, place: str, count: int, today: date) -> list[Organisation]:
    """The first ones play the scenes of ``story``; the same seed gives the same organisations, whatever the count."""
    shared = shared_people(seed, today)
    rng = Random(f"{seed} {region}")
    found = []
    for index in range(count):
        first, kind = _kind_of(index)
        word = "".join(rng.sample(_WORDS, 3))
        tail = {
            "企业": rng.choice(_TRADES) + "有限公司",
            "个体工商户": rng.choice(_SHOPS),
            "事业单位": "公共服务中心",
            "社会组织": "公益协会",
        }[kind]
        founded = today - timedelta(days=rng.randint(900, 7000))
        acting = shared[index] if index < SHARED_PEOPLE - 2 else person(rng, today=today)
        found.append(
            Organisation(
                code=organisation_code(rng, first, region),
                name=f"{place}{word}{tail}",
                kind=kind,
                region=region,
                founded=founded,
                representative=acting,
                since=founded + timedelta(days=rng.choice((0, 0, 200))),
            )
        )
    found[5].representative = found[4].representative  # the same person at two enterprises
    return found


def bodies(seed: int, region: str, place: str, today: date) -> dict[str, Organisation]:
    """The authorities of a place, by the short word in their document numbers."""
    rng = Random(f"{seed} {region} bodies")
    names = {
        "环": f"{place}生态环境局",
        "市监": f"{place}市场监督管理局",
        "建": f"{place}住房和城乡建设局",
        "审": f"{place}行政审批局",
        "人社": f"{place}人力资源和社会保障局",
    }
    founded = today - timedelta(days=5000)
    return {
        word: Organisation(
            organisation_code(rng, "11", region), name, "机关", region, founded, person(rng, today=today), founded
        )
        for word, name in names.items()
    }


def write_registry(tables: Tables, found: list[Organisation], place: str) -> None:
    for one in found:
        name, number = one.representative
        tables.add(
            "registry",
            *(one.code, one.name, one.kind, name, number, one.since, None, one.founded),
            *(f"{place}市场监督管理局" if one.kind != "机关" else f"{place}机构编制委员会办公室", one.region, "存续"),
        )
