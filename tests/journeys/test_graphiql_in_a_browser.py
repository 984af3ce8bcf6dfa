"""The page GraphiQL in a real browser: a client with its key asks, and sees the answer and its receipt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browser_pipe import CHROMIUM, HOW, browser
from hub_process import running_hub

from hub.graphiql_link import make_link
from hub.graphiql_page import BUILT
from hub.settings import load_settings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason=HOW),
    pytest.mark.skipif(not (BUILT / "index.html").is_file(), reason="the page is not built: make graphiql"),
]


def test_a_client_asks_in_the_page_and_sees_the_receipt(tmp_path: Path) -> None:
    key = tmp_path / "client.jwk"
    data = tmp_path / "data"
    with running_hub(data, HUB_GRAPHIQL="1", HUB_INTROSPECTION="1", HUB_DPOP_NONCE="1") as hub:
        words = ["client", "add", "a page", "--scope", "credit:public", "--generate", str(key)]
        client = hub.facts(*words)["client_id"]
        with browser(tmp_path) as page:
            page.open(f"{hub.url}/graphiql")
            page.wait("document.querySelector('#access textarea')")
            page.fill("#access textarea", key.read_text())
            page.fill("#access [name=client]", client)
            page.fill("#access [name=scope]", "credit:public")
            page.run("document.querySelector('#access button').click()")
            page.wait("document.querySelector('.graphiql-execute-button')")
            page.wait("document.querySelector('#receipts')?.options.length >= 1")  # of the page's own introspection
            page.wait("document.querySelector('.graphiql-query-editor .CodeMirror')?.innerText.includes('records')")
            page.wait("document.querySelector('.result-window .CodeMirror, .result-window.CodeMirror')")
            page.run("document.querySelector('.graphiql-execute-button').click()")
            shown = page.wait(
                "(() => { const text = document.querySelector('.result-window')?.innerText ?? '';"
                " return text.includes('nodes') && text; })()"
            )
            assert "error" not in shown
            page.wait("document.querySelector('#receipts').options.length >= 2")
            assert page.run("document.querySelector('#access textarea').value") == ""
            kept = page.run("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
            assert json.loads(kept) == [{}, {}, ""]
            refused = [text[:300] for text in page.complaints if "400" not in text and "401" not in text]
            assert refused == []
        assert hub.facts("ledger", "verify")["ok"]


def test_a_one_time_link_makes_the_page_ready_and_a_reload_keeps_it_so(tmp_path: Path) -> None:
    with running_hub(tmp_path / "data", HUB_GRAPHIQL="1", HUB_INTROSPECTION="1") as hub, browser(tmp_path) as page:
        page.open(make_link(load_settings({"HUB_DATA": str(tmp_path / "data")}), hub.url))
        for _ in range(2):
            page.wait("document.querySelector('.graphiql-execute-button')")
            page.wait("document.querySelector('.graphiql-query-editor .CodeMirror')?.innerText.includes('records')")
            assert page.run("document.querySelector('[name=purpose]').value") == "mutual-recognition"
            assert page.run("location.hash") == ""
            page.run("document.querySelector('.graphiql-execute-button').click()")
            shown = page.wait(
                "(() => { const text = document.querySelector('.result-window')?.innerText ?? '';"
                " return text.includes('nodes') && text; })()"
            )
            assert "error" not in shown
            page.open(f"{hub.url}/graphiql")
        kept = page.run("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
        assert json.loads(kept) == [{}, {}, ""]
        assert [text for text in page.complaints if "400" not in text and "401" not in text] == []
