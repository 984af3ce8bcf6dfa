"""What is published of the API is what the code says."""

from __future__ import annotations

from pathlib import Path

from graphs import schema

from hub.graphql.scopes_page import scopes_page
from schema.types.build import sdl

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_committed_schema_is_the_schema() -> None:
    assert (DOCS / "schema.graphql").read_text(encoding="utf-8") == sdl(), "run make docs"


def test_the_page_of_scopes_is_made_from_the_table() -> None:
    assert (DOCS / "scopes.md").read_text(encoding="utf-8") == scopes_page(schema()), "run make docs"


def test_every_type_field_and_argument_is_described_in_english_and_chinese() -> None:
    missing = []
    for name, kind in schema().type_map.items():
        if name.startswith(("__", "link__", "_FieldSet")) or name in ("String", "Int", "Float", "Boolean", "ID"):
            continue
        described = {name: kind.description}
        for field, definition in getattr(kind, "fields", {}).items():
            described[f"{name}.{field}"] = definition.description
            described |= {f"{name}.{field}({a})": d.description for a, d in getattr(definition, "args", {}).items()}
        described |= {f"{name}.{value}": d.description for value, d in getattr(kind, "values", {}).items()}
        for place, text in described.items():
            if (
                not text
                or not any("\u4e00" <= c <= "\u9fff" for c in text)
                or not any(c.isascii() and c.isalpha() for c in text)
            ):
                missing.append(place)
    assert [place for place in missing if not place.endswith(("Connection", "Edge"))] == []


def test_the_page_of_the_api_names_the_limits_in_force() -> None:
    from hub.graphql.limits import Limits

    page = (DOCS / "api.md").read_text(encoding="utf-8")
    limits = Limits()
    table = page.split("## Limits")[1].split("## Trusted")[0]
    for number in (limits.tokens, limits.depth, limits.fields, limits.breadth, limits.aliases, limits.string):
        assert f"| {number} |" in table
    assert f"{limits.cost:,}".replace(",", " ") in table


async def test_the_first_question_of_the_page_is_answered() -> None:
    from asking import CODE, MUTUAL, post
    from graphs import HashGraph

    from hub.graphql.service import GraphQLService
    from schema.types.build import build_schema

    page = (DOCS / "api.md").read_text(encoding="utf-8")
    text = page.split("```graphql")[1].split("```")[0]
    answer = await post(GraphQLService(build_schema(), HashGraph()), MUTUAL, text, {"code": CODE})
    assert set(answer) == {"data", "status"}
