"""The tables of a sample city: columns by kind and rows of plain values; how they are written is the style's matter."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Style = Literal["utf8", "gb18030", "xlsx", "jsonl", "bom"]
Value = str | date | datetime | Decimal | None
Row = dict[str, Value]

TITLES = {
    "registry": "企业登记信息",
    "shareholders": "股东信息",
    "xzcf": "行政处罚信息",
    "xzxk": "行政许可信息",
    "lists": "红黑名单信息",
    "repairs": "信用修复与更正信息",
    "lifts": "限制消费解除信息",
    "contracts": "合同履约信息",
    "commitments": "信用承诺信息",
    "ratings": "信用评价信息",
    "complaints": "投诉工单",
}

COLUMNS = {
    "registry": (
        "统一社会信用代码 主体名称 主体类别 法定代表人 法定代表人证件号码 任职起始日期 任职终止日期 "
        "成立日期 登记机关 行政区划代码 登记状态"
    ),
    "shareholders": "统一社会信用代码 股东名称 股东类型 股东证件号码 持股比例 起始日期 终止日期",
    "xzcf": (
        "CF_XDR_MC CF_XDR_SHXYM CF_WSH CF_WFXW CF_SY CF_YJ CF_CFLB CF_NR CF_NR_FK CF_NR_WFFF CF_NR_ZKDX "
        "CF_JDRQ CF_YXQ CF_GSJZQ CF_CFJG CF_CFJGDM CF_SJLY CF_SJLYDM BZ SXCD"
    ),
    "xzxk": (
        "XK_XDR_MC XK_XDR_SHXYM XK_XKWS XK_WSH XK_XKLB XK_XKZS XK_XKBH XK_NR XK_JDRQ XK_YXQZ XK_YXQZI "
        "XK_XKJG XK_XKJGDM XK_ZT XK_LYDW XK_LYDWDM BZ"
    ),
    "lists": "名单类型 主体名称 主体代码 认定机关 认定文号 认定依据 列入事由 列入日期 移出日期",
    "repairs": "决定书文号 处理类型 日期 机关",
    "lifts": "认定文号 证件号码 解除日期 机关",
    "contracts": (
        "合同编号 合同名称 领域 甲方代码 甲方名称 乙方代码 乙方名称 金额(万元) 签订日期 履约截止日期 实际完成日期 状态"
    ),
    "commitments": "承诺编号 承诺类型 主体代码 主体名称 事项 承诺日期 履行期限 履行日期 状态",
    "ratings": "主体代码 评价体系 分值 等级 评价日期",
    "complaints": "工单号 受理时间 诉求人标识 被诉主体代码 被诉主体名称 地点 事项 内容",
}

# Chinese headers of the workbook style; columns that it does not have are left out.
WORKBOOK_HEADERS = {
    "CF_XDR_MC": "行政相对人名称",
    "CF_XDR_SHXYM": "统一社会信用代码",
    "CF_WSH": "行政处罚决定书文号",
    "CF_WFXW": "违法行为类型",
    "CF_SY": "违法事实",
    "CF_YJ": "处罚依据",
    "CF_CFLB": "处罚类别",
    "CF_NR": "处罚内容",
    "CF_NR_FK": "罚款金额(万元)",
    "CF_JDRQ": "处罚决定日期",
    "CF_YXQ": "处罚有效期",
    "CF_GSJZQ": "公示截止期",
    "CF_CFJG": "处罚机关",
    "CF_CFJGDM": "处罚机关统一社会信用代码",
    "CF_SJLY": "数据来源单位",
    "SXCD": "失信程度",
    "BZ": "备注",
    "XK_XDR_MC": "行政相对人名称",
    "XK_XDR_SHXYM": "统一社会信用代码",
    "XK_XKWS": "行政许可决定文书名称",
    "XK_WSH": "行政许可决定文书号",
    "XK_XKLB": "许可类别",
    "XK_XKZS": "许可证书名称",
    "XK_XKBH": "许可编号",
    "XK_NR": "许可内容",
    "XK_JDRQ": "许可决定日期",
    "XK_YXQZ": "有效期自",
    "XK_YXQZI": "有效期至",
    "XK_XKJG": "许可机关",
    "XK_XKJGDM": "许可机关统一社会信用代码",
    "XK_ZT": "当前状态",
    "XK_LYDW": "数据来源单位",
}

OLDER_PENALTIES = (
    "CF_XDR_MC CF_XDR_SHXYM CF_WSH CF_CFMC CF_CFLB1 CF_CFLB2 CF_SY CF_YJ CF_JG CF_FR CF_XZJG CF_JDRQ "
    "CF_GSJZQ CF_ZT DFBM SJC"
)


def columns_of(kind: str, style: Style) -> list[str]:
    if kind == "xzcf" and style == "gb18030":
        return OLDER_PENALTIES.split()
    columns = COLUMNS[kind].split()
    if style == "xlsx" and kind in ("xzcf", "xzxk"):
        return [column for column in columns if column in WORKBOOK_HEADERS]
    return columns


@dataclass(slots=True)
class Tables:
    """Rows by kind, in the current columns."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {kind: [] for kind in COLUMNS})

    def add(self, kind: str, *values: Value) -> Row:
        """A row by the order of the kind's columns; what is missing at the end is empty."""
        columns = COLUMNS[kind].split()
        row = dict(zip(columns, (*values, *[None] * (len(columns) - len(values))), strict=True))
        self.rows[kind].append(row)
        return row
