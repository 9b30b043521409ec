"""Files are read in a worker that can be stopped, and that stops nobody else."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from retrieval.domain.errors import LoadError
from retrieval.loading.document_reader import DocumentReader, ReadingLimits
from tests.conftest import MakeAssembly

Make = Callable[..., DocumentReader]


@pytest.fixture
def make_reader() -> Iterator[Make]:
    made: list[DocumentReader] = []

    def make(**limits: float) -> DocumentReader:
        made.append(DocumentReader(ReadingLimits(**limits)))
        return made[-1]

    yield make
    for reader in made:
        reader.close()


def test_a_file_is_read_and_a_bad_one_fails_with_its_reason(make_reader: Make) -> None:
    reader = make_reader()
    assert reader.read(b"Cerium is soft.", "a.txt").text == "Cerium is soft."
    with pytest.raises(LoadError, match="not a PDF"):
        reader.read(b"no pdf", "b.pdf")
    assert reader.read(b"Terbium is rare.", "c.txt").text == "Terbium is rare."


def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read(make_reader: Make) -> None:
    reader = make_reader(seconds=0.0)
    with pytest.raises(LoadError, match="takes longer than 0 s"):
        reader.read(b"Cerium is soft.", "a.txt")
    patient = make_reader(seconds=30.0)
    patient.read(b"Cerium is soft.", "a.txt")
    worker = patient._worker
    assert worker is not None
    worker[0].kill()
    worker[0].wait()
    with pytest.raises(LoadError, match="crashed the reader"):
        patient.read(b"Cerium is soft.", "a.txt")
    assert patient.read(b"Cerium is soft.", "a.txt").text == "Cerium is soft."


def test_a_file_that_wants_too_much_memory_is_given_up(make_reader: Make) -> None:
    reader = make_reader(memory_megabytes=300)
    with pytest.raises(LoadError, match="memory"):
        reader.read(b"cerium " * 12_000_000, "huge.txt")
    assert reader.read(b"Cerium is soft.", "a.txt").text == "Cerium is soft."


def test_a_file_that_is_too_large_is_not_even_opened(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    (documents / "large.txt").write_bytes(b"x" * 2_000_000)
    report = make_assembly(max_file_mb=1).indexer.index([documents])
    assert (report.added, len(report.failed)) == (2, 1)
    assert "more than the 1 MB allowed" in report.failed[0].error


def test_no_worker_is_left_behind(make_reader: Make) -> None:
    reader = make_reader()
    reader.read(b"Cerium is soft.", "a.txt")
    worker = reader._worker
    assert worker is not None
    reader.close()
    assert worker[0].poll() is not None
    reader.close()
