"""Hands Chroma memory that is filled anew, so that what once stood there does not get into the files that it writes."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property

# glibc, mallopt(3): while this is set, memory is filled with a byte when it is handed out.
_M_PERTURB = -6
_FILL = 1


class ZeroedMalloc:
    """Has the C library hand out memory without what stood in it before, for a while.

    Chroma's vector index (hnswlib) writes its block of memory out whole, with the places that
    no vector has taken yet: without this, words of documents stand there. It is not left on,
    because embedding would take a third longer. One is enough for a process, whose C library
    it sets; where that is not glibc, nothing is done.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0

    @contextmanager
    def handed_out(self) -> Iterator[None]:
        """As long as any thread is inside, all of them are given clean memory."""
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._fill(_FILL)
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if self._users == 0:
                    self._fill(0)

    def _fill(self, byte: int) -> None:
        with suppress(AttributeError, OSError, TypeError):
            self._library.mallopt(_M_PERTURB, byte)

    @cached_property
    def _library(self) -> ctypes.CDLL:
        return ctypes.CDLL(None)


# The C library has one such setting for the whole process, hence one counter of its users.
zeroed_malloc = ZeroedMalloc()
