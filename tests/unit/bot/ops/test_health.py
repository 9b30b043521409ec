from starlette.testclient import TestClient

from bot.ops.health import Health
from bot.ops.server import make_ops
from bot.telemetry.metrics import Metrics
from retrieval.domain.errors import IndexMissingError


def refuse() -> None:
    raise IndexMissingError("There is no index yet; run: monazite index")


def crash() -> None:
    raise RuntimeError("password of the database: geheim")


def test_alive_is_said_whatever_is_not_ready() -> None:
    client = TestClient(make_ops(Metrics(), Health({"index": refuse})))
    assert client.get("/healthz").status_code == 200


def test_ready_is_said_when_every_part_is() -> None:
    client = TestClient(make_ops(Metrics(), Health({"index": str, "slack": str})))
    page = client.get("/readyz")
    assert (page.status_code, page.json()) == (200, {"index": "ready", "slack": "ready"})


def test_what_is_not_ready_is_named_and_nothing_more_is_given_away() -> None:
    client = TestClient(make_ops(Metrics(), Health({"index": refuse, "model": crash})))
    page = client.get("/readyz")
    assert page.status_code == 503
    assert page.json() == {
        "index": "There is no index yet; run: monazite index", "model": "RuntimeError",
    }  # fmt: skip


def test_a_gauge_that_cannot_be_read_spoils_no_other() -> None:
    metrics = Metrics()
    metrics.watch("index_age_seconds", "Age", crash)
    metrics.watch("queue_depth", "Waiting", lambda: 3)
    page = TestClient(make_ops(metrics, Health({}))).get("/metrics").text
    assert "monazite_index_age_seconds NaN" in page
    assert "monazite_queue_depth 3.0" in page


def test_calls_of_slack_are_counted_by_method_and_outcome() -> None:
    metrics = Metrics()
    metrics.called("chat.postMessage", "ok", 0.2)
    metrics.called("chat.postMessage", "ratelimited", 0.1)
    metrics.rate_limited()
    page = TestClient(make_ops(metrics, Health({}))).get("/metrics").text
    assert 'monazite_slack_calls_total{method="chat.postMessage",outcome="ratelimited"} 1.0' in page
    assert 'monazite_slack_call_seconds_count{method="chat.postMessage"} 2.0' in page
    assert "monazite_slack_rate_limited_total 1.0" in page
