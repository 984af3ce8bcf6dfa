"""Load runs, as the loader left them."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from graph_loaders.reader.columns import Column
from graph_loaders.reader.composer import Composer, Maker, Node, TypeFields
from graph_loaders.reader.makers import instant_text, node_id, prop, text
from graph_loaders.reader.reading import Reading
from schema.selection import Select


def _counts(part: str) -> Maker:
    """Counts by reason over all files of the run's report (JSON text), in order of reason."""

    def make(_composer: Composer, node: Node, select: Select) -> Column:
        fields = [(child.key, child.name) for child in select.children]

        def convert(value: Any, _reading: Reading) -> Any:
            counts: Counter[str] = Counter()
            for file in (json.loads(value).get("files") or {}).values() if value else ():
                counts.update(file.get(part) or {})
            return [
                {key: {"reason": reason, "count": counts[reason]}.get(name, select.type) for key, name in fields}
                for reason in sorted(counts)
            ]

        return Column(f"{node.variable}.report", convert)

    return make


LOAD_RUN = TypeFields(
    fields={
        "id": node_id("LoadRun", "id"),
        "run": prop("id"),
        "kind": text("kind"),
        "source": text("source"),
        "sha256": text("source_sha256"),
        "startedAt": prop("started_at", instant_text),
        "finishedAt": prop("finished_at", instant_text),
        "rows": prop("rows"),
        "accepted": prop("accepted"),
        "duplicates": prop("duplicates"),
        "quarantined": prop("quarantined"),
        "reasons": _counts("quarantined"),
        "warnings": _counts("warnings"),
    }
)
