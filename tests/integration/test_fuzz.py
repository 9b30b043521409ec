"""Whatever bytes a file holds: it is read, or refused in one line, and soon.

`MONAZITE_FUZZ` sets how many damaged files of each format are tried; `make fuzz` tries 2,000.
"""

import os
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.domain.documents import Document
from retrieval.domain.errors import LoadError
from retrieval.loading.document_reader import DocumentReader, ReadingLimits
from tests.eval.office import write_docx, write_pdf
from tests.unit.retrieval.loading.formats.test_office import slides, workbook

TRIES = int(os.environ.get("MONAZITE_FUZZ", "25"))
LINES = ["# Kiln report", "The kiln starts in May.", "- It cost 40 million dollars."]
ENDINGS = ("txt", "md", "html", "pdf", "docx", "pptx", "xlsx", "csv", "tsv", "eml", "rtf")
# Pieces that a reader may stumble over, put where they do not belong.
PIECES = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"---\n", b"---\ntitle: [", b"<!DOCTYPE x [", b"&#xFFFFFFF;",
    b"endobj", b"stream\n", b"/Length 99999999", b"{\\rtf1", b"\\bin99999 ", b"PK\x03\x04", b'"',
    b"Content-Type: multipart/mixed; boundary=x\n\n--x\n", b"|" * 500, b"[" * 500, b"<div>" * 500,
    b"> " * 500, "北方".encode("gb18030"), b"\xed\xa0\x80",
)  # fmt: skip

Write = Callable[[Path], None]


def write(lines: list[str], writer: Callable[[list[str], Path], None], path: Path) -> bytes:
    writer(lines, path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A sound file of every format."""
    folder = tmp_path_factory.mktemp("originals")
    message = EmailMessage()
    message["Subject"], message["Date"] = "Kiln", "Tue, 05 Mar 2024 10:00:00 +0000"
    message.set_content("\n".join(LINES))
    message.add_alternative("<p>The kiln starts in May.</p>", subtype="html")
    plain = "\n\n".join(LINES).encode()
    return {
        "txt": plain,
        "md": b"---\ntitle: Kiln\n---\n" + plain + b"\n\n| a | b |\n| - | - |\n| 1 | 2 |\n",
        "html": b"<html><head><title>Kiln</title></head><body><article><h1>Kiln</h1>"
        b"<p>The kiln starts in May.</p><table><tr><td>1</td></tr></table></article></body></html>",
        "pdf": write(LINES, write_pdf, folder / "a.pdf"),
        "docx": write(LINES, write_docx, folder / "a.docx"),
        "pptx": slides(),
        "xlsx": workbook(),
        "csv": b"Oxide,Price\nCerium,7200\n",
        "tsv": b"Oxide\tPrice\nCerium\t7200\n",
        "eml": message.as_bytes(),
        "rtf": rb"{\rtf1\ansi {\b Kiln report}\par\par The kiln starts in May.\par}",
    }


@pytest.fixture(scope="module")
def reader() -> Iterator[DocumentReader]:
    patient = DocumentReader(ReadingLimits(seconds=30.0))
    yield patient
    patient.close()


@st.composite
def damages(draw: st.DrawFn) -> list[tuple[str, float, bytes]]:
    """What is done to a file, in order: where (as a share of its length), and with what."""
    kinds = st.sampled_from(("overwrite", "insert", "cut", "double"))
    piece = st.sampled_from(PIECES) | st.binary(min_size=1, max_size=40)
    return draw(st.lists(st.tuples(kinds, st.floats(0, 1), piece), min_size=1, max_size=6))


def damaged(data: bytes, damage: list[tuple[str, float, bytes]]) -> bytes:
    for kind, place, piece in damage:
        at = int(place * len(data))
        head, tail = data[:at], data[at:]
        match kind:
            case "overwrite":
                data = head + piece + tail[len(piece) :]
            case "insert":
                data = head + piece + tail
            case "cut":
                data = head
            case _:
                data = head + tail[:200] * 2 + tail
    return data


def check(reader: DocumentReader, data: bytes, name: str) -> None:
    began = time.monotonic()
    try:
        document = reader.read(data, name)
    except LoadError as error:
        said = str(error)
        assert said
        assert "\n" not in said
        assert "crashed" not in said
        assert "takes longer" not in said
        return
    assert time.monotonic() - began < 30
    assert_sound(document)


def assert_sound(document: Document) -> None:
    end = 0
    for block in document.blocks:
        assert end <= block.start <= block.end <= len(document.text)
        end = block.end
    document.text.encode("utf-8")


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_damaged_file_is_read_or_refused_in_a_line(
    ending: str, originals: dict[str, bytes], reader: DocumentReader
) -> None:
    reader.read(originals[ending], f"sound.{ending}")

    @settings(
        max_examples=TRIES, deadline=None, derandomize=TRIES <= 100, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(damages())
    def try_it(damage: list[tuple[str, float, bytes]]) -> None:
        check(reader, damaged(originals[ending], damage), f"damaged.{ending}")

    try_it()


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_of_anything_is_read_or_refused_in_a_line(
    ending: str, reader: DocumentReader
) -> None:
    @settings(
        max_examples=TRIES, deadline=None, derandomize=TRIES <= 100, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(
        st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "ignore"))
    )
    def try_it(data: bytes) -> None:
        check(reader, data, f"anything.{ending}")

    try_it()
