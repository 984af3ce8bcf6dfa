"""GraphiQL at ``/graphiql``: files built from ``hub/graphiql`` by ``make graphiql``, nothing from another address.

The page is a registered client in the browser, with its own key and DPoP proofs; the hub gives it no rights by itself.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from hub.auth.clients import Client
from hub.graphiql_link import link_routes
from hub.settings import Settings

BUILT = Path(__file__).parent / "graphiql" / "dist"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>GraphiQL · Delta Credit Hub 长三角信用互认枢纽</title>
<h1>GraphiQL is not built yet 查询页面尚未构建</h1>
<p>Install Node 20.19 or newer, run <code>make graphiql</code> in the project's folder, and load this page again.
The API itself needs none of it: ask with <code>credit-hub query</code>.</p>
<p lang="zh">请安装 Node 20.19 或更高版本，在项目目录执行 <code>make graphiql</code>，然后刷新本页。
接口本身无需构建，可直接使用 <code>credit-hub query</code> 查询。</p>
</html>
"""


def graphiql_routes(settings: Settings, add: Callable[[Client], bool], built: Path = BUILT) -> list[Route]:
    """The page and its files; none where ``HUB_GRAPHIQL`` is off. ``add`` registers the client of a one-time link;
    ``built`` is looked at for each request."""
    if not settings.graphiql:
        return []

    async def page(request: Request) -> Response:
        file = built / "index.html"
        headers = {**_HEADERS, "Cache-Control": "no-store"}
        if not file.is_file():
            return HTMLResponse(_NOT_BUILT, headers=headers)
        return FileResponse(file, media_type="text/html", headers=headers)

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        folder = built / "graphiql"
        if not folder.is_dir() or name not in {file.name for file in folder.iterdir()}:
            return Response(status_code=404, headers=_HEADERS)
        media = mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = {**_HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}  # names carry a content hash
        return FileResponse(folder / name, media_type=media, headers=headers)

    return [
        Route("/graphiql", page, methods=["GET"]),
        *link_routes(settings, add),
        Route("/graphiql/{name}", asset, methods=["GET"]),
    ]
