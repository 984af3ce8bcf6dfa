"""How a file is understood: its container, kind and header, and what each of its columns is read as."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Any

from graph_loaders.file_kinds.columns import TYPES, file_kinds
from graph_loaders.sources import Broken, Source, open_rows
from graph_loaders.sources.cells import unreadable
from graph_loaders.sources.kinds import is_doubtful
from graph_loaders.transform.kinds import PERSON_COLUMNS
from schema.masking import mask_person_ids

LOOKED_AT = 1_000  # rows
_LONGEST = 40


def explain(source: Source) -> dict[str, Any]:
    """What ``load --explain`` says of one source. Values shown are the first ones, persons' numbers hidden."""
    known = {column.name: column for column in file_kinds()[source.kind].columns}
    names = {place: name for name, place in source.columns.items()}
    names |= {place: name for name, places in source.twins.items() for place in places}
    first: dict[int, str] = {}
    filled: Counter[int] = Counter()
    without: Counter[int] = Counter()
    broken: Counter[str] = Counter()
    rows = 0
    for row in islice(open_rows(source), LOOKED_AT):
        rows += 1
        if isinstance(row, Broken):
            broken[row.reason] += 1
            continue
        for place, cell in enumerate(row[: len(source.headers)]):
            if unreadable(cell):
                without[place] += 1
            elif cell != "":
                filled[place] += 1
                first.setdefault(place, str(cell))
    columns = []
    for place, header in enumerate(source.headers):
        name = names.get(place)
        told = known.get(name) if name else None
        entry: dict[str, Any] = {
            "header": header,
            "column": name,
            "meaning": f"{told.meaning_zh} {told.meaning}" if told else None,
            "type": " ".join(TYPES[told.type]) if told else None,
            "filled": filled[place],
            "unreadable": without[place],
            "first": _shown(name, first.get(place, "")),
        }
        if name and name != "share" and name in source.factors:
            entry["cny_per_unit"] = source.factors[name]
        if name is None:
            entry["doubtful"] = is_doubtful(header)
        columns.append(entry)
    return {
        "path": source.place,
        "kind": source.kind,
        "container": source.container,
        "encoding": source.encoding if source.container in ("csv", "json", "jsonl", "html", "spreadsheetml") else None,
        "delimiter": source.delimiter if source.container == "csv" else None,
        "sheet": source.sheet or None,
        "hidden": source.out_of_sight,
        "since_1904": source.since_1904,
        "header_row": source.header_row,
        "profile": source.profile,
        "rows_looked_at": rows,
        "broken": dict(broken),
        "missing": [name for name in known if name not in source.columns],
        "columns": columns,
    }


def _shown(name: str | None, value: str) -> str:
    if name in PERSON_COLUMNS or name == "holder_number":
        return "*" * min(len(value), 18)
    return mask_person_ids(" ".join(value.split()), free=True)[:_LONGEST]
