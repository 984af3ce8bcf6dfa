"""Links that enrol and passkeys that sign in: what is refused, and that it changed nothing."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any
from urllib.parse import urlsplit

import pytest
from oauth_hub import RunningAuth
from people_at_hub import Browser, PagesClient, Somebody, ceremony_of, people_of, shown
from soft_authenticator import PRESENT, SoftAuthenticator, b64u

from hub.auth.people.store import new_person
from schema.errors import UsageError

BENT: list[dict[str, Any]] = [
    {"origin": "https://evil.example"},
    {"origin": "http://localhost.evil.example"},
    {"party": "evil.example"},
    {"flags": PRESENT},
    {"challenge": b64u(b"another challenge of 32 bytes....")},
]


def _newcomer(hub: RunningAuth) -> Somebody:
    person = new_person(f"工号 {secrets.token_hex(4)}", "clerk")
    people_of(hub).add(person)
    return Somebody(person, SoftAuthenticator(hub.base, str(urlsplit(hub.base).hostname)), Browser(hub.base))


async def test_a_link_may_be_looked_at_often_and_is_used_once(hub: RunningAuth) -> None:
    who = _newcomer(hub)
    code = people_of(hub).make_link(who.person)
    for _ in range(3):
        assert (await Browser(hub.base).send("GET", f"/sign-in/link/{code}")).status_code == 200
    bare = await Browser(hub.base).send("POST", f"/sign-in/link/{code}", data={})
    assert bare.status_code == 403
    assert (await who.enrol(code)).status_code == 200
    assert (await who.browser.send("GET", f"/sign-in/link/{code}")).status_code == 403
    assert len(people_of(hub).passkeys_of(who.person.person_id)) == 1


async def test_of_a_raced_link_one_is_let_in(hub: RunningAuth) -> None:
    who = _newcomer(hub)
    code = people_of(hub).make_link(who.person)
    browsers = [Browser(hub.base) for _ in range(8)]
    pages = await asyncio.gather(*(one.send("GET", f"/sign-in/link/{code}") for one in browsers))
    forms = [{"ceremony": ceremony_of(page)} for page in pages]
    answers = await asyncio.gather(
        *(one.send("POST", f"/sign-in/link/{code}", data=form) for one, form in zip(browsers, forms, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [403] * 7


async def test_a_new_link_ends_the_one_before(hub: RunningAuth) -> None:
    who = _newcomer(hub)
    first, second = (people_of(hub).make_link(who.person) for _ in range(2))
    assert (await who.browser.send("GET", f"/sign-in/link/{first}")).status_code == 403
    assert (await who.enrol(second)).status_code == 200


async def test_a_form_serves_the_browser_that_it_was_shown_in(hub: RunningAuth) -> None:
    who = _newcomer(hub)
    code = people_of(hub).make_link(who.person)
    page = await who.browser.send("GET", f"/sign-in/link/{code}")
    form = {"ceremony": ceremony_of(page)}
    other = Browser(hub.base)
    await other.send("GET", f"/sign-in/link/{code}")
    assert (await other.send("POST", f"/sign-in/link/{code}", data=form)).status_code == 403
    assert (await who.browser.send("POST", f"/sign-in/link/{code}", data=form)).status_code == 200


@pytest.mark.parametrize("bent", BENT)
async def test_a_passkey_that_does_not_fit_is_not_enrolled(hub: RunningAuth, bent: dict[str, Any]) -> None:
    who = _newcomer(hub)
    assert (await who.enrol(people_of(hub).make_link(who.person), **bent)).status_code == 403
    assert people_of(hub).passkeys_of(who.person.person_id) == []


@pytest.mark.parametrize("bent", [*BENT, {"step": 0}, {"step": -1}, {"handle": b64u(b"user-another")}])
async def test_a_passkey_that_does_not_fit_signs_nobody_in(hub: RunningAuth, bent: dict[str, Any]) -> None:
    who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
    assert (await who.sign_in(await pages.address())).status_code == 200
    session = dict(who.browser.cookies)
    who.browser.cookies.pop("__Host-credit-hub-session")
    refused = await who.sign_in(await pages.address(), **bent)
    assert refused.status_code == 403
    assert "__Host-credit-hub-session" not in who.browser.cookies
    assert session != who.browser.cookies


async def test_an_answer_counts_once_and_a_sign_in_makes_a_new_session(hub: RunningAuth) -> None:
    who, pages = await Somebody.enrolled(hub), PagesClient(hub.base)
    who.browser.cookies["__Host-credit-hub-session"] = fixed = "A" * 43
    page = await who.browser.send("GET", await pages.address())
    credential = who.key.get(json.loads(shown(page, "data-options")))
    body = {"ceremony": shown(page, "data-ceremony"), "credential": credential}
    assert (await who.browser.send("POST", "/sign-in/passkey", json=body)).status_code == 200
    assert who.browser.cookies["__Host-credit-hub-session"] != fixed
    assert (await who.browser.send("POST", "/sign-in/passkey", json=body)).status_code == 403


async def test_pages_are_framed_nowhere_and_run_no_other_script(hub: RunningAuth) -> None:
    page = await Browser(hub.base).send("GET", await PagesClient(hub.base).address())
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    assert page.text.count("<script") == 1


def test_a_name_is_no_id_number() -> None:
    with pytest.raises(UsageError):
        new_person("110101199003070011", "clerk")
    with pytest.raises(UsageError):
        new_person("somebody", "king")
