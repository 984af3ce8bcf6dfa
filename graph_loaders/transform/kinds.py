"""One line for each kind of file: its columns in reading order, its reader, and what the facts are in the graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graph_loaders.transform import conduct, decisions, endings, organisations, penalties
from graph_loaders.transform.reading import Parsed, Reading
from schema.records import FileKind

RowReader = Callable[[Reading, list[Any], int], Parsed]


@dataclass(frozen=True, slots=True)
class Kind:
    """``label`` of the facts ("" where rows give roles only); ``named``: names are compared with the registry.

    ``pair``: columns that say what a row is about; rows that agree in them and differ in the first there is of
    ``pair_value`` (in anything, where it names none) are compared in full. ``clash`` is the reason when they contradict
    each other, ``shown`` the columns of which the first there is tells of it; ``parts``: they do not, but are several
    parts of one (subscriptions of one holder).
    """

    columns: tuple[str, ...]
    read: RowReader
    label: str
    named: bool = False
    pair: tuple[str, ...] = ()
    pair_value: tuple[str, ...] = ()
    clash: str = "conflicting_duplicate"
    shown: tuple[str, ...] = ()
    parts: bool = False


KINDS: dict[FileKind, Kind] = {
    "registry": Kind(
        organisations.REGISTRY,
        organisations.registry_row,
        "SubjectState",
        pair=("code",),
        pair_value=("name",),
        clash="code_conflict",
        shown=("name",),
    ),
    "shareholders": Kind(
        organisations.SHAREHOLDERS,
        organisations.shareholder_row,
        "",
        pair=("code", "holder_number"),
        shown=("share",),
        parts=True,
    ),
    "xzcf": Kind(
        penalties.PENALTIES,
        penalties.penalty_row,
        "Record",
        named=True,
        pair=("document", "code"),
        shown=("fine", "content"),
    ),
    "xzxk": Kind(decisions.LICENCES, decisions.licence_row, "Record", named=True),
    "lists": Kind(decisions.LISTS, decisions.list_row, "Record", named=True),
    "repairs": Kind(endings.REPAIRS, endings.repair_row, "Ending"),
    "lifts": Kind(endings.LIFTS, endings.lift_row, "Lift"),
    "contracts": Kind(conduct.CONTRACTS, conduct.contract_row, "Contract"),
    "commitments": Kind(conduct.COMMITMENTS, conduct.commitment_row, "Commitment", named=True),
    "ratings": Kind(conduct.RATINGS, conduct.rating_row, "Rating"),
    "complaints": Kind(conduct.COMPLAINTS, conduct.complaint_row, "Complaint"),
}
PERSON_COLUMNS = frozenset(("representative_number", "person_number"))
