"""Written answers in Slack: shown as they are verified, honest when they cannot be written."""

import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import MakeAssembly
from tests.integration.test_writing import QUESTION, QUOTE
from tests.providers.server import Providers
from tests.slack.bot import Bot, over_http, over_socket
from tests.slack.server import LoopbackSlack, wait_for
from tests.slack.workspace import BOT_USER

MENTION = f"<@{BOT_USER}> {QUESTION}"
FIRST = "As of 3 November 2023: Hydroxamate raised recovery to 81%."


@pytest.fixture(params=[over_socket, over_http], ids=["socket", "http"])
def writing_bot(
    request: pytest.FixtureRequest, make_writing: MakeAssembly, slack: LoopbackSlack
) -> Iterator[Bot]:
    with request.param(make_writing(), slack) as running:
        yield running


def plain(markdown: str) -> str:
    return re.sub(r"\\(.)", r"\1", markdown)


def test_a_statement_is_seen_while_the_next_one_is_still_written(
    writing_bot: Bot, providers: Providers
) -> None:
    gate = threading.Event()
    providers.play("openai/answer.sse", gate=gate)
    writing_bot.slack.say(MENTION)
    growing = wait_for(lambda: writing_bot.slack.messages)[0]
    wait_for(lambda: growing.get("markdown"))
    time.sleep(0.3)
    assert plain(growing["markdown"]) == f"{FIRST} [1]"
    assert growing["streaming"] is True
    gate.set()
    answer = writing_bot.answer()
    assert plain(answer["markdown"]) == (f"{FIRST} [1] It costs four times as much in reagent. [1]")
    assert answer["streaming"] is False
    assert "95%" not in str(answer)
    assert QUOTE in str(answer["blocks"])


def test_a_stream_that_breaks_while_it_is_written_is_made_whole(
    writing_bot: Bot, providers: Providers
) -> None:
    writing_bot.slack.fail("chat.appendStream", broken())
    providers.play("openai/answer.sse")
    writing_bot.slack.say(MENTION)
    answer = writing_bot.answer()
    assert "four times as much" in answer["text"]
    assert answer["streaming"] is False


def test_where_nothing_streams_the_whole_answer_is_posted_once(
    writing_bot: Bot, providers: Providers
) -> None:
    writing_bot.slack.api.refusals["chat.startStream"] = "unknown_method"
    providers.play("openai/answer.sse")
    writing_bot.slack.say(MENTION)
    assert writing_bot.answer()["text"].startswith(FIRST)


def test_a_model_that_fails_is_told_of_under_the_documents_own_sentences(
    writing_bot: Bot, providers: Providers
) -> None:
    providers.play("openai/refusal.sse")
    writing_bot.slack.say(MENTION)
    answer = writing_bot.answer()
    assert QUOTE in plain(answer["markdown"])
    assert "declined to answer: these are the documents' own sentences" in str(answer["blocks"])


def test_a_follow_up_is_rewritten_from_its_thread(writing_bot: Bot, providers: Providers) -> None:
    alone = "What does hydroxamate do for recovery at Sable Ridge?"

    def script(read: str) -> dict[str, Any]:
        if "<earlier>" in read:
            return {"question": alone, "parts": []}
        evidence = [{"passage": 1, "quote": QUOTE}]
        text = "Hydroxamate raised recovery to 81%."
        return {"in_documents": True, "statements": [{"evidence": evidence, "text": text}]}

    providers.script = script
    first = writing_bot.slack.say(f"<@{BOT_USER}> What does hydroxamate cost at Sable Ridge?")
    writing_bot.settle()
    writing_bot.slack.say(f"<@{BOT_USER}> and what does it do for recovery?", thread=first["ts"])
    writing_bot.settle()
    last = writing_bot.slack.messages[-1]
    assert f"Understood as: {alone}" in str(last["blocks"])
    assert "- What does hydroxamate cost at Sable Ridge?" in providers.read[1]


def broken() -> Any:
    from starlette.responses import Response

    return Response("down", 500)
