"""Files that change, or vanish, while they are read; the next run sees how they ended up."""

import threading
from pathlib import Path

from tests.conftest import MakeAssembly
from tests.integration.test_indexer import assert_whole, names


def texts(installation: object) -> dict[str, str]:
    catalog = installation.catalog  # type: ignore[attr-defined]
    build = catalog.live_build()
    return {stored.document: stored.passage.text for stored in catalog.all_passages(build.id)}


def test_a_file_deleted_while_others_are_read_is_named_and_then_gone(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    for number in range(4):
        (documents / f"new-{number}.txt").write_text(f"Erbium number {number} glows.")
    installation = make_assembly()

    def delete(done: int, _: int) -> None:
        if done == 1:
            (documents / "new-3.txt").unlink()

    report = installation.indexer.index([documents], progress=delete)
    assert [(failure.document, failure.error) for failure in report.failed] == [
        ("new-3.txt", "No such file or directory")
    ]
    assert report.added == 5
    assert_whole(installation)
    assert not installation.indexer.index([documents]).failed
    assert "new-3.txt" not in names(installation)


def test_a_document_that_vanishes_while_it_is_read_again_is_kept_until_the_next_run(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    installation = make_assembly()
    installation.indexer.index([documents])
    (documents / "dysprosium.txt").write_text("Dysprosium was found in 1886.")

    def delete(done: int, _: int) -> None:
        (documents / "dysprosium.txt").unlink(missing_ok=True)

    report = installation.indexer.index([documents], progress=delete)
    assert [failure.document for failure in report.failed] == ["dysprosium.txt"]
    assert "1.9 million yuan" in texts(installation)["dysprosium.txt"]
    assert installation.indexer.index([documents]).removed == 1
    assert_whole(installation)


def test_a_file_that_is_written_all_the_time_never_breaks_a_run(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    installation = make_assembly()
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with (documents / "cerium.txt").open("w") as file:
                for line in range(50):
                    file.write(f"Cerium oxide polishes glass number {number}, line {line}.\n")
                    file.flush()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(5):
            report = installation.indexer.index([documents])
            assert [failure.document for failure in report.failed] in ([], ["cerium.txt"])
            assert_whole(installation)
    finally:
        stop.set()
        writer.join()
    (documents / "cerium.txt").write_text("Cerium goes into catalysts.")
    installation.indexer.index([documents])
    assert texts(installation)["cerium.txt"] == "Cerium goes into catalysts."
    assert_whole(installation)
