"""Whatever one file holds or does, it alone fails, by name, and the others go in."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bot.answering.answerer import Inquiry
from bot.journal.entries import Entry
from bot.journal.search import Filter
from bot.wiring.installation import Installation
from retrieval.domain.access import OPERATOR
from retrieval.domain.documents import Document
from retrieval.splitting.splitter import Splitter
from tests.attacks.texts import HostileText, read_texts
from tests.conftest import MakeAssembly

TEXTS = read_texts()
DATABASES = ("sqlite", "postgres")
GOOD = "The mill at Vargfors was rebuilt in 2021 and runs on oil."


@pytest.fixture(params=DATABASES)
def installation(
    request: pytest.FixtureRequest, make_assembly: MakeAssembly, tmp_path: Path
) -> Installation:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "good.txt").write_text(GOOD)
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    return make_assembly(documents=folder, database_url=url)


def index(installation: Installation) -> dict[str, Any]:
    report = installation.indexer.index([installation.settings.documents]).as_json()
    documents: dict[str, Any] = report["documents"]
    return documents


def rtf(text: str) -> bytes:
    """A file as Word writes it: each unit of UTF-16 as a signed number."""
    units = text.encode("utf-16-le", "surrogatepass")
    pairs = zip(units[::2], units[1::2], strict=True)
    numbers = [int.from_bytes(pair, "little", signed=True) for pair in map(bytes, pairs)]
    return b"{\\rtf1\\ansi " + "".join(f"\\u{number}?" for number in numbers).encode() + b"}"


def pdf_that_maps(character: str, to: str) -> bytes:
    """A PDF whose font says that `character` means the code unit `to`, as broken fonts do."""
    words = f"{character} Modum sold 812 tonnes of oxide."
    shown = f"BT /F1 12 Tf 50 700 Td ({words}) Tj ET".encode()
    table = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00> <FF> "
        b"endcodespacerange 1 beginbfchar <" + f"{ord(character):02X}> <{to}".encode()
        + b"> endbfchar endcmap end end"
    )  # fmt: skip
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources 7 0 R >>",
        b"<< /Length " + str(len(shown)).encode() + b" >> stream\n" + shown + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>",
        b"<< /Length " + str(len(table)).encode() + b" >> stream\n" + table + b"\nendstream",
        b"<< /Font << /F1 5 0 R >> >>",
    ]  # fmt: skip
    made, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += str(number).encode() + b" 0 obj\n" + one + b"\nendobj\n"
    start = len(made)
    made += b"xref\n0 8\n0000000000 65535 f \n" + b"".join(
        b"%010d 00000 n \n" % at for at in places
    )
    return made + b"trailer << /Size 8 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


def test_an_rtf_with_every_hostile_text_goes_in_beside_a_good_file(
    installation: Installation,
) -> None:
    folder = installation.settings.documents
    for number, hostile in enumerate(TEXTS):
        (folder / f"{number}.rtf").write_bytes(rtf(f"Tin {hostile.text} was sold in 2021."))
    found = index(installation)
    assert (found["added"], found["failed"]) == (len(TEXTS) + 1, [])
    assert installation.verifier.verify().whole
    assert installation.answerer.answer("When was the mill at Vargfors rebuilt?").citations


@pytest.mark.parametrize("to", ["0000", "D83D", "DE00D83D", "FFFF", "001B", "0085", "D83DDE00"])
def test_a_font_that_maps_to_no_character_leaves_the_document_citable(
    installation: Installation, to: str
) -> None:
    (installation.settings.documents / "modum.pdf").write_bytes(pdf_that_maps("Q", to))
    assert index(installation)["added"] == 2
    answer = installation.answerer.answer("How many tonnes of oxide did Modum sell?")
    assert [citation.document for citation in answer.citations] == ["modum.pdf"]
    assert installation.verifier.verify().whole


@pytest.mark.parametrize(
    "name",
    [
        b"r\xe9sum\xe9.txt",
        b"a\n>forged.txt",
        b"\x1b]0;pwned\x07.txt",
        b"\xff\xfe.md",
        "\x9b31m.txt".encode(),
    ],
)
def test_a_name_that_no_database_could_hold_never_stops_the_others(
    installation: Installation, name: bytes
) -> None:
    path = os.fsencode(installation.settings.documents) + b"/" + name
    Path(os.fsdecode(path)).write_text("The kiln runs on gas.")
    found = index(installation)
    assert found["added"] + len(found["failed"]) == 2
    for failure in found["failed"]:
        json.dumps(failure, ensure_ascii=False).encode()
        assert failure["document"].isprintable()
        assert "rename it" in failure["error"]
    assert json.dumps(installation.runs.history(1)[0].report, ensure_ascii=False).encode()
    for document in installation.catalog.documents():
        assert document.name.isprintable()


@pytest.mark.parametrize("hostile", TEXTS, ids=[one.what for one in TEXTS])
def test_titles_authors_and_sections_are_clean_and_on_one_line(
    make_assembly: MakeAssembly, documents: Path, hostile: HostileText
) -> None:
    said = json.dumps(hostile.text)
    (documents / "a.md").write_text(
        f"---\ntitle: {said}\nauthor: {said}\ntags: [{said}]\n---\n# Kilns\n\nThe kiln runs on gas.\n"
    )
    (documents / "sources.yaml").write_text(
        f"documents:\n  - {{path: cerium.txt, title: {said}, author: {said}}}\n"
    )
    installation = make_assembly()
    report = installation.indexer.index([documents])
    # A list that is no YAML, as one with halves of surrogate pairs, closes what it speaks of.
    assert {failure.document for failure in report.failed} <= {"sources.yaml"}
    for document in installation.catalog.documents():
        assert document.title.isprintable()
        assert (document.said.author or "").isprintable()
        assert all(tag.isprintable() for tag in document.said.tags or ())


def test_a_question_with_hostile_text_is_answered_and_recorded(installation: Installation) -> None:
    index(installation)
    for hostile in TEXTS:
        inquiry = Inquiry(
            f"When was the mill at Vargfors rebuilt? {hostile.text}",
            earlier=[f"What is tin? {hostile.text}"], reader=OPERATOR,
        )  # fmt: skip
        answer = installation.recorder.answer(inquiry)
        assert answer.question.isprintable(), hostile.what
        (record,) = installation.journal_search.of_request(answer.request_id)
        assert "Vargfors" in record.entry.question


def test_what_a_chat_model_or_a_filter_holds_reaches_no_database(
    installation: Installation,
) -> None:
    for number, hostile in enumerate(TEXTS):
        cited = ({"document": hostile.text, "quote": hostile.text},)
        written = {"dropped": [{"text": hostile.text, "reason": hostile.text}]}
        entry = Entry(
            f"r{number}", hostile.text, "", "answered", text=hostile.text, note=hostile.text,
            asker=hostile.text, citations=cited, writing=written,
        )  # fmt: skip
        installation.journal.record(entry)
        (found,) = installation.journal.of_request(f"r{number}")
        assert found.text == hostile.stored
        wanted = Filter(words=hostile.text, document=hostile.text, asker=hostile.text)
        newest = installation.journal_search.newest(wanted, 50)
        assert f"r{number}" in [one.entry.request_id for one in newest]
        with suppress(OSError), installation.runs.open("index", hostile.text) as run:
            run.report = {"notices": [hostile.text]}
            raise OSError(f"x {hostile.text}")
        assert installation.runs.history(1)[0].error.isprintable()


ERRORS = [
    TypeError("TextEncodeInput must be Union"),
    IndexError("out of range"),
    ValueError("\x1b]0;bad"),
]


@pytest.mark.parametrize("error", ERRORS, ids=repr)
@pytest.mark.parametrize("step", ["splitter", "embedder"])
def test_what_a_step_cannot_do_with_one_document_fails_that_document(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, step: str, error: Exception
) -> None:
    folder = installation.settings.documents
    (folder / "another.txt").write_text("The kiln at Tornvik runs on gas.")
    assert index(installation)["added"] == 2
    (folder / "another.txt").write_text("The kiln at Tornvik runs on gas since 2020. POISON")
    (folder / "poison.txt").write_text("POISON is a word of this document.")
    (folder / "later.txt").write_text("The wharf at Skagen was dredged in 2019.")
    if step == "splitter":
        split = Splitter.split

        def broken(self: Splitter, document: Document) -> Any:
            if "POISON" in document.text:
                raise error
            return split(self, document)

        monkeypatch.setattr(Splitter, "split", broken)
    else:
        embed = installation.embeddings.embed

        def fails(texts: list[str]) -> Any:
            if any("POISON" in text for text in texts):
                raise error
            return embed(texts)

        monkeypatch.setattr(installation.index, "_embed", fails)
    found = index(installation)
    assert (found["added"], found["updated"]) == (1, 0)
    assert sorted(failure["document"] for failure in found["failed"]) == [
        "another.txt",
        "poison.txt",
    ]
    assert all(failure["error"].isprintable() for failure in found["failed"])
    log = (installation.settings.home / "logs" / "errors.log").read_text()
    for failure in found["failed"]:
        assert f"request {failure['error'].rpartition(' ')[2]}\nTraceback" in log
    names = {document.name for document in installation.catalog.documents()}
    assert names == {"good.txt", "another.txt", "later.txt"}
    assert installation.verifier.verify().whole
    monkeypatch.undo()
    assert index(installation)["failed"] == []
    assert installation.verifier.verify().whole


def test_a_store_that_fails_is_no_documents_failure(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Sequence[str]) -> Any:
        raise OSError("No space left on device")

    monkeypatch.setattr(installation.index, "_embed", full)
    with pytest.raises(OSError, match="No space left"):
        index(installation)
    monkeypatch.undo()
    assert index(installation)["added"] == 1
