"""Traces for OpenTelemetry: a question with its steps and Slack's calls, where an exporter is set.

Spans are made through the API alone, which does nothing until a provider is there; the provider and
its exporter are read from the standard variables (OTEL_EXPORTER_OTLP_ENDPOINT and its kin).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import time_ns

from opentelemetry import trace
from opentelemetry.trace import Span

from retrieval.domain.errors import ConfigurationError, how_to_install

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_NANOSECONDS = 1_000_000
Attributes = Mapping[str, str | bool | int | float]


def start_tracing(environment: Mapping[str, str]) -> Callable[[], None]:
    """Exports traces where `environment` names an endpoint; returns what sends the last ones.

    Raises `ConfigurationError` when the extra `otel` is not installed.
    """
    disabled = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if disabled or not any(environment.get(name) for name in _ENDPOINTS):
        return lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise ConfigurationError(
            f"{_ENDPOINTS[0]} needs the extra otel; run: {how_to_install('otel')}"
        ) from None
    name = environment.get("OTEL_SERVICE_NAME", "monazite")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider.shutdown


@contextmanager
def span(name: str, attributes: Attributes | None = None) -> Iterator[Span]:
    """Spans what happens inside; what is spanned there in turn becomes a part of it."""
    with trace.get_tracer("monazite").start_as_current_span(name, attributes=attributes) as current:
        yield current


def span_steps(timings: Mapping[str, float], attributes: Attributes) -> None:
    """Spans an answer that was just given and, inside it, its steps, which took these milliseconds."""
    tracer = trace.get_tracer("monazite")
    end = time_ns()
    begin = end - int(timings.get("total", 0.0) * _NANOSECONDS)
    answer = tracer.start_span("answer", start_time=begin, attributes=attributes)
    inside = trace.set_span_in_context(answer)
    for name, took in timings.items():
        if name == "total" or not took:
            continue
        step = tracer.start_span(name, context=inside, start_time=begin)
        begin = min(end, begin + int(took * _NANOSECONDS))
        step.end(begin)
    answer.end(end)
