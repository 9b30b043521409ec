"""Brings the copies of listed pages up to date: several at once, and no server holds up the others."""

import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from time import monotonic

from retrieval.domain.errors import LoadError
from retrieval.domain.failures import DocumentFailure
from retrieval.domain.single_line import single_line
from retrieval.fetching.page_cache import Fetcher
from retrieval.fetching.safe_http import SlowServerError
from retrieval.fetching.web_addresses import read_address

_AT_ONCE = 8
# After so many pages that took too long, and not as many that came, the rest of a host's is left
# for the next run.
_SLOW_PAGES = 2
_MAX_URL_CHARS = 1000


class PageUpdates:
    """Fetches all the pages of a run, within `seconds` for them together.

    Hosts take turns, and they and their pages come in another order each run: where the time is
    not enough for all, it is not always the same ones that are left out.
    """

    def __init__(self, fetcher: Fetcher, seconds: float) -> None:
        self._fetcher = fetcher
        self._seconds = seconds

    def bring(self, urls: Sequence[str]) -> list[DocumentFailure]:
        """Brings the copies of `urls` up to date; returns those that failed, in the order given.

        The copy of a page that failed stays as it was.
        """
        round_ = _Round(self._fetcher, self._seconds)
        turns = list(_in_turns(urls))
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="pages") as pool:
            reasons = dict(zip(turns, pool.map(round_.fetched, turns), strict=True))
        # An address is text from outside, and may hold what neither a report nor a terminal takes.
        return [
            DocumentFailure(single_line(url, _MAX_URL_CHARS), reason)
            for url in dict.fromkeys(urls)
            if (reason := reasons[url])
        ]


class _Round:
    """One run's fetching. Thread-safe."""

    def __init__(self, fetcher: Fetcher, seconds: float) -> None:
        self._fetcher = fetcher
        self._seconds = seconds
        self._deadline = monotonic() + seconds
        self._slow: Counter[str] = Counter()
        self._came: Counter[str] = Counter()
        self._lock = threading.Lock()

    def fetched(self, url: str) -> str:
        """Fetches a page; returns why it failed, or nothing."""
        host = _host_of(url)
        if monotonic() >= self._deadline:
            return self._out_of_time()
        with self._lock:
            if self._slow[host] >= max(_SLOW_PAGES, self._came[host]):
                return (
                    f"was not tried: {self._slow[host]} pages of its server took too long; "
                    "what was fetched before stays"
                )
        try:
            self._fetcher.fetch(url, deadline=self._deadline)
        except SlowServerError as error:
            with self._lock:
                self._slow[host] += 1
            return self._out_of_time() if monotonic() >= self._deadline else str(error)
        except LoadError as error:
            return str(error)
        with self._lock:
            self._came[host] += 1
        return ""

    def _out_of_time(self) -> str:
        return (
            f"was not fetched: all listed pages together may take {self._seconds:g} s "
            "(MONAZITE_FETCH_SECONDS); what was fetched before stays"
        )


def _in_turns(urls: Sequence[str]) -> Iterator[str]:
    """Each page once: one of each host, then the next of each."""
    by_host: dict[str, list[str]] = {}
    for url in dict.fromkeys(urls):
        by_host.setdefault(_host_of(url), []).append(url)
    hosts = list(by_host.values())
    for pages in hosts:
        random.shuffle(pages)
    random.shuffle(hosts)
    for row in zip_longest(*hosts):
        yield from (url for url in row if url is not None)


def _host_of(url: str) -> str:
    try:
        return read_address(url).authority
    except LoadError:
        return ""
