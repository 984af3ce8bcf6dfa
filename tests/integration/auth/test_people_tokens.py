"""Authorization code with PAR, PKCE, iss and DPoP for the hub's own pages, and what it refuses."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from oauth_hub import RunningAuth
from oauth_outsider import new_key
from people_at_hub import PagesClient, Somebody, ceremony_of, people_of

from hub.auth.people import codes, pushed
from schema.caller import Caller
from schema.errors import Unauthenticated


async def _caller(hub: RunningAuth, pages: PagesClient, token: str) -> Caller:
    return await hub.auth.identify(pages.outsider.headers(token, "POST", hub.url), "POST", hub.url)


async def _token(hub: RunningAuth, who: Somebody, pages: PagesClient) -> tuple[str, str]:
    code = (await who.code(await pages.address()))["code"]
    answer = await pages.redeem(code)
    assert answer.status_code == 200, answer.text
    return code, answer.json()["access_token"]


async def test_a_person_signs_in_and_gets_a_bound_token_with_the_scopes_of_the_role(hub: RunningAuth) -> None:
    who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
    back = await who.code(await pages.address(scope="credit:gate credit:case credit:investigate"))
    assert (back["state"], back["iss"]) == ("st&te", hub.base)
    answer = await pages.redeem(back["code"])
    body = answer.json()
    assert (answer.status_code, body["token_type"], body["scope"]) == (200, "DPoP", "credit:case credit:gate")
    assert "refresh_token" not in body
    caller = await _caller(hub, pages, body["access_token"])
    assert caller.client_id == who.person.person_id
    assert caller.scopes == {"credit:gate", "credit:case"}
    assert caller.name == "hub pages 枢纽网页"
    assert "gate-check" in caller.purposes
    other = PagesClient(hub.base)
    with pytest.raises(Unauthenticated):
        await _caller(hub, other, body["access_token"])


async def test_a_code_that_comes_back_ends_its_token(hub: RunningAuth) -> None:
    who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
    code, token = await _token(hub, who, pages)
    await _caller(hub, pages, token)
    again = await pages.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    await asyncio.sleep(0.3)
    with pytest.raises(Unauthenticated):
        await _caller(hub, pages, token)


async def test_of_twenty_redemptions_at_once_one_gets_a_token(hub: RunningAuth) -> None:
    who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
    code = (await who.code(await pages.address()))["code"]
    answers = await asyncio.gather(*(pages.redeem(code) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19


async def test_a_code_serves_its_client_address_verifier_and_key_only(hub: RunningAuth) -> None:
    who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
    code = (await who.code(await pages.address()))["code"]
    machine = hub.client("credit:gate")
    for changes in (
        {"redirect_uri": f"{hub.base}/signed-in/"},
        {"redirect_uri": ...},
        {"code_verifier": "x" * 43},
        {"code_verifier": ...},
        {"code": code + "x"},
    ):
        answer = await pages.redeem(code, **changes)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), changes
    other = await pages.post(
        "/oauth/token",
        pages.redemption(code),
        proof=PagesClient(hub.base).outsider.proof("POST", f"{hub.base}/oauth/token"),
    )
    assert other.json()["error"] == "invalid_grant"
    theirs = await machine.ask_token(
        grant_type="authorization_code", code=code, redirect_uri=pages.redirect, code_verifier=pages.verifier
    )
    assert theirs.json()["error"] == "unauthorized_client"
    unknown = await pages.redeem(code, client_id="nobody")
    assert (unknown.status_code, unknown.json()["error"]) == (401, "invalid_client")
    assert (await pages.redeem(code)).status_code == 200


async def test_a_code_ends_after_a_minute_and_a_request_after_ten(hub: RunningAuth, monkeypatch: Any) -> None:
    who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
    code = (await who.code(await pages.address()))["code"]
    address = await pages.address()
    now = time.time()
    with monkeypatch.context() as patched:
        patched.setattr(codes.time, "time", lambda: now + 61)
        proof = pages.outsider.proof("POST", f"{hub.base}/oauth/token", iat=int(now + 61))
        late = await pages.post("/oauth/token", pages.redemption(code), proof=proof)
        assert late.json()["error"] == "invalid_grant"
        patched.setattr(pushed.time, "time", lambda: now + 601)
        assert (await who.browser.send("GET", address)).status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ...}, "invalid_request"),
        ({"code_challenge": ...}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"redirect_uri": "https://elsewhere.example/signed-in"}, "invalid_request"),
        ({"redirect_uri": ...}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "urn:x"}, "invalid_request"),
        ({"scope": ...}, "invalid_scope"),
        ({"scope": "credit:everything"}, "invalid_scope"),
        ({"scope": "credit:unmask"}, "invalid_scope"),
        ({"dpop_jkt": "A" * 43}, "invalid_request"),
        ({"resource": "https://elsewhere.example"}, "invalid_request"),
        ({"state": "x" * 1025}, "invalid_request"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": ...}, "invalid_client"),
    ],
)
async def test_what_cannot_be_pushed(hub: RunningAuth, changes: dict[str, Any], error: str) -> None:
    answer = await PagesClient(hub.base).push(**changes)
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] == error


@pytest.mark.parametrize("suffix", ["/", "?x=1", "#x", "%2e"])
async def test_an_address_is_compared_character_by_character(hub: RunningAuth, suffix: str) -> None:
    pages = PagesClient(hub.base)
    answer = await pages.push(redirect_uri=pages.redirect + suffix)
    assert answer.json()["error"] == "invalid_request"


async def test_a_machine_pushes_nothing_and_a_page_asks_for_no_token_of_its_own(hub: RunningAuth) -> None:
    machine = hub.client("credit:gate")
    pages = PagesClient(hub.base, machine.client_id)
    assert (await pages.push()).json()["error"] == "invalid_client"
    fields = pages.push_fields() | machine.form(grant_type=...)
    assert (await pages.post("/oauth/par", fields)).json()["error"] == "unauthorized_client"
    own = await PagesClient(hub.base).post(
        "/oauth/token", {"grant_type": "client_credentials", "client_id": "hub-pages"}
    )
    assert own.json()["error"] == "invalid_client"


async def test_only_a_pushed_request_is_authorized(hub: RunningAuth) -> None:
    who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
    fields = pages.push_fields()
    plain = "&".join(f"{name}={value}" for name, value in fields.items())
    address = await pages.address()
    for url in (
        f"/oauth/authorize?{plain}",
        "/oauth/authorize",
        f"{address}&scope=credit:operate",
        f"{address}&client_id=hub-pages",
        address.replace("client_id=hub-pages", "client_id=nobody"),
        address + "x",
    ):
        answer = await who.browser.send("GET", url)
        assert answer.status_code == 400, url
        assert "location" not in answer.headers


async def test_a_request_is_good_for_one_authorization_and_may_be_reloaded_before(hub: RunningAuth) -> None:
    who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
    address = await pages.address()
    assert (await who.browser.send("GET", address)).status_code == 200
    assert "code" in await who.code(address)
    again = await who.browser.send("GET", address, headers={"Sec-Fetch-Site": "same-origin"})
    assert again.status_code == 400


async def test_a_session_serves_the_hubs_own_pages_and_asks_when_another_site_sends(hub: RunningAuth) -> None:
    who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
    await who.code(await pages.address())
    own = await who.browser.send("GET", await pages.address(), headers={"Sec-Fetch-Site": "same-origin"})
    assert own.status_code == 303
    assert "code=" in own.headers["location"]
    asked = await who.browser.send("GET", await pages.address(), headers={"Sec-Fetch-Site": "cross-site"})
    assert asked.status_code == 200
    form = {"ceremony": ceremony_of(asked), "action": "go"}
    stranger = await who.browser.send("POST", "/oauth/authorize", data=form, headers={"Origin": "https://evil.example"})
    assert stranger.status_code == 403
    done = await who.browser.send("POST", "/oauth/authorize", data=form)
    assert (done.status_code, dict(parse_qsl(urlsplit(done.headers["location"]).query))["iss"]) == (303, hub.base)
    assert (await who.browser.send("POST", "/oauth/authorize", data=form)).status_code == 403
    for changes in ({"prompt": "login"}, {"max_age": "0"}):
        await asyncio.sleep(1.1 if "max_age" in changes else 0)
        fresh = await who.browser.send("GET", await pages.address(**changes), headers={"Sec-Fetch-Site": "same-origin"})
        assert (fresh.status_code, "data-options" in fresh.text) == (200, True)


async def test_disabling_ends_session_codes_and_tokens(hub: RunningAuth) -> None:
    who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
    _, token = await _token(hub, who, pages)
    later = PagesClient(hub.base)
    code = (await who.code(await later.address(prompt="login")))["code"]
    people_of(hub).disable(who.person)
    await asyncio.sleep(0.3)
    with pytest.raises(Unauthenticated):
        await _caller(hub, pages, token)
    assert (await later.redeem(code)).json()["error"] == "invalid_grant"
    assert (await who.sign_in(await pages.address(prompt="login"))).status_code == 403


async def test_a_role_without_the_scope_is_told_so_at_the_pages_address(hub: RunningAuth) -> None:
    who, pages = await Somebody.enrolled(hub, "person"), PagesClient(hub.base)
    back = await who.code(await pages.address())
    assert back == {"error": "access_denied", "iss": hub.base, "state": "st&te"}


async def test_a_page_ends_its_own_token(hub: RunningAuth) -> None:
    who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
    _, token = await _token(hub, who, pages)
    answer = await pages.post("/oauth/revoke", {"client_id": "hub-pages", "token": token})
    assert answer.status_code == 200
    with pytest.raises(Unauthenticated):
        await _caller(hub, pages, token)


async def test_a_cookie_is_no_way_into_the_api(hub: RunningAuth) -> None:
    who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
    await who.code(await pages.address())
    cookie = "; ".join(f"{name}={value}" for name, value in who.browser.cookies.items()).encode()
    with pytest.raises(Unauthenticated):
        await hub.auth.identify([(b"host", b"hub"), (b"cookie", cookie)], "POST", hub.url)


async def test_a_proof_is_needed_and_counts_once(hub: RunningAuth) -> None:
    pages = PagesClient(hub.base)
    proof = pages.outsider.proof("POST", f"{hub.base}/oauth/par")
    assert (await pages.post("/oauth/par", pages.push_fields(), proof)).status_code == 201
    assert (await pages.post("/oauth/par", pages.push_fields(), proof)).json()["error"] == "invalid_dpop_proof"
    bad = pages.outsider.proof("POST", f"{hub.base}/oauth/par", key=new_key("EC"))
    assert (await pages.post("/oauth/par", pages.push_fields(), bad)).json()["error"] == "invalid_dpop_proof"


async def test_what_one_person_was_asked_is_not_answered_for_another_in_the_same_browser(hub: RunningAuth) -> None:
    who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
    await who.code(await pages.address())
    asked = await who.browser.send("GET", await pages.address())
    other = await Somebody.enrolled(hub)
    other.browser = who.browser
    await other.code(await pages.address(prompt="login"))
    form = {"ceremony": ceremony_of(asked), "action": "go"}
    answer = await who.browser.send("POST", "/oauth/authorize", data=form)
    assert (answer.status_code, "data-options" in answer.text) == (200, True)


async def test_somebody_else_may_sign_in_and_the_session_before_ends(hub: RunningAuth) -> None:
    who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
    await who.code(await pages.address())
    session = who.browser.cookies["__Host-credit-hub-session"]
    asked = await who.browser.send("GET", await pages.address())
    form = {"ceremony": ceremony_of(asked), "action": "other"}
    assert "data-options" in (await who.browser.send("POST", "/oauth/authorize", data=form)).text
    who.browser.cookies["__Host-credit-hub-session"] = session
    own = await who.browser.send("GET", await pages.address(), headers={"Sec-Fetch-Site": "same-origin"})
    assert own.status_code == 200
