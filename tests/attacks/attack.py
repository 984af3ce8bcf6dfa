"""What an attack is: an id, what is tried, the rule that must hold, and a function that fails where it does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.attacks.attacker import Attacker

Run = Callable[["Attacker"], Awaitable[str]]
"""What was seen, in a few words. Raises AssertionError where the attack succeeded, Skipped where it cannot be made."""


class Skipped(Exception):
    """This hub or this client does not allow the attack to be tried."""


@dataclass(frozen=True, slots=True)
class Attack:
    id: str
    title: str
    title_zh: str
    run: Run
    needs_client: bool


ATTACKS: dict[str, Attack] = {}


def attack(identifier: str, title: str, title_zh: str, *, client: bool = False) -> Callable[[Run], Run]:
    """Registers an attack. ``client``: it is made by a registered client with ``credit:mutual`` (and perhaps more)."""

    def register(run: Run) -> Run:
        assert identifier not in ATTACKS, identifier
        ATTACKS[identifier] = Attack(identifier, title, title_zh, run, client)
        return run

    return register
