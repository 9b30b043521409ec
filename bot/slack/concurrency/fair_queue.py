"""A queue in which many jobs of one person do not hold up the others."""

from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """First come, first served for each key; the keys take turns (round robin). Not thread-safe."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[T]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def ahead(self, key: str) -> int:
        """Returns how many come before what would be put in for `key` now."""
        own = len(self._lines.get(key, ()))
        found, rounds = own, own + 1
        for other, line in self._lines.items():
            if other == key:
                # Whoever stands behind this key has one turn fewer.
                rounds -= 1
            else:
                found += min(len(line), rounds)
        return found

    def put(self, key: str, item: T) -> None:
        """Puts `item` at the end of its key's line."""
        self._lines.setdefault(key, deque()).append(item)

    def get(self) -> T:
        """Takes the next item out; there must be one."""
        key, line = next(iter(self._lines.items()))
        item = line.popleft()
        del self._lines[key]
        if line:
            self._lines[key] = line
        return item

    def longest(self) -> tuple[str, int]:
        """Returns the key with the longest line, and its length; "", 0 when there is none."""
        key = max(self._lines, key=lambda one: len(self._lines[one]), default="")
        return key, len(self._lines.get(key, ()))

    def waiting(self, key: str) -> int:
        """Returns how many wait for `key`."""
        return len(self._lines.get(key, ()))

    def newest(self, key: str) -> T:
        """Returns the last item of a line; there must be one."""
        return self._lines[key][-1]

    def drop_newest(self, key: str) -> None:
        """Takes the last item of a line out."""
        line = self._lines[key]
        line.pop()
        if not line:
            del self._lines[key]
