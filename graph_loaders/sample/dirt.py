"""What is wrong in the files of a sample city: a few rows of each fault that a load must set aside or bear."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from graph_loaders.sample.identifiers import organisation_code, wrong_check, wrong_inner_check, wrong_number
from graph_loaders.sample.tables import Row, Tables

_CODES = {
    "registry": "统一社会信用代码",
    "shareholders": "统一社会信用代码",
    "xzcf": "CF_XDR_SHXYM",
    "xzxk": "XK_XDR_SHXYM",
    "lists": "主体代码",
    "commitments": "主体代码",
    "ratings": "主体代码",
    "complaints": "被诉主体代码",
}
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def add_dirt(tables: Tables, today: date, region: str, rng: Random) -> None:
    """Codes that only look dirty, then faulty rows at random places, then exact copies."""
    for kind, column in _CODES.items():
        rows = tables.rows[kind]
        ways: tuple[Callable[[str], str], ...] = (
            str.lower,
            lambda code: code.translate(_WIDE),
            lambda code: f" {code}\u3000",
            lambda code: f"{code}\t",
        )
        for row, way in zip(rng.sample(rows, min(4, len(rows))), ways, strict=False):
            row[column] = way(str(row[column]))
        zero = rng.choice(rows)
        zero[column] = f"{zero[column]}\u200b"
    dirt = _Dirt(tables, rng)
    _registry(dirt, region, rng)
    _penalties(dirt, today)
    dirt.insert("lists", {"主体代码": ""})
    dirt.insert("contracts", {"金额(万元)": "若干", "合同编号": f"HT-{region}-0000-99999"})
    dirt.insert("ratings", {"评价日期": "2025-02-30"})
    for kind in ("registry", "xzcf", "commitments", "complaints"):
        rows = tables.rows[kind]
        rows.append(dict(rows[0]))


class _Dirt:
    """Puts changed copies of rows that were there at first behind them, so that each has one fault."""

    def __init__(self, tables: Tables, rng: Random) -> None:
        self.tables = tables
        self.rng = rng
        self.first = {kind: list(rows) for kind, rows in tables.rows.items()}

    def insert(self, kind: str, change: Row) -> Row:
        rows = self.tables.rows[kind]
        row = self.rng.choice(self.first[kind]) | change
        rows.insert(self.rng.randint(1, len(rows)), row)
        return row


def _registry(dirt: _Dirt, region: str, rng: Random) -> None:
    code, number = "统一社会信用代码", "法定代表人证件号码"
    fresh = [organisation_code(rng, "91", region) for _ in range(4)]
    dirt.insert("registry", {code: wrong_check(fresh[0])})
    dirt.insert("registry", {code: wrong_inner_check(fresh[1])})
    some = str(rng.choice(dirt.first["registry"])[number])
    dirt.insert("registry", {code: fresh[2], number: wrong_number(some)})
    for name in ("示例甲公司", "示例乙公司"):
        dirt.insert("registry", {code: fresh[3], "主体名称": name})


def _penalties(dirt: _Dirt, today: date) -> None:
    rows = dirt.tables.rows["xzcf"]
    document = "CF_WSH"
    dirt.insert("xzcf", {"CF_JDRQ": today + timedelta(days=40), "CF_GSJZQ": None, document: "示未〔9999〕1号"})
    dirt.insert("xzcf", {"CF_GSJZQ": today - timedelta(days=5000), document: "示早〔9999〕2号"})
    dirt.insert("xzcf", {"CF_JDRQ": "日期不详", document: "示缺〔9999〕3号"})
    dirt.insert("xzcf", {"CF_XDR_SHXYM": "", document: "示无〔9999〕4号"})
    twice = dirt.insert("xzcf", {document: "示重〔9999〕5号"})
    rows.append(twice | {"CF_NR": "罚款人民币77.7万元", "CF_NR_FK": Decimal("77.7")})
    rows[0]["CF_XDR_MC"] = f"{rows[0]['CF_XDR_MC']}（曾用名）"
