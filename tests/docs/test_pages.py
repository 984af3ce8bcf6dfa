"""Whatever can be set, run, held or answered is on a page, and the pages are what the code says."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from hub.settings import Settings
from schema.scopes import PURPOSES, SCOPES
from tests.docs.cli_page import arguments, commands
from tests.docs.errors_page import MEANING, codes
from tests.docs.generate import DOCS, PAGES

READMES = (DOCS.parent / "README.md", DOCS.parent / "README.zh-CN.md")
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


def _read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _bilingual(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in text) and any(c.isascii() and c.isalpha() for c in text)


@pytest.mark.parametrize("name", PAGES)
def test_pages_made_from_the_code_are_current(name: str) -> None:
    assert _read(name) == PAGES[name](), "run make docs"


def test_every_setting_is_documented_in_both_languages() -> None:
    page = _read("settings.md")
    assert [f.name for f in fields(Settings) if f"| `HUB_{f.name.upper()}` |" not in page] == []
    assert [f.name for f in fields(Settings) if not _bilingual(f.metadata["about"])] == []


def test_every_command_is_documented_in_both_languages() -> None:
    page = _read("cli.md")
    for words, text, parser in commands():
        assert f"\n## `{words.removeprefix('credit-hub ')}`\n" in page
        assert _bilingual(parser.description or text), f"{words}: describe it in English and Chinese"


def _all_arguments() -> Iterator[tuple[str, argparse.Action]]:
    for words, _, parser in commands():
        for action in arguments(parser):
            yield f"{words} {action.metavar or action.dest}", action


def test_every_argument_of_a_command_is_explained_in_both_languages() -> None:
    assert [place for place, action in _all_arguments() if not _bilingual(action.help or "")] == []


def test_every_scope_and_purpose_is_documented() -> None:
    page = _read("scopes.md")
    assert [name for name in (*SCOPES, *PURPOSES) if f"`{name}`" not in page] == []


def test_every_error_code_has_its_meaning_and_none_is_told_that_is_not() -> None:
    assert set(MEANING) == set(codes()), "say what it means in tests/docs/errors_page.py"
    assert [
        code for code, (english, chinese) in MEANING.items() if not (english and _bilingual(english + chinese))
    ] == []


@pytest.mark.parametrize("page", [*READMES, *sorted(DOCS.rglob("*.md"))], ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [found for found in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in found]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_page_is_reached_from_both_readmes() -> None:
    for readme in READMES:
        linked = {target for target in LINK.findall(readme.read_text(encoding="utf-8")) if target.startswith("docs/")}
        assert {f"docs/{path.name}" for path in DOCS.glob("*.md")} - linked == set(), readme.name
