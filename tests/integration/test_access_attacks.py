"""Access rules that are slightly wrong: whatever was meant, the public is not answered."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.answering.answerer import Inquiry
from bot.wiring.installation import Installation
from retrieval.domain.access import OPERATOR, PUBLIC, Reader
from tests.conftest import MakeAssembly

ATTACKS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "attacks/access.jsonl").read_text().splitlines()
]
LEGAL = Reader(frozenset({"C0LEGAL"}))
SECRET = "The Karlsruhe offtake contract fixes the price of terbium at 812 dollars per kilogram.\n"
QUESTION = "At what price does the Karlsruhe contract fix terbium?"


def write(folder: Path, attack: dict[str, Any]) -> None:
    encodings = {"files": "utf-8", "bytes": "latin-1", "utf16": "utf-16"}
    for kind, encoding in encodings.items():
        for name, text in attack.get(kind, {}).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.replace("@SECRET", SECRET).encode(encoding))
    for kind in ("links", "hard"):
        for name, target in attack.get(kind, {}).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if kind == "links":
                path.symlink_to(target)
            else:
                path.hardlink_to(folder / target)


def told(installation: Installation, reader: Reader) -> str:
    """All that a reader is shown of the question, and of what the index finds for it."""
    answer = installation.answerer.answer(Inquiry(QUESTION, reader=reader))
    hits = installation.searcher.search("Karlsruhe terbium 812", reader=reader).hits
    found = [hit.passage.passage.text for hit in hits]
    return f"{answer.text} {answer.note} {answer.nearest} {answer.citations} {found}"


@pytest.mark.parametrize("attack", ATTACKS, ids=[one["what"] for one in ATTACKS])
def test_what_is_meant_to_be_closed_is_closed(
    attack: dict[str, Any], make_assembly: MakeAssembly, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "zinc.txt").write_text("Zinc protects steel from rust.")
    write(folder, attack)
    installation = make_assembly()
    # What is known of it as public must not go on answering either.
    report = installation.indexer.index([folder / name for name in attack.get("index", ["."])])
    expected = attack["expect"]
    seen = {
        who: "812 dollars" in told(installation, reader)
        for who, reader in (("public", PUBLIC), ("legal", LEGAL), ("operator", OPERATOR))
    }
    assert seen == {
        "public": expected == "public",
        "legal": expected in {"public", "legal"},
        "operator": expected in {"public", "legal"},
    }
    # Links are not followed, and named; a second name of a file is a file.
    failed = [one for one in report.failed if one.document not in attack.get("refused", ())]
    reasons = " ".join(f"{one.document} {one.error}" for one in failed)
    assert bool(failed) == bool(report.closed) == (expected == "closed"), reasons
    assert attack.get("reported", "") in reasons
    kept = installation.access_reports.latest().closed
    assert [one.document for one in kept] == [one.document for one in report.closed]


def test_there_are_enough_attacks() -> None:
    assert len({one["what"] for one in ATTACKS}) == len(ATTACKS) >= 150
