"""What admins are told of documents that they may not see: how many there are, not which."""

from pathlib import Path

import pytest

from bot.slack.work.index_jobs import IndexJobOutcome
from retrieval.domain.access import PUBLIC, Reader
from tests.conftest import MakeAssembly
from tests.e2e.test_slack_admin import told
from tests.slack.bot import over_socket
from tests.slack.server import LoopbackSlack, wait_for
from tests.slack.workspace import PERSON


@pytest.fixture
def protected(make_assembly: MakeAssembly, documents: Path):
    for name in ("legal/merger.txt", "board/dismissals.txt"):
        (documents / name).parent.mkdir()
        (documents / name).write_text("Terbium is sold to Zwickau.")
    (documents / "board/plan.md").write_text("---\nacess: S0BOARD\n---\nTerbium is stored.")
    (documents / "open.md").write_text("---\nacess: C1\n---\nTerbium is stored.")
    (documents / "sources.yaml").write_text(
        "documents:\n  - {path: legal/*, access: G1}\n  - {path: board/*, access: S0BOARD}\n"
    )
    installation = make_assembly(documents=documents)
    installation.indexer.index([documents])
    return installation


def test_documents_that_an_admin_may_not_see_are_counted(protected, slack: LoopbackSlack) -> None:
    slack.admins.add(PERSON)
    slack.groups["S0BOARD"] = []
    with over_socket(protected, slack) as bot:
        listed = told(bot, "documents")
        assert "• cerium.txt" in listed
        assert "not named" in listed
        assert "dismissals" not in listed
        status = told(bot, "status")
        assert "Access: 2 rules" in status
        assert "2 documents are closed to all" in status
        assert "• open.md: has front matter that cannot be understood" in status
        assert "plan.md" not in status
        assert "• 1 not named" in status
        assert "dismissals" not in told(bot, "remove dismissal.txt")
        assert "did you mean open" not in told(bot, "remove opn.md")
        slack.groups["S0BOARD"] = [PERSON]


def test_an_admin_of_the_group_is_told_the_names(protected, slack: LoopbackSlack) -> None:
    slack.admins.add(PERSON)
    slack.groups["S0BOARD"] = [PERSON]
    with over_socket(protected, slack) as bot:
        assert "dismissals" in told(bot, "documents")
        assert "plan.md" in told(bot, "status")
        assert "dismissals" in told(bot, "remove board/dismissal.txt")
        told(bot, "reindex")
        done = wait_for(lambda: [m for m in slack.messages if m["text"].startswith("Indexed")], 90)[
            0
        ]
        assert "• board/plan.md: has front matter" in done["text"]


def test_files_that_failed_are_named_to_those_who_may_see_them() -> None:
    failed = [
        {"document": "a.pdf", "error": "is not a PDF", "access": "everyone", "brief": ""},
        {"document": "legal/b.pdf", "error": "is not a PDF", "access": "C0LEGAL", "brief": ""},
        {
            "document": "sources.yaml",
            "error": "rule 1, path 'b.pdf'",
            "brief": "rule 1 fits no file",
        },
    ]
    outcome = IndexJobOutcome("Indexed: 0 added", clean=False, failed=failed)
    channel = outcome.told_to(PUBLIC, alone=False)
    assert "• a.pdf: is not a PDF" in channel
    assert "b.pdf" not in channel
    assert "• sources.yaml: rule 1 fits no file" in channel
    assert "• 1 that not everybody here may see" in channel
    alone = outcome.told_to(Reader(frozenset({"C0LEGAL"})), alone=True)
    assert "legal/b.pdf: is not a PDF" in alone
    assert "not everybody" not in alone
    assert "rule 1, path 'b.pdf'" in alone
