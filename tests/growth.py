"""How the time of some work grows with the length of what it is given."""

import gc
import time
from collections.abc import Callable

# A linear step may be unlucky; a quadratic one takes sixteen times as long for four times as much.
_MOST = 9.0
# Below this many seconds of CPU, noise and the clock's grain are larger than what is measured.
_GRAIN = 0.15


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds that `work` takes, of this process alone, without looking for garbage meanwhile.

    What that takes depends on all that the process holds.
    """
    gc.disable()
    try:
        began = time.process_time()
        work()
        return time.process_time() - began
    finally:
        gc.enable()


def assert_linear(work: Callable[[int], object], size: int, budget: float = 20.0) -> None:
    """Fails where four times the size takes much more than four times as long.

    `budget` bounds the larger one, in CPU seconds, however it grows.
    """
    work(size)  # what is imported and cached on first use is not measured
    large = seconds(lambda: work(4 * size))
    if large > _GRAIN:
        small = seconds(lambda: work(size))
        if large > _MOST * small:
            # Once more: the machine may have been busy with something else.
            small, large = seconds(lambda: work(size)), seconds(lambda: work(4 * size))
        assert large < _MOST * small, f"{size:,}: {small:.2f} s, {4 * size:,}: {large:.2f} s"
    assert large < budget, f"{4 * size:,} take {large:.1f} s"
