"""Files are read and split in time that grows with their length, whatever they are made of."""

from collections.abc import Callable, Sequence

import pytest

from bot.questions.followups import follow
from bot.questions.question import MAX_QUESTION_CHARS
from retrieval.loading.registry import load_document
from retrieval.splitting.splitter import Splitter
from retrieval.text.glossary import load_glossary
from tests.growth import assert_linear

LINE = "The mine produced 12 tonnes of ore. "
SHAPES: dict[str, Callable[[int], str]] = {
    "rows.txt": lambda n: "Item  2020  2021\n" + "Ore | 12 | 13 | 14\n" * n,
    "columns.txt": lambda n: "".join(f"Item {i}   {i}   {i + 1}\n" for i in range(n)),
    "wide.txt": lambda n: "a | " * n + "\n" + "b | c | d\n" * n,
    "line.txt": lambda n: LINE * n,
    "word.txt": lambda n: "a" * 36 * n,
    "headings.txt": lambda n: ("A Heading Here\n\n" + LINE + "\n\n") * n,
    "fields.txt": lambda n: "Buyer: Ardennes\n" * n,
    "blank.txt": lambda n: LINE + "\n\t" * 20 * n + LINE,
    "spaces.txt": lambda n: "word" + " " * 30 * n + "word",
    "list.md": lambda n: "".join("  " * (i % 60) + "- item\n" for i in range(n)),
    "tables.md": lambda n: "| a | b |\n|--|--|\n| 1 | 2 |\n\n" * (n // 2),
    "list.html": lambda n: "<html><body><ul>" + f"<li>{LINE}</li>" * (n // 2) + "</ul></body></html>",
    "captions.csv": lambda n: "caption\n" * n + "a,b\n1,2\n",
    "columns.csv": lambda n: ",".join(map(str, range(n))) + "\n" + ",".join("1" * n) + "\n",
    "mail.eml": lambda n: "Subject: x\nFrom: a@b.example\n\n" + (LINE + "\n") * n,
    "groups.rtf": lambda n: "{\\rtf1 " + "{" * n + LINE + "}" * n + "}",
}  # fmt: skip


class Words:
    max_tokens = 256
    special_tokens = 2

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


@pytest.mark.parametrize("name", SHAPES)
def test_a_file_is_read_and_split_in_time_in_proportion_to_its_length(name: str) -> None:
    def read(size: int) -> None:
        document = load_document(SHAPES[name](size).encode(), name)
        for passage in Splitter(Words()).split(document):
            assert passage.text == document.text[passage.start : passage.end]
            assert len(passage.text) <= 4_000

    assert_linear(read, 2_500)


def test_white_space_between_two_sentences_is_in_no_passage() -> None:
    text = LINE + "\n" * 20_000 + "The mill closed."
    passages = Splitter(Words()).split(load_document(text.encode(), "a.txt"))
    assert [" ".join(passage.text.split()) for passage in passages] == [
        LINE.strip(), "The mill closed.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "earlier",
    [
        [f"What was the output of Brava in 2022? {LINE * 1_000}"],
        ["What was the output of Brava in 2022? " * 100] * 200,
        ["x" * 40_000] * 200,
        [f"and in {year}?" for year in range(1900, 2100)],
        ["? " * 20_000, "What was the output of Brava in 2022?"],
    ],
)
def test_no_history_makes_a_question_too_long_or_slow(earlier: list[str]) -> None:
    found = list[str]()
    assert_linear(
        lambda n: found.append(follow("and in 2023?", earlier * n, load_glossary())), 1, 3
    )
    assert all(len(question) <= MAX_QUESTION_CHARS for question in found)


def test_what_a_long_message_asked_is_followed_up() -> None:
    root = f"Hello all. {LINE * 200} What was the output of Brava in 2022?"
    asked = follow("and in 2023?", [root], load_glossary())
    assert asked == "What was the output of Brava in 2023?"
