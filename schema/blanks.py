"""What sources write where there is nothing: one list for every column by which facts are told apart. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

NOTHING = frozenset(
    (
        *(
            "无",
            "没有",
            "空",
            "空白",
            "空值",
            "无文号",
            "无编号",
            "无号",
            "无案号",
            "无代码",
            "无证号",
            "未编号",
            "未编",
        ),
        *(
            "无此项",
            "不适用",
            "不涉及",
            "N/A",
            "NA",
            "N.A.",
            "N.A",
            "NULL",
            "NONE",
            "NIL",
            "\\N",
            "NO",
            "EMPTY",
            "BLANK",
        ),
    )
)
"""There is none. Compared in half width and upper case, without blanks and without what stands around."""

UNKNOWN = frozenset(
    (
        *("暂无", "暂缺", "缺", "缺失", "缺省", "未填", "未填写", "未填报", "未提供", "未录入", "未注明", "未载明"),
        *(
            "待补",
            "待补充",
            "待补录",
            "待定",
            "待填",
            "待填写",
            "待核实",
            "待查",
            "暂未编号",
            "尚无",
            "不详",
            "未知",
            "不明",
        ),
        *(
            "略",
            "同上",
            "见附件",
            "详见附件",
            "NAN",
            "NAT",
            "UNDEFINED",
            "UNKNOWN",
            "TBD",
            "TBA",
            "FALSE",
            "#N/A",
            "#VALUE",
        ),
        *("#REF", "#NAME", "#NULL", "#DIV/0", "#NUM"),
    )
)
"""There may be one, which is not told."""

_AROUND = "()[]{}<>〈〉《》【】〔〕\"'“”‘’`.。,;:!?"


def is_blank(text: str) -> bool:
    """True for a text that says that there is nothing: one of the words above, or neither letter nor digit (/ -- *)."""
    return len(text) <= _LONGEST and not _SAYS.search(text) and _is_blank(text)


def is_nothing(text: str) -> bool:
    """True where the text says that there is none, not where it leaves open what there is: for amounts."""
    return is_blank(text) and plain(text) not in UNKNOWN


def is_blank_key(text: str) -> bool:
    """The same for a number or code, where nought (0, 000, 0.0) is nothing too."""
    if len(text) > _LONGEST or _SAYS.search(text):
        return False
    return _is_blank(text) or not plain(text).strip("0.-/:")


_LONGEST = 64  # characters; longer texts always say something
_SAYS = re.compile("[1-9\uff11-\uff19]")


@lru_cache(maxsize=4096)
def _is_blank(text: str) -> bool:
    bare = plain(text)
    return bare in NOTHING or bare in UNKNOWN or not any(map(str.isalnum, bare))


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Half width, upper case, without blanks and invisible characters and without what stands around it."""
    wide = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in wide if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc", "Mn")).strip(
        _AROUND
    )
