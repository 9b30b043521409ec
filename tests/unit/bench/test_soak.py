"""The soak's own judgement: it must see what it is there to see."""

from typing import Any

import pytest

from bench.soak.ledger import Ledger, Question
from bench.soak.programs import is_flat
from tests.slack.server import LoopbackSlack
from tests.slack.workspace import BOT_ID

FOOTER = [{"type": "context", "elements": [{"text": "Newest: 2024 · request 0123456789ab"}]}]
APOLOGY = "Sorry, something went wrong. Please tell an admin: request 0123456789ab"


def post(slack: LoopbackSlack, text: str, **more: Any) -> None:
    slack.history.append({"bot_id": BOT_ID, "thread_ts": "1.0", "text": text, **more})


@pytest.mark.parametrize(
    ("answers", "apologies", "outcome"),
    [(1, 0, "once"), (2, 0, "twice"), (0, 1, "refused"), (1, 1, "once"), (0, 0, "silent")],
)
@pytest.mark.parametrize("asked", ["mention", "command"])
def test_each_question_has_the_outcome_that_people_saw(
    answers: int, apologies: int, outcome: str, asked: str
) -> None:
    slack = LoopbackSlack()
    ledger = Ledger(slack)
    ledger.ask(Question("U1", "1.0" if asked == "mention" else ""))
    for text, blocks in [("Yes.", FOOTER)] * answers + [(APOLOGY, [])] * apologies:
        if asked == "mention":
            post(slack, text, blocks=blocks)
        else:
            slack.responses.append({"user": "U1", "text": text, "blocks": blocks})
    assert ledger.outcomes() == {"U1": outcome}


def test_a_stream_that_never_ended_is_seen() -> None:
    slack = LoopbackSlack()
    ledger = Ledger(slack)
    ledger.ask(Question("U1", "1.0"))
    post(slack, "Yes", streaming=True)
    assert ledger.figures() == {"unfinished": 1}


def test_what_slack_could_not_deliver_is_not_held_against_the_bot() -> None:
    ledger = Ledger(LoopbackSlack())
    ledger.ask(Question("U1", undelivered=True))
    assert ledger.figures() == {"undelivered": 1}


@pytest.mark.parametrize(
    ("figures", "flat"),
    [
        ({"memory_mib": [650, 660], "threads": [30, 34], "descriptors": [50, 50]}, True),
        ({"memory_mib": [650, 800], "threads": [30, 30], "descriptors": [50, 50]}, False),
        ({"memory_mib": [650, 650], "threads": [30, 90], "descriptors": [50, 50]}, False),
        ({"memory_mib": [650, 650], "threads": [30, 30], "descriptors": [50, 200]}, False),
        ({}, True),
    ],
)
def test_what_grows_is_seen(figures: dict[str, list[float]], flat: bool) -> None:
    assert is_flat(figures) is flat
