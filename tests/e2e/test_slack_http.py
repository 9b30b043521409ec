"""What reaches the whole bot over HTTP and the socket, and where it answers."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from bot.slack.api.response_urls import ForeignUrlError
from bot.slack.delivery.delivery import delivery_of
from bot.slack.delivery.feature_support import FeatureSupport
from bot.slack.delivery.inbound import InboundQuestion
from bot.wiring.installation import Installation
from tests.attacks.http import read_http_attacks, send
from tests.slack.bot import MENTION, QUESTION, Bot
from tests.slack.server import deliver, wait_for
from tests.slack.workspace import PERSON, TEAM

UNSIGNED = [one for one in read_http_attacks() if one["status"] == [401] and "repeat" not in one]


@pytest.fixture(scope="module")
def internal() -> Iterator[tuple[int, list[str]]]:
    """A server inside the network, and what came there."""
    hits: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hits.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, hits
    server.shutdown()


def test_nothing_that_slack_has_not_signed_makes_the_bot_speak_or_call(
    http_bot: Bot, library: Installation, internal: tuple[int, list[str]]
) -> None:
    port, hits = internal
    log = library.settings.home / "logs" / "errors.log"
    before = log.stat().st_size if log.exists() else 0
    called = len(http_bot.slack.calls)
    for attack in UNSIGNED:
        assert send(urlsplit(http_bot.url).port or 0, attack, port) == 401, attack["what"]
    http_bot.settle()
    assert (http_bot.slack.ephemerals, http_bot.slack.messages, hits) == ([], [], [])
    assert len(http_bot.slack.calls) == called
    assert (log.stat().st_size if log.exists() else 0) == before
    http_bot.slack.say(MENTION)
    assert "two critical rare earth bases" in http_bot.answer()["text"]


def requests(url: str) -> dict[str, dict[str, object]]:
    """Each kind of request that names an address to answer at."""
    person = {
        "user": {"id": PERSON}, "team": {"id": TEAM}, "channel": {"id": "C1"}, "response_url": url,
    }  # fmt: skip
    message = {"type": "message", "ts": "1.1", "user": PERSON, "text": QUESTION}
    button = {"action_id": "", "type": "button", "value": "helpful r1", "action_ts": "1.1"}
    command = {
        "user_id": PERSON, "channel_id": "C1", "team_id": TEAM, "trigger_id": "t1", "text": QUESTION,
        "response_url": url,
    }  # fmt: skip
    kinds = {
        "ask": {"command": "/ask"} | command,
        "admin": {"command": "/monazite"} | command | {"text": "status"},
        "answer this": person | {
            "type": "message_action", "callback_id": "answer_this", "message": message, "trigger_id": "t2",
        },
        "add": person | {
            "type": "message_action", "callback_id": "add_to_knowledge_base", "message": message,
            "trigger_id": "t3",
        },
        "modal": {
            "type": "view_submission", "user": {"id": PERSON}, "team": {"id": TEAM}, "trigger_id": "t4",
            "view": {"id": "V1", "type": "modal", "callback_id": "why_not_helpful", "private_metadata": "r1",
                     "state": {"values": {}}},
            "response_urls": [{"response_url": url, "channel_id": "C1"}],
        },
    }  # fmt: skip
    for action in ("feedback", "share_answer", "pass_on", "remove_document", "show_passages"):
        pressed = button | {"action_id": action}
        kinds[action] = person | {
            "type": "block_actions", "trigger_id": f"t {action}", "actions": [pressed],
        }  # fmt: skip
    return kinds


@pytest.mark.parametrize("kind", list(requests("")))
def test_a_request_that_wants_its_answer_elsewhere_is_refused_whatever_it_is(
    bot: Bot, internal: tuple[int, list[str]], kind: str
) -> None:
    port, hits = internal
    body = requests(f"http://127.0.0.1:{port}/admin")[kind]
    called = len(bot.slack.calls)
    if bot.url:
        assert deliver(bot.url, body, form=True) == 400
    else:
        bot.slack.send("slash_commands" if "command" in body else "interactive", body)
    bot.settle()
    assert hits == []
    assert len(bot.slack.calls) == called
    assert (bot.slack.responses, bot.slack.messages, bot.slack.ephemerals) == ([], [], [])


def test_an_address_that_was_recorded_is_looked_at_again_before_it_is_used(
    socket_bot: Bot, internal: tuple[int, list[str]]
) -> None:
    from slack_sdk import WebClient

    port, hits = internal
    client = WebClient("xoxb-1", base_url=f"{socket_bot.slack.url}/api/")
    asked = InboundQuestion(
        TEAM, PERSON, "C1", QUESTION, private=True, response_url=f"http://127.0.0.1:{port}/x"
    )
    with pytest.raises(ForeignUrlError):
        delivery_of(asked, client, FeatureSupport(), socket_bot.pools.decorations).whisper("hello")
    assert hits == []


def test_slack_may_look_whether_the_certificate_is_good(http_bot: Bot) -> None:
    look = {"what": "", "kind": "application/x-www-form-urlencoded", "timestamp": None,
            "signature": "none", "body": "token=abc&ssl_check=1", "status": [200]}  # fmt: skip
    assert send(urlsplit(http_bot.url).port or 0, look) == 200
    assert deliver(http_bot.url, {"type": "url_verification", "challenge": "c"}) == 200


def test_malformed_requests_are_counted_and_named_in_a_line(
    http_bot: Bot, library: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    counted = library.metrics._refused.labels("malformed")._value
    before = counted.get()
    with caplog.at_level("WARNING"):
        assert deliver(http_bot.url, {"type": "event_callback"}) == 400
    assert counted.get() == before + 1
    (line,) = [one for one in caplog.messages if "malformed request" in one]
    assert "event_id" in line


def test_what_a_listener_cannot_bear_is_told_by_slacks_own_address_alone(
    bot: Bot, library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burn(*_: object) -> None:
        raise RuntimeError(json.dumps({"response_url": "http://127.0.0.1:9/x"}))

    monkeypatch.setattr(library.exchanges, "open", burn)
    bot.slack.command(QUESTION)
    (told,) = wait_for(lambda: bot.slack.responses)
    assert "tell an admin: request " in told["text"]


def test_a_command_that_speaks_of_a_payload_is_heard(bot: Bot) -> None:
    bot.slack.command("What is the payload of the two bases policy?")
    assert wait_for(lambda: bot.slack.responses)[0]["text"]
