import pytest

from retrieval.domain.access import EVERYONE, OPERATOR, PUBLIC, Reader, label_of


def test_a_document_for_everyone_is_seen_by_everyone() -> None:
    assert all(reader.may_see(EVERYONE) for reader in (PUBLIC, OPERATOR, Reader(frozenset({"C1"}))))


def test_one_of_the_channels_and_groups_named_is_enough() -> None:
    label = label_of(["S2", "C1"])
    assert Reader(frozenset({"C1", "C9"})).may_see(label)
    assert Reader(frozenset({"S2"})).may_see(label)
    assert OPERATOR.may_see(label)


def test_others_do_not_see_it() -> None:
    label = label_of(["C12", "S2"])
    assert not PUBLIC.may_see(label)
    assert not Reader(frozenset({"C1", "2", "C12,S2", EVERYONE})).may_see(label)


@pytest.mark.parametrize(
    "ids",
    [[], [""], ["#contracts"], ["everyone", "C1"], ["U0123"], ["c1"], ["C1 "[:0]], ["Everyone"]],
)
def test_what_is_no_access_is_refused_rather_than_guessed(ids: list[str]) -> None:
    with pytest.raises(ValueError, match="access"):
        label_of(ids)
