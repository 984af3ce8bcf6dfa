"""Every address that the API page lists is routed, and every one that is routed is listed."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.routing import Route

from hub.app import create_app
from hub.settings import load_settings
from tests.docs.generate import DOCS

ADDRESS = re.compile(r"`(/[a-z.][^`\s]*)`")


def test_the_page_lists_the_addresses_that_are_there(tmp_path: Path) -> None:
    app = create_app(load_settings({"HUB_DATA": str(tmp_path), "HUB_GRAPHIQL": "1"}))
    routed = {re.sub(r"\{(\w+)(?::\w+)?\}", r"{\1}", route.path) for route in app.routes if isinstance(route, Route)}
    routed |= {path.partition("{")[0] for path in routed if not path.partition("{")[0].endswith("/")}
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    part = page.partition("## Other addresses")[2].partition("\n## ")[0]
    listed = set(ADDRESS.findall(part))
    below = {address.removesuffix("…") for address in listed if address.endswith("…")}
    assert {address for address in listed if not address.endswith("…")} - routed == set()
    assert {path for path in routed - listed if not path.startswith((*below, "/.well-known/oauth"))} == set()
