"""Runs one stage of a soak, and tells what came of it."""

import random
import threading
import time
from collections.abc import Callable
from typing import Any

from bench.soak import faults
from bench.soak.asking import Asking, Stage
from bench.soak.ledger import Ledger
from bench.soak.programs import Watch, is_flat

# So long those who have heard nothing yet are waited for.
_PATIENCE_SECONDS = 150.0


def run(stage: Stage) -> dict[str, Any]:
    """Runs a stage, and returns what came of it."""
    ledger = Ledger(stage.slack)
    for one in stage.programs:
        one.start()
    over = threading.Event()
    began = time.monotonic()
    with Watch(stage.programs):
        trouble = threading.Thread(target=_make_trouble, args=(stage, over), daemon=True)
        trouble.start()
        Asking(stage, ledger).ask_all()
        over.set()
        trouble.join(200)
        end = time.monotonic() + _PATIENCE_SECONDS
        while (
            ledger.figures()["silent"] or ledger.figures()["unfinished"]
        ) and time.monotonic() < end:
            time.sleep(1)
    seconds = time.monotonic() - began
    acks = sorted(stage.slack.ack_seconds)
    figures = ledger.figures()
    return {
        "stage": stage.name, "questions": stage.questions, "seconds": round(seconds),
        "outcomes": dict(figures), "faults": stage.done, "left_out": stage.left_out,
        "slack_calls": len(stage.slack.calls),
        "socket_ack_seconds_max": round(acks[-1], 2) if acks else None,
        "programs": {one.name: one.figures() for one in stage.programs},
        "stop_seconds": {one.name: round(one.stop(), 1) for one in stage.programs},
        "ok": not {"silent", "twice", "unfinished"} & figures.keys()
        and all(is_flat(one.figures()) for one in stage.programs),
        "not_once": {user: what for user, what in ledger.outcomes().items() if what in ("silent", "twice", "unfinished")},
    }  # fmt: skip


def _make_trouble(stage: Stage, over: threading.Event) -> None:
    """Spreads the stage's faults over its time; Slack refuses something every other second."""
    chance, began = random.Random(11), time.monotonic()
    pending = [
        (began + 0.85 * stage.seconds * (number + 0.5) / len(stage.faults), *fault)
        for number, fault in enumerate(stage.faults)
    ]
    at_work: list[threading.Thread] = []
    while not over.wait(2.0):
        faults.refuse(stage.slack, chance)
        if pending and time.monotonic() >= pending[0][0]:
            _, name, fault = pending.pop(0)
            # Some take longer than the time to the next one: an indexing run, a start.
            at_work.append(threading.Thread(target=_go_wrong, args=(stage, name, fault, began)))
            at_work[-1].start()
    for one in at_work:
        one.join(180)
    stage.left_out += [f"{name}: no time was left" for _, name, _ in pending]


def _go_wrong(stage: Stage, name: str, fault: Callable[[], object], began: float) -> None:
    at = time.monotonic()
    try:
        fault()
        outcome = "done"
    except Exception as error:  # noqa: BLE001  the soak goes on, and says so
        outcome = f"{type(error).__name__}: {error}"
    stage.done.append({
        "fault": name, "outcome": outcome, "at_s": round(at - began),
        "took_s": round(time.monotonic() - at, 1),
    })  # fmt: skip
    print(f"  {stage.done[-1]}", flush=True)
