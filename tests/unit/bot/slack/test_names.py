"""Names, titles and questions from outside in everything that is posted to Slack."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from bot.answers.answer import Answer, Citation
from bot.conversations.exchanges import Exchange
from bot.slack.delivery.blocks import answer_tail, text_blocks
from bot.slack.delivery.mrkdwn import escape_markdown, escape_name, line_of
from bot.slack.listeners.home import Knowledge, home_blocks
from bot.slack.listeners.passages import _place
from bot.slack.work.index_jobs import _outcome
from bot.slack.work.listings import _documents, _run_line
from prompts.answer import _numbered
from prompts.fences import fence_line
from prompts.library import load_prompt
from prompts.plan import plan_request
from retrieval.domain.access import OPERATOR
from retrieval.domain.metadata import Metadata
from retrieval.domain.passages import Passage
from retrieval.domain.records import DocumentInfo, StoredPassage
from retrieval.storage.runs import Run
from tests.attacks.names import HARMFUL, Name, read_names
from tests.slack.limits import check_blocks

NAMES = [pytest.param(name, id=name.what) for name in read_names()]
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def texts(blocks: list[dict[str, Any]]) -> Iterator[str]:
    """Every text in blocks that a person is shown."""
    for key, value in (pair for block in blocks for pair in block.items()):
        if key == "text" and isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from texts([value])
        elif isinstance(value, list):
            yield from texts([one for one in value if isinstance(one, dict)])


def posted(blocks: list[Block]) -> list[str]:
    made = [block.to_dict() for block in blocks]
    check_blocks(made, "message")
    return list(texts(made))


def assert_same_lines(make: Callable[[str], list[str]], name: str) -> list[str]:
    """What is made of an odd name has as many lines as what is made of a plain one."""
    plain, odd = make("Plain name"), make(name)
    assert [text.count("\n") for text in odd] == [text.count("\n") for text in plain]
    for text in odd:
        assert not HARMFUL.search(text), ascii(text)
        assert len(text.splitlines()) == text.count("\n") + 1
    return odd


def citation(name: str) -> Citation:
    return Citation(
        1, f"{name}.txt", name, f"{name} › {name}", None, None, f"Said in {name}.", 0, 9, "v-1", 0.9
    )


def answer_texts(name: str) -> list[str]:
    answer = Answer(
        name, "Text [1]", True, "extractive", (citation(name),), request_id="0123456789ab",
        note=f"The documents don't seem to answer: {name}",
    )  # fmt: skip
    unknown = replace(answer, answered=False, citations=(), nearest=answer.citations)
    blocks = [*answer_tail(answer, understood=name), *answer_tail(unknown, understood=name)]
    return posted(blocks)


@pytest.mark.parametrize("name", NAMES)
def test_no_name_forges_a_line_under_an_answer(name: Name) -> None:
    shown = assert_same_lines(answer_texts, name.name)
    assert any(escape_name(f"{name.name}.txt") in text for text in shown)
    source = next(text for text in shown if text.startswith("[1] "))
    assert source.count("\n&gt;") == 0
    assert source.count("\n>") == 1


@pytest.mark.parametrize("name", NAMES)
def test_no_question_forges_a_line_on_the_home_tab(name: Name) -> None:
    def home(text: str) -> list[str]:
        asked = [Exchange("1", "C1", "", "", "U1", text, text, answered=True)]
        made = [block.to_dict() for block in home_blocks(Knowledge(3, None, NOW), [text], asked)]
        check_blocks(made, "home")
        return list(texts(made))

    assert_same_lines(home, name.name)


@pytest.mark.parametrize("name", NAMES)
def test_no_name_forges_a_line_of_a_listing(name: Name) -> None:
    def listing(text: str) -> list[str]:
        said = Metadata(author=text, tags=(text, text), added_by=text, added_at="2026-11-24")
        document = DocumentInfo(f"{text}.txt", text, None, "txt", 3, "everyone", said, NOW)
        run = Run("1", "index", text, NOW, NOW, "failed", {"documents": {"failed": [1]}}, text)
        failures = [{"document": f"{text}.txt", "error": f"cannot be read: {text}"}]
        report = {
            "documents": dict.fromkeys(("added", "updated", "removed", "unchanged"), 0)
            | {"failed": failures},
            "passages": 0, "generation": 1, "timings_s": {"total": 1.0}, "failures": 1,
        }  # fmt: skip
        outcomes = (
            _outcome(json.dumps(report), "", clean=False),
            _outcome("", f"monazite: {text}".split("\n")[0], clean=False),
        )
        told = ["\n".join(_documents([document], OPERATOR)), f"• {_run_line(run)}"]
        told += [outcome.told_to(OPERATOR, alone=True) for outcome in outcomes]
        return [line_of(one) for one in told]

    shown = assert_same_lines(listing, name.name)
    assert all(line.startswith("•") for line in shown[2].splitlines()[1:])


@pytest.mark.parametrize("name", NAMES)
def test_no_name_forges_a_line_in_the_modal_or_in_a_prompt(name: Name) -> None:
    def places(text: str) -> list[str]:
        passage = Passage(0, 0, 11, "Text of it.", f"{text} › {text}")
        stored = StoredPassage("v-0", "v", f"{text}.txt", text, "2024-05", passage)
        request = plan_request(load_prompt("plan"), "And then?", [text, "What else?"])
        return [_place(stored), _numbered(1, stored), str(request[-1].content)]

    _, numbered, planned = assert_same_lines(places, name.name)
    assert numbered.count("<") == 2
    assert planned.count("\n- ") == 2


@pytest.mark.parametrize("name", NAMES)
def test_escaped_names_can_neither_ping_nor_link_nor_begin_a_line(name: Name) -> None:
    for text in (escape_name(name.name), escape_name(name.name, 10), escape_markdown(name.name)):
        assert "<" not in text
        assert ">" not in text
    assert "\n" not in escape_name(name.name)
    assert len(fence_line(name.name, 50)) <= 60


def test_a_bare_mention_leaves_no_line_on_the_home_tab() -> None:
    asked = [
        Exchange(str(number), "C1", "", "", "U1", text, text)
        for number, text in enumerate(("", " \n", "\u200b"))
    ]
    assert "Your last questions" not in str(
        [block.to_dict() for block in home_blocks(Knowledge(0, None, None), [], asked)]
    )


def test_text_of_an_answer_turns_no_direction() -> None:
    (section,) = posted(text_blocks("Cost is \u202e812\u202c dollars\x1b[0m. [1]"))
    assert section == "Cost is 812 dollars[0m. [1]"
