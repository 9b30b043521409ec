"""Chat models that never stop: the answer comes in time, and nothing goes on behind it."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from bot.answers.citations import find_folded
from bot.writing.gate import Drop, StatementGate
from prompts.answer import Evidence, Statement
from retrieval.text.glossary import load_glossary
from tests.conftest import MakeAssembly
from tests.integration.test_writing import MODELS, QUESTION, QUOTE, drops
from tests.providers.server import Providers
from tests.unit.bot.writing.test_gate import stored

GOOD = json.dumps({"evidence": [{"passage": 1, "quote": QUOTE}], "text": "Recovery rose to 81%."})
OPENING = f'{{"in_documents": true, "statements": [{GOOD}, '
SECONDS = 3.0
Stream = Callable[[], AsyncIterator[bytes]]


def openai_event(text: str) -> bytes:
    delta = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}
    chunk = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "x",
        "choices": [delta],
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()


def ollama_event(text: str) -> bytes:
    message = {"role": "assistant", "content": text}
    line = {"model": "x", "created_at": "2024-01-01T00:00:00Z", "message": message, "done": False}
    return json.dumps(line).encode() + b"\n"


def anthropic_event(text: str) -> bytes:
    delta = {"type": "text_delta", "text": text}
    event = {"type": "content_block_delta", "index": 0, "delta": delta}
    return f"event: content_block_delta\ndata: {json.dumps(event)}\n\n".encode()


def endless(opening: bytes, again: bytes, pause: float = 0.0) -> Stream:
    async def stream() -> AsyncIterator[bytes]:
        yield opening
        while True:
            yield again
            await asyncio.sleep(pause)

    return stream


SHAPES: dict[str, Stream] = {
    "white space": endless(openai_event(OPENING), openai_event("  \n  ")),
    "one endless string": endless(openai_event(OPENING + '{"evidence": [], "text": "'), openai_event("tonnes ")),
    "an endless quote": endless(
        openai_event(OPENING + '{"evidence": [{"passage": 1, "quote": "'), openai_event("1-1-")
    ),
    "a drip": endless(openai_event(OPENING), openai_event(" "), pause=0.3),
    "the same statement": endless(openai_event(OPENING), openai_event(GOOD + ", ")),
    "events without text": endless(openai_event(OPENING), openai_event("")),
    "comments of the protocol": endless(openai_event(OPENING), b": ping\n\n", pause=0.001),
    "a line without an end": endless(openai_event(OPENING), b"x" * 1000, pause=0.001),
    "opening brackets": endless(openai_event('{"statements": '), openai_event("[[[[")),
    "silence": endless(openai_event(OPENING), b"", pause=0.1),
}  # fmt: skip


@pytest.fixture(autouse=True)
def talkative(providers: Providers) -> Iterator[None]:
    yield
    providers.stream = None


def deadline_threads() -> int:
    return sum(thread.name == "deadline" for thread in threading.enumerate())


def assert_nothing_goes_on() -> None:
    end = time.monotonic() + 5
    while deadline_threads() and time.monotonic() < end:
        time.sleep(0.05)
    assert deadline_threads() == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_a_stream_without_end_is_ended_at_the_deadline(
    make_writing: MakeAssembly, providers: Providers, shape: str
) -> None:
    providers.stream = SHAPES[shape]
    answerer = make_writing(answer_seconds=SECONDS).answerer
    began = time.monotonic()
    answer = answerer.answer(QUESTION)
    assert time.monotonic() - began < SECONDS + 3
    assert answer.answered
    assert "81%" in answer.text
    assert_nothing_goes_on()


@pytest.mark.parametrize(
    ("provider", "event"), [("ollama", ollama_event), ("anthropic", anthropic_event)]
)
@pytest.mark.parametrize("text", ["    ", "tonnes "])
def test_streams_of_other_providers_are_ended_too(
    make_writing: MakeAssembly, providers: Providers, provider: str,
    event: Callable[[str], bytes], text: str,
) -> None:  # fmt: skip
    providers.stream = endless(event(OPENING + '{"evidence": [], "text": "'), event(text))
    answer = make_writing(MODELS[provider], answer_seconds=SECONDS).answerer.answer(QUESTION)
    assert answer.answered
    assert_nothing_goes_on()


@pytest.mark.parametrize("long", ["1-1-" * 20_000, "a" * 80_000, "word " * 16_000, "- " * 40_000])
def test_a_statement_of_80_000_characters_costs_nothing(long: str) -> None:
    gate = StatementGate([stored("ore", "The ore at Brook holds 4% cerium.")], load_glossary())
    quote = Evidence(passage=1, quote="The ore at Brook holds 4% cerium.")
    began = time.process_time()
    for statement in (
        Statement(evidence=[quote], text=long),
        Statement(evidence=[Evidence(passage=1, quote=long)], text="The ore holds 4% cerium."),
        Statement(evidence=[quote] * 50_000, text="The ore holds 4% cerium."),
    ):
        assert isinstance(gate.examine(statement), Drop)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("unit", ["a ", "tonnes of ore\n", "1.5 ", "- ", "“a” "])
def test_a_quote_of_300_000_words_is_looked_for_in_linear_time(unit: str) -> None:
    text = unit * 300_000
    began = time.process_time()
    assert find_folded(text.strip(), text) is not None
    assert find_folded(text + "x", text) is None
    assert find_folded("x " + text, text + text) is None
    assert time.process_time() - began < 8


def test_what_was_proved_before_the_model_lost_itself_is_shown(
    make_writing: MakeAssembly, providers: Providers
) -> None:
    providers.stream = SHAPES["one endless string"]
    answer = make_writing().answerer.answer(QUESTION)
    assert answer.mode == "generated"
    assert "Recovery rose to 81%. [1]" in answer.text
    assert "broke off" in answer.note
    assert drops(answer) == []
