"""Answers over 159 documents, by kind of question and by half: `make eval-wide`."""

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.quality import EVAL, print_report
from bot.assembly import Assembly
from bot.evaluation import EvalCase, evaluate, read_cases
from bot.settings import Settings
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


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        corpus = build_corpus(Path(folder) / "corpus", whole=True)
        assembly = Assembly(Settings(_env_file=None, home=Path(folder) / "home"))
        assembly.indexer.index([corpus])
        for half in HALVES:
            cases = cases_of(half)
            report = evaluate(cases, assembly.answerer, assembly.searcher, assembly.catalog)
            print(f"{half}: recall {report.recall}, MRR {report.mrr:.3f}")
            print_report(half, report)
            print_kinds(half, cases, {*report.missed, *report.wrongly_answered})


if __name__ == "__main__":
    main()
