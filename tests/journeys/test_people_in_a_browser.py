"""A person in a real browser with a virtual authenticator: added, enrolled by the link, signed in, and asking."""

from __future__ import annotations

import hashlib
import json
import secrets
import socket
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import pytest
from browser_pipe import CHROMIUM, HOW, browser
from hub_process import running_hub

AUTH_TESTS = str(Path(__file__).resolve().parent.parent / "integration" / "auth")
if AUTH_TESTS not in sys.path:
    sys.path.append(AUTH_TESTS)

from oauth_outsider import Outsider, b64u, new_key  # noqa: E402

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=HOW)]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_person_is_added_enrols_a_passkey_signs_in_and_asks(tmp_path: Path) -> None:
    port = _free_port()
    base = f"http://localhost:{port}"
    number = tmp_path / "number.txt"
    number.write_text(_number())
    data = tmp_path / "data"
    with running_hub(data, HUB_PORT=str(port), HUB_BASE_URL=base) as hub:
        made = hub.facts("user", "add", "运维 07", "--role", "operator", "--id-number-from", str(number))
        assert made["link"].startswith(f"{base}/sign-in/link/")
        with browser(tmp_path) as page:
            page.call("WebAuthn.enable", enableUI=False)
            options = {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
            }
            options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
            page.call("WebAuthn.addVirtualAuthenticator", options=options)
            page.open(made["link"])
            page.run_when("document.querySelector('form button')?.click()", "document.querySelector('form button')")
            page.run_when(
                "document.querySelector('[data-options]').click()", "document.querySelector('[data-options]:enabled')"
            )
            page.wait("location.pathname === '/sign-in/done'")
            assert hub.facts("user", "list")[0]["passkeys"] == 1
            client = Outsider(base, "hub-pages", new_key())
            verifier = b64u(secrets.token_bytes(32))
            page.open(_pushed(base, client, verifier))
            page.run_when(
                "document.querySelector('[data-options]').click()", "document.querySelector('[data-options]:enabled')"
            )
            page.wait("location.pathname === '/signed-in'")
            back = dict(parse_qsl(urlsplit(page.run("location.href")).query))
            assert (back["iss"], back["state"]) == (base, "here")
            assert page.run("document.cookie") == ""
            assert page.complaints == []
        token = _token(base, client, verifier, back["code"])
        assert _answer(base, client, token) == {"data": {"loadRuns": {"nodes": []}}}
        hub.command("user", "disable", "运维 07")
        assert hub.facts("ledger", "verify")["ok"]
    held = b"".join(file.read_bytes() for file in sorted(data.rglob("*")) if file.is_file())
    assert number.read_text().encode() not in held


def _number() -> str:
    """A made-up ID number with a right check digit (GB 11643)."""
    from schema.identifiers import is_person_id

    found = next(
        f"11010119900307{n:03}{c}"
        for n in range(500, 999)
        for c in "0123456789X"
        if is_person_id(f"11010119900307{n:03}{c}")
    )
    return found


def _pushed(base: str, client: Outsider, verifier: str) -> str:
    challenge = b64u(hashlib.sha256(verifier.encode()).digest())
    form = {"client_id": "hub-pages", "response_type": "code", "redirect_uri": f"{base}/signed-in", "state": "here"}
    form |= {"code_challenge": challenge, "code_challenge_method": "S256", "scope": "credit:operate"}
    url = f"{base}/oauth/par"
    answer = httpx.post(url, data=form, headers={"DPoP": client.proof("POST", url)}, trust_env=False)
    assert answer.status_code == 201, answer.text
    return f"{base}/oauth/authorize?client_id=hub-pages&request_uri={quote(answer.json()['request_uri'], safe='')}"


def _token(base: str, client: Outsider, verifier: str, code: str) -> str:
    form = {"grant_type": "authorization_code", "client_id": "hub-pages", "code": code, "code_verifier": verifier}
    url = f"{base}/oauth/token"
    form |= {"redirect_uri": f"{base}/signed-in"}
    answer = httpx.post(url, data=form, headers={"DPoP": client.proof("POST", url)}, trust_env=False)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def _answer(base: str, client: Outsider, token: str) -> Any:
    url = f"{base}/graphql"
    headers = {"Authorization": f"DPoP {token}", "DPoP": client.proof("POST", url, token)}
    answer = httpx.post(url, json={"query": "{ loadRuns { nodes { id } } }"}, headers=headers, trust_env=False)
    assert "credit-receipt" in answer.headers
    return json.loads(answer.content)
