"""Text from outside is cleaned once, and nothing in it is obeyed by a terminal."""

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.domain.documents import Block, BlockKind, Document, cleaned, described
from retrieval.domain.metadata import Metadata
from retrieval.domain.sanitizing import (
    clean_line,
    clean_name,
    clean_text,
    harmless_json,
    printable,
    printable_line,
)
from tests.attacks.texts import HostileText, read_texts

TEXTS = read_texts()
ANYTHING = st.text(
    st.characters(exclude_categories=()) | st.sampled_from("\ud83d\ude00\0\r\n\t\x1b\x9b\u202e")
)
OBEYED = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.mark.parametrize("hostile", TEXTS, ids=[one.what for one in TEXTS])
def test_hostile_text_is_stored_clean(hostile: HostileText) -> None:
    assert clean_text(hostile.text) == hostile.stored


@given(ANYTHING)
def test_clean_text_can_be_stored_anywhere_and_is_not_cleaned_twice(text: str) -> None:
    clean = clean_text(text)
    clean.encode()
    assert {one for one in clean if unicodedata.category(one) in ("Cc", "Cs")} <= {"\n", "\t"}
    assert clean_text(clean) == clean
    assert "\n" not in clean_line(text)


@given(ANYTHING, st.data())
def test_blocks_stand_on_the_same_words_after_cleaning(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    block = Block(BlockKind.PARAGRAPH, start, end)
    document = cleaned(Document("a.txt", "txt", text, "A", None, (block,)))
    (moved,) = document.blocks
    assert 0 <= moved.start <= moved.end <= len(document.text)
    if not re.search("[\ud800-\udfff\r]", text):
        assert document.text[moved.start : moved.end] == clean_text(text[start:end])


def test_a_block_behind_pairs_keeps_its_words() -> None:
    text = "\ud83d\ude00\ud83d\ude00 Cerium is soft."
    start = text.index("Cerium")
    block = Block(BlockKind.PARAGRAPH, start, len(text), header="a\0b")
    document = cleaned(Document("a.rtf", "rtf", text, "T\ntitle\0", None, (block,)))
    (moved,) = document.blocks
    assert document.text[moved.start : moved.end] == "Cerium is soft."
    assert (moved.header, document.title) == ("a b", "T title")


def test_a_title_of_nothing_but_controls_gives_way_to_the_name() -> None:
    assert cleaned(Document("b/a.pdf", "pdf", "x", "\0\x1b", None, ())).title == "a"


def test_what_a_list_says_is_cleaned_like_what_a_file_says() -> None:
    said = Metadata(title="A\n>forged\ud800", author="Ana\0", tags=("a\x1b", "b"), access="C1")
    document = described(Document("a.txt", "txt", "x", "x", None, ()), said)
    assert document.title == "A >forged\ufffd"
    assert (document.metadata.author, document.metadata.tags) == ("Ana", ("a", "b"))
    assert document.metadata.access == "C1"


@given(ANYTHING)
def test_a_terminal_is_shown_nothing_that_it_would_obey(text: str) -> None:
    assert not OBEYED.search(printable(text))
    assert not re.search(r"[\n\t]", printable_line(text) + clean_name(text))
    assert not OBEYED.search(printable(clean_name(text)))
    assert len(clean_name(text)) == len(text)


@given(ANYTHING)
def test_json_for_a_terminal_means_the_same(text: str) -> None:
    line = harmless_json(json.dumps({"text": text}, ensure_ascii=False))
    assert not OBEYED.search(line)
    joined = json.loads(json.dumps(text))
    assert json.loads(line)["text"] in (text, joined)
