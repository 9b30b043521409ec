"""A number is worded as its cell shows it."""

from typing import Any

import pytest

from retrieval.loading.office.number_formats import number_format
from tests.attacks.number_formats import NUMBER_FORMATS


@pytest.mark.parametrize("case", NUMBER_FORMATS, ids=lambda case: case["what"])
def test_a_number_is_worded_as_it_is_shown(case: dict[str, Any]) -> None:
    assert number_format(case["code"]).shown(case["value"]) == case["shown"]


@pytest.mark.parametrize("value", [0, 1, -1.5, 1e-300, 1e300, 45000.123])
@pytest.mark.parametrize(
    "code", ["/", "?/", "E+", "0E+", ".", ",", "%", "[", "]", "[h", "\\", "_", "*", "@@", "0.0.0",
             "yyyyyyyyy", "[$-FFFFFFFF]mmm", "[$", "General General", "0" * 5000, '"' * 99, "?/0"],
)  # fmt: skip
def test_no_code_fails(code: str, value: float) -> None:
    assert isinstance(number_format(code).shown(value), str)


def test_dates_may_count_from_1904() -> None:
    assert number_format("yyyy-mm-dd").shown(0, since_1904=True) == "1904-01-01"
