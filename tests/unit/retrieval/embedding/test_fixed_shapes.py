from retrieval.embedding.fixed_shapes import batches


def test_texts_of_about_one_length_go_together() -> None:
    assert list(batches([3, 40, 32, 33], together=8)) == [(32, [0, 2]), (64, [1, 3])]


def test_no_more_of_them_than_asked_for() -> None:
    assert list(batches([5] * 5, together=2)) == [(32, [0, 1]), (32, [2, 3]), (32, [4])]


def test_every_text_is_in_one_of_them() -> None:
    lengths = [place * 7 % 90 for place in range(50)]
    found = [place for _, places in batches(lengths, together=8) for place in places]
    assert sorted(found) == list(range(50))
