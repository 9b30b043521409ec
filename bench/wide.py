"""Answers over 159 documents, by kind of question and by half: `make eval-wide`."""

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.quality import EVAL, print_report
from bot.evaluation.calibration import auroc, calibration, risk_coverage
from bot.evaluation.runner import EvalCase, evaluate, read_cases, try_case
from bot.wiring.installation import Installation
from bot.wiring.settings import Settings
from tests.eval.office import build_corpus

HALVES = {
    "dev": ("questions", "wide-dev"),
    "held out": ("held-out", "wide-held-out"),
}


def cases_of(half: str) -> list[EvalCase]:
    return [case for name in HALVES[half] for case in read_cases(EVAL / f"{name}.jsonl")]


def print_kinds(half: str, cases: Sequence[EvalCase], wrong: set[str]) -> None:
    kinds = defaultdict(list)
    for case in cases:
        kinds[case.kind or "of the first set"].append(case.question not in wrong)
    table = Table("kind", "right", "of", title=half)
    for kind, right in sorted(kinds.items()):
        table.add_row(kind, str(sum(right)), str(len(right)))
    Console(width=110).print(table)


def print_curve(half: str, installation: Installation, cases: Sequence[EvalCase]) -> None:
    """Every question answered, however unsure: what each threshold would have cost and saved."""
    sure = installation.settings.model_copy(update={"min_confidence": 0.0})
    bold = Installation(sure)
    bold.embeddings = installation.embeddings
    parts = bold.answerer, bold.searcher, bold.catalog
    outcomes = [try_case(case, *parts) for case in cases]
    confidences = [outcome.answer.confidence for outcome in outcomes]
    right = [outcome.hit for outcome in outcomes]
    answerable = [outcome.case.answerable for outcome in outcomes]
    print(
        f"{half}: AUROC {auroc(confidences, right):.3f} (right answer), "
        f"{auroc(confidences, answerable):.3f} (question that has an answer)"
    )
    table = Table("threshold", "answered", "wrong of these", title=f"{half}: risk and coverage")
    for cut in risk_coverage(confidences, right, [0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9]):
        table.add_row(f"{cut.threshold}", f"{cut.coverage:.1%}", f"{cut.risk:.1%}")
    Console(width=110).print(table)
    found = [
        outcome.case.answerable and outcome.rank is not None and outcome.rank <= 8
        for outcome in outcomes
    ]
    edges = [0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.01]
    for mean, share, count in calibration(confidences, found, edges):
        print(f"  confidence {mean:.2f}: the answer was found in {share:.0%} of {count}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        corpus = build_corpus(Path(folder) / "corpus", whole=True)
        installation = Installation(Settings(_env_file=None, home=Path(folder) / "home"))
        installation.indexer.index([corpus])
        for half in HALVES:
            cases = cases_of(half)
            report = evaluate(
                cases, installation.answerer, installation.searcher, installation.catalog
            )
            print(f"{half}: recall {report.recall}, MRR {report.mrr:.3f}")
            print_report(half, report)
            print_kinds(half, cases, {*report.missed, *report.wrongly_answered})
            print_curve(half, installation, cases)


if __name__ == "__main__":
    main()
