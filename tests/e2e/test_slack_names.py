"""Files with odd names and titles, indexed and answered from in Slack."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.wiring.installation import Installation
from retrieval.domain.sanitizing import clean_name
from retrieval.domain.single_line import single_line
from tests.attacks.names import HARMFUL, read_names
from tests.conftest import MakeAssembly
from tests.slack.bot import Bot, over_socket
from tests.slack.server import LoopbackSlack, wait_for
from tests.slack.workspace import BOT_USER, PERSON
from tests.unit.bot.slack.test_names import texts

NAMES = read_names()
SOURCE = re.compile(r"\[1\] (?:\*[^*\n]+\* · )?[^\n]+\n>[^\n]+")


def in_yaml(text: str) -> str:
    return "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\' else f"\\U{ord(letter):08x}"
        for letter in text
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("odd")
    for number, name in enumerate(NAMES):
        file = name.name.replace("/", "∕")[:60] + f" {number}.md"
        if clean_name(file) != file:
            # A file of such a name fails by name; its title is as odd.
            file = f"plain {number}.md"
        text = (
            f"The zirbek{number}vol plant in Karlsruhe costs {800 + number} dollars per kilogram."
        )
        head = f'---\ntitle: "{in_yaml(name.name)}"\nauthor: "{in_yaml(name.name)}"\n---\n'
        (made / file).write_text(f"{head}\n# {file}\n\n{text}\n", encoding="utf-8")
    return made


@pytest.fixture
def bot(
    folder: Path, make_assembly: MakeAssembly, slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bot]:
    installation: Installation = make_assembly(documents=folder)
    report = installation.indexer.index([folder])
    assert (report.added, report.failed) == (len(NAMES), [])
    for whose in ("USER", "CHANNEL"):
        monkeypatch.setenv(f"SLACK_{whose}_QUESTIONS_PER_MINUTE", "0")
    slack.admins.add(PERSON)
    with over_socket(installation, slack) as running:
        yield running


def assert_harmless(posted: Any) -> None:
    for text in texts([posted]):
        assert not HARMFUL.search(text), ascii(text)
        plain = re.sub(r"<!date\^[^>]*>|<@U\w+>", "", text)
        assert not re.search(r"<|(?<!\n)(?<!^)>", plain), text


def test_no_name_or_title_forges_a_line_in_any_answer_of_a_real_index(bot: Bot) -> None:
    for number in range(len(NAMES)):
        bot.slack.say(f"<@{BOT_USER}> What does the zirbek{number}vol plant cost?")
        wait_for(lambda: bot.pools.answers.depth == 0, 60)
    wait_for(lambda: len(bot.slack.messages) == len(NAMES), 120)
    bot.settle()
    answered = 0
    for message in bot.slack.messages:
        assert_harmless(message)
        sources = [text for text in texts(message["blocks"]) if text.startswith("[")]
        assert all(SOURCE.fullmatch(text) for text in sources), sources
        answered += any(" dollars per kilogram" in text for text in sources)
    assert answered == len(NAMES)


def test_no_name_or_title_forges_a_line_in_modal_home_pane_or_listing(bot: Bot) -> None:
    bot.slack.say(f"<@{BOT_USER}> What does the zirbek0vol plant cost?")
    message = bot.answer()
    bot.slack.press(message["blocks"], "show_passages")
    modal = dict(wait_for(lambda: bot.slack.views)[0])
    place = next(iter(texts(modal["blocks"])))
    assert "\n" not in place
    assert "b &gt;“Fake”" in place
    assert_harmless(modal)
    bot.slack.command("documents", name="/monazite")
    told = str(wait_for(lambda: bot.slack.responses, 30)[-1]["text"])
    lines = told.removesuffix("… (shortened)").splitlines()
    assert all(line.startswith(("• ", "…")) for line in lines)
    assert not HARMFUL.search(told)
    bot.slack.open_home()
    home = wait_for(lambda: bot.slack.homes.get(PERSON), 60)
    assert_harmless(home)
    for question in (element["value"] for element in _buttons(home)):
        assert question == single_line(question, 2000)
    assert "“Fake”" not in json.dumps([text for text in texts(home["blocks"]) if "\n" in text])


def _buttons(view: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in view["blocks"]:
        yield from (one for one in block.get("elements", []) if one["type"] == "button")
        if "accessory" in block:
            yield block["accessory"]
