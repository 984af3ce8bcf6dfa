"""docs/settings.md, made from ``hub.settings``: every setting with its default and meaning."""

from __future__ import annotations

import os
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from hub.settings import Settings

_HEAD = """# Settings 设置

This page is made from `hub/settings.py` (`make docs`); a test compares the two. 本页由代码生成。

Settings are environment variables `HUB_…`, or the same names without `HUB_` in lower case in a TOML file that
`HUB_CONFIG` names; the environment wins. Lists are TOML arrays there, and separated as in `PATH` in the environment. An
unknown name or a bad value stops the start (exit code 2) with the name and what is allowed.
设置取自环境变量 `HUB_…`，或 `HUB_CONFIG` 所指 TOML 文件中去掉前缀的小写同名项；环境变量优先。
未知名称或无效取值会使启动失败并给出说明。

| setting 设置 | default 默认值 | meaning 含义 |
|---|---|---|
| `HUB_CONFIG` | – | TOML file with the settings below 配置文件 |
"""
_TAIL = """
An example file 配置文件示例:

```toml
region = "320400"
name = "常州市信用枢纽"
base_url = "https://hub.example"
graph = "neo4j://graph.example:7687"
graph_password_file = "/etc/credit-hub/graph.password"
policies = ["/etc/credit-hub/packs"]
```

- Plain http is allowed on loopback only; elsewhere `HUB_BASE_URL` is the https address that clients use, and a proxy in
  front of the hub ends TLS (see `docker/`). 非本机访问必须使用 https。
- Keys and the graph's password are files. The folder `HUB_DATA` holds keys (mode 600), the log and the embedded graph:
  back it up as a whole, with the hub stopped. 密钥均存于文件；备份数据目录时请先停止枢纽。
"""


def settings_page() -> str:
    rows = [f"| `HUB_{f.name.upper()}` | {_default(f)} | {_cell(f.metadata['about'])} |\n" for f in fields(Settings)]
    return _HEAD + "".join(rows) + _TAIL


def _default(field: Field[Any]) -> str:
    value = field.default
    if value is None or value in ("", ()):
        return "–"
    if isinstance(value, bool):
        return f"`{int(value)}`"
    if isinstance(value, float) and value.is_integer():
        return f"`{int(value)}`"
    if isinstance(value, Path):
        return f"`.{os.sep}{value}`" if not value.is_absolute() else f"`{value}`"
    return f"`{value}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
