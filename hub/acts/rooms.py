"""Every room there is. A new capability adds its own here, and nothing anywhere else in this package."""

from __future__ import annotations

from hub.acts import commitments, gate, objections, repairs
from hub.acts.room import Room

ROOMS: tuple[Room, ...] = (gate.ROOM, objections.ROOM, repairs.ROOM, commitments.ROOM)
