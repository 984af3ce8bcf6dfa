"""The pages of signing in: plain HTML from the hub, Chinese first. A script is there for passkeys only."""

from __future__ import annotations

from html import escape
from pathlib import Path

from starlette.responses import HTMLResponse

from hub.auth.people.provider import Begun
from hub.auth.people.pushed import Pushed
from hub.auth.people.store import Person
from schema.errors import HubError
from schema.scopes import ROLES, SCOPES

SCRIPT = (Path(__file__).parent / "passkey.js").read_bytes()
STYLE = (Path(__file__).parent / "pages.css").read_bytes()
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # without a referrer a browser sends forms with the origin "null"
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def _page(base: str, title: str, body: str, status: int = 200) -> HTMLResponse:
    text = f"""<!doctype html>
<html lang="zh">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · 长三角信用互认枢纽 Delta Credit Hub</title>
<link rel="stylesheet" href="{escape(base)}/sign-in/pages.css">
<main>
<h1>{escape(title)}</h1>
{body}
</main>
</html>
"""
    return HTMLResponse(text, status, HEADERS)


def _button(base: str, begun: Begun, to: str, label: str) -> str:
    return (
        f'<p><button type="button" disabled data-to="{escape(base)}{to}" data-ceremony="{escape(begun.ceremony)}" '
        f'data-options="{escape(begun.options)}">{escape(label)}</button></p>\n<p id="state" role="alert"></p>\n'
        f"<noscript><p>使用通行密钥须启用脚本。Passkeys need scripts to be on.</p></noscript>\n"
        f'<script src="{escape(base)}/sign-in/passkey.js"></script>'
    )


def _asked(asked: Pushed) -> str:
    lines = []
    for scope in asked.scope.split():
        english, chinese = SCOPES[scope]
        lines.append(f"<li>{escape(chinese)} {escape(english)} <code>{escape(scope)}</code></li>")
    return (
        "<p>本枢纽的网页请求以下权限，以您的角色为限，为期十分钟：<br>"
        f"The hub's pages ask, within your role, for ten minutes:</p><ul>{''.join(lines)}</ul>"
    )


def _who(person: Person) -> str:
    role = ROLES[person.role].chinese if person.role in ROLES else person.role
    return f"<strong>{escape(person.name)}</strong>（{escape(role)}）"


def sign_in_page(base: str, begun: Begun, asked: Pushed) -> HTMLResponse:
    return _page(
        base, "登录 Sign in", _asked(asked) + _button(base, begun, "/sign-in/passkey", "使用通行密钥登录 Use a passkey")
    )


def confirm_page(base: str, ceremony: str, asked: Pushed, person: Person) -> HTMLResponse:
    body = (
        f"<p>您已登录为 You are signed in as {_who(person)}。</p>"
        f'{_asked(asked)}<form method="post" action="{escape(base)}/oauth/authorize">'
        f'<input type="hidden" name="ceremony" value="{escape(ceremony)}">'
        '<button name="action" value="go">继续 Continue</button>'
        '<button class="other" name="action" value="other">换人登录 Somebody else</button></form>'
    )
    return _page(base, "授权 Allow", body)


def link_page(base: str, ceremony: str, person: Person) -> HTMLResponse:
    body = (
        f"<p>此链接供 This link is for {_who(person)}"
        "，只能使用一次。It works once.</p>"
        f'<form method="post"><input type="hidden" name="ceremony" value="{escape(ceremony)}">'
        "<button>使用此链接 Use it</button></form>"
    )
    return _page(base, "登记通行密钥 Enrol a passkey", body)


def enrol_page(base: str, begun: Begun, person: Person) -> HTMLResponse:
    body = f"<p>为 For {_who(person)} 创建通行密钥，今后凭它登录。Make a passkey; you sign in with it from now on.</p>"
    return _page(
        base,
        "登记通行密钥 Enrol a passkey",
        body + _button(base, begun, "/sign-in/enrol", "创建通行密钥 Make a passkey"),
    )


def done_page(base: str, title: str, body: str) -> HTMLResponse:
    return _page(base, title, f"<p>{escape(body)}</p>")


def error_page(base: str, error: HubError) -> HTMLResponse:
    body = f"<p>{escape(error.message_zh or '请求无效')} {escape(error.message)}</p><p>{escape(error.hint or '')}</p>"
    return _page(base, "无法继续 Cannot go on", body, error.status)
