"""OpenTelemetry: what a collector receives of a question."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.telemetry.tracing import start_tracing
from retrieval.domain.errors import ConfigurationError
from tests.conftest import MakeAssembly
from tests.e2e.test_slack_serve import serve
from tests.slack.bot import ENVIRONMENT, MENTION
from tests.slack.server import START_SECONDS, LoopbackSlack, Serving, wait_for


class Collector:
    """Takes traces by OTLP over HTTP."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.services: set[str] = set()
        self.app = Starlette(routes=[Route("/v1/traces", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        received = ExportTraceServiceRequest.FromString(await request.body())
        for of_resource in received.resource_spans:
            named = {one.key: one.value.string_value for one in of_resource.resource.attributes}
            self.services.add(named["service.name"])
            for scope in of_resource.scope_spans:
                if scope.scope.name == "monazite":
                    self.spans += scope.spans
        return Response()


@pytest.fixture
def collector() -> Iterator[tuple[Collector, str]]:
    fake = Collector()
    with Serving(fake.app) as serving:
        yield fake, f"http://127.0.0.1:{serving.port}"


@pytest.mark.several
def test_a_question_is_one_trace_with_its_steps_and_calls(
    collector: tuple[Collector, str], slack: LoopbackSlack, seeds: Path, tmp_path: Path,
    make_shared: MakeAssembly,
) -> None:  # fmt: skip
    make_shared(tmp_path, documents=seeds).indexer.index([seeds])
    received, endpoint = collector
    running = serve(
        tmp_path, **ENVIRONMENT, SLACK_API_URL=f"{slack.url}/api/",
        OTEL_EXPORTER_OTLP_ENDPOINT=endpoint,
    )  # fmt: skip
    slack.send = slack.send_by_socket
    wait_for(lambda: slack.connected, START_SECONDS)
    slack.say(MENTION)
    wait_for(lambda: [one for one in slack.messages if not one.get("streaming")], 30)
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=60)
    (question,) = [one for one in received.spans if one.name == "question"]
    trace = [one for one in received.spans if one.trace_id == question.trace_id]
    (answer,) = [one for one in trace if one.name == "answer"]
    inside = {one.name for one in trace if one.parent_span_id == answer.span_id}
    assert inside >= {"embed", "search", "compose"}
    assert any(one.name.startswith("slack chat.") for one in trace)
    attributes = {one.key: one.value for one in answer.attributes}
    assert attributes["outcome"].string_value == "answered"
    assert attributes["question"].string_value == "What is the two bases policy?"
    assert all(answer.start_time_unix_nano <= one.start_time_unix_nano for one in trace
               if one.parent_span_id == answer.span_id)  # fmt: skip
    assert received.services == {"monazite"}


def test_without_an_endpoint_nothing_is_exported() -> None:
    start_tracing({})()
    start_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "true"})()


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(ConfigurationError, match="needs the extra otel"):
        start_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"})
