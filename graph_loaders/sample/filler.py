"""What an ordinary city has besides the scenes: licences, contracts, commitments, ratings, complaints, shares."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from graph_loaders.sample.identifiers import person
from graph_loaders.sample.people import Organisation
from graph_loaders.sample.story import FAR, Story
from graph_loaders.sample.tables import Tables

_LICENCES = (
    ("食品经营许可证", "热食类食品制售"),
    ("排污许可证", "准予排放水污染物"),
    ("道路运输经营许可证", "普通货运"),
)
_FIELDS = ("工程建设", "政府采购", "招商引资", "交通运输")
_COMMITMENTS = ("容缺受理", "审批替代型", "信用修复", "主动公示")
_COMPLAINTS = ("预付卡退费", "食品安全", "噪声扰民", "拖欠工资")
_Bands = tuple[tuple[int, str], ...]
_THOUSAND: _Bands = ((900, "优秀"), (800, "良好"), (700, "中等"), (600, "较差"), (0, "差"))
_HUNDRED: _Bands = ((85, "优"), (70, "良"), (60, "中"), (0, "差"))


class Filler:
    def __init__(self, story: Story, city: str, region: str) -> None:
        self.story = story
        self.tables: Tables = story.tables
        self.rng: Random = story.rng
        self.today: date = story.today
        self.here: list[Organisation] = story.here
        self.city = city
        self.region = region

    def ago(self, least: int, most: int) -> date:
        return self.today - timedelta(days=self.rng.randint(least, most))

    def fill(self) -> None:
        for index, one in enumerate(self.here):
            self._shares(one, index)
            self._rating(one)
            if index % 3 == 0:
                self._licence(one, index)
            if index % 2 == 0:
                self._contract(one, index)
            if index % 2 == 1:
                self._commitment(one, index)
            if index > 20 and index % 4 == 0:
                word = self.rng.choice(("环", "市监", "建"))
                tier = self.rng.choice(("轻微", "一般", "严重"))
                self.story.penalty(one, self.rng.randint(5, 800), tier, f"{self.rng.randint(10, 9999) / 100}", word)
            if index % 5 == 0:
                self._complaint(one, index, self.ago(1, 300))
        for number in range(6):  # a group: one organisation, within four weeks
            self._complaint(self.here[0], 900 + number, self.today - timedelta(days=10 + 3 * number))

    def _shares(self, one: Organisation, index: int) -> None:
        if one.kind != "企业" or index in (2, 10):
            return
        name, number = one.representative
        share = self.rng.choice(("100.00%", "60.00%", "50.00%", "33.33%"))
        self.tables.add("shareholders", one.code, name, "自然人", number, share, one.founded, None)
        if share == "50.00%":
            name, number = person(self.rng, today=self.today)
            self.tables.add("shareholders", one.code, name, "自然人", number, share, one.founded, None)

    def _rating(self, one: Organisation) -> None:
        bands: _Bands
        if self.region.startswith("33"):
            scale, score, bands = "浙江省公共信用评价(千分制)", self.rng.randint(500, 990), _THOUSAND
        else:
            scale, score, bands = f"{self.city}公共信用综合评价", self.rng.randint(40, 99), _HUNDRED
        grade = next(grade for least, grade in bands if score >= least)
        self.tables.add("ratings", one.code, scale, Decimal(score), grade, self.ago(10, 600))

    def _licence(self, one: Organisation, index: int) -> None:
        body = self.story.bodies["审"]
        on = self.ago(30, 1500)
        licence, content = self.rng.choice(_LICENCES)
        until = FAR if index % 2 else on + timedelta(days=5 * 365)
        self.tables.add(
            "xzxk",
            *(one.name, one.code, f"准予{licence}行政许可决定书", self.story.number("审许准", on), "普通", licence),
            *(f"XY{self.region}{on.year}{index:05}", content, on, on, until, body.name, body.code, "1"),
            *(body.name, body.code, "示例数据"),
        )

    def _contract(self, one: Organisation, index: int) -> None:
        body = self.story.bodies["建"]
        signed = self.ago(100, 900)
        due = signed + timedelta(days=self.rng.randint(90, 700))
        done = due - timedelta(days=9) if self.rng.random() < 0.5 and due < self.today else None
        field = self.rng.choice(_FIELDS)
        amount = Decimal(self.rng.randint(10_000, 900_000)) / 100
        self.tables.add(
            "contracts",
            *(f"HT-{self.region}-{signed.year}-{index:05}", f"示例路{field}项目合同", field, body.code, body.name),
            *(one.code, one.name, amount, signed, due, done, "已完成" if done else "履约中"),
        )

    def _commitment(self, one: Organisation, index: int) -> None:
        made = self.ago(20, 700)
        due = made + timedelta(days=self.rng.randint(20, 300))
        kept = due + timedelta(days=self.rng.choice((-10, 15))) if self.rng.random() < 0.7 else None
        kept = kept if kept and kept <= self.today else None
        self.tables.add(
            "commitments",
            *(
                f"CN{self.region}{made.year}{index:05}",
                self.rng.choice(_COMMITMENTS),
                one.code,
                one.name,
                "补交场地证明",
            ),
            *(made, due, kept, "已履行" if kept else "履行中"),
        )

    def _complaint(self, one: Organisation, index: int, on: date) -> None:
        moment = datetime.combine(on, time(8 + index % 10, index % 60, 7))
        self.tables.add(
            "complaints",
            *(f"{self.region}{on:%Y%m%d}{index:05}", moment, f"SQ{self.rng.randrange(16**8):08x}", one.code, one.name),
            *("示例街1号", self.rng.choice(_COMPLAINTS), "示例内容。"),
        )
