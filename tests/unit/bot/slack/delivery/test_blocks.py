"""Snapshots of what is posted, held against Slack's limits and slack_sdk's models."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.answers.answer import Answer, Citation
from bot.conversations.exchanges import Exchange
from bot.slack.delivery.blocks import answer_tail, cited_in, text_blocks
from bot.slack.listeners.feedback import _why_view
from bot.slack.listeners.home import Knowledge, home_blocks
from bot.slack.listeners.passages import with_bold
from tests.slack.limits import check_blocks, check_view

SNAPSHOTS = Path(__file__).parent / "snapshots"
CITATION = Citation(
    1, "reports/q3.pdf", "Report <Q3> & more", "Prices", 4, "2024-12-05",
    "Cerium\n<!channel> rose & fell.", 100, 130, "v1-3", 0.8,
)  # fmt: skip
ANSWERED = Answer(
    "What did cerium do?", "As of 5 December 2024: Cerium <!channel> rose & fell. [1]", True,
    "extractive", (CITATION,), request_id="0123456789ab", confidence=0.9,
)  # fmt: skip
UNKNOWN = replace(
    ANSWERED, text="I don't know: the documents don't seem to answer this.", answered=False,
    citations=(), nearest=(CITATION,),
)  # fmt: skip


def message(answer: Answer, **options: Any) -> list[Block]:
    return [*text_blocks(answer.text), *answer_tail(answer, **options)]


def home() -> list[Block]:
    knowledge = Knowledge(3, "2024-12-05", datetime(2026, 11, 24, 9, 30, tzinfo=UTC))
    asked = [
        Exchange("1", "C1", "", "", "U1", "and in <2024>?", "Prices in <2024>?", answered=True),
        Exchange("2", "C1", "", "", "U1", "Capital of Peru?", answered=False),
    ]
    return home_blocks(knowledge, ["What is cerium?", "x" * 90], asked)


SHAPES = {
    "answer": lambda: message(ANSWERED),
    "private-answer": lambda: message(ANSWERED, shareable=True, understood="What did Ce do?"),
    "unknown": lambda: message(UNKNOWN, can_pass_on=True),
    "home": home,
    "empty-home": lambda: home_blocks(Knowledge(0, None, None), [], []),
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_posted_is_as_kept_and_as_slack_takes_it(name: str) -> None:
    blocks = [block.to_dict() for block in SHAPES[name]()]
    check_blocks(blocks, "home" if "home" in name else "message")
    again = [block.to_dict() for block in Block.parse_all(blocks)]
    assert again == blocks
    kept = SNAPSHOTS / f"{name}.json"
    assert blocks == json.loads(kept.read_text())


def test_the_modal_that_asks_why_is_as_slack_takes_it() -> None:
    view = _why_view("0123456789ab").to_dict()
    check_view(view)
    assert View(**view).to_dict() == view
    assert view["private_metadata"] == "0123456789ab"


def test_no_document_can_ping_or_link() -> None:
    posted = json.dumps([block.to_dict() for block in message(ANSWERED)])
    assert "<" not in posted


def test_a_huge_answer_stays_within_the_limits() -> None:
    big = replace(CITATION, title="T" * 5000, section="S" * 5000, quote="&" * 9000)
    huge = replace(
        ANSWERED,
        text="& < > " * 1500,
        citations=tuple(replace(big, number=n, passage=f"{n:040}-9999") for n in range(1, 80)),
    )
    check_blocks([block.to_dict() for block in message(huge, shareable=True)], "message")


def test_a_button_names_the_spans_it_shows() -> None:
    actions = next(b for b in message(ANSWERED) if b.type == "actions").to_dict()
    assert cited_in(actions["elements"][0]["value"]) == {"v1-3": [(100, 130)]}


def test_quotes_are_bold_line_by_line_and_asterisks_are_text() -> None:
    assert with_bold("A * b.\nTwo <lines>\nof quote. End.", ["Two <lines>\nof quote."]) == (
        "A ∗ b.\n*Two &lt;lines&gt;*\n*of quote.* End."
    )
