"""How well a confidence separates right from wrong, and what each threshold costs and saves."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Cut:
    """What answering at `threshold` and above gives.

    `coverage` is the share of questions answered, `risk` the share of these that are wrong.
    """

    threshold: float
    coverage: float
    risk: float


def auroc(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Returns the probability that a right one has the higher confidence; ties count half.

    The area under the ROC curve (Hanley and McNeil, Radiology 143, 1982); 0.5 where all
    are right or all are wrong.
    """
    yes = [value for value, good in zip(confidences, right, strict=True) if good]
    no = [value for value, good in zip(confidences, right, strict=True) if not good]
    if not yes or not no:
        return 0.5
    won = sum((one > other) + 0.5 * (one == other) for one in yes for other in no)
    return won / (len(yes) * len(no))


def risk_coverage(
    confidences: Sequence[float], right: Sequence[bool], thresholds: Sequence[float]
) -> list[Cut]:
    """Returns the risk-coverage curve at some thresholds (El-Yaniv and Wiener, JMLR 11, 2010)."""
    cuts = []
    for threshold in thresholds:
        answered = [
            good for value, good in zip(confidences, right, strict=True) if value >= threshold
        ]
        coverage = len(answered) / len(right) if right else 0.0
        risk = answered.count(False) / len(answered) if answered else 0.0
        cuts.append(Cut(threshold, coverage, risk))
    return cuts


def calibration(
    confidences: Sequence[float], right: Sequence[bool], edges: Sequence[float]
) -> list[tuple[float, float, int]]:
    """Returns, between each two `edges`, the mean confidence, the share right and how many."""
    rows = []
    for low, high in pairwise(edges):
        inside = [
            (value, good)
            for value, good in zip(confidences, right, strict=True)
            if low <= value < high
        ]
        if inside:
            mean = sum(value for value, _ in inside) / len(inside)
            rows.append((mean, sum(good for _, good in inside) / len(inside), len(inside)))
    return rows
