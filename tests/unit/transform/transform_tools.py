"""Runs files through transform with plain policies and tokens that show that they are tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from graph_loaders.report import LoadReport, Reject
from graph_loaders.sources import Profile, find_sources
from graph_loaders.staging import NameBook
from graph_loaders.transform import FileRun, Rules, Tokens
from policies.dates import later
from schema.ports import CodedWords

TODAY = date(2026, 11, 1)
CODE = "91320481XYYB35GE27"
OTHER = "91320413XYA4BLRL7W"
PENALTIES = "CF_XDR_MC,CF_XDR_SHXYM,CF_WSH,CF_SY,CF_NR_FK,CF_JDRQ,CF_GSJZQ,SXCD"
REGISTRY = (
    "统一社会信用代码,主体名称,主体类别,法定代表人,法定代表人证件号码,"
    "任职起始日期,任职终止日期,成立日期,登记机关,行政区划代码,登记状态"
)


class Terms:
    def last_day(self, decided_on: str, tier: str) -> tuple[str, str]:
        return later(decided_on, months={"轻微": 3, "一般": 12}.get(tier, 36)), f"term-{tier or 'unknown'}"


class Lists:
    def is_award(self, list_type: str) -> bool:
        return list_type in ("A级纳税人", "诚信示范企业")

    def known(self, list_type: str) -> bool:
        return "未登记" not in list_type


def tokens(numbers: Any) -> list[str]:
    return ["token-" + hashlib.sha256(number.encode()).hexdigest()[:16] for number in numbers]


@dataclass
class Result:
    files: dict[str, dict[str, Any]]
    facts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    conflicts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)

    def reasons(self) -> dict[int, str]:
        return {reject.row: reject.reason for reject in self.rejects}


async def transform(
    *paths: Path,
    profile: Profile | None = None,
    today: date = TODAY,
    registered: Mapping[str, Collection[str]] | None = None,
    tokenise: Tokens = tokens,
    words: CodedWords | None = None,
) -> Result:
    """``registered``: names that the graph holds already."""

    async def names_of(codes: list[str]) -> Mapping[str, Collection[str]]:
        return {code: (registered or {})[code] for code in codes if code in (registered or {})}

    names, report, result = NameBook(names_of), LoadReport("run"), Result({})
    try:
        for source in find_sources(paths, profile):
            run = FileRun(source, Rules(today, Terms(), Lists(), words), tokenise, names)
            async for batch in run.batches():
                result.rejects += batch.rejects
                for label, facts in batch.facts.items():
                    (result.conflicts if batch.conflict else result.facts).setdefault(label, []).extend(facts)
            report.add(run.report)
    finally:
        names.close()
    result.files = report.as_json()["files"]
    return result


def write(folder: Path, name: str, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path
