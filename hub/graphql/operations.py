"""Which operation of a document a request means, and whether its method and variables may be taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import GraphQLError, OperationDefinitionNode, OperationType

from hub.graphql import faults
from hub.graphql.documents import Document, InvalidDocument
from hub.graphql.limits import Limits, exceeded
from hub.graphql.requests import GraphQLRequest, WrongMethod


def select_operation(document: Document, request: GraphQLRequest) -> OperationDefinitionNode:
    """The operation to run, as graphql-core chooses and words it. Raises InvalidDocument, WrongMethod."""
    operation = find_operation(document.operations, request.operation_name)
    check_method(operation, request)
    if operation is None:
        name = request.operation_name
        message = (
            f"Unknown operation named '{name[:200]}'."
            if name
            else "Must provide operation name if query contains multiple operations."
        )
        raise InvalidDocument([faults.of_graphql(GraphQLError(message), unexpected=False)])
    return operation


def find_operation(operations: Iterable[OperationDefinitionNode], name: str | None) -> OperationDefinitionNode | None:
    if name is None:
        operations = list(operations)
        return operations[0] if len(operations) == 1 else None
    return next((node for node in operations if node.name is not None and node.name.value == name), None)


def check_method(operation: OperationDefinitionNode | None, request: GraphQLRequest) -> None:
    if request.is_get and operation is not None and operation.operation is not OperationType.QUERY:
        raise WrongMethod(
            "only queries are answered by GET", hint="send it by POST 请改用 POST", message_zh="GET 只接受查询"
        )


def check_size(variables: dict[str, Any], limits: Limits) -> None:
    """Bounds what variables bring, before anything is coerced (and quoted in messages)."""
    count, stack = 0, [variables]
    while stack:
        value: Any = stack.pop()
        count += 1
        if count > limits.values:
            raise exceeded("values in variables", limits.values, "变量值数量")
        if isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
        elif isinstance(value, str) and len(value) > limits.string:
            raise exceeded("characters in one text", limits.string, "文本长度")
