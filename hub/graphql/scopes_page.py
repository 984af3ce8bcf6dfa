"""docs/scopes.md, made from the field table, so that what is documented is what is enforced."""

from __future__ import annotations

from graphql import GraphQLObjectType, GraphQLSchema

from schema import scopes as s
from schema.fields import ARGUMENTS, FIELDS, SELF_ELSEWHERE, TABLE, THROUGH
from schema.visibility import rows_for

_HEAD = """# Scopes 权限范围

This page is made from `schema/fields.py` (`make docs`); a test compares the two. 本页由字段表生成。

Any of the scopes marked opens the field. There is no anonymous access. 任一所列权限即可读取；不提供匿名访问。

"""
_RULES = """## Purposes and cases 目的与案号

`credit:public` and `credit:operate` need no purpose. Every other scope counts only while the request's `Credit-Purpose`
is one of its own, and `credit:investigate` only with a `Credit-Case` as well; a scope that does not count opens neither
fields nor rows. A field that a held scope would open with its header is answered `PURPOSE_REQUIRED` or `CASE_REQUIRED`
with status 200 and `data: null`; `{ __typename }` needs neither. A hub of the directory may send the end client's
purpose under `credit:mutual`. 除公开与运维外，各权限须附相应目的；调查另须案号。

"""
_CLOSED = """## What is closed 无权字段

- In a selection: `null`, named once in `extensions.withheld` as `{{path, reason, scope}}`; `path` has response keys
  without indices, `scope` what would open it, `reason` is `INSUFFICIENT_SCOPE` or `OTHER_SUBJECT`.
  选取无权字段得 null 并列明。
- In a filter or another argument: `FIELD_NOT_ALLOWED` and no data. 以无权字段筛选将被拒绝。
- Rows are left out without a mark, since a mark would tell of them: 无权记录不显示且不提示：

| rows 记录 | seen with 可见权限 |
|---|---|
| adverse records that are EXPIRED or REPAIRED; void ones when asked for 已到期、已修复及无效的不良记录 | {ended} |
| penalties of tier 轻微 轻微处罚 | {light} |
| records with an unknown tier, status or use scope 程度、状态等含义未明的记录 | {doubtful} |
| restricted by the source (信息使用范围): shared among government departments 仅政府部门共享 | {shared} |
| … on the subject's authorisation only 仅授权查询 | {authorised} |
| … for the city's own platform only 仅限本级 | {internal} |
| all other records 其他记录 | {all} |

## `credit:self` 本主体

A token is bound to one subject. It opens `subject`, `subjects`, `records`, `contracts` and `node` where they ask about
that subject and nobody else; of other subjects that its own data mention it opens {elsewhere}. 仅限本主体。

"""


def scopes_page(schema: GraphQLSchema) -> str:
    """The page as committed."""
    shown = [scope for scope in s.SCOPES if scope not in (s.LOAN, s.UNMASK)]
    lines = list(_lines(schema))
    shown = [scope for scope in shown if any(scope in rule for _, rule in lines)]
    parts = [_HEAD, _scope_table(), _role_table(), _RULES, _closed(), "## Fields 字段\n\n"]
    parts.append("| field 字段 | " + " | ".join(f"`{scope.removeprefix('credit:')}`" for scope in shown) + " |\n")
    parts.append("|---|" + "---|" * len(shown) + "\n")
    for name, rule in lines:
        marks = " | ".join("✓" if scope in rule else "" for scope in shown)
        parts.append(f"| `{name}` | {marks} |\n")
    parts.append("\nTypes that are not listed are part of what holds them. 未列出的类型随其所属字段开放。\n")
    parts.append("`credit:loan` opens none of these. `credit:unmask` shows full names, together with ")
    parts.append("`credit:investigate`; everybody else sees masked ones. 默认姓名掩码。\n\n")
    parts.append("## Arguments 参数\n\n| argument 参数 | asks by 对应字段 |\n|---|---|\n")
    parts.extend(f"| `{name}` | `{field}` |\n" for name, field in ARGUMENTS.items())
    return "".join(parts)


def _scope_table() -> str:
    lines = ["| scope 权限 | for 用途 | purposes 目的 |\n|---|---|---|\n"]
    for scope, (english, chinese) in s.SCOPES.items():
        purposes = " ".join(f"`{p}`" for p in s.PURPOSES_OF_SCOPE[scope]) or "–"
        lines.append(f"| `{scope}` | {english} {chinese} | {purposes} |\n")
    return "".join(lines) + "\n"


def _role_table() -> str:
    text = "## People 人员\n\nPeople [sign in](signing-in.md); their scopes are those of their role. "
    text += "人员登录后按角色取得权限。\n\n"
    lines = ["| role 角色 | who 说明 | scopes 权限 |\n|---|---|---|\n"]
    for name, role in s.ROLES.items():
        scopes = " ".join(f"`{scope}`" for scope in role.scopes)
        lines.append(f"| `{name}` | {role.english} {role.chinese} | {scopes} |\n")
    return text + "".join(lines) + "\n"


def _closed() -> str:
    def who(attribute: str) -> str:
        scopes = [scope for scope in s.SCOPES if getattr(rows_for(frozenset({scope})), attribute)]
        return " ".join(f"`{scope}`" for scope in scopes if scope not in (s.LOAN, *s.OF_PEOPLE))

    def uses(use: str) -> str:
        return " ".join(f"`{scope}`" for scope in s.SCOPES if use in rows_for(frozenset({scope})).uses)

    elsewhere = ", ".join(f"`{name}`" for name in sorted(SELF_ELSEWHERE))
    return _CLOSED.format(
        ended=who("ended"),
        light=who("light"),
        doubtful=who("doubtful"),
        shared=uses("SHARED"),
        authorised=uses("AUTHORISED"),
        internal=uses("INTERNAL"),
        all="all 全部",
        elsewhere=elsewhere,
    )


def _lines(schema: GraphQLSchema) -> list[tuple[str, frozenset[str]]]:
    """Every field that has a rule; fields of one type with one rule share a line."""
    lines: list[tuple[str, frozenset[str]]] = []
    for type_name in dict.fromkeys(line.split(".")[0] for line in FIELDS):
        kind = schema.type_map[type_name]
        assert isinstance(kind, GraphQLObjectType)
        by_rule: dict[frozenset[str], list[str]] = {}
        for field in kind.fields:
            by_rule.setdefault(TABLE.opening(type_name, field) or frozenset(), []).append(field)
        for rule, fields in by_rule.items():
            if type_name == "Query":
                lines.extend((f"Query.{field}", rule) for field in fields if rule)
            else:
                lines.append((f"{type_name}: {' '.join(fields)}", rule))
    lines.extend((f"{via} → {field}", rule) for (via, field), rule in THROUGH.items())
    return lines
