import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.sentences import sentence_spans


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It cost 1.5 million yuan. It fell.", ["It cost 1.5 million yuan.", "It fell."]),
        ("Dr. Smith met Mr. Li. They talked.", ["Dr. Smith met Mr. Li.", "They talked."]),
        ("The U.S. Geological Survey said so.", ["The U.S. Geological Survey said so."]),
        ("Lynas Corp. and MP Materials Inc. grew.", ["Lynas Corp. and MP Materials Inc. grew."]),
        ("He works at Lynas Ltd. The plant runs.", ["He works at Lynas Ltd.", "The plant runs."]),
        ("Store it in Block C. The limit is 6.", ["Store it in Block C.", "The limit is 6."]),
        ("See Fig. 3 and No. 7 for it. Done.", ["See Fig. 3 and No. 7 for it.", "Done."]),
        ("He said “stop.” Then he left.", ["He said “stop.”", "Then he left."]),
        ("稀土很重要。包头是中心。", ["稀土很重要。", "包头是中心。"]),
        ("  ", []),
    ],
)
def test_text_is_split_where_sentences_end(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@given(st.text(alphabet=st.sampled_from('aB .!?\n"”。1'), max_size=80))
def test_spans_cover_everything_but_white_space_without_overlap(text: str) -> None:
    spans = sentence_spans(text)
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))


def test_offsets_are_absolute_when_only_a_part_is_split() -> None:
    text = "Skip me. Take this. And this."
    assert sentence_spans(text, 9) == [(9, 19), (20, 29)]
