"""Questions asked in Slack, wherever they can be asked, in both modes."""

from typing import Any

import pytest

from tests.slack.bot import MENTION, QUESTION, Bot
from tests.slack.server import LoopbackSlack, wait_for
from tests.slack.workspace import BOT_USER, PERSON


def small_print(message: dict[str, Any]) -> list[str]:
    return [b["elements"][0]["text"] for b in message["blocks"] if b["type"] == "context"]


def test_a_start_calls_nothing_but_auth_test(bot: Bot) -> None:
    assert set(bot.slack.calls) <= {"auth.test", "apps.connections.open"}


def test_a_mention_is_answered_in_its_thread_with_sources(bot: Bot) -> None:
    asked = bot.slack.say(MENTION)
    message = bot.answer()
    assert (message["channel"], message["thread_ts"]) == ("C1", asked["ts"])
    assert "1. The two critical rare earth bases" in message["text"]
    sources = small_print(message)
    assert any(
        s.startswith("[1] *Northern rare earth 2024-12* · line 12 · December 2024") for s in sources
    )
    assert sources[-1].startswith("As of December 2024, the newest source · request ")


def test_a_mention_in_a_thread_is_answered_in_that_thread(socket_bot: Bot) -> None:
    root = socket_bot.slack.say("Lunch?")
    socket_bot.slack.say(MENTION, thread=root["ts"])
    assert socket_bot.answer()["thread_ts"] == root["ts"]


def test_a_direct_message_is_answered_and_other_talk_is_left_alone(bot: Bot) -> None:
    direct = bot.slack.direct(PERSON)
    bot.slack.say("What is cerium?")
    bot.slack.say("beep", channel=direct, bot_id="B9")
    bot.slack.say("has joined", channel=direct, subtype="channel_join")
    bot.slack.say("Who replaced Marguerite Oduya?", channel=direct)
    assert bot.answer()["channel"] == direct


def test_talk_in_a_thread_the_bot_has_answered_in_is_left_alone(socket_bot: Bot) -> None:
    asked = socket_bot.slack.say(MENTION)
    socket_bot.answer()
    socket_bot.slack.say("Interesting. What do you think?", thread=asked["ts"], user="U00000002")
    assert len(socket_bot.answers()) == 1


def test_a_command_is_answered_privately_and_can_be_shared(bot: Bot) -> None:
    bot.slack.command(QUESTION)
    wait_for(lambda: bot.slack.responses)
    response = bot.slack.responses[0]
    assert response["response_type"] == "ephemeral"
    assert bot.answers() == []
    bot.slack.press(response["blocks"], "share_answer")
    shared = bot.answer()
    assert "two critical rare earth bases" in shared["text"]
    assert small_print(shared)[0] == f"<@{PERSON}> asked: {QUESTION}"


def test_a_private_answer_cannot_be_shared_where_the_bot_is_not(socket_bot: Bot) -> None:
    socket_bot.slack.command(QUESTION, channel="C2")
    response = wait_for(lambda: socket_bot.slack.responses)[0]
    socket_bot.slack.press(response["blocks"], "share_answer", channel="C2")
    socket_bot.settle()
    assert "invite me" in socket_bot.slack.responses[-1]["text"]
    assert socket_bot.slack.messages == []


@pytest.mark.parametrize("text", ["", "help"])
def test_a_command_without_a_question_says_how_to_ask(socket_bot: Bot, text: str) -> None:
    socket_bot.slack.command(text)
    acks = [ack.get("payload", {}) for ack in socket_bot.slack.acks.values()]
    assert "Ask a question after the command" in str(acks)
    assert socket_bot.answers() == []


def test_the_shortcut_answers_the_message_it_was_used_on(bot: Bot) -> None:
    message = bot.slack.say(QUESTION, user="U00000002")
    bot.slack.shortcut(message)
    answer = bot.answer()
    assert answer["thread_ts"] == message["ts"]
    assert "two critical rare earth bases" in answer["text"]


def test_a_shortcut_where_the_bot_is_not_says_so_to_its_user(socket_bot: Bot) -> None:
    message = socket_bot.slack.say(QUESTION, channel="C2")
    socket_bot.slack.shortcut(message)
    socket_bot.settle()
    assert "invite me" in socket_bot.slack.responses[0]["text"]
    assert socket_bot.slack.messages == []


def test_the_passages_open_in_a_modal_with_the_quote_in_bold_and_its_neighbours(bot: Bot) -> None:
    bot.slack.say(MENTION)
    bot.slack.press(bot.answer()["blocks"], "show_passages")
    view = wait_for(lambda: bot.slack.views)[0]
    texts = [b["text"]["text"] for b in view["blocks"] if b["type"] == "section"]
    assert any("*The two critical rare earth bases in China include" in text for text in texts)
    around = small_print(view)
    assert any(text.startswith("… ") for text in around)
    assert any(text.endswith(" …") for text in around)


