import pytest

from retrieval.search.fusion import fuse


def test_a_hit_of_both_rankings_beats_the_top_of_one() -> None:
    assert fuse([["a", "b"], ["c", "b"]])[0][0] == "b"


def test_scores_follow_the_published_formula() -> None:
    assert dict(fuse([["a", "b"], ["b"]])) == pytest.approx({"a": 1 / 61, "b": 1 / 62 + 1 / 61})


def test_nothing_fuses_to_nothing() -> None:
    assert fuse([[], []]) == []
