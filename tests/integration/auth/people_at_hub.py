"""A person with a browser and a page of the hub, from outside: cookies by hand, PKCE and DPoP by the standards."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from html import unescape
from re import search
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
from oauth_hub import RunningAuth
from oauth_outsider import Outsider, b64u, new_key, put
from soft_authenticator import SoftAuthenticator

from hub.auth.people.store import People, Person, new_person


def people_of(hub: RunningAuth) -> People:
    return People(hub.auth._database)


@dataclass
class Browser:
    """Keeps cookies as a browser does that takes ``Secure`` ones from this machine."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def send(self, method: str, url: str, **options: Any) -> httpx.Response:
        headers = {**options.pop("headers", {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        full = url if url.startswith("http") else self.base + url
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.request(method, full, headers=headers, follow_redirects=False, **options)
        for sent in answer.headers.get_list("set-cookie"):
            name, _, rest = sent.partition("=")
            assert {"secure", "httponly", "samesite=lax", "path=/"} <= set(rest.lower().split("; ")[1:]), sent
            assert name.startswith("__Host-")
            assert "domain" not in rest.lower()
            self.cookies[name] = rest.partition(";")[0]
        return answer


def shown(page: httpx.Response, name: str) -> str:
    found = search(rf'{name}="([^"]*)"', page.text)
    assert found, page.text
    return unescape(found[1])


def ceremony_of(page: httpx.Response) -> str:
    return shown(page, 'name="ceremony" value')


class PagesClient:
    """The hub's own pages: a verifier and a DPoP key for each authorization."""

    def __init__(self, base: str, client_id: str = "hub-pages") -> None:
        self.base, self.client_id = base, client_id
        self.verifier = b64u(secrets.token_bytes(32))
        self.redirect = f"{base}/signed-in"
        self.outsider = Outsider(base, client_id, new_key())

    def push_fields(self, **changes: Any) -> dict[str, str]:
        challenge = b64u(hashlib.sha256(self.verifier.encode()).digest())
        fields = {"client_id": self.client_id, "response_type": "code", "redirect_uri": self.redirect, "state": "st&te"}
        fields |= {"code_challenge": challenge, "code_challenge_method": "S256", "scope": "credit:gate credit:case"}
        return put(fields, changes)

    async def post(self, path: str, fields: dict[str, str], proof: str | None = None) -> httpx.Response:
        url = self.base + path
        headers = {"DPoP": proof or self.outsider.proof("POST", url)}
        async with httpx.AsyncClient(trust_env=False) as http:
            return await http.post(url, data=fields, headers=headers)

    async def push(self, **changes: Any) -> httpx.Response:
        return await self.post("/oauth/par", self.push_fields(**changes))

    async def address(self, **changes: Any) -> str:
        answer = await self.push(**changes)
        assert answer.status_code == 201, answer.text
        uri = quote(answer.json()["request_uri"], safe="")
        return f"{self.base}/oauth/authorize?client_id={self.client_id}&request_uri={uri}"

    def redemption(self, code: str, /, **changes: Any) -> dict[str, str]:
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect}
        return put(fields | {"client_id": self.client_id, "code_verifier": self.verifier}, changes)

    async def redeem(self, code: str, /, **changes: Any) -> httpx.Response:
        return await self.post("/oauth/token", self.redemption(code, **changes))


@dataclass
class Somebody:
    person: Person
    key: SoftAuthenticator
    browser: Browser

    @classmethod
    async def enrolled(cls, hub: RunningAuth, role: str = "clerk") -> Somebody:
        people = people_of(hub)
        person = new_person(f"工号 {secrets.token_hex(4)}", role)
        people.add(person)
        somebody = cls(person, SoftAuthenticator(hub.base, str(urlsplit(hub.base).hostname)), Browser(hub.base))
        made = await somebody.enrol(people.make_link(person))
        assert made.status_code == 200, made.text
        return somebody

    async def enrol(self, code: str, **bent: Any) -> httpx.Response:
        page = await self.browser.send("GET", f"/sign-in/link/{code}")
        assert page.status_code == 200, page.text
        made = await self.browser.send("POST", f"/sign-in/link/{code}", data={"ceremony": ceremony_of(page)})
        assert made.status_code == 200, made.text
        credential = self.key.create(json.loads(shown(made, "data-options")), **bent)
        body = {"ceremony": shown(made, "data-ceremony"), "credential": credential}
        return await self.browser.send("POST", "/sign-in/enrol", json=body)

    async def sign_in(self, address: str, **bent: Any) -> httpx.Response:
        page = await self.browser.send("GET", address)
        assert page.status_code == 200, page.text
        credential = self.key.get(json.loads(shown(page, "data-options")), **bent)
        body = {"ceremony": shown(page, "data-ceremony"), "credential": credential}
        return await self.browser.send("POST", "/sign-in/passkey", json=body)

    async def code(self, address: str) -> dict[str, str]:
        answer = await self.sign_in(address)
        assert answer.status_code == 200, answer.text
        return dict(parse_qsl(urlsplit(answer.json()["to"]).query, strict_parsing=True))
