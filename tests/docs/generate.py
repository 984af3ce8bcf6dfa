"""``python -m tests.docs.generate``: writes the pages of docs/ that are made from the code (``make docs``)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hub.graphql.scopes_page import scopes_page
from schema.types.build import build_schema, sdl
from tests.attacks.catalogue import attacks_page
from tests.docs.cli_page import cli_page
from tests.docs.errors_page import errors_page
from tests.docs.files_page import files_page
from tests.docs.policy_keys_page import policy_keys_page
from tests.docs.sbom import licences_page
from tests.docs.settings_page import settings_page

DOCS = Path(__file__).resolve().parents[2] / "docs"


def _scopes() -> str:
    return scopes_page(build_schema()._schema)


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "cli.md": cli_page,
    "files.md": files_page,
    "scopes.md": _scopes,
    "errors.md": errors_page,
    "policy-keys.md": policy_keys_page,
    "licences.md": licences_page,
    "schema.graphql": sdl,
    "attacks.md": attacks_page,
}


def main() -> None:
    for name, make in PAGES.items():
        path = DOCS / name
        text = make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"docs/{name} is new")


if __name__ == "__main__":
    main()
