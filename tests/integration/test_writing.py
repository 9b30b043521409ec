"""Written answers, by the providers' own clients over recorded responses."""

import threading
import time
from pathlib import Path

import pytest

from bot.answering.answerer import Inquiry
from bot.answers.answer import Answer
from bot.writing.models import ChatModelSettings, open_chat_model
from bot.writing.transcript import Transcript
from retrieval.domain.errors import ConfigurationError
from tests.conftest import MakeAssembly
from tests.providers.server import Providers

QUESTION = "What does Hydroxamate do for recovery at Sable Ridge?"
QUOTE = "Hydroxamate raised recovery to 81%, at four times the reagent cost."
WRITTEN = (
    "As of 3 November 2023: Hydroxamate raised recovery to 81%. [1] "
    "It costs four times as much in reagent. [1]"
)
MODELS = {
    "openai": "openai:gpt-4.1-mini", "anthropic": "anthropic:claude-haiku-4-5",
    "ollama": "ollama:llama3.2",
}  # fmt: skip


def drops(answer: Answer) -> list[str]:
    assert answer.writing is not None
    return [drop["reason"] for drop in answer.writing.dropped]


# What is posted


@pytest.mark.parametrize(
    ("provider", "recording", "tokens"),
    [
        ("openai", "openai/answer.sse", (1840, 132)),
        ("anthropic", "anthropic/answer.sse", (1912, 141)),
        ("ollama", "ollama/answer.ndjson", (1700, 130)),
    ],
)
def test_every_provider_writes_and_only_what_is_proved_is_posted(
    make_writing: MakeAssembly, providers: Providers, provider: str, recording: str,
    tokens: tuple[int, int],
) -> None:  # fmt: skip
    providers.play(recording)
    answer = make_writing(MODELS[provider]).answerer.answer(QUESTION)
    assert (answer.mode, answer.text, answer.note) == ("generated", WRITTEN, "")
    assert [citation.quote for citation in answer.citations] == [QUOTE]
    assert answer.writing is not None
    assert (answer.writing.written, answer.writing.verified) == (3, 2)
    assert (answer.writing.tokens_read, answer.writing.tokens_written) == tokens
    assert drops(answer) == ["quote not found"]


def test_a_model_held_to_tools_is_understood_too(
    make_writing: MakeAssembly, providers: Providers
) -> None:
    providers.play("openai/tool-call.sse")
    answer = make_writing(chat_method="function_calling").answerer.answer(QUESTION)
    assert answer.text == WRITTEN
    assert providers.requests[0]["tool_choice"]["function"]["name"] == "Draft"


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_model_that_finds_no_answer_is_believed(
    make_writing: MakeAssembly, providers: Providers, provider: str
) -> None:
    providers.play(f"{provider}/not-in-documents.sse")
    answer = make_writing(MODELS[provider]).answerer.answer(QUESTION)
    assert not answer.answered
    assert answer.text.startswith("I don't know")
    assert answer.nearest


def test_when_no_statement_can_be_proved_nothing_is_known(
    make_writing: MakeAssembly, providers: Providers
) -> None:
    providers.script = lambda _: {
        "in_documents": True,
        "statements": [
            {"evidence": [{"passage": 1, "quote": "made up words"}], "text": "Made up."}
        ],
    }
    answer = make_writing().answerer.answer(QUESTION)
    assert not answer.answered
    assert drops(answer) == ["quote not found"]


def test_a_statement_is_shown_as_soon_as_it_is_verified_and_never_before(
    make_writing: MakeAssembly, providers: Providers
) -> None:
    gate, shown = threading.Event(), list[str]()
    providers.play("openai/answer.sse", gate=gate)
    answerer = make_writing().answerer
    answers = list[Answer]()
    inquiry = Inquiry(QUESTION, show=shown.append)
    thread = threading.Thread(target=lambda: answers.append(answerer.answer(inquiry)))
    thread.start()
    end = time.monotonic() + 20
    while not shown and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.2)
    assert shown == ["As of 3 November 2023: Hydroxamate raised recovery to 81%. [1]"]
    gate.set()
    thread.join(20)
    assert "".join(shown) == answers[0].text == WRITTEN


def test_a_passage_that_is_named_wrongly_is_cited_where_the_quote_stands(
    make_writing: MakeAssembly, providers: Providers
) -> None:
    for wrong in (1, 2, 99, 0, -1):
        providers.script = lambda _, number=wrong: {
            "in_documents": True,
            "statements": [
                {"evidence": [{"passage": number, "quote": QUOTE}], "text": "Recovery rose to 81%."}
            ],
        }
        answer = make_writing().answerer.answer(QUESTION)
        assert [citation.quote for citation in answer.citations] == [QUOTE]


# What goes wrong


