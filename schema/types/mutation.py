"""The root of mutations: one base class for each capability. Each field performs an act and reads what it made."""

from __future__ import annotations

import strawberry

from schema.types.commitment import CommitmentMutation
from schema.types.gate import GateMutation
from schema.types.objection import ObjectionMutation
from schema.types.repair import RepairMutation


@strawberry.type(description="Acts: each needs an Idempotency-Key, one field in a document 变更")
class Mutation(GateMutation, ObjectionMutation, RepairMutation, CommitmentMutation):
    pass
