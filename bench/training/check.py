"""Proves the form of the training data: answers stand in their documents, near misses have none."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
SETS = ("one", "two", "three")


def records(name: str) -> Iterator[dict[str, Any]]:
    """Yields the objects of a compressed file of JSON lines."""
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def faults_of(question: dict[str, Any], text: str) -> Iterator[str]:
    """Yields what is wrong with a question on a document of this text."""
    if not question["evidence"]:
        yield "has no evidence"
    for quote in (*question["answers"], *question["evidence"]):
        if quote not in text:
            yield f"quotes what is not in its document: {quote[:80]!r}"
    if question["near_miss"]:
        if question["answers"]:
            yield "is a near miss, and has answers"
    elif not any(
        answer in quote for answer in question["answers"] for quote in question["evidence"]
    ):
        yield "has no answer within its evidence"


def check(name: str) -> tuple[Counter[str], list[str]]:
    """Returns how many questions of each kind a set has, near misses apart, and all its faults."""
    texts = {one["id"]: one["text"] for one in records(f"documents-{name}")}
    counts: Counter[str] = Counter()
    faults = []
    for question in records(f"questions-{name}"):
        counts["near miss" if question["near_miss"] else question["kind"]] += 1
        where = f"{question['document']}: {question['question']!r}"
        found = faults_of(question, texts[question["document"]])
        faults.extend(f"{where} {fault}" for fault in found)
    return counts, faults


def main() -> None:
    """Prints what there is, and what is wrong with it."""
    for name in SETS:
        counts, faults = check(name)
        print(name, sum(counts.values()), dict(counts.most_common()))
        print("\n".join(faults) or "no faults")


if __name__ == "__main__":
    main()