@pytest.mark.parametrize(
    ("provider", "recording"),
    [
        ("openai", "openai/429-rate-limit.json"),
        ("openai", "openai/500-server.json"),
        ("anthropic", "anthropic/529-overloaded.json"),
        ("anthropic", "anthropic/429-rate-limit.json"),
        ("anthropic", "anthropic/overloaded-at-once.sse"),
    ],
)
def test_a_passing_failure_is_tried_again(
    make_writing: MakeAssembly, providers: Providers, provider: str, recording: str
) -> None:
    providers.play(recording, retry_after="0")
    providers.play(f"{provider}/answer.sse")
    answer = make_writing(MODELS[provider]).answerer.answer(QUESTION)
    assert answer.text == WRITTEN
    assert len(providers.requests) == 2


@pytest.mark.parametrize(
    ("provider", "recording", "requests", "told"),
    [
        ("openai", "openai/401-key.json", 1, "tell an admin"),
        ("openai", "openai/429-quota.json", 1, "tell an admin"),
        ("openai", "openai/refusal.sse", 1, "declined"),
        ("openai", "openai/prose.sse", 2, "could not be read"),
        ("openai", "openai/500-server.json", 3, "cannot be reached"),
        ("openai", "openai/429-rate-limit.json", 3, "too much to do"),
        ("anthropic", "anthropic/401-key.json", 1, "tell an admin"),
        ("anthropic", "anthropic/400-credit.json", 1, "tell an admin"),
        ("anthropic", "anthropic/refusal.sse", 1, "declined"),
        ("ollama", "ollama/404-model.json", 1, "tell an admin"),
    ],
)
def test_what_does_not_pass_ends_in_the_documents_own_sentences_and_a_note(
    make_writing: MakeAssembly, providers: Providers, provider: str, recording: str, requests: int,
    told: str,
) -> None:  # fmt: skip
    providers.play(*[recording] * requests, retry_after="0")
    answer = make_writing(MODELS[provider]).answerer.answer(QUESTION)
    assert (answer.mode, answer.answered) == ("extractive", True)
    assert QUOTE in answer.text
    assert told in answer.note
    assert len(providers.requests) == requests


def test_malformed_output_is_repaired_once(
    make_writing: MakeAssembly, providers: Providers
) -> None:
    providers.play("openai/prose.sse", "openai/answer.sse")
    answer = make_writing().answerer.answer(QUESTION)
    assert answer.text == WRITTEN
    assert answer.writing is not None
    assert answer.writing.repaired
    assert "I hope this helps!" in providers.read[1]
    assert "cannot be used" in providers.read[1]


@pytest.mark.parametrize(
    ("provider", "recording"),
    [("openai", "openai/400-context.json"), ("anthropic", "anthropic/400-too-long.json")],
)
def test_fewer_passages_are_sent_where_all_of_them_are_too_many(
    make_writing: MakeAssembly, providers: Providers, provider: str, recording: str
) -> None:
    providers.play(recording, recording, f"{provider}/answer.sse")
    answer = make_writing(MODELS[provider]).answerer.answer(QUESTION)
    assert answer.text == WRITTEN
    assert [text.count("<passage ") for text in providers.read] == [8, 4, 2]


@pytest.mark.parametrize(
    ("provider", "recording", "dropped"),
    [
        ("openai", "openai/cut-off.sse", ["cut off"]),
        ("anthropic", "anthropic/cut-off.sse", ["cut off"]),
        ("anthropic", "anthropic/overloaded-midway.sse", []),
    ],
)
def test_an_answer_that_breaks_off_keeps_what_was_verified_and_nothing_half(
    make_writing: MakeAssembly, providers: Providers, provider: str, recording: str,
    dropped: list[str],
) -> None:  # fmt: skip
    providers.play(recording)
    answer = make_writing(MODELS[provider]).answerer.answer(QUESTION)
    assert answer.text == "As of 3 November 2023: Hydroxamate raised recovery to 81%. [1]"
    assert answer.mode == "generated"
    assert len(providers.requests) == 1
    assert [reason for reason in drops(answer) if reason == "cut off"] == dropped or answer.note


@pytest.mark.parametrize("at", ["headers", "half way"])
def test_the_whole_answer_has_a_deadline(
    make_writing: MakeAssembly, providers: Providers, at: str
) -> None:
    name = "openai/500-server.json" if at == "headers" else "openai/answer.sse"
    providers.play(name, silence=4)
    began = time.monotonic()
    answer = make_writing(answer_seconds=1.5).answerer.answer(QUESTION)
    assert time.monotonic() - began < 3.5
    assert answer.answered
    if at == "headers":
        assert answer.mode == "extractive"
        assert "did not answer in time" in answer.note
    else:
        assert answer.text == "As of 3 November 2023: Hydroxamate raised recovery to 81%. [1]"
        assert "broke off" in answer.note


def test_a_wait_longer_than_the_deadline_is_not_waited_for(
    make_writing: MakeAssembly, providers: Providers
) -> None:
    providers.play("openai/429-rate-limit.json", retry_after="120")
    began = time.monotonic()
    answer = make_writing().answerer.answer(QUESTION)
    assert time.monotonic() - began < 10
    assert answer.mode == "extractive"


