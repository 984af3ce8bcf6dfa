"""The scenes that every sample city has: each shows one thing that a hub must get right."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from graph_loaders.sample.identifiers import person
from graph_loaders.sample.people import Organisation
from graph_loaders.sample.tables import Tables, Value

FAR = date(2099, 12, 31)
_FACTS = {
    "环": ("未按规定保存监测记录", "当事人废水排放口监测记录缺失，批次{n}。", "《水污染防治法》第八十二条"),
    "市监": ("销售标签不合格商品", "当事人销售的商品标签不符合规定，批次{n}。", "《产品质量法》第五十四条"),
    "建": ("未按图纸施工", "当事人在{n}号单体未按图纸施工。", "《建设工程质量管理条例》第六十四条"),
}
_MONTHS = {"轻微": 3, "一般": 12, "严重": 36}


class Story:
    """Writes records about the organisations of one city. Dates are counted back from ``today``."""

    def __init__(
        self,
        tables: Tables,
        here: list[Organisation],
        bodies: dict[str, Organisation],
        short: str,
        today: date,
        rng: Random,
    ) -> None:
        self.tables = tables
        self.here = here
        self.bodies = bodies
        self.short = short
        self.today = today
        self.rng = rng
        self._numbers: dict[str, int] = {}

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def number(self, word: str, on: date) -> str:
        """The next document number of an authority."""
        count = self._numbers[word] = self._numbers.get(word, 0) + 1
        return f"{self.short}示{word}〔{on.year}〕{count:05}号"

    def penalty(self, one: Organisation, days: int, tier: str, fine: str, word: str = "环", **given: Value) -> str:
        """``until`` in ``given`` replaces the end of publication (None: the file does not say)."""
        on = self.ago(days)
        body = self.bodies[word]
        document = str(given.get("document") or self.number(f"{word}罚", on))
        violation, ground, basis = _FACTS[word]
        end = given["until"] if "until" in given else on + timedelta(days=_MONTHS[tier] * 30)
        self.tables.add(
            "xzcf",
            *(one.name, one.code, document, violation, ground.format(n=self.rng.randint(100, 9999)), basis, "罚款"),
            *(f"罚款人民币{fine}万元", Decimal(fine), None, None, on, FAR, end),
            *(body.name, body.code, body.name, body.code, "示例数据", tier),
        )
        return document

    def listing(self, one: Organisation, kind: str, days: int, removed: date | None = None) -> str:
        on = self.ago(days)
        document, authority, basis, ground = {
            "失信被执行人": (
                f"({on.year})示{self.short}执{self.rng.randint(100, 999)}{len(self.tables.rows['lists']):03}号",
                f"{self.short}示例人民法院",
                "《最高人民法院关于公布失信被执行人名单信息的若干规定》第一条",
                "有履行能力而拒不履行",
            ),
            "市场监管严重违法失信名单": (
                self.number("市监严列", on),
                self.bodies["市监"].name,
                "《市场监督管理严重违法失信名单管理办法》",
                "提供虚假材料取得许可",
            ),
            "A级纳税人": (
                self.number("税评", on),
                f"{self.short}示例税务局",
                "《纳税缴费信用管理办法》",
                "年度评价为A级",
            ),
        }[kind]
        self.tables.add("lists", kind, one.name, one.code, authority, document, basis, ground, on, removed)
        return document

    def scenes(self, neighbours: list[Organisation]) -> None:
        """One after another, by the organisation that plays it."""
        here, tables, ago = self.here, self.tables, self.ago
        self.penalty(here[0], 150, "一般", "4.2")  # reaches the representative
        self.penalty(here[1], 100, "严重", "63.75", "市监", until=None)  # no end of publication: computed
        self._defaulters()
        self.listing(here[4], "市场监管严重违法失信名单", 300)  # bars the role at here[5] too
        ended = [self.penalty(here[i], 200 + i, "一般", f"{i}.5", "建") for i in (6, 7, 8)]
        for document, how, days in zip(ended, ("信用修复", "撤销", "异议更正"), (40, 30, 20), strict=True):
            tables.add("repairs", document, how, ago(days), self.bodies["建"].name)
        self.penalty(here[9], 500, "轻微", "0.1", "市监")  # expired by itself
        self.penalty(here[11], 90, "一般", "0.8")  # an individual business: outside the rule
        self.penalty(here[12], 80, "严重", "12", "建")  # an institution: inside it
        for other in neighbours:  # registered elsewhere, known here by this only
            self.penalty(other, 60, "一般", "2.6", "市监")
        self.listing(neighbours[0], "失信被执行人", 120)
        for index in (14, 15, 18):
            self.listing(here[index], "A级纳税人", 250)

    def _defaulters(self) -> None:
        one, other, third = self.here[2], self.here[3], self.here[10]
        self.listing(one, "失信被执行人", 400)
        name, number = person(self.rng, today=self.today)
        self.tables.add("shareholders", one.code, name, "自然人", number, "50.00%", one.founded, None)
        self.tables.add("shareholders", one.code, other.name, "法人", other.code, "50.00%", one.founded, None)
        lifted = self.listing(other, "失信被执行人", 380)  # the representative has changed and is let off
        leaving = self.tables.rows["registry"][3]
        leaving["任职终止日期"] = self.ago(200)
        new_name, new_number = person(self.rng, today=self.today)
        renewed = leaving | {"法定代表人": new_name, "法定代表人证件号码": new_number}
        self.tables.rows["registry"].append(renewed | {"任职起始日期": self.ago(199), "任职终止日期": None})
        self.tables.add("lifts", lifted, other.representative[1], self.ago(150), f"{self.short}示例人民法院")
        self.listing(third, "失信被执行人", 100)
        child_name, child = person(self.rng, born=self.today - timedelta(days=11 * 365))
        self.tables.add("shareholders", third.code, child_name, "自然人", child, "60.00%", self.ago(700), None)
