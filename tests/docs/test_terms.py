"""One word for one thing in Chinese, wherever users read it."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TERMS = {  # the word, and those that would say the same
    "回执": ("凭证号", "收据", "凭据号", "凭证"),
    "账本": ("审计日志", "审计账本", "台账", "流水账"),
    "用途": ("查询目的", "使用目的", "缺少目的"),
    "案号": ("案件编号", "案件号", "办案编号"),
    "枢纽": ("集线器", "中枢节点"),
}
READ = ("*.py", "*.md", "*.toml", "*.tsx", "*.ts", "*.html", "*.graphql")
PLACES = ("hub", "schema", "policies", "federation", "graph_loaders", "docs", "docker", "README.md", "README.zh-CN.md")


def texts() -> list[Path]:
    found = []
    for place in (ROOT / name for name in PLACES):
        files = [place] if place.is_file() else [file for kind in READ for file in place.rglob(kind)]
        found += [file for file in files if not {"node_modules", "dist", "sample"} & set(file.parts)]
    return found


@pytest.mark.parametrize("word", TERMS)
def test_one_word_for_one_thing(word: str) -> None:
    pages = {file: file.read_text(encoding="utf-8") for file in texts()}
    assert any(word in text for text in pages.values())
    wrong = [
        f"{file.relative_to(ROOT)}: {other}, say {word}"
        for file, text in pages.items()
        for other in TERMS[word]
        if other in text
    ]
    assert wrong == []
