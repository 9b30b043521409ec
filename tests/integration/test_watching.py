"""Following the documents: nothing that changes is lost, whenever it does."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.cli.watch import folders_of, follow_documents
from retrieval.indexing.indexer import Indexer
from retrieval.indexing.report import IndexReport
from tests.conftest import MakeAssembly
from tests.slack.server import wait_for


class Meddled(Indexer):
    """An indexer after whose first run something happens, before anything watches."""

    def __init__(self, inner: Indexer, happens: Callable[[], object]) -> None:
        self._inner = inner
        self._happens = happens
        self.runs = 0

    def index(self, paths: Sequence[Path], **_: object) -> IndexReport:  # type: ignore[override]
        self.runs += 1
        report = self._inner.index(paths)
        if self.runs == 1:
            self._happens()
        return report


@contextmanager
def following(indexer: Indexer, documents: Path) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=follow_documents, args=(indexer, [documents], stop))
    thread.start()
    yield
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "cerium.txt").write_text("Cerium oxide polishes glass.")
    (folder / "bad.pdf").write_bytes(b"no pdf")
    return folder


class Told:
    """Everything printed so far."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.text = ""

    def wait_for(self, words: str) -> None:
        wait_for(lambda: words in self._read(), 40)

    def _read(self) -> str:
        self.text += "".join(self._capsys.readouterr())
        return self.text


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    return Told(capsys)


def test_a_file_that_comes_before_the_watcher_stands_is_indexed(
    documents: Path, make_assembly: MakeAssembly, told: Told
) -> None:
    erbium = documents / "erbium.txt"
    meddled = Meddled(
        make_assembly(documents=documents).indexer,
        lambda: erbium.write_text("Erbium amplifies light."),
    )
    with following(meddled, documents):
        told.wait_for("Watching")
        told.wait_for("1 added, 0 updated, 0 removed, 1 unchanged, 1 failed")


def test_what_changes_while_another_run_is_at_work_is_indexed_after_it(
    documents: Path, make_assembly: MakeAssembly, told: Told
) -> None:
    installation = make_assembly(documents=documents)
    other = installation.runs.open("rebuild")

    def another_run_begins() -> None:
        other.__enter__()
        (documents / "erbium.txt").write_text("Erbium amplifies light.")

    meddled = Meddled(installation.indexer, another_run_begins)
    with following(meddled, documents):
        wait_for(lambda: meddled.runs > 3, 40)
        assert "1 added" not in told.text
        other.__exit__(None, None, None)
        told.wait_for("1 added, 0 updated, 0 removed, 1 unchanged, 1 failed")
    assert told.text.count("monazite cancel") == 1


def test_a_look_that_finds_nothing_new_says_nothing(
    documents: Path, make_assembly: MakeAssembly, told: Told
) -> None:
    meddled = Meddled(make_assembly(documents=documents).indexer, lambda: None)
    with following(meddled, documents):
        told.wait_for("Watching")
        assert meddled.runs == 2
    assert (told.text.count("Documents: "), told.text.count("Failed: bad.pdf")) == (1, 1)


def test_a_folder_that_is_made_later_is_watched_and_a_link_is_not_followed(
    documents: Path, make_assembly: MakeAssembly, told: Told
) -> None:
    outside = documents.parent / "outside"
    outside.mkdir()
    (documents / "all").symlink_to("/")
    (documents / "shared").symlink_to(outside)
    assert folders_of([documents]) == [documents]
    meddled = Meddled(make_assembly(documents=documents).indexer, lambda: None)
    with following(meddled, documents):
        told.wait_for("Watching")
        (documents / "new").mkdir()
        wait_for(lambda: meddled.runs > 3, 40)
        (documents / "new" / "erbium.txt").write_text("Erbium amplifies light.")
        told.wait_for("1 added, 0 updated, 0 removed, 1 unchanged")
        (documents / "new" / "erbium.txt").write_text("Erbium amplifies light in glass.")
        told.wait_for("0 added, 1 updated")
        runs = meddled.runs
        (outside / "other.txt").write_text("Nobody looks here.")
        time.sleep(3)
        assert meddled.runs <= runs + 1
    assert folders_of([documents]) == [documents, documents / "new"]
