"""Traces: off by default, without personal data when on."""

import pytest

from hub.tracing import Tracing


def test_nothing_is_traced_unless_asked_for():
    with Tracing(False).span("graphql") as span:
        span.set_attribute("http.response.status_code", 200)


def test_a_span_is_made_when_asked_for():
    trace = pytest.importorskip("opentelemetry.sdk.trace", reason="pip install 'delta-credit-hub[otel]'")
    export = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    simple = pytest.importorskip("opentelemetry.sdk.trace.export")
    exporter = export.InMemorySpanExporter()
    provider = trace.TracerProvider()
    provider.add_span_processor(simple.SimpleSpanProcessor(exporter))
    tracing = Tracing(True, provider=provider)
    with tracing.span("graphql") as span:
        span.set_attribute("http.response.status_code", 200)
    tracing.close()
    (made,) = exporter.get_finished_spans()
    assert made.name == "graphql"
    assert dict(made.attributes) == {"http.response.status_code": 200}
