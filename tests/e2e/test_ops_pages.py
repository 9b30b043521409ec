"""The operators' pages in a browser, over a journal that holds every kind of answer."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Browser
from playwright.sync_api import expect

from bot.answering.answerer import Inquiry
from bot.journal.entries import Entry
from bot.ops.health import Health
from bot.ops.protected_pages import protect_pages
from bot.ops.server import make_ops
from bot.telemetry.metrics import Metrics
from bot.wiring.installation import Installation
from tests.conftest import REPOSITORY, MakeAssembly
from tests.e2e.browser import browsing, looks_like
from tests.slack.server import Serving

TOKEN = "operators-token-of-the-tests"
SEEDS = str(REPOSITORY / "seeds")
HOSTILE = '<script>alert("x")</script> & <img src=x onerror=alert(1)>'
PATHS = [
    "/",
    "/questions",
    "/questions/written1",
    "/unanswered",
    "/feedback",
    "/documents",
    f"/document?{urlencode({'name': 'northern-rare-earth-2024-12.txt', 'root': SEEDS})}",
    "/runs",
]
_QUESTION = "What is the two bases policy?"


@pytest.fixture(scope="module")
def kept(
    make_shared: MakeAssembly, seeds: Path, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    """An installation whose journal holds what real answers and the past left in it."""
    installation = make_shared(tmp_path_factory.mktemp("operated"), documents=seeds)
    installation.indexer.index([seeds])
    now = datetime.now(UTC)
    for hours in range(79, -1, -1):
        installation.journal.record(Entry(
            f"old{hours}", f"Old question {hours}", "", ("answered", "abstained")[hours % 4 == 3],
            asker="U3", timings={"embed": 20, "total": 150.0 + hours},
            answered_at=now - timedelta(hours=25 + hours),
        ))  # fmt: skip
    installation.recorder.answer(Inquiry(_QUESTION, request_id="real1", channel="C1"), asker="U1")
    for number, question in enumerate(
        ("What does gallium cost?", "What is the price of gallium?", "Who owns Lynas?")
    ):
        installation.recorder.answer(Inquiry(question, request_id=f"open{number}"), asker="U2")
    installation.journal.record(_written(now))
    installation.exchanges.judge("real1", "U1", helpful=True)
    installation.exchanges.judge("written1", "U2", helpful=False, reason="wrong", comment=HOSTILE)
    return installation


def _written(now: datetime) -> Entry:
    writing = {
        "model": "openai:gpt-4.1-mini", "prompts": {}, "written": 2, "verified": 1, "failure": "",
        "dropped": [{"statement": HOSTILE, "reason": "quote not found"}],
        "tokens_read": 1840, "tokens_written": 132, "cost": 0.0123,
    }  # fmt: skip
    return Entry(
        "written1", HOSTILE, "", "answered", mode="generated", asker="U4", text=HOSTILE, cost=0.0123,
        citations=({"number": 1, "document": "gone.txt", "title": HOSTILE, "section": "", "page": 3,
                    "date": None, "quote": HOSTILE, "start": 0, "end": 9, "passage": "p-1",
                    "score": 0.9},),
        found=({"passage": "p-1", "document": "gone.txt", "section": "", "page": 3, "score": 0.9,
                "cosine": None, "bm25": 2.0},),
        timings={"plan": 1.0, "embed": 20.0, "search": 30.0, "write": 800.0, "total": 860.0},
        writing=writing, answered_at=now,
    )  # fmt: skip


@pytest.fixture(scope="module")
def address(kept: Installation) -> Iterator[str]:
    app = make_ops(Metrics(), Health({}), protect_pages(kept, TOKEN))
    with Serving(app) as serving:
        yield f"http://127.0.0.1:{serving.port}"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browsing() as opened:
        yield opened


@pytest.fixture
def nobody(chromium: Browser) -> Iterator[Browser]:
    """A browser that is not logged in."""
    assert chromium.context.browser
    page = chromium.context.browser.new_page(viewport={"width": 1000, "height": 800})
    yield page
    page.context.close()


@pytest.fixture
def browser(nobody: Browser, address: str) -> Iterator[Browser]:
    """A browser that is logged in; it fails the test when a page has an error to report."""
    complaints: list[str] = []
    nobody.on("console", lambda message: complaints.append(message.text))
    nobody.on("pageerror", lambda error: complaints.append(str(error)))
    log_in(nobody, address)
    yield nobody
    assert complaints == []


def log_in(browser: Browser, address: str) -> None:
    browser.goto(address)
    browser.get_by_label("Token").fill(TOKEN)
    browser.keyboard.press("Enter")
    expect(browser.get_by_role("heading", name="Overview")).to_be_visible()


def test_the_overview_counts_what_was_asked(browser: Browser) -> None:
    browser.get_by_role("link", name="7 days").click()
    tiles = browser.locator(".tiles")
    expect(tiles).to_contain_text("Questions85")
    expect(tiles).to_contain_text("1 of 2")
    expect(browser.get_by_role("img", name=re.compile("Questions, up to"))).to_be_visible()
    browser.get_by_text("Figures", exact=True).first.click()
    listed = browser.get_by_role("listitem").filter(has_text=re.compile("not answered [1-9]"))
    expect(listed.first).to_be_visible()


def test_questions_are_searched_by_words_and_outcome(browser: Browser) -> None:
    browser.get_by_role("link", name="Questions", exact=True).click()
    browser.get_by_label("Words").fill("gallium")
    browser.get_by_label("Outcome").select_option("abstained")
    browser.get_by_role("button", name="Show").click()
    expect(browser.locator("tbody tr")).to_have_count(2)
    expect(browser.get_by_label("Words")).to_have_value("gallium")
    browser.get_by_label("Since").fill("some day")
    browser.get_by_role("button", name="Show").click()
    expect(browser.get_by_role("alert")).to_contain_text("'some day' is no time; write 30m, 1h")


def test_older_questions_are_a_page_away_and_keep_the_filter(
    browser: Browser, address: str
) -> None:
    browser.goto(f"{address}/questions?asker=U3")
    expect(browser.locator("tbody tr")).to_have_count(50)
    browser.get_by_role("link", name="Older").click()
    expect(browser.locator("tbody tr")).to_have_count(30)
    expect(browser.get_by_label("User")).to_have_value("U3")
    browser.get_by_role("link", name="Newest").click()
    expect(browser.locator("tbody tr")).to_have_count(50)


def test_a_trace_shows_the_passages_with_scores_and_the_steps(
    browser: Browser, kept: Installation
) -> None:
    browser.get_by_role("link", name="Questions", exact=True).click()
    browser.get_by_role("link", name=_QUESTION).click()
    found = browser.get_by_role("region", name="Passages read")
    (entry,) = kept.journal.of_request("real1")
    expect(found.locator("tbody tr")).to_have_count(len(entry.found))
    expect(found.locator("tbody tr").first).to_contain_text(f"{entry.found[0]['score']:.3f}")
    found.get_by_text("Text", exact=True).first.click()
    expect(found.locator("blockquote").first).to_be_visible()
    steps = browser.get_by_role("region", name="Time, step by step")
    expect(steps.get_by_role("rowheader", name="embed")).to_be_visible()
    expect(browser.get_by_text("Asked byU1")).to_be_visible()


def test_a_trace_of_a_written_answer_shows_what_was_dropped_and_why(
    browser: Browser, address: str
) -> None:
    browser.goto(f"{address}/questions/written1")
    expect(browser.get_by_text("2 statements written, 1 verified, 1 dropped")).to_be_visible()
    expect(browser.get_by_text("quote not found")).to_be_visible()
    expect(browser.get_by_text("no longer in the index")).to_be_visible()
    expect(browser.get_by_role("heading", level=2)).to_have_text(HOSTILE)


def test_unanswered_questions_that_are_alike_stand_together(browser: Browser) -> None:
    browser.get_by_role("link", name="Unanswered").click()
    group = browser.locator(".group", has=browser.get_by_role("heading", name="gallium"))
    expect(group).to_have_count(1)
    expect(group).to_contain_text("2 times")
    group.get_by_text("Every one").click()
    expect(group.get_by_role("link", name="What does gallium cost?")).to_be_visible()
    expect(browser.get_by_role("heading", name="Who owns Lynas?")).to_be_visible()


def test_feedback_leads_to_its_question(browser: Browser) -> None:
    browser.get_by_role("link", name="Feedback").click()
    expect(browser.locator("tbody tr")).to_have_count(2)
    browser.get_by_role("link", name=_QUESTION).click()
    expect(browser.get_by_role("heading", name="Feedback")).to_be_visible()


def test_documents_and_runs_are_listed(browser: Browser) -> None:
    browser.get_by_role("link", name="Documents").click()
    row = browser.locator("tbody tr").first
    expect(row).to_contain_text("northern-rare-earth-2024-12.txt")
    row.get_by_role("link", name="northern-rare-earth-2024-12.txt").click()
    expect(browser.get_by_role("heading", name="Left out")).to_be_visible()
    expect(browser.locator("blockquote")).to_contain_text("two rare earth bases")
    browser.get_by_role("link", name="Runs").click()
    expect(browser.locator("tbody tr")).to_contain_text("1 added")


def test_all_of_it_can_be_reached_by_keyboard(browser: Browser, address: str) -> None:
    browser.goto(address)
    browser.keyboard.press("Tab")
    expect(browser.get_by_role("link", name="Skip to the content")).to_be_focused()
    for name in ("Overview", "Questions"):
        browser.keyboard.press("Tab")
        expect(browser.get_by_role("link", name=name, exact=True)).to_be_focused()
    browser.keyboard.press("Enter")
    expect(browser.get_by_role("heading", name="Questions")).to_be_visible()
    browser.get_by_label("Words").focus()
    browser.keyboard.type("gallium")
    browser.keyboard.press("Enter")
    expect(browser.locator("tbody tr")).to_have_count(2)


@pytest.mark.parametrize("width", [1000, 360])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_accessible_and_fits_a_desk_and_a_phone(
    browser: Browser, address: str, path: str, width: int
) -> None:
    browser.set_viewport_size({"width": width, "height": 800})
    browser.goto(address + path)
    found = Axe().run(browser)
    assert found.violations_count == 0, found.generate_report()
    wide = browser.evaluate("document.documentElement.scrollWidth")
    assert wide <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_login_is_accessible(nobody: Browser, address: str, scheme: str) -> None:
    nobody.emulate_media(color_scheme=scheme)
    nobody.goto(address)
    nobody.get_by_label("Token").fill("wrong")
    nobody.keyboard.press("Enter")
    expect(nobody.get_by_role("alert")).to_contain_text("MONAZITE_OPS_TOKEN")
    found = Axe().run(nobody)
    assert found.violations_count == 0, found.generate_report()


def test_pages_are_readable_in_the_dark(browser: Browser, address: str) -> None:
    browser.emulate_media(color_scheme="dark")
    for path in PATHS:
        browser.goto(address + path)
        found = Axe().run(browser)
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(("name", "width"), [("trace", 1000), ("trace-phone", 360)])
def test_a_trace_looks_as_it_did(
    browser: Browser, address: str, name: str, width: int, tmp_path: Path
) -> None:
    browser.set_viewport_size({"width": width, "height": 800})
    browser.goto(f"{address}/questions/written1")
    browser.evaluate(
        "document.querySelectorAll('.when').forEach(n => n.textContent = '2026-11-25')"
    )
    looks_like(browser.screenshot(), name, tmp_path / "trace.png")


def test_nothing_is_loaded_from_elsewhere_and_no_script_runs(
    browser: Browser, address: str
) -> None:
    requests: list[str] = []
    browser.on("request", lambda request: requests.append(request.url))
    for path in PATHS:
        response = browser.goto(address + path)
        assert response
        assert "script" not in response.headers["content-security-policy"]
        assert browser.locator("script, [onerror], [style]").count() == 0
    assert all(url.startswith(address) for url in requests)


def test_logging_out_ends_the_session(nobody: Browser, address: str) -> None:
    log_in(nobody, address)
    nobody.get_by_role("button", name="Log out").click()
    nobody.goto(f"{address}/questions")
    expect(nobody.get_by_label("Token")).to_be_visible()
    assert nobody.context.cookies() == []
