"""Thresholds: how sure the bot must be before it answers, in plain words."""

from typing import Annotated

from pydantic import BeforeValidator, Field

# Confidence is calibrated, so these are shares: "careful" answers where at least four times in
# five the answer is in the passages. What each costs and saves: docs/quality.md.
THRESHOLDS = {"careful": 0.8, "balanced": 0.65, "eager": 0.5}
# Below this an answer comes with a warning: of those, about half are right.
SURE = THRESHOLDS["careful"]


def _as_number(value: object) -> object:
    return THRESHOLDS.get(value.strip().lower(), value) if isinstance(value, str) else value


Threshold = Annotated[float, BeforeValidator(_as_number), Field(ge=0, le=1)]
