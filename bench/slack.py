"""Fifty questions at once through a loopback Slack, against the bare `Answerer`."""

import os
import tempfile
import threading
from pathlib import Path
from time import perf_counter
from typing import Any

from bot.evaluation.runner import read_cases
from bot.wiring.installation import Installation
from bot.wiring.settings import Settings
from tests.eval.office import build_corpus
from tests.slack.bot import ENVIRONMENT, over_http, over_socket
from tests.slack.server import LoopbackSlack, Serving
from tests.slack.workspace import BOT_USER

ROOT = Path(__file__).parents[1]
AT_ONCE = 50


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of `values` lie; nearest rank."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def bench_bare(installation: Installation, questions: list[str]) -> list[float]:
    """Milliseconds from asking at once to each answer, by two threads as the bot has."""
    from concurrent.futures import ThreadPoolExecutor

    began = perf_counter()

    def answer(question: str) -> float:
        installation.answerer.answer(question)
        return (perf_counter() - began) * 1000

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(answer, questions))


def bench_mode(
    mode: Any, installation: Installation, questions: list[str]
) -> tuple[list[float], ...]:
    """Milliseconds to each ack and to each answer, counted from when all are asked."""
    slack = LoopbackSlack()
    answered: list[float] = []
    with Serving(slack.app) as serving:
        slack.url = f"http://127.0.0.1:{serving.port}"
        os.environ |= ENVIRONMENT | {
            "SLACK_API_URL": f"{slack.url}/api/", "SLACK_CHANNEL_QUESTIONS_PER_MINUTE": "0",
        }  # fmt: skip
        slack.people |= {f"U{number:08}": "someone" for number in range(AT_ONCE)}
        with mode(installation, slack):
            threads = [
                threading.Thread(
                    target=slack.say, args=(f"<@{BOT_USER}> {question}", "C1", f"U{number:08}")
                )
                for number, question in enumerate(questions)
            ]  # fmt: skip
            began = perf_counter()
            for thread in threads:
                thread.start()
            done: set[str] = set()
            while len(done) < len(questions):
                whole = [m for m in list(slack.messages) if not m.get("streaming")]
                fresh = {m["thread_ts"] for m in whole} - done
                answered += [(perf_counter() - began) * 1000] * len(fresh)
                done |= fresh
                threading.Event().wait(0.005)
            assert len(slack.messages) == len(questions), "an event was answered twice"
    return [seconds * 1000 for seconds in slack.ack_seconds], answered


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        installation = Installation(Settings(_env_file=None, home=folder / "home"))
        installation.indexer.index([build_corpus(folder / "corpus")])
        cases = read_cases(ROOT / "tests/eval/questions.jsonl")
        questions = [case.question for case in cases][:AT_ONCE]
        bench_bare(installation, questions)
        bare = bench_bare(installation, questions)
        print(f"{AT_ONCE} questions at once, bare Answerer: {_spread(bare)}")
        for mode in (over_socket, over_http):
            acks, answers = bench_mode(mode, installation, questions)
            ratio = percentile(answers, 0.5) / percentile(bare, 0.5)
            slowest = percentile(acks, 0.99)
            verdict = "met" if slowest < 3000 else "MISSED"
            print(
                f"{mode.__name__}: ack p99 {slowest:.0f} ms (goal 3,000, {verdict}), "
                f"answers {_spread(answers)}, ratio of the medians {ratio:.2f}",
                flush=True,
            )


def _spread(values: list[float]) -> str:
    return f"p50 {percentile(values, 0.5):,.0f} ms, p95 {percentile(values, 0.95):,.0f} ms"


if __name__ == "__main__":
    main()
