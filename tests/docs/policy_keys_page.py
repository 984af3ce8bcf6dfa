"""docs/policy-keys.md: the keys of every section of a pack, found out from the readers themselves."""

from __future__ import annotations

from collections.abc import Iterator

from policies.packs import SECTIONS
from policies.shape import Key, shape_of

_HEAD = """# Keys of policy packs 策略包字段

This page is made from the readers of the packs (`make docs`). What the sections mean is said in
[policies.md](policies.md). A file begins with `[pack]` (`title`, `title_zh`); an agreement is a file of its own with
`[agreement]`. `credit-hub policy new KIND` writes a section to be filled in.
本页由读取程序生成；`policy new` 生成待填骨架。
"""


def policy_keys_page() -> str:
    parts = [_HEAD]
    for name, read in SECTIONS.items():
        parts.append(f"\n## `{name}`\n\n| key 字段 | needed 必填 | takes 取值 |\n|---|---|---|\n")
        parts += [
            f"| `{path}` | {'yes 是' if key.required else ''} | {key.wanted} |\n" for path, key in _rows(shape_of(read))
        ]
    return "".join(parts)


def _rows(keys: tuple[Key, ...], above: str = "") -> Iterator[tuple[str, Key]]:
    for key in keys:
        yield f"{above}{key.name}", key
        yield from _rows(key.inner, f"{above}{key.name}.")
