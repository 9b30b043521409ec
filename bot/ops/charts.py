"""Charts as bars to be drawn in SVG: no script, readable without seeing them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10

from bot.journal.figures import FiguresPeriod
from bot.ops.rendering import dollars, milliseconds, percent

WIDTH, HEIGHT = 640, 160
_GAP = 0.2
_LABELS = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle in pixels, from the top left; `kind` names its colour, `says` what it means."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    says: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: `top` is what its upper edge stands for, `labels` places on the time axis."""

    title: str
    top: str
    bars: tuple[Bar, ...]
    labels: tuple[tuple[float, str], ...]
    kinds: tuple[str, ...]


def charts_of(periods: Sequence[FiguresPeriod], format_time: str) -> list[Chart]:
    """Returns the charts of the overview."""
    names = [period.start.strftime(format_time) for period in periods]
    outcomes = [("answered", "answered"), ("abstained", "not answered"), ("failed", "failed")]
    volume = [[(kind, float(one.outcomes[key])) for key, kind in outcomes] for one in periods]
    waits = [
        [("half", one.wait(50) or 0.0),
         ("slowest twentieth", max(0.0, (one.wait(95) or 0.0) - (one.wait(50) or 0.0)))]
        for one in periods
    ]  # fmt: skip
    shares = [[("answered", one.answered_share or 0.0)] for one in periods]
    costs = [[("cost", one.cost)] for one in periods]
    return [
        _chart("Questions", names, volume, lambda value: f"{value:,.0f}"),
        _chart("Time to the answer", names, waits, milliseconds),
        _chart("Share answered", names, shares, percent, top=1.0),
        _chart("Cost", names, costs, dollars),
    ]


def _chart(
    title: str, names: Sequence[str], stacks: Sequence[Sequence[tuple[str, float]]],
    word: Callable[[float], str], top: float | None = None,
) -> Chart:  # fmt: skip
    top = top or _round_up(max((sum(value for _, value in stack) for stack in stacks), default=0))
    step = WIDTH / max(1, len(stacks))
    bars = []
    for place, (name, stack) in enumerate(zip(names, stacks, strict=True)):
        base = float(HEIGHT)
        for kind, value in stack:
            height = HEIGHT * value / top
            base -= height
            if value:
                says = f"{name}: {kind} {word(value)}"
                x = round(step * (place + _GAP / 2), 1)
                bars.append(
                    Bar(
                        x, round(base, 1), round(step * (1 - _GAP), 1), round(height, 1), kind, says
                    )
                )
    every = max(1, -(-len(names) // _LABELS))
    labels = tuple(
        (round(step * place, 1), name) for place, name in enumerate(names) if place % every == 0
    )
    kinds = tuple(dict.fromkeys(kind for stack in stacks for kind, _ in stack))
    return Chart(title, word(top), tuple(bars), labels, kinds)


def _round_up(value: float) -> float:
    """Returns the next of 1, 2, 5, 10, 20, …: an axis that people can read."""
    if value <= 0:
        return 1.0
    unit = 10.0 ** floor(log10(value))
    return next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= value)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an answer: where it begins and how long it takes, in milliseconds and of 100."""

    name: str
    took: float
    left: float
    width: float


def waterfall(timings: dict[str, float]) -> list[Step]:
    """Returns the steps of an answer, which follow one another; what is left over comes last."""
    steps = {name: took for name, took in timings.items() if name != "total" and took > 0}
    total = max(timings.get("total", 0.0), sum(steps.values()))
    if total <= 0:
        return []
    steps["other"] = total - sum(steps.values())
    placed, begun = [], 0.0
    for name, took in steps.items():
        placed.append(
            Step(name, took, round(100 * begun / total, 2), round(max(0.3, 100 * took / total), 2))
        )
        begun += took
    return placed
