"""`make slack-demo`: the bot tried in a browser, without a workspace."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page as Browser
from playwright.sync_api import expect

from bot.wiring.installation import Installation
from tests.conftest import MakeAssembly
from tests.e2e.browser import browsing, looks_like
from tests.slack.bot import ENVIRONMENT, over_socket
from tests.slack.page import Page
from tests.slack.server import START_SECONDS, Serving, wait_for
from tests.slack.workspace import PERSON

# Request ids differ from run to run; nothing else does.
_STILL = "document.querySelectorAll('.context').forEach(n => n.innerHTML = n.innerHTML.replace(/request [0-9a-f]{12}/, 'request 0123456789ab'))"


@pytest.fixture(scope="module")
def seeded(
    make_shared: MakeAssembly, seeds: Path, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    """What `make slack-demo` runs on: the seeds alone."""
    installation = make_shared(tmp_path_factory.mktemp("seeded"), documents=seeds)
    installation.indexer.index([seeds])
    return installation


@pytest.fixture
def browser(seeded: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """A browser at the page, with a bot behind it."""
    page = Page()
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with Serving(page.slack.app) as serving:
        page.slack.url = f"http://127.0.0.1:{serving.port}"
        monkeypatch.setenv("SLACK_API_URL", f"{page.slack.url}/api/")
        with over_socket(seeded, page.slack), browsing() as opened:
            opened.goto(page.slack.url)
            yield opened


def say(browser: Browser, text: str) -> None:
    browser.get_by_label("Message").fill(text)
    browser.get_by_role("button", name="Send").click()


def test_a_mention_is_answered_and_its_passages_shown(browser: Browser, tmp_path: Path) -> None:
    say(browser, "@monazite What is the two bases policy?")
    answer = browser.locator(".message.reply")
    expect(answer).to_contain_text("The two critical rare earth bases in China")
    expect(answer.get_by_role("button", name="Not helpful", exact=True)).to_be_visible()
    browser.mouse.move(0, 0)
    browser.evaluate(_STILL)
    looks_like(browser.screenshot(), "answer", tmp_path / "answer.png")
    answer.get_by_role("button", name="Show passages").click()
    modal = browser.get_by_role("dialog")
    expect(modal.locator("b").filter(has_text="both centered in Baotou")).to_be_visible()
    modal.get_by_role("button", name="Close").click()
    answer.get_by_role("button", name="Not helpful", exact=True).click()
    expect(modal).to_contain_text("Why was it not helpful?")
    modal.get_by_label("It is out of date").check()
    modal.get_by_role("button", name="Send").click()
    expect(modal).not_to_be_visible()


def test_the_pane_the_command_and_home_work_in_the_page(browser: Browser, tmp_path: Path) -> None:
    browser.get_by_role("button", name="Monazite (assistant)").click()
    browser.get_by_role("button", name="What is the “two rare earth bases” policy?").click()
    expect(browser.locator(".message").nth(2)).to_contain_text("[1]")
    browser.get_by_role("button", name="# rare-earths").click()
    say(browser, "/ask What is the two bases policy?")
    expect(browser.locator(".message.private")).to_contain_text("Only visible to you")
    browser.get_by_role("button", name="Monazite (home)").click()
    expect(browser.locator("#messages")).to_contain_text("1 document, the newest of December 2024")
    expect(browser.locator("#messages")).to_contain_text("Your last questions")


def test_the_demo_starts_with_one_command(seeded: Installation) -> None:
    environment = os.environ | {"MONAZITE_HOME": str(seeded.settings.home)}
    command = [sys.executable, "-m", "tests.slack", "--port", "0", "--bot"]
    demo = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert demo.stdout
        url = demo.stdout.readline().split()[1]
        asked = {"do": "say", "user": PERSON, "channel": "C1", "text": "@monazite What is cerium?"}
        urllib.request.urlopen(f"{url}/act", json.dumps(asked).encode(), timeout=30).read()
        wait_for(lambda: '"bot_id"' in read(f"{url}/state?place=C1"), START_SECONDS)
    finally:
        os.killpg(demo.pid, signal.SIGTERM)
        demo.wait(30)


def read(url: str) -> str:
    return urllib.request.urlopen(url, timeout=10).read().decode()


def test_a_hostile_question_shows_as_text(browser: Browser) -> None:
    say(browser, "@monazite <!channel> & <b>bold</b>?")
    expect(browser.locator(".message").first).to_contain_text("<b>bold</b>")
