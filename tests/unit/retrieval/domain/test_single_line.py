"""Names from outside become one visible line."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.domain.single_line import single_line, single_line_path, without_controls
from tests.attacks.names import HARMFUL, Name, read_names

NAMES = [pytest.param(name, id=name.what) for name in read_names()]


@pytest.mark.parametrize("name", NAMES)
def test_an_odd_name_is_shown_as_what_it_says(name: Name) -> None:
    assert single_line(name.name) == name.shown


@given(st.text(alphabet=st.characters(), max_size=300), st.integers(1, 200))
def test_any_text_becomes_one_line_within_the_limit(text: str, limit: int) -> None:
    line = single_line(text, limit)
    assert len(line) <= limit
    assert not HARMFUL.search(line)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert single_line(line, limit) == line


@given(st.text(alphabet=st.characters(), max_size=300), st.integers(2, 200))
def test_any_path_becomes_one_line_that_keeps_its_end(path: str, limit: int) -> None:
    line = single_line_path(path, limit)
    assert len(line) <= limit
    assert not HARMFUL.search(line)
    whole = single_line(path, len(path) + 1)
    assert line == whole or whole.endswith(line.removeprefix("…"))


def test_text_of_several_lines_keeps_them_and_loses_what_turns_it() -> None:
    assert without_controls("a\r\nb\rc\u2028d\x0be\u202e\x1b[31m\tf") == "a\nb\nc\nd\ne[31m\tf"


@pytest.mark.parametrize("piece", ["\n", "\u0336", " \t", "\u200b", "a\u0336"])
def test_the_time_grows_with_the_length(piece: str) -> None:
    def seconds(times: int) -> float:
        began = process_time()
        single_line(piece * times)
        return process_time() - began

    small, large = (min(seconds(size) for _ in range(3)) for size in (50_000, 200_000))
    assert large < 12 * small + 0.05