def test_what_is_not_known_is_said_and_can_be_passed_on_once(bot: Bot) -> None:
    bot.slack.say(f"<@{BOT_USER}> What is the capital of Peru?")
    message = bot.answer()
    assert message["text"].startswith("I don't know")
    assert "*Nearest passages* (not an answer)" in small_print(message)
    for _ in range(2):
        bot.slack.press(message["blocks"], "pass_on")
        bot.settle()
    (passed,) = [m for m in bot.slack.messages if m["channel"] == "CADMIN"]
    assert passed["text"].startswith(f"<@{PERSON}> asks")
    assert "What is the capital of Peru?" in passed["text"]
    assert "https://example.slack.com/archives/C1/p" in passed["text"]
    assert [response["text"].split()[0:4] for response in bot.slack.responses] == [
        ["I", "have", "passed", "your"], ["This", "question", "has", "been"],
    ]  # fmt: skip


def test_a_follow_up_is_understood_with_its_thread(bot: Bot) -> None:
    asked = bot.slack.say(f"<@{BOT_USER}> What did Northern Rare Earth earn in 2023?")
    bot.answer()
    bot.slack.say(f"<@{BOT_USER}> and in 2022?", thread=asked["ts"])
    follow_up = bot.answers()[-1]
    assert "Understood as: What did Northern Rare Earth earn in 2022?" in small_print(follow_up)


def test_a_follow_up_in_direct_messages_is_understood_without_a_thread(socket_bot: Bot) -> None:
    direct = socket_bot.slack.direct("U00000002")
    socket_bot.slack.say("Who replaced Marguerite Oduya?", channel=direct, user="U00000002")
    socket_bot.answer()
    socket_bot.slack.say("and when was that?", channel=direct, user="U00000002")
    assert "Understood as: when was that (replaced Marguerite Oduya)?" in small_print(
        socket_bot.answers()[-1]
    )


def test_a_follow_up_is_understood_where_threads_cannot_be_read(socket_bot: Bot) -> None:
    socket_bot.slack.scopes -= {"channels:history"}
    asked = socket_bot.slack.say(f"<@{BOT_USER}> What did Northern Rare Earth earn in 2023?")
    socket_bot.answer()
    socket_bot.slack.say(f"<@{BOT_USER}> and in 2022?", thread=asked["ts"])
    assert "earn in 2022?" in small_print(socket_bot.answers()[-1])[0]


def test_a_verdict_is_kept_and_a_bad_one_asks_why(bot: Bot, library: Any) -> None:
    bot.slack.say(MENTION)
    message = bot.answer()
    request_id = small_print(message)[-1].rpartition(" ")[2]
    bot.slack.press(message["blocks"], "feedback", value=f"helpful {request_id}")
    bot.settle()
    assert library.exchanges.verdict(request_id, PERSON) == (True, "", "")
    bot.slack.press(message["blocks"], "feedback", value=f"not_helpful {request_id}")
    view = wait_for(lambda: bot.slack.views)[0]
    bot.settle()
    assert library.exchanges.verdict(request_id, PERSON) == (False, "", "")
    reason = {"selected_option": {"value": "old"}}
    bot.slack.submit(view, {"reason": reason, "comment": {"value": "See the 2025 report"}})
    wait_for(
        lambda: (
            library.exchanges.verdict(request_id, PERSON) == (False, "old", "See the 2025 report")
        )
    )


@pytest.mark.parametrize("text", [f"<@{BOT_USER}>", f"<@{BOT_USER}> " + "x" * 5000])
def test_a_question_that_cannot_be_asked_gets_a_polite_reply(bot: Bot, text: str) -> None:
    bot.slack.say(text)
    assert "request " in bot.answer()["text"]


def test_nothing_pings_or_unfurls(socket_bot: Bot) -> None:
    socket_bot.slack.api.refusals["chat.startStream"] = "unknown_method"
    socket_bot.slack.say(
        f"<@{BOT_USER}> <!channel> <https://evil.example|your bank> & <@U00000002>?"
    )
    message = socket_bot.answer()
    assert message["unfurl_links"] is False
    assert message["unfurl_media"] is False
    assert not any(mark in str(message["blocks"]) for mark in ("<!", "<http", "<@", "<#"))


def test_home_shows_what_is_known_and_what_was_asked(bot: Bot, slack: LoopbackSlack) -> None:
    asker = "U00000002"
    slack.say("Who replaced Marguerite Oduya?", channel=slack.direct(asker), user=asker)
    bot.answer()
    slack.open_home(asker)
    home = wait_for(lambda: slack.homes.get(asker))
    text = str(home)
    assert "*27* documents, the newest of" in text
    assert "Last re-indexed: <!date^" in text
    assert "Who replaced Marguerite Oduya?" in text
    slack.press(home["blocks"], "ask_example", channel=None, user=asker)
    answer = bot.answers()[-1]
    assert answer["channel"] == slack.direct(asker)
    assert small_print(answer)[0].startswith("You asked: ")
    assert "[1]" in answer["text"]