def test_a_server_that_is_not_there_costs_no_answer(make_writing: MakeAssembly) -> None:
    answer = make_writing(chat_base_url="http://127.0.0.1:9/v1").answerer.answer(QUESTION)
    assert answer.answered
    assert "cannot be reached" in answer.note


def test_a_model_that_goes_round_in_circles_is_not_listened_to_for_ever(
    make_writing: MakeAssembly, providers: Providers
) -> None:
    statement = {"evidence": [{"passage": 1, "quote": QUOTE}], "text": "Recovery rose to 81%."}
    providers.script = lambda _: {"in_documents": True, "statements": [statement] * 40}
    answer = make_writing().answerer.answer(QUESTION)
    assert answer.text.count("81%") == 1
    assert drops(answer) == ["repeated"] * 11


# What is asked


def test_follow_ups_are_rewritten_and_others_are_not(
    make_writing: MakeAssembly, providers: Providers
) -> None:
    answerer = make_writing().answerer
    alone = "What does Hydroxamate do for recovery at Sable Ridge?"

    def script(read: str) -> dict[str, object]:
        if "<earlier>" in read:
            return {"question": alone, "parts": []}
        return {"in_documents": False, "statements": []}

    providers.script = script
    earlier = ["What does hydroxamate cost at Sable Ridge?"]
    answer = answerer.answer(Inquiry("and what does it do for recovery?", earlier))
    assert answer.question == alone
    assert "- What does hydroxamate cost" in providers.read[0]
    assert len(providers.requests) == 2
    answerer.answer(Inquiry(alone, earlier))
    assert len(providers.requests) == 3


def test_a_rewritten_question_that_brings_in_something_new_is_not_used(
    make_writing: MakeAssembly, providers: Providers
) -> None:
    invented = "What does Hydroxamate do for recovery at Mountain Pass in 2019?"
    providers.script = lambda read: (
        {"question": invented, "parts": []}
        if "<earlier>" in read
        else {"in_documents": False, "statements": []}
    )
    earlier = ["How much rare earth oxide did Karrabin produce in 2022?"]
    answer = make_writing().answerer.answer(Inquiry("and in 2023?", earlier))
    assert answer.question == "How much rare earth oxide did Karrabin produce in 2023?"


def test_the_parts_of_a_comparison_are_searched_one_by_one(
    make_writing: MakeAssembly, providers: Providers
) -> None:
    parts = [
        "How much REO did Karrabin produce in 2022?",
        "How much REO did Karrabin produce in 2023?",
    ]
    quotes = (
        "produced 11,420 tonnes of rare earth oxide",
        "produced 12,870 tonnes of rare earth oxide",
    )
    question = "Compare the REO that Karrabin produced in 2022 and 2023"

    def script(read: str) -> dict[str, object]:
        if "<earlier>" in read:
            return {"question": question, "parts": parts}
        evidence = [{"passage": 1, "quote": quote} for quote in quotes]
        text = "Karrabin produced 11,420 tonnes in 2022 and 12,870 tonnes in 2023."
        return {"in_documents": True, "statements": [{"evidence": evidence, "text": text}]}

    providers.script = script
    answer = make_writing().answerer.answer(question)
    assert "12,870 tonnes in 2023. [1][2]" in answer.text
    assert {citation.document for citation in answer.citations} == {
        "karrabin-review-2022.txt", "karrabin-review-2023.txt",
    }  # fmt: skip


def test_an_unsure_question_costs_nothing(make_writing: MakeAssembly, providers: Providers) -> None:
    answer = make_writing().answerer.answer("What is the capital of France?")
    assert not answer.answered
    assert providers.requests == []
    assert answer.writing is None


# Settings


@pytest.mark.parametrize("name", ["nonsense", "openai:gpt-4o", "unknownprovider:model"])
def test_a_chat_model_that_cannot_be_opened_is_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"MONAZITE_CHAT_MODEL={name}"):
        open_chat_model(ChatModelSettings(name))


def test_a_teams_prompt_takes_the_place_of_ours(
    make_writing: MakeAssembly, providers: Providers, tmp_path: Path
) -> None:
    (tmp_path / "answer.txt").write_text("Answer like a geologist, in {max_words} words.")
    providers.play("openai/answer.sse", "openai/answer.sse")
    theirs = make_writing(prompts=tmp_path).answerer.answer(QUESTION)
    ours = make_writing().answerer.answer(QUESTION)
    assert "Answer like a geologist, in 120 words." in providers.read[0]
    assert theirs.writing is not None
    assert ours.writing is not None
    assert theirs.writing.prompts["answer"] != ours.writing.prompts["answer"]
    assert theirs.writing.prompts["plan"] == ours.writing.prompts["plan"]


def test_a_sheet_tells_what_was_written(make_writing: MakeAssembly, providers: Providers) -> None:
    providers.play("openai/answer.sse")
    transcript = Transcript()
    make_writing().answerer.answer_with(QUESTION, transcript)
    assert transcript.written[0].statement.text.startswith("Hydroxamate")
    assert [call.outcome for call in transcript.usage.calls] == ["ok"]
    assert transcript.usage.cost is None
