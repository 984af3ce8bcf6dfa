"""GraphiQL with its files from an installed package: nothing from another address, nothing third-party in here.

The page is a registered client in the browser: it takes a client's private JWK and makes its own token and DPoP proofs.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_PACKAGE = "graphene_django_graphiql_static"  # GraphiQL and React as they are published, BSD and MIT
_OWN = {"page.js": "text/javascript", "access.js": "text/javascript", "page.css": "text/css"}
_THEIRS = {
    "graphiql.min.js": "text/javascript",
    "graphiql.min.css": "text/css",
    "react.production.min.js": "text/javascript",
    "react-dom.production.min.js": "text/javascript",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def graphiql_routes() -> list[Route]:
    """``/graphiql`` and its files. Only mounted where the setting says so."""
    return [
        Route("/graphiql", _page, methods=["GET"]),
        Route("/graphiql/{name}", _file, methods=["GET"]),
    ]


async def _page(request: Request) -> Response:
    return Response(_read("index.html"), media_type="text/html", headers=_HEADERS)


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    media = _OWN.get(name) or _THEIRS.get(name)
    if media is None:
        return Response(status_code=404, headers=_HEADERS)
    return Response(_read(name), media_type=media, headers=_HEADERS)


@cache
def _read(name: str) -> bytes:
    if name in _THEIRS:
        return files(_PACKAGE).joinpath("static", _PACKAGE, name).read_bytes()
    return files("hub.graphql").joinpath("page", name).read_bytes()
