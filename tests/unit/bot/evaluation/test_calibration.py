import pytest

from bot.evaluation.calibration import Cut, auroc, calibration, risk_coverage

CONFIDENCES = [0.9, 0.8, 0.6, 0.4]
RIGHT = [True, True, False, True]


def test_the_area_counts_how_often_a_right_one_is_surer_than_a_wrong_one() -> None:
    assert auroc(CONFIDENCES, RIGHT) == pytest.approx(2 / 3)
    assert auroc([0.5, 0.5], [True, False]) == 0.5
    assert auroc([0.5, 0.7], [True, True]) == 0.5


def test_a_higher_threshold_answers_less_and_is_wrong_less_often() -> None:
    assert risk_coverage(CONFIDENCES, RIGHT, [0.0, 0.5, 0.8, 0.95]) == [
        Cut(0.0, 1.0, 0.25), Cut(0.5, 0.75, pytest.approx(1 / 3)), Cut(0.8, 0.5, 0.0),
        Cut(0.95, 0.0, 0.0),
    ]  # fmt: skip


def test_confidence_is_compared_with_what_came_true() -> None:
    low, high = calibration(CONFIDENCES, RIGHT, [0.0, 0.5, 1.0])
    assert low == (pytest.approx(0.4), 1.0, 1)
    assert high == (pytest.approx(0.7667, abs=1e-3), pytest.approx(2 / 3), 3)
