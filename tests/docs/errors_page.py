"""docs/errors.md: every code that an answer can carry, found in the tree of errors itself."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from schema.errors import HubError

PACKAGES = ("schema", "policies", "graph_loaders", "federation", "hub")
IN_ANSWERS = {"NOT_FOUND": 200}  # of one item of a batch; the question itself is answered

MEANING: dict[str, tuple[str, str]] = {
    "BAD_USER_INPUT": ("the document, a value or an address does not fit; the hint says what would", "输入有误"),
    "CASE_REQUIRED": ("`credit:investigate` needs `Credit-Case`; inside GraphQL 200 with `data: null`", "缺少案号"),
    "CONFLICT": ("the thing has moved on; the message says what it is now; inside GraphQL 200", "状态已变"),
    "FIELD_NOT_ALLOWED": ("a closed field in a filter, order or argument; `data: null`", "无权按该字段查询"),
    "GRAPH_UNAVAILABLE": ("the graph does not answer; signed and logged; ask again", "图数据库不可用"),
    "IDEMPOTENCY_KEY_IN_USE": ("a request under this key is still running; send it again", "幂等键处理中"),
    "IDEMPOTENCY_KEY_REQUIRED": ("a mutation needs one `Idempotency-Key`", "缺少幂等键"),
    "IDEMPOTENCY_KEY_REUSED": ("the key was used for another request", "幂等键重复使用"),
    "INSUFFICIENT_SCOPE": ("the token does not reach it; also the reason of `withheld`", "权限不足"),
    "INTERNAL": ("a fault of the hub; the message has an id that its log has too", "内部错误"),
    "LEDGER_UNAVAILABLE": ("the ledger cannot be written, so nothing is answered; unsigned", "账本不可用"),
    "LIMIT_EXCEEDED": ("too much at once: cost, size, rate (`Retry-After`), page", "超出上限"),
    "NOT_FOUND": ("nothing is held under this code or id; of one item, the others are answered", "未找到"),
    "NOT_POSSIBLE": ("a rule forbids it, `extensions.reasons`; inside GraphQL 200", "规则不允许"),
    "NOT_TRUSTED_DOCUMENT": ("not on the client's list of documents", "不在清单内"),
    "PERSONS_NOT_EXCHANGED": ("a neighbouring hub asks about more persons than it had exchanged", "人员令牌未经交换"),
    "PERSONS_PENDING": ("not all persons are exchanged with the neighbouring hub yet; it asks again", "人员令牌交换中"),
    "PURPOSE_REQUIRED": ("a field needs a `Credit-Purpose` that fits its scope", "缺少用途"),
    "REFUSED": ("the answer is no; the message says why", "被拒绝"),
    "SERVICE_UNAVAILABLE": ("a needed service is missing or stopped", "所需服务不可用"),
    "TIMEOUT": ("a root field took too long; the others are answered", "超时"),
    "UNAUTHENTICATED": ("no valid token or proof; `WWW-Authenticate` says what is wrong", "未认证"),
}

_HEAD = """# Error codes 错误码

This page is made from the code's tree of errors (`make docs`); a test compares the two. 本页由代码生成。

Inside GraphQL: `errors[] {message, locations, path, extensions {code, hint}}`; outside: RFC 9457
`application/problem+json` with `code` and `hint`. Every message is in English and Chinese, every hint says what to do
next. On the command line the same errors are one line, with the exit codes of [cli.md](cli.md).
错误信息含中英文，hint 说明如何处理。

| code 错误码 | HTTP | meaning 含义 |
|---|---|---|
"""


def codes() -> dict[str, set[int]]:
    """Every code with the statuses that it comes with."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found: dict[str, set[int]] = {code: {status} for code, status in IN_ANSWERS.items()}
    for error in (HubError, *_below(HubError)):
        found.setdefault(error.code, set()).add(error.status)
    return found


def _below(kind: type[HubError]) -> Iterator[type[HubError]]:
    for child in kind.__subclasses__():
        if child.__module__.partition(".")[0] in PACKAGES:
            yield child
        yield from _below(child)


def errors_page() -> str:
    rows = []
    for code, statuses in sorted(codes().items()):
        english, chinese = MEANING[code]
        rows.append(f"| `{code}` | {', '.join(map(str, sorted(statuses)))} | {english} {chinese} |\n")
    return _HEAD + "".join(rows)
