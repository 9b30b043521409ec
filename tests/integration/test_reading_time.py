"""A file may take so much computing, and no busy machine fails it for waiting."""

from collections.abc import Iterator

import pytest

from retrieval.domain.errors import LoadError
from retrieval.loading.document_reader import DocumentReader, ReadingLimits
from tests.integration.test_isolation import taken_over

__all__ = ["taken_over"]
# Without the time that starting the reader takes.
_SPEND = "import time\nend = time.process_time() + {}\nwhile time.process_time() < end: pass\nprint('ok')"


@pytest.fixture
def reader(taken_over: None, request: pytest.FixtureRequest) -> Iterator[DocumentReader]:
    """A reader whose files are programs; its parameter is how long each may compute."""
    made = DocumentReader(ReadingLimits(seconds=request.param))
    yield made
    made.close()


def run(reader: DocumentReader, code: str) -> str:
    return reader.read(code.encode(), "a.txt").text.strip()


@pytest.mark.parametrize("reader", [1.0], indirect=True)
def test_a_file_that_waits_longer_than_it_may_compute_is_read(reader: DocumentReader) -> None:
    assert run(reader, "import time; time.sleep(3); print('ok')") == "ok"


@pytest.mark.parametrize("reader", [1.0], indirect=True)
@pytest.mark.parametrize(
    "busy",
    [
        "while True: pass",
        # Deep in a library that looks at no signal.
        "import re; re.match('(a+)+$', 'a' * 60 + 'b')",
        # In other threads than the one that waits.
        (
            "import threading\ndef work():\n while True: pass\n"
            "some = [threading.Thread(target=work, daemon=True) for _ in range(3)]\n"
            "[one.start() for one in some]\n[one.join() for one in some]"
        ),
    ],
)
def test_a_file_that_computes_too_long_is_given_up_and_the_next_is_read(
    reader: DocumentReader, busy: str
) -> None:
    with pytest.raises(LoadError, match="takes longer than 1 s of computing to read; split it"):
        run(reader, busy)
    assert run(reader, "print('ok')") == "ok"


@pytest.mark.parametrize("reader", [2.0], indirect=True)
def test_what_one_file_computes_is_not_held_against_the_next(reader: DocumentReader) -> None:
    workers = set()
    for _ in range(4):
        assert run(reader, _SPEND.format(1.0)) == "ok"
        assert reader._worker
        workers.add(reader._worker.process.pid)
    assert len(workers) == 1


@pytest.mark.parametrize("reader", [0.3], indirect=True)
def test_a_file_that_waits_for_ever_is_given_up_by_the_clock(reader: DocumentReader) -> None:
    with pytest.raises(LoadError, match="takes longer than 3 s to read; split it"):
        run(reader, "import time; time.sleep(60)")
