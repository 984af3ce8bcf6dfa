"""Arguments of one request: coerced by graphql-core, made plain, checked against the limits of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

from graphql import GraphQLError, get_argument_values
from graphql.execution.values import VariableValues

from hub.graphql.faults import PlacedError
from hub.graphql.limits import Limits
from hub.graphql.plan import Asked
from schema.errors import FieldNotAllowed, HubError, LimitExceeded, UsageError
from schema.types.subgraph import KEYS

RANGES: dict[str, tuple[int, int]] = {"first": (1, 200), "depth": (1, 3), "limit": (1, 500), "maxHops": (1, 6)}
CODES = 1000


def plain(value: Any) -> Any:
    """Enum members by their value, so that what the graph gets is JSON-like (and instants)."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


def coerce(asked: Iterable[Asked], variables: VariableValues, limits: Limits) -> dict[int, Mapping[str, Any]]:
    """This request's arguments by ``Select.index``. Raises PlacedError with the field that asks wrongly."""
    found: dict[int, Mapping[str, Any]] = {}
    for one in asked:
        values = one.constant
        if values is None:
            try:
                values = plain(get_argument_values(one.definition, one.node, variables))
            except GraphQLError as error:
                raise PlacedError(
                    UsageError(error.message, hint="give the argument 请填写参数"), one.path, [one.node]
                ) from None
        problem = _problem(one, values, limits)
        if problem is not None:
            raise PlacedError(problem, one.path, [one.node])
        found[one.index] = values
    return found


def _problem(one: Asked, values: Mapping[str, Any], limits: Limits) -> HubError | None:
    for name in one.forbidden:
        if _given(name, values):
            return FieldNotAllowed(
                f"{one.name} may not be asked by {name}: its scopes do not open that field",
                hint="leave it out, or ask with another scope; see docs/scopes.md 请去掉该条件或更换权限",
                message_zh=f"无权按 {name} 查询",
            )
    for name, (low, high) in RANGES.items():
        number = values.get(name)
        if number is not None and not low <= number <= high:
            return UsageError(
                f"{name} is {number}: it must be from {low} to {high}",
                hint="ask page by page with after 请分页查询"
                if name == "first"
                else "give a number in the range 请调整数值",
                message_zh=f"{name} 须在 {low} 至 {high} 之间",
            )
    if one.owner == "Query":
        problem = _root_problem(one.name, values)
        if problem is not None:
            return problem
    return _too_long(values, limits)


def _root_problem(name: str, values: Mapping[str, Any]) -> HubError | None:
    if name == "subjects" and len(values["codes"]) > CODES:
        return UsageError(
            f"subjects takes at most {CODES} codes, not {len(values['codes'])}",
            hint="ask in several questions 请分批查询",
            message_zh=f"一次最多查询 {CODES} 个代码",
        )
    if name == "_entities":
        return _representations_problem(values["representations"])
    if name == "penetration" and (values.get("subject") is None) == (values.get("person") is None):
        return UsageError(
            "penetration takes exactly one of subject and person",
            hint="give one of them 请只填写其中一个",
            message_zh="subject 与 person 须且只能填写一个",
        )
    return None


def _representations_problem(representations: Sequence[Mapping[str, Any]]) -> HubError | None:
    """What no gateway that composed this schema sends. A code that is null or wrong is an unknown one."""
    if len(representations) > CODES:
        return UsageError(
            f"_entities takes at most {CODES} representations, not {len(representations)}",
            hint="ask in several questions 请分批查询",
            message_zh=f"一次最多查询 {CODES} 个实体",
        )
    for place, given in enumerate(representations):
        key = KEYS.get(given["__typename"])
        if key is None:
            return UsageError(
                f"representations[{place}] is of type {given['__typename'][:80]!r}, which is no entity here",
                hint=f"ask for {' or '.join(KEYS)} 请检查 __typename",
                message_zh="实体类型不存在",
            )
        if key not in given or not isinstance(given[key], str | None):
            return UsageError(
                f"representations[{place}] has no {key}, or one that is not text",
                hint=f"give {{__typename, {key}}} 请填写实体的键",
                message_zh="实体缺少键",
            )
    return None


def _given(name: str, values: Mapping[str, Any]) -> bool:
    argument, _, field = name.partition(".")
    value = values.get(argument)
    if not field:
        return value is not None
    return isinstance(value, Mapping) and field in value


def _too_long(values: Mapping[str, Any], limits: Limits) -> LimitExceeded | None:
    stack: list[Any] = [values]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            if len(value) > limits.string:
                return LimitExceeded(
                    f"a text is longer than {limits.string} characters",
                    hint="shorten it 请缩短文本",
                    message_zh="文本过长",
                )
        elif isinstance(value, Mapping):
            stack.extend(value.values())
        elif isinstance(value, list):
            if len(value) > CODES:
                return LimitExceeded(
                    f"a list is longer than {CODES} items",
                    hint="ask in several questions 请分批查询",
                    message_zh="列表过长",
                )
            stack.extend(value)
    return None
