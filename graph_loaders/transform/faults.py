"""Why a row is set aside, and what to do about it, in English and Chinese."""

from __future__ import annotations

HINTS: dict[str, tuple[str, str]] = {
    "missing_uscc": ("give the unified social credit code of the subject", "请补填统一社会信用代码"),
    "bad_uscc_check": (
        "the code's check character or form is wrong (GB 32100): look it up again",
        "统一社会信用代码校验不通过，请核对",
    ),
    "bad_org_code_check": (
        "characters 9–17 fail the GB 11714 check: look the code up again",
        "组织机构代码（第9–17位）校验不通过，请核对",
    ),
    "bad_uscc_prefix": (
        "no such registration department, category or region (GB 32100, GB/T 2260): look the code up again",
        "登记管理部门、机构类别或行政区划代码不存在，请核对",
    ),
    "citizen_number": (
        "a citizen number stands where none belongs: natural persons are not kept here; put it right and load again",
        "此列出现公民身份号码，自然人信息不予记录，请更正后重新加载",
    ),
    "bad_person_id_check": (
        "the identification number is missing or fails the GB 11643 check",
        "证件号码缺失或校验不通过，请核对",
    ),
    "unparsable_date": ("give a calendar date such as 2026-01-31", "日期无法识别，请按 YYYY-MM-DD 填写"),
    "future_decision_date": (
        "the decision is dated after today: correct the date or load later",
        "决定日期晚于今天，请核对",
    ),
    "non_numeric_amount": ("give the amount as a number", "金额须为数字"),
    "foreign_currency": (
        "the amount is in another currency than CNY, and no rate is known: give it in CNY",
        "金额不是人民币，请折算后填报",
    ),
    "negative_amount": ("an amount cannot be below zero", "金额不能为负数"),
    "amount_out_of_range": ("the amount has too many digits: check the unit", "金额过大，请核对单位"),
    "publication_end_before_decision": (
        "publication ends before the decision: correct one of the dates",
        "公示截止期早于决定日期，请核对",
    ),
    "conflicting_duplicate": (
        "rows about the same decision or fact contradict each other: all of them wait for a correction",
        "关于同一决定或事实的记录相互矛盾，请核实",
    ),
    "code_conflict": ("one code under two names: both wait for a correction", "同一代码对应两个名称，请核实"),
    "broken_bytes": ("the row is not valid text in the file's encoding: export it again", "行内编码有误，请重新导出"),
    "broken_row": (
        "a stray quotation mark or control character: export the row again",
        "行内引号或控制字符有误，请重新导出",
    ),
    "broken_json": ("the line is not one JSON object", "该行不是一个 JSON 对象"),
    "ambiguous_column": (
        "the file has this header more than once, with different values: leave one of the columns out",
        "表头重复且取值不一致，请只保留一列",
    ),
    "ragged_row": ("the row has more or fewer cells than the header", "列数与表头不一致"),
    "formula_without_result": (
        "a formula whose result was never stored: open and save the workbook in Excel or WPS, then load it",
        "单元格为公式且未保存计算结果，请用 Excel 或 WPS 打开并保存后重新加载",
    ),
    "error_value": (
        "the cell shows an error such as #N/A: what it should say is not known; correct it",
        "单元格为错误值（如 #N/A），请更正",
    ),
    "merged_across": (
        "the cell is merged with others of its row, so that its own value is not known: unmerge and fill in",
        "单元格与同行其他单元格合并，无法确定其值，请取消合并后填写",
    ),
    "over_long_row": (
        "the row is longer than 128 kB: a line end or quotation mark is missing",
        "行过长，可能缺少换行或引号",
    ),
    "end_before_start": ("the end is before the start: correct one of the dates", "终止日期早于起始日期，请核对"),
    "bad_share": (
        "give the share in percent, from 0 to 100, with a % where it may be taken for a fraction",
        "持股比例须在 0 至 100% 之间，可能被当作小数的请带 %",
    ),
    "bad_score": ("give the score as a number", "分值须为数字"),
    "missing_document": ("give the number of the deciding document", "请补填文号"),
    "missing_number": ("give the number of the contract, commitment or case", "请补填编号"),
    "missing_name": ("give the name", "请补填名称"),
    "missing_list_type": ("give the name of the list", "请补填名单类型"),
    "unknown_ending": ("one of 到期, 信用修复, 异议更正, 撤销", "处理类型须为其中之一"),
    "unknown_subject_kind": ("one of 企业, 个体工商户, 事业单位, 社会组织, 机关", "主体类别须为其中之一"),
}

WARNINGS: dict[str, tuple[str, str]] = {
    "name_mismatch": ("the name given is not the registered one; the code decides", "名称与登记不一致，以代码为准"),
    "unknown_list_type": (
        "no policy pack knows this list; it is kept as adverse without force",
        "名单类型未在政策包中登记",
    ),
    "fine_not_stated": ("the text speaks of a fine without a sum", "文本有罚款但未写明金额"),
    "no_representative_number": (
        "no citizen number of 18 characters: the organisation is held, the representative is not",
        "缺少可用的公民身份号码：保留主体，未记录任职",
    ),
    "unknown_tier": (
        "no policy pack explains this wording of the tier; not shown to credit:public until one does",
        "失信程度写法未识别，明确前不对外公示",
    ),
    "unknown_status": (
        "no policy pack explains this status; not shown to credit:public until one does",
        "当前状态写法未识别，明确前不对外公示",
    ),
    "unclear_status": (
        "the source says that something is the matter, not what; not shown to credit:public",
        "来源标注为“其他”状态，明确前不对外公示",
    ),
    "unknown_use_scope": (
        "no policy pack explains this use scope; kept for this city's own platform only",
        "信息使用范围写法未识别，仅限本级平台使用",
    ),
    "status_revoked": ("revoked by the source's own status", "来源状态为撤销，按撤销处理"),
    "status_corrected": ("corrected by the source's own status", "来源状态为更正，按更正处理"),
    "status_repaired": ("repaired by the source's own status", "来源状态为已修复，按修复处理"),
    "status_ended": ("ended by the source's own status", "来源状态为失效或注销，按到期处理"),
    "status_objection": ("an objection is in progress, as the source's status says", "来源状态为异议处理中"),
    "other_version_held": (
        "another row about the same fact is held instead of this one",
        "同一事实另有记录，以另一条为准",
    ),
    "share_unknown": ("the share is not told; it is held as unknown", "持股比例未注明，按未知记录"),
    "optional_part_left_out": ("an optional part of the row cannot be read and is left out", "可选项无法识别，已略去"),
}


def hint(reason: str) -> str:
    """What to do about a reason, in both languages."""
    return " ".join(HINTS[reason])


class Fault(Exception):
    """The one fault for which a row is set aside. ``column`` is the kind's name of it; ``value`` is not yet masked.

    The order in which a row is looked at is the order of faults: readable at all, codes, persons, required texts,
    dates, future decision, amounts, order of dates, then what only two rows show together.
    """

    def __init__(self, column: str, reason: str, value: object = "") -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason
        self.value = value
