"""What people set going in Slack and goes wrong is told to them, whatever it is; Home, and commands."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse

from bot.answering.answerer import Inquiry
from bot.answers.answer import Answer
from bot.slack.concurrency.worker_pool import WorkerPool, WorkerPools
from bot.slack.work.index_jobs import IndexJobs
from bot.wiring.installation import Installation
from tests.attacks.cases import read_cases
from tests.conftest import MakeAssembly
from tests.slack.bot import MENTION, QUESTION, Bot, over_http, over_socket
from tests.slack.server import LoopbackSlack, wait_for
from tests.slack.workspace import BOT_USER, PERSON

ADD = "add_to_knowledge_base"
EVERYONE = {"selected_option": {"value": "everyone"}}


@pytest.fixture
def indexed(make_assembly: MakeAssembly, documents: Path) -> Installation:
    installation = make_assembly(documents=documents)
    installation.indexer.index([documents])
    return installation


@pytest.fixture
def admin_bot(indexed: Installation, slack: LoopbackSlack) -> Iterator[Bot]:
    slack.admins.add(PERSON)
    with over_socket(indexed, slack) as running:
        yield running


def burn(*_: object, **__: object) -> None:
    raise RuntimeError("disk on fire")


def is_logged(installation: Installation, text: str) -> bool:
    request_id = text.rpartition(" ")[2]
    return f"request {request_id}" in (installation.settings.home / "logs/errors.log").read_text()


def told_of_adding(bot: Bot, slack: LoopbackSlack, file: dict[str, Any] | None = None) -> str:
    """Adds a file, as which Slack then gives `file`; returns what the admin is told."""
    message = slack.share("a.txt", b"Terbium costs 812 dollars.")
    slack.shortcut(message, callback=ADD)
    view = wait_for(lambda: slack.views)[0]
    if file is not None:
        identifier = message["files"][0]["id"]
        slack.files[identifier] = {"id": identifier, **file}
    slack.submit(view, {"access": EVERYONE})
    bot.settle()
    return str(wait_for(lambda: slack.messages)[-1]["text"])


@pytest.mark.parametrize("case", read_cases("slack_errands"), ids=lambda case: case["what"])
def test_a_file_that_cannot_be_had_is_told(admin_bot: Bot, case: dict[str, Any]) -> None:
    told = told_of_adding(admin_bot, admin_bot.slack, case["file"])
    assert told
    assert "Traceback" not in told
    assert "Added" not in told


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("disk on fire"), OSError(28, "No space left on device"), KeyError("name"),
        UnicodeError("surrogates"), RecursionError("deep"), MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_an_addition_that_fails_in_any_way_is_told(
    admin_bot: Bot, indexed: Installation, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(indexed.uploads, "add", fail)
    told = told_of_adding(admin_bot, admin_bot.slack)
    assert told
    assert "fire" not in told
    assert "Added" not in told


@pytest.mark.parametrize(
    "command", ["status", "documents", "history", "cancel", "remove cerium.txt"]
)
def test_a_command_that_fails_in_any_way_is_told(
    admin_bot: Bot, indexed: Installation, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    for part, names in (
        (indexed.catalog, ("live_build", "documents")),
        (indexed.runs, ("history", "cancel")),
        (indexed.remover, ("find",)),
    ):
        for name in names:
            monkeypatch.setattr(part, name, burn)
    admin_bot.slack.command(command, name="/monazite")
    told = wait_for(lambda: admin_bot.slack.responses)[0]["text"]
    assert "Please tell an admin: request " in told
    assert is_logged(indexed, told)


def test_a_removal_that_fails_is_told(
    admin_bot: Bot, indexed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack = admin_bot.slack
    slack.command("remove cerium.txt", name="/monazite")
    offer = wait_for(lambda: slack.responses)[0]
    monkeypatch.setattr(indexed.remover, "remove", burn)
    slack.press(offer["blocks"], "remove_document")
    told = wait_for(lambda: slack.responses[1:])[0]["text"]
    assert is_logged(indexed, told)


def test_what_the_response_url_does_not_take_is_told_directly(admin_bot: Bot) -> None:
    admin_bot.slack.response_failures = [404, 404]
    admin_bot.slack.command("status", name="/monazite")
    told = wait_for(lambda: admin_bot.slack.messages)[0]
    assert told["channel"] == admin_bot.slack.direct(PERSON)
    assert "Please tell an admin: request " in told["text"]


def test_a_run_that_cannot_begin_is_told(admin_bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(IndexJobs, "index", burn)
    admin_bot.slack.command("reindex", name="/monazite")
    wait_for(lambda: "went wrong" in str(admin_bot.slack.messages))


@pytest.mark.parametrize("word", ["rebuild", "all", "REBUILD"])
def test_an_index_is_made_anew_by_the_word_of_the_documentation(
    admin_bot: Bot, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    asked: list[bool] = []

    def start(*_: object, rebuild: bool) -> None:
        asked.append(rebuild)

    monkeypatch.setattr(IndexJobs, "start", start)
    admin_bot.slack.command(f"reindex {word}", name="/monazite")
    wait_for(lambda: asked)
    assert asked == [True]


def pass_on(bot: Bot) -> str:
    """Passes a question without an answer on; returns what its asker is told."""
    slack = bot.slack
    slack.say(f"<@{BOT_USER}> What is the airspeed of an unladen swallow over Karrabin?")
    blocks = bot.answer()["blocks"]
    before = len(slack.responses)
    slack.press(blocks, "pass_on")
    return str(wait_for(lambda: slack.responses[before:])[0]["text"])


def test_a_question_is_passed_on_without_its_address_if_need_be(socket_bot: Bot) -> None:
    socket_bot.slack.fail("chat.getPermalink", JSONResponse({"ok": True}))
    assert "I have passed your question on" in pass_on(socket_bot)


def test_passing_on_that_fails_is_told_and_can_be_tried_again(
    socket_bot: Bot, library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(
            library.idempotency_keys, "claim", lambda key: burn() if "pass" in key else True
        )
        broken.setattr("bot.slack.listeners.commands._link_to", burn)
        assert "Please tell an admin: request " in pass_on(socket_bot)
    slack = socket_bot.slack
    slack.press(slack.messages[0]["blocks"], "pass_on")
    wait_for(lambda: "I have passed your question on" in str(slack.responses))


def test_an_errand_for_which_there_is_no_room_is_told(
    indexed: Installation, slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tests.slack.bot.open_worker_pools",
        lambda: WorkerPools(WorkerPool(1, room=6), WorkerPool(1, room=0)),
    )
    slack.admins.add(PERSON)
    with over_http(indexed, slack):
        slack.command("status", name="/monazite")
        assert "too busy" in wait_for(lambda: slack.responses)[0]["text"]


@pytest.mark.parametrize("mention", [f"<@{BOT_USER}>", f"<@{BOT_USER}> ?!", f"<@{BOT_USER}> 🙏"])
def test_a_bare_mention_is_no_last_question(socket_bot: Bot, mention: str) -> None:
    slack = socket_bot.slack
    for text in (MENTION, mention, mention):
        slack.say(text, user="U00000002")
        socket_bot.settle()
    slack.open_home("U00000002")
    socket_bot.settle()
    home = slack.homes["U00000002"]
    again = [block["accessory"] for block in home["blocks"] if "accessory" in block]
    assert again
    assert {button["value"] for button in again} == {QUESTION}


def test_a_home_that_fails_says_so(
    socket_bot: Bot, library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library.exchanges, "of_asker", burn)
    socket_bot.slack.open_home()
    socket_bot.settle()
    assert "Please tell an admin: request " in str(socket_bot.slack.homes[PERSON])


# A response that was begun


def test_a_response_that_was_begun_is_not_sent_again_but_owned_up_to(
    library: Installation, http_bot: Bot, make_shared: MakeAssembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.e2e.test_slack_takeover import heir

    for orphan in library.exchanges.orphans([]):
        library.exchanges.withdraw(orphan.request_id)
    slack = http_bot.slack

    def die(*_: object) -> None:
        raise SystemExit("killed between sending and noting")

    monkeypatch.setattr(library.exchanges, "close", die)
    slack.command(QUESTION)
    wait_for(lambda: slack.responses)
    http_bot.settle()
    with heir(make_shared(library.settings.home)) as (takeover, pools):
        assert takeover.look() == 1
        wait_for(lambda: pools.idle)
        assert takeover.look() == 0
    answer, line = slack.responses
    assert "readings:" in answer["text"]
    assert "I was interrupted just as I answered" in line["text"]
    assert QUESTION in line["text"]


def test_a_response_that_was_not_begun_is_sent_by_the_heir(
    library: Installation, http_bot: Bot, make_shared: MakeAssembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.e2e.test_slack_takeover import heir

    for orphan in library.exchanges.orphans([]):
        library.exchanges.withdraw(orphan.request_id)

    def die(inquiry: Inquiry) -> Answer:
        raise SystemExit(inquiry.request_id)

    slack = http_bot.slack
    with monkeypatch.context() as dying:
        dying.setattr(library.answerer, "answer", die)
        slack.command(QUESTION)
        http_bot.settle()
    assert slack.responses == []
    with heir(make_shared(library.settings.home)) as (takeover, pools):
        assert takeover.look() == 1
        wait_for(lambda: pools.idle)
    (answer,) = slack.responses
    assert "readings:" in answer["text"]


def test_a_response_whose_beginning_cannot_be_noted_is_not_sent(
    socket_bot: Bot, library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library.exchanges, "began", burn)
    socket_bot.slack.command(QUESTION)
    (told,) = wait_for(lambda: socket_bot.slack.responses)
    assert "Please tell an admin: request " in told["text"]


# Limits of all processes


def test_the_questions_of_a_minute_are_counted_for_all_processes(
    library: Installation, slack: LoopbackSlack, make_shared: MakeAssembly,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("SLACK_USER_QUESTIONS_PER_MINUTE", "2")
    with over_http(library, slack) as one:
        for _ in range(2):
            slack.say(MENTION)
        other = make_shared(library.settings.home)
        with over_http(other, slack, fresh=False) as two:
            slack.say(MENTION)
            slack.say(MENTION, user="U00000002")
            two.settle()
            one.settle()
    assert len(slack.messages) == 3
    assert "please ask again in" in slack.ephemerals[0]["text"]
