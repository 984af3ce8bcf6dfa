"""Traces by OpenTelemetry, when the extra ``otel`` is installed and ``HUB_OTEL=1``; otherwise nothing at all.

A span has the path, the status and the operation's root fields; never a client, a subject or a value. Where spans go is
set by OpenTelemetry's own environment variables (``OTEL_EXPORTER_OTLP_ENDPOINT`` and so on).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Protocol

from schema.errors import SettingsError


class Span(Protocol):
    def set_attribute(self, key: str, value: Any) -> None: ...


class _Silent:
    def set_attribute(self, key: str, value: Any) -> None:
        """Nobody listens."""


class Tracing:
    """``provider`` is given by tests; by default spans are exported over OTLP/HTTP in batches."""

    def __init__(self, enabled: bool, *, service: str = "credit-hub", region: str = "", provider: Any = None) -> None:
        self._provider = provider
        self._tracer: Any = None
        if enabled:
            self._provider = provider or _otlp(service, region)
            self._tracer = self._provider.get_tracer("credit-hub")

    @contextlib.contextmanager
    def span(self, name: str) -> Iterator[Span]:
        if self._tracer is None:
            yield _Silent()
            return
        with self._tracer.start_as_current_span(name) as span:
            yield span

    def close(self) -> None:
        """Sends what waits."""
        if self._tracer is not None:
            self._provider.shutdown()


def _otlp(service: str, region: str) -> Any:
    """Raises SettingsError when the extra is not installed."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise SettingsError(
            "HUB_OTEL needs OpenTelemetry",
            hint="pip install 'delta-credit-hub[otel]'",
            message_zh="未安装 OpenTelemetry",
        ) from None
    provider = TracerProvider(resource=Resource.create({"service.name": service, "credit_hub.region": region}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
