"""The schema as a whole."""

from __future__ import annotations

from functools import cache

import strawberry
from strawberry.federation import Schema
from strawberry.schema.config import StrawberryConfig

from schema.types.contract import Contract
from schema.types.mutation import Mutation
from schema.types.person import Person
from schema.types.query import Query
from schema.types.record import Record
from schema.types.scalars import scalar_map
from schema.types.subgraph import DEFINITIONS, VERSION, federation_scalars
from schema.types.subject import Subject


@cache
def build_schema() -> strawberry.Schema:
    """The one schema of this API; building it takes a moment, so it is built once in a process."""
    return Schema(
        query=Query,
        mutation=Mutation,
        types=[Contract, Person, Record, Subject],
        config=StrawberryConfig(scalar_map=scalar_map(), disable_field_suggestions=True),
        scalar_overrides=federation_scalars(),
        federation_version=VERSION,
    )


@cache
def sdl() -> str:
    """The schema definition language text, as committed in docs/schema.graphql."""
    return f"{build_schema().as_str()}\n\n{DEFINITIONS}"
