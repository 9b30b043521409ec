import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.text.sentences import sentence_spans


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
        ("It is made at Mt. Weld. It is far.", ["It is made at Mt. Weld.", "It is far."]),
        ("Under Art. 25 it ends. Art. 7 stays.", ["Under Art. 25 it ends.", "Art. 7 stays."]),
        ("Ground to max. 75 micrometres.", ["Ground to max. 75 micrometres."]),
        ("Up 3.5 percent. iPhone sales grew.", ["Up 3.5 percent.", "iPhone sales grew."]),
        ("Er holt z.B. Cer. Das reicht.", ["Er holt z.B. Cer.", "Das reicht."]),
        ("Am 3. Mai begann es. Der 2. Ofen steht.", ["Am 3. Mai begann es.", "Der 2. Ofen steht."]),
        ("It holds 4 wt. % oxide. It is rich.", ["It holds 4 wt. % oxide.", "It is rich."]),
        ("See para. 3 of sect. 4. Rev. 2 is new.", ["See para. 3 of sect. 4.", "Rev. 2 is new."]),
        ("1. First step. 2. Second step.", ["1. First step.", "2. Second step."]),
        ("“We grew. We sold.” It ended.", ["“We grew.", "We sold.”", "It ended."]),
        ('"Is it so?" he asked. "No."', ['"Is it so?" he asked.', '"No."']),
        (
            "公司说：“产量增加。价格上涨。”他走了。",
            ["公司说：“产量增加。", "价格上涨。”", "他走了。"],
        ),
        (
            "It is what was fed. Cash is ore. Mud too.",
            ["It is what was fed.", "Cash is ore.", "Mud too."],
        ),
        ("It is rich in La. The La. oxide is not.", ["It is rich in La.", "The La. oxide is not."]),
        ("It rose 4%. 2024 was better.", ["It rose 4%.", "2024 was better."]),
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


@pytest.mark.parametrize(
    "part", ['"a. B ', "(a. B ", "“", "a. ", "1. ", ". “", "。", "a", "\n", "Mr. "]
)
def test_the_time_grows_with_the_text_alone(part: str) -> None:
    def seconds(size: int) -> float:
        text = part * (size // len(part))
        began = time.process_time()
        sentence_spans(text)
        return time.process_time() - began

    seconds(1_000)
    assert seconds(200_000) < 12 * max(seconds(50_000), 0.05)


@pytest.mark.parametrize("size", [19_998, 20_003, 45_000])
def test_a_long_paragraph_is_cut_only_where_sentences_end(size: int) -> None:
    sentence = "The mine sold oxide worth 3.5 million dollars to No. 5 of its buyers."
    text = " ".join([sentence] * (size // len(sentence)))
    assert set(split(text)) == {sentence}


@pytest.mark.parametrize("bullet", ["■", "•", "▪", "☐"])
def test_an_item_with_a_bullet_has_as_many_sentences_as_it_has(bullet: str) -> None:
    text = f"{bullet} The mill was closed in 2021. The pit stays open."
    assert [text[start:end] for start, end in sentence_spans(text)] == [
        f"{bullet} The mill was closed in 2021.", "The pit stays open.",
    ]  # fmt: skip
