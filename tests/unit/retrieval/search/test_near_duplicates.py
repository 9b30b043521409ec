from retrieval.search.near_duplicates import NearDuplicateFilter


def fold(texts: list[str]) -> list[int | None]:
    folder = NearDuplicateFilter()
    return [folder.twin_of(text) for text in texts]


LONG = (
    "The company said on Monday that it would build a second separation line beside the first one "
    "and that the work should be finished before the end of the year at the latest"
)


def test_a_reprint_is_folded_into_the_first() -> None:
    assert fold([LONG, "Something else entirely.", LONG + " indeed"]) == [None, None, 0]


def test_a_changed_figure_is_news() -> None:
    assert fold([LONG + " for 5 million", LONG + " for 7 million"]) == [None, None]


def test_short_texts_fold_only_when_equal() -> None:
    assert fold(["two words", "two words", "other words"]) == [None, 0, None]


def test_the_same_words_in_the_next_number_of_a_series_are_news() -> None:
    folder = NearDuplicateFilter()
    titles = ["Bulletin, May 2025", "Bulletin, June 2025", "Reprinted: bulletin of last May"]
    assert [folder.twin_of(LONG, title) for title in titles] == [None, None, 0]
