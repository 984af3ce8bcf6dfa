"""``python -m tests.vectors.generate``: writes ``docs/vectors/*.json`` from the code; the same bytes every time."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.vectors.ledger import receipt_vector, witness_vector
from tests.vectors.messages import behalf_vector, digests, request_vector, response_vector
from tests.vectors.persons import persons_vector
from tests.vectors.statements import digest_vector, directory_vector, feed_vector
from tests.vectors.world import keys, world

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "vectors"


async def vectors() -> dict[str, str]:
    """File names and their texts."""
    with world() as (a, b):
        made: dict[str, Any] = {
            "keys": keys(),
            "content-digest": digests(),
            "request-signature": request_vector(a, b),
            "response-signature": response_vector(a, b),
            "on-behalf-of": behalf_vector(a, b),
            "receipt": receipt_vector(b),
            "witness": await witness_vector(a, b),
            "feed": feed_vector(b),
            "membership-digest": digest_vector(a, b),
            "directory": directory_vector(a, b),
            "person-tokens": persons_vector(),
        }
    return {f"{name}.json": json.dumps(one, ensure_ascii=False, indent=1) + "\n" for name, one in made.items()}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in asyncio.run(vectors()).items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"docs/vectors/{name} is new")


if __name__ == "__main__":
    main()
