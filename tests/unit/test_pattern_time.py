"""Every pattern of the packages takes time in proportion to the text, whatever the text is.

The patterns are found by the test itself, and each is given 100,000 characters that are
made of what it looks for (`tests/hostile.py`).
"""

import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from bot.questions.decomposition import parts_of
from bot.writing.support import StatementEvidence, lacking, speaks_of
from retrieval.sources.path_patterns import PathPattern
from retrieval.text.glossary import load_glossary
from retrieval.text.spelling import corrected
from tests.growth import seconds
from tests.hostile import hostile_pumps, hostile_units
from tests.patterns import Found, compiled_patterns, made_while_running

PATTERNS = compiled_patterns()
CHARS = 100_000
# A linear pattern takes some hundredths of a second for 100,000 characters; a quadratic one,
# minutes. What takes longer than this is compared with a quarter of the text.
QUICK = 0.4
MOST = 8.0
LIMIT = 4.0
# Every text is tried short, since a quadratic pattern shows then, and the slowest of them longer.
STAGES = ((4_000, 40), (20_000, 10), (CHARS, 0))
# Patterns that are put together while the program runs, by module and function: those that
# `compiled_patterns` finds afterwards, and those that a test below feeds.
MADE = {
    ("bot.questions.answer_kinds", "_kind"), ("bot.answering.abstention.requirements", "_expect"), ("bot.answering.abstention.requirements", "_holding"),
    ("bot.questions.decomposition", "_sides"), ("bot.writing.support", "_stands"),
    ("retrieval.text.glossary", "_pattern"), ("retrieval.text.spelling", "corrected"),
    ("retrieval.sources.path_patterns", "_readings"), ("retrieval.loading.tables.table_text", "_says"),
}  # fmt: skip


class TooSlowError(Exception):
    """A pattern took more CPU than any linear one does."""


@pytest.fixture(autouse=True)
def stopwatch() -> Iterator[None]:
    """Stops a pattern in the middle of its work: `re` looks for signals while it searches."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGPROF, stop)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


def use(pattern: "re.Pattern[str]", method: str, text: str) -> None:
    if method in ("sub", "subn"):
        getattr(pattern, method)("", text)
    elif method == "finditer":
        for _ in pattern.finditer(text):
            pass
    else:
        getattr(pattern, method)(text)


def timed(work: Callable[[], object]) -> float:
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        return seconds(work)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def hostile_texts(pattern: "re.Pattern[str]") -> list[Callable[[int], str]]:
    """What makes hostile texts of a given length."""

    def repeated(before: str, body: str, after: str) -> Callable[[int], str]:
        return lambda size: before + (body * (size // len(body) + 1))[:size] + after

    whole = [repeated("", unit, "") for unit in hostile_units(pattern)]
    return whole + [repeated(*pump) for pump in hostile_pumps(pattern)]


def assert_linear(found: Found, method: str) -> None:
    texts = hostile_texts(found.pattern)
    for size, count in STAGES:
        taken = [(_checked(found.pattern, method, text, size), text) for text in texts]
        taken.sort(key=lambda pair: -pair[0])
        texts = [text for _, text in taken[:count]]


def _checked(
    pattern: "re.Pattern[str]", method: str, text: Callable[[int], str], size: int
) -> float:
    """Seconds that a text of `size` takes; fails where it takes too many."""
    long = text(size)
    told = f"{method} of {long[:40]!r}…, {size:,} characters"
    try:
        began = time.perf_counter()
        cpu = timed(lambda: use(pattern, method, long))
        taken = time.perf_counter() - began
        if cpu > QUICK:
            quarter = text(size // 4)
            less = timed(lambda: use(pattern, method, quarter))
            assert cpu < MOST * max(less, QUICK / MOST), told
    except TooSlowError:
        pytest.fail(f"{told} takes over {LIMIT} s")
    return taken


def methods_of(found: Found) -> tuple[str, ...]:
    """What a pattern is used with; of searching and what does the same from place to place, the latter."""
    return tuple(use for use in found.uses if use != "search") or ("search",)


@pytest.mark.parametrize("found", PATTERNS, ids=[found.where for found in PATTERNS])
def test_every_pattern_takes_time_in_proportion_to_a_hostile_text(found: Found) -> None:
    for method in methods_of(found):
        assert_linear(found, method)


def test_all_patterns_are_found_and_none_is_made_while_running_but_those_tested_here() -> None:
    assert len(PATTERNS) > 100
    assert made_while_running() == MADE
    source = Path("bot/answers/citations.py").read_text(encoding="utf-8")
    assert "re.escape" not in source, "quotes are looked for without making a pattern of them"


@pytest.mark.parametrize("pattern", ["*a*a*b", "**/a*/**/b", "a*a/[ab]*c*", "?a*a?*b"])
def test_patterns_of_source_lists_take_little_time_with_names_as_long_as_there_are(
    pattern: str,
) -> None:
    for name in ("a" * 255, "/".join(["a" * 200] * 5), "ab" * 127):
        for exact in (False, True):
            fits = PathPattern(pattern).matcher(exact=exact)
            assert timed(lambda name=name, fits=fits: fits(name)) < LIMIT


def test_a_pattern_of_a_source_list_with_more_stars_is_refused() -> None:
    for pattern in ("*a*a*a*a*b", "**/x/**/x/**/x/**/x"):
        with pytest.raises(ValueError, match="at most"):
            PathPattern(pattern).matcher(exact=False)


@pytest.mark.parametrize(
    "bad", [r"(?m:^\W*system)", r"\n\s*(?=-)", r"\w+@x", r"(?:a|a)*b", r"a.*b.*c"]
)
def test_the_hostile_texts_find_what_is_slow(bad: str) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        assert_linear(Found("bad", re.compile(bad), ("search",)), "search")


WORDS = (
    "Dy ",
    "rare\n\n\n",
    "rare earth ",
    "Ab ",
    "Brava ",
    "a\u0301 ",
    "x1-",
    "稀土",
    "Nd\tPr ",
    "compare Aa and ",
)


@pytest.mark.parametrize("unit", WORDS)
def test_patterns_of_names_take_time_in_proportion_to_a_hostile_text(unit: str) -> None:
    """The glossary's, those for a name in evidence, for a misspelt word, for two sides compared."""
    glossary = load_glossary()
    text = unit * (CHARS // len(unit))
    short = text[:2_000]
    for work in (
        lambda: glossary.mentions(text),
        lambda: parts_of(f"compare {short}", glossary),
        lambda: lacking(short[:600], StatementEvidence(text[:20_000]), glossary),
        lambda: speaks_of(short[:600], text[:20_000], glossary),
        lambda: corrected(short, ["abcdefgh"], ["abcdefgi", "zzzzzzzz"]),
    ):
        began = time.process_time()
        work()
        assert time.process_time() - began < 3.0
