"""The API as a subgraph of Apollo Federation 2: a gateway joins other services to subjects by their code.

Source: the Apollo Federation subgraph specification. The version linked stays at 2.9 or lower, since Hive's composer
refuses later ones. ``_entities`` is one batch like ``subjects``; ``_service`` is introspection by another name and is
answered only where introspection is.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import strawberry
from strawberry.federation.schema import FederationAny
from strawberry.types.scalar import ScalarDefinition

from schema.types.held import argument, held
from schema.types.subject import Subject

VERSION: Literal["2.9"] = "2.9"
"""Of the federation specification that the schema links to."""
KEYS: dict[str, str] = {"Subject": "code"}
"""Entity types with the field that a representation gives."""
SERVICE = "_service"
DEFINITIONS = """\
directive @key(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE

directive @link(url: String!, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA

directive @shareable repeatable on OBJECT | FIELD_DEFINITION

scalar federation__FieldSet

scalar link__Import

enum link__Purpose {
  SECURITY
  EXECUTION
}
"""
"""What the schema uses of the two specifications it links to, so that tools which know neither can read the text."""

Entity = Annotated[
    Subject, strawberry.union("_Entity", description="What a gateway may ask for by its key 网关可按键查询的实体")
]


@strawberry.type(name="_Service", description="The schema of this subgraph, for composition 子图接口定义")
class Service:
    sdl: str = strawberry.field(description="schema definition language text, only where introspection is on 接口定义")


def _service() -> Service:
    from schema.types.build import sdl

    return Service(sdl=sdl())


@strawberry.type(description="What gateways ask 网关查询")
class SubgraphQuery:
    entities: list[Entity | None] = held(
        "for gateways: subjects by their code, in the order asked; null for an unknown or wrong code 供网关查询",
        "_entities",
        representations=argument(list[FederationAny], "at most 1000 of {__typename, code} 最多一千个"),
    )
    service: Service = strawberry.field(
        resolver=_service,
        name=SERVICE,
        description="for gateways: the schema, only where introspection is on 供网关组合",
    )


def parse_representation(value: Any) -> dict[str, Any]:
    """One representation as a gateway sends it. Raises ValueError; what it names is judged with the whole batch."""
    if not isinstance(value, dict) or not isinstance(value.get("__typename"), str):
        raise ValueError(
            'a representation is an object such as {"__typename": "Subject", "code": "…"} 实体表示格式不对'
        )
    return value


def _as_given(value: Any) -> Any:
    return value


def federation_scalars() -> dict[object, Any]:
    """``_Any`` with its meaning, instead of the library's, which takes everything."""
    definition: ScalarDefinition = strawberry.scalar(
        name="_Any",
        description="A representation of an entity: __typename and the fields of its key. 实体表示",
        serialize=_as_given,
        parse_value=parse_representation,
    )
    return {FederationAny: definition}
