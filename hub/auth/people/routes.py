"""Signing in over HTTP: the authorization endpoint, links, passkeys.

Two cookies, both ``__Host-``, HttpOnly and SameSite=Lax, and both read here and nowhere else: one names the browser
between a page and its form, one the session. ``/graphql`` takes neither.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from hub.auth.database import Database
from hub.auth.people import pages
from hub.auth.people.ceremonies import Ceremonies, Session, find_session
from hub.auth.people.codes import issue_code
from hub.auth.people.passkeys import LinkProvider, PasskeyProvider
from hub.auth.people.provider import Assurance, Shown, refused
from hub.auth.people.pushed import PREFIX, Held, find, find_key
from hub.auth.people.store import Person, read_person
from hub.http import problem, read_body
from schema.bounded_json import read_json
from schema.errors import HubError, UsageError

BROWSER, SESSION = "__Host-credit-hub-browser", "__Host-credit-hub-session"
Tell = Callable[[str, Mapping[str, Any]], Awaitable[object]]
_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")
MOST = 16 * 1024  # bytes of a form


class PeopleRoutes:
    """``tell`` writes an entry of the ledger; where it cannot, nobody is signed in."""

    def __init__(self, database: Database, base_url: Callable[[], str], tell: Tell) -> None:
        self._database = database
        self._base_url = base_url
        self._tell = tell
        self._ceremonies = Ceremonies(database)
        self._passkeys = PasskeyProvider(database, base_url)
        self._links = LinkProvider(database, base_url)

    def routes(self) -> list[Route]:
        return [
            Route("/oauth/authorize", self._page(self._authorize), methods=["GET"]),
            Route("/oauth/authorize", self._page(self._confirm), methods=["POST"]),
            Route("/sign-in/link/{code}", self._page(self._link), methods=["GET"]),
            Route("/sign-in/link/{code}", self._page(self._use_link), methods=["POST"]),
            Route("/sign-in/enrol", self._json(self._enrol), methods=["POST"]),
            Route("/sign-in/passkey", self._json(self._passkey), methods=["POST"]),
            Route("/sign-in/passkey.js", _file(pages.SCRIPT, "text/javascript"), methods=["GET"]),
            Route("/sign-in/pages.css", _file(pages.STYLE, "text/css"), methods=["GET"]),
            Route("/sign-in/done", self._page(self._done), methods=["GET"]),
            Route("/signed-in", self._page(self._signed_in), methods=["GET"]),
        ]

    def _page(self, work: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                return await work(request)
            except HubError as error:
                return pages.error_page(self._base_url(), error)

        return answer

    def _json(self, work: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
                    raise UsageError("the body is not application/json", hint="the page sends it")
                return await work(request)
            except HubError as error:
                return problem(error)

        return answer

    async def _authorize(self, request: Request) -> Response:
        given = parse_qsl(request.url.query, keep_blank_values=True, max_num_fields=10)
        query = dict(given)
        if len(given) != 2 or query.keys() != {"client_id", "request_uri"}:
            raise _wrong("the address has other parameters than client_id and request_uri")
        if not query["request_uri"].startswith(PREFIX) or len(query["request_uri"]) > 200:
            raise _wrong("request_uri was not given by /oauth/par")
        held, session, person = await asyncio.to_thread(self._asked, query, _cookie(request, SESSION))
        if session is not None and person is not None and _counts(held, session):
            own = request.headers.get("sec-fetch-site") == "same-origin"
            if session.request == held.key or own:  # they came for this, or a page of the hub itself sends them
                return await self._go_on(held, session)
            return await self._ask_to_confirm(request, held, person)
        return await self._ask_to_sign_in(request, held)

    def _asked(self, query: dict[str, str], cookie: str) -> tuple[Held, Session | None, Person | None]:
        with self._database.read() as connection:
            held = find(connection, query["client_id"], query["request_uri"])
            session = find_session(connection, cookie) if cookie else None
            person = read_person(connection, session.person_id) if session else None
        if held is None:
            raise _wrong("the request is unknown, used up or too old")
        return held, session, person

    async def _ask_to_sign_in(self, request: Request, held: Held) -> Response:
        browser = _cookie(request, BROWSER) or secrets.token_urlsafe(32)
        begun = await asyncio.to_thread(self._passkeys.begin, held.key, browser)
        return _with(pages.sign_in_page(self._base_url(), begun, held.asked), BROWSER, browser)

    async def _ask_to_confirm(self, request: Request, held: Held, person: Person) -> Response:
        browser = _cookie(request, BROWSER) or secrets.token_urlsafe(32)
        name, _ = await asyncio.to_thread(self._begin_confirm, browser, held, person)
        return _with(pages.confirm_page(self._base_url(), name, held.asked, person), BROWSER, browser)

    def _begin_confirm(self, browser: str, held: Held, person: Person) -> tuple[str, bytes]:
        return self._ceremonies.begin("confirm", browser, person_id=person.person_id, request=held.key)

    async def _confirm(self, request: Request) -> Response:
        form = await self._form(request)
        cookie = _cookie(request, SESSION)
        browser = _cookie(request, BROWSER)
        ceremony = await asyncio.to_thread(self._ceremonies.finish, "confirm", form.get("ceremony"), browser)

        def look() -> tuple[Held | None, Session | None]:
            with self._database.read() as connection:
                return find_key(connection, str(ceremony.request)), find_session(connection, cookie) if cookie else None

        held, session = await asyncio.to_thread(look)
        if held is None:
            raise _wrong("the request is used up or too old")
        if form.get("action") == "other":
            await asyncio.to_thread(self._ceremonies.close_session, cookie)
            return await self._ask_to_sign_in(request, held)
        if session is None or session.person_id != ceremony.person_id or not _counts(held, session):
            return await self._ask_to_sign_in(request, held)  # somebody else is signed in than the page said
        return await self._go_on(held, session)

    async def _go_on(self, held: Held, session: Session) -> Response:
        def work() -> str | None:
            with self._database.write() as connection:
                return issue_code(connection, held, self._base_url(), session)

        address = await asyncio.to_thread(work)
        if address is None:
            raise _wrong("the request is used up")
        return RedirectResponse(address, 303, pages.HEADERS)

    async def _link(self, request: Request) -> Response:
        person = await asyncio.to_thread(self._links.who, request.path_params["code"])
        if person is None:
            raise refused("this link is used up or too old", "ask for another: `credit-hub user link` 请重新获取链接")
        browser = _cookie(request, BROWSER) or secrets.token_urlsafe(32)
        begun = await asyncio.to_thread(self._links.begin, None, browser)
        return _with(pages.link_page(self._base_url(), begun.ceremony, person), BROWSER, browser)

    async def _use_link(self, request: Request) -> Response:
        form = await self._form(request)
        browser = _cookie(request, BROWSER)
        shown = Shown(browser, {**form, "code": request.path_params["code"]})
        assurance = await asyncio.to_thread(self._links.complete, shown)
        await self._note("link-used", assurance)

        def person() -> Person | None:
            with self._database.read() as connection:
                return read_person(connection, assurance.person)

        who = await asyncio.to_thread(person)
        assert who is not None
        begun = await asyncio.to_thread(self._passkeys.enrolment, who, browser)
        return pages.enrol_page(self._base_url(), begun, who)

    async def _enrol(self, request: Request) -> Response:
        shown = await self._shown(request)
        made = await asyncio.to_thread(self._passkeys.enrolled, shown)
        await self._tell("passkey-enrolled", {"person": made.person_id})
        await asyncio.to_thread(self._passkeys.keep, made)
        return JSONResponse({"to": f"{self._base_url()}/sign-in/done"}, headers=pages.HEADERS)

    async def _passkey(self, request: Request) -> Response:
        shown = await self._shown(request)
        assurance, key = await asyncio.to_thread(self._passkeys.signed_in, shown)
        await self._note("sign-in", assurance)
        session = await asyncio.to_thread(self._ceremonies.open_session, assurance, key, _cookie(request, SESSION))
        held = await asyncio.to_thread(self._held, key)
        to = f"{self._base_url()}/sign-in/done" if held is None else await self._code(held, assurance, key)
        return _with(JSONResponse({"to": to}, headers=pages.HEADERS), SESSION, session)

    def _held(self, key: str | None) -> Held | None:
        if key is None:
            return None
        with self._database.read() as connection:
            return find_key(connection, key)

    async def _code(self, held: Held, assurance: Assurance, key: str | None) -> str:
        session = Session(assurance.person, assurance.level, assurance.at, key)
        answer = await self._go_on(held, session)
        return answer.headers["location"]

    async def _note(self, kind: str, assurance: Assurance) -> None:
        detail = {"person": assurance.person, "method": assurance.method, "level": assurance.level}
        await self._tell(kind, detail | {"issuer": assurance.issuer})

    async def _done(self, request: Request) -> Response:
        text = "已完成，可以关闭本页或返回应用登录。Done: close this page, or go back and sign in."
        return pages.done_page(self._base_url(), "已完成 Done", text)

    async def _signed_in(self, request: Request) -> Response:
        text = "已登录，请返回应用。Signed in: the page that sent you here goes on."
        return pages.done_page(self._base_url(), "已登录 Signed in", text)

    async def _form(self, request: Request) -> dict[str, str]:
        self._same_site(request)
        body = await read_body(request.scope["headers"], request.receive, MOST)
        try:
            return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=10))
        except ValueError:
            raise UsageError("the body is not a form", hint="use the page's own form") from None

    async def _shown(self, request: Request) -> Shown:
        self._same_site(request)
        body = await read_body(request.scope["headers"], request.receive, 4 * MOST)
        try:
            fields = read_json(body)
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            raise UsageError("the body is not a JSON object", hint="the page sends it")
        return Shown(_cookie(request, BROWSER), fields)

    def _same_site(self, request: Request) -> None:
        """Raises SignInRefused for a form of another site; SameSite and the ceremony refuse it as well."""
        origin = request.headers.get("origin")
        parts = urlsplit(self._base_url())
        if origin is not None and origin.lower() != f"{parts.scheme}://{parts.netloc}".lower():
            raise refused("the form is of another site")


def _counts(held: Held, session: Session) -> bool:
    """Whether the session is young enough for what is asked."""
    if held.asked.login:
        return session.request == held.key
    return held.asked.max_age is None or time.time() - session.signed_in_at <= held.asked.max_age


def _cookie(request: Request, name: str) -> str:
    """The value, empty where there is none of ours, or more than one."""
    sent = [part.strip() for value in request.headers.getlist("cookie") for part in value.split(";")]
    values = [part.partition("=")[2] for part in sent if part.partition("=")[0] == name]
    return values[0] if len(values) == 1 and _VALUE.fullmatch(values[0]) else ""


def _with(answer: Response, name: str, value: str) -> Response:
    answer.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def _file(content: bytes, media: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return Response(content, media_type=media, headers=pages.HEADERS)

    return answer


def _wrong(why: str) -> UsageError:
    return UsageError(
        why, hint="go back to the page that you came from 请返回原页面重新发起", message_zh="授权请求无效"
    )
