"""Settings: read once from the environment and an optional TOML file, checked, frozen, passed in.

Environment names are ``HUB_…``; a TOML file given by ``HUB_CONFIG`` has the same names without the prefix, in lower
case. The environment wins. An unknown name or a bad value stops the start with the name and what is allowed.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from hub import casts
from hub.addresses import Network
from hub.service_addresses import authority, base_url, graph_place, loopback, postgres_url, sql_place, witnesses
from hub.token_uri import key_place, log_key_place
from schema.errors import SettingsError

RUN_FILE = "serve.json"  # in the run folder: where the hub that serves is found
WORKERS = "CREDIT_HUB_WORKERS"  # how many workers share one hub, told to each by the process that starts them
_USER = re.compile(r"//[^/\s]*@")  # what may hold a password


def _setting(default: Any, cast: Callable[[str], Any], about: str) -> Any:
    return field(default=default, metadata={"cast": cast, "about": about})


@dataclass(frozen=True)
class Settings:
    """Every setting, with its default. ``about`` texts become docs/settings.md."""

    data: Path = _setting(Path("var"), casts.path, "folder of this hub's data 数据目录")
    region: str = _setting("320400", casts.region, "GB/T 2260 code of the hub's region 行政区划代码")
    name: str = _setting("", casts.text, "name of the hub shown to others 名称")
    host: str = _setting("127.0.0.1", casts.host, "address to listen on 监听地址")
    port: int = _setting(8000, casts.port, "port to listen on, 0 picks a free one 端口")
    base_url: str = _setting("", base_url, "URL that clients use: issuer, audience and signature base 对外地址")
    graph: str = _setting("embedded", graph_place, "`embedded`, or a bolt:// or neo4j:// address 图数据库")
    graph_user: str = _setting("neo4j", casts.text, "user at the graph server 图数据库用户")
    graph_password_file: Path | None = _setting(None, casts.path, "file with the graph password 密码文件")
    graph_database: str = _setting("", casts.text, "database at the graph server (default: neo4j) 数据库名")
    graph_heap_mb: int = _setting(1024, casts.positive, "heap of the embedded engine in MB 内嵌引擎内存")
    graph_timeout: float = _setting(10.0, casts.seconds, "longest time of one read statement, seconds 查询时限")
    sql: str = _setting("sqlite", sql_place, "`sqlite` (in the data folder) or postgresql:// URL: ledger, OAuth 账本库")
    sql_password_file: Path | None = _setting(None, casts.path, "file with the PostgreSQL password 账本库密码文件")
    person_key_file: Path | None = _setting(
        None, casts.path, "key of person tokens, made at first start (600) 人员密钥"
    )
    keys: str = _setting("file", key_place, "private signing keys: `file`, or a pkcs11: URI (RFC 7512) 签名私钥所在")
    ledger_key: str = _setting(
        "", log_key_place, "key of the log: a file, or a pkcs11: URI (default: as HUB_KEYS) 账本密钥"
    )
    policies: tuple[Path, ...] = _setting(
        (), casts.paths, "extra folders of policy packs, separated as in PATH 策略包目录"
    )
    directory: Path | None = _setting(None, casts.path, "signed directory of hubs 枢纽名录")
    trust_anchors: tuple[Path, ...] = _setting(
        (), casts.paths, "keys that may sign directories, saved key lists 信任锚"
    )
    issuers: Path | None = _setting(None, casts.path, "TOML file of further token issuers 其他令牌签发方")
    dpop_nonce: bool = _setting(
        False, casts.flag, "demand server nonces in DPoP proofs (RFC 9449 section 8) 强制随机数"
    )
    graphiql: bool = _setting(False, casts.flag, "serve GraphiQL at /graphiql 查询页面")
    introspection: bool = _setting(False, casts.flag, "answer introspection queries 允许内省")
    trusted_documents: Path | None = _setting(None, casts.path, "folder of allowed documents per client 可信查询清单")
    trusted_scopes: tuple[str, ...] = _setting((), casts.scopes, "scopes whose clients need such a list 须用清单的权限")
    log_level: str = _setting("INFO", casts.level, "one of DEBUG INFO WARNING ERROR 运行日志级别")
    trusted_proxies: tuple[Network, ...] = _setting(
        (), casts.networks, "addresses or networks of reverse proxies whose X-Forwarded-For is believed 可信反向代理"
    )
    rate_limit: int = _setting(6000, casts.positive, "requests a minute for each client 每分钟请求上限")
    metrics_token_file: Path | None = _setting(
        None, casts.path, "token that reads /metrics, made at first start in `keys/metrics.token` 监控令牌"
    )
    cost_limit: int = _setting(
        30_000_000, casts.positive, "cost a minute of each client's questions 每分钟查询成本上限"
    )
    address_limit: int = _setting(
        6000, casts.positive, "requests a minute from one address, all but /graphql 每地址每分钟请求上限"
    )
    token_limit: int = _setting(600, casts.positive, "requests a minute of each client to /oauth 每分钟令牌请求上限")
    address_connections: int = _setting(
        256, casts.positive, "connections at once from one address, in each worker 每地址并发连接上限"
    )
    peer_deadline: float = _setting(2.0, casts.seconds, "seconds for all peers of one question 邻市答复时限")
    peer_max_bytes: int = _setting(
        8 * 1024 * 1024, casts.positive, "largest answer taken from a peer, bytes 邻市答复上限"
    )
    peer_private: bool = _setting(False, casts.flag, "peers may have addresses in private networks 允许内网邻居")
    timestamps: str = _setting("", authority, "RFC 3161 authority for heads of the log, an http(s) URL 时间戳服务")
    witnesses: tuple[tuple[str, str], ...] = _setting(
        (), witnesses, "witnesses beside the peers, `VERIFIER-KEY@URL` with blanks between 另设见证方"
    )
    copy_max_age: float = _setting(
        86_400.0, casts.age, "oldest local copy, seconds, that may stand in for a peer 副本时效"
    )
    as_of: str = _setting("", casts.date, "default `asOf` date (default: today in Asia/Shanghai) 默认基准日")
    otel: bool = _setting(False, casts.flag, "send traces with OpenTelemetry (extra `otel`) 链路追踪")

    @property
    def person_key(self) -> Path:
        return self.person_key_file or self.data / "keys" / "person.key"

    @property
    def metrics_token(self) -> Path:
        return self.metrics_token_file or self.data / "keys" / "metrics.token"

    @property
    def run(self) -> Path:
        """Folder of what belongs to running processes: engine file, sockets, locks."""
        return self.data / "run"

    @property
    def sqlite_file(self) -> Path | None:
        """The SQLite file, None where another database is used."""
        return self.data.absolute() / "hub.sqlite" if self.sql == "sqlite" else None

    @property
    def sql_url(self) -> str:
        """SQLAlchemy URL without a driver, with the password of its file. Raises SettingsError."""
        if self.sql == "sqlite":
            return f"sqlite:///{self.data.absolute() / 'hub.sqlite'}"
        return postgres_url(self.sql, self.sql_password_file)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment and ``HUB_CONFIG``. Raises SettingsError with the name and what is allowed."""
    environ = os.environ if environ is None else environ
    known = {f.name: f for f in fields(Settings)}
    given: dict[str, tuple[str, str]] = {}
    config = environ.get("HUB_CONFIG")
    if config:
        given.update(_from_file(Path(config), known))
    for name, value in environ.items():
        if not name.startswith("HUB_") or name == "HUB_CONFIG":
            continue
        key = name[4:].lower()
        if key not in known:
            raise _unknown(name, [f"HUB_{k.upper()}" for k in known])
        given[key] = (name, value)
    values: dict[str, Any] = {}
    for key, (shown, raw) in given.items():
        try:
            values[key] = known[key].metadata["cast"](raw)
        except ValueError as error:
            raise SettingsError(
                f"{shown} is not usable: {_USER.sub('//…@', raw)!r}",
                hint=f"allowed: {error}",
                message_zh=f"设置 {shown} 无效",
            ) from None
    settings = Settings(**values)
    if not loopback(settings.host) and settings.base_url.startswith("http://"):
        raise SettingsError(
            "HUB_BASE_URL is plain http while HUB_HOST is not loopback", hint="give the https address that clients use"
        )
    if settings.trusted_scopes and settings.trusted_documents is None:
        raise SettingsError(
            "HUB_TRUSTED_SCOPES is given without HUB_TRUSTED_DOCUMENTS",
            hint="give the folder of the clients' lists, or leave it out 请同时设置可信查询清单目录",
            message_zh="缺少 HUB_TRUSTED_DOCUMENTS",
        )
    return settings


def _from_file(path: Path, known: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:  # no file, not UTF-8, not TOML
        raise SettingsError(f"HUB_CONFIG {path} cannot be read: {error}", hint="give a TOML file") from None
    given = {}
    for key, value in table.items():
        if key not in known:
            raise _unknown(f"{key} in {path}", list(known))
        separator = {casts.networks: ",", casts.scopes: " "}.get(known[key].metadata["cast"], os.pathsep)
        text = separator.join(map(str, value)) if isinstance(value, list) else str(value)
        given[key] = (f"{key} in {path}", text)
    return given


def _unknown(name: str, allowed: list[str]) -> SettingsError:
    return SettingsError(
        f"unknown setting {name}", hint="allowed: " + " ".join(sorted(allowed)), message_zh=f"未知设置 {name}"
    )
