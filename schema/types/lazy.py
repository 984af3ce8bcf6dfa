"""Types that refer to each other, by name, so that modules need not import in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.types.contract import Contract
    from schema.types.effect import Effect, NotReached, Penetration
    from schema.types.person import Person, Role
    from schema.types.recognition import RegionAnswer, RegionReceipt
    from schema.types.record import Record
    from schema.types.relation import Relation
    from schema.types.subject import Commitment, Rating, Subject

LazySubject = Annotated["Subject", strawberry.lazy("schema.types.subject")]
LazyCommitment = Annotated["Commitment", strawberry.lazy("schema.types.subject")]
LazyRating = Annotated["Rating", strawberry.lazy("schema.types.subject")]
LazyPerson = Annotated["Person", strawberry.lazy("schema.types.person")]
LazyRole = Annotated["Role", strawberry.lazy("schema.types.person")]
LazyRecord = Annotated["Record", strawberry.lazy("schema.types.record")]
LazyContract = Annotated["Contract", strawberry.lazy("schema.types.contract")]
LazyEffect = Annotated["Effect", strawberry.lazy("schema.types.effect")]
LazyRelation = Annotated["Relation", strawberry.lazy("schema.types.relation")]
LazyRegionReceipt = Annotated["RegionReceipt", strawberry.lazy("schema.types.recognition")]
LazyRegionAnswer = Annotated["RegionAnswer", strawberry.lazy("schema.types.recognition")]
LazyNotReached = Annotated["NotReached", strawberry.lazy("schema.types.effect")]
LazyPenetration = Annotated["Penetration", strawberry.lazy("schema.types.effect")]
