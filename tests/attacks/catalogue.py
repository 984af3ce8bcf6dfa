"""All attacks, and the page ``docs/attacks.md`` that lists them."""

from __future__ import annotations

from tests.attacks import evidence_attacks, federation_attacks, graphql_attacks, http_attacks, oauth_attacks
from tests.attacks.attack import ATTACKS, Attack

MODULES = (http_attacks, oauth_attacks, graphql_attacks, federation_attacks, evidence_attacks)
_HEAD = """# Attacks 攻击清单

This page is made from `tests/attacks` (`make docs`). 本页由代码生成。

The suite attacks a hub from outside, over HTTP, as anybody or as a registered client. `make test` runs it against a hub
that it starts itself; against any other hub it is one command, which prints a table of id, attack and outcome and ends
with 1 if an attack succeeded. 测试套件自启动枢纽并攻击之；亦可对任一枢纽运行：

```sh
credit-hub client add attacker --scope "credit:mutual" --generate attacker.jwk
make attacks URL=http://127.0.0.1:8000 CLIENT=<client_id> JWK=attacker.jwk
```

Another machine's hub is attacked only with `ARGS=--anywhere`, and only where its operator agreed: connections and token
requests are used up for a minute. 仅可在运营方同意后攻击他机。

| id 编号 | attack 攻击 | needs 需要 |
|---|---|---|
"""


def in_order() -> list[Attack]:
    """By id; those that use something up are last."""
    return [ATTACKS[name] for name in sorted(ATTACKS, key=lambda name: (name[0] == "Z", name))]


def attacks_page() -> str:
    rows = [
        f"| `{o.id}` | {o.title} {o.title_zh} | {'client 客户端' if o.needs_client else '–'} |\n" for o in in_order()
    ]
    return _HEAD + "".join(rows) + _TAIL


_TAIL = """
What needs the machine itself is tested elsewhere: workers whose supervisor was killed
(`tests/journeys/test_serving.py`), modules planted in the data folder (`tests/integration/serve`), a full disk
(`tests/journeys/test_full_disk.py`), a log that was tampered with (`tests/integration/ledger`). What one client's noise
costs another is measured by `make bench ARGS=noise`. 须在本机进行者另有测试。
"""
