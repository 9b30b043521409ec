"""Many listed pages at once: slow and hostile servers hold up neither the others nor the run."""

import json
import re
from pathlib import Path
from time import monotonic

import pytest

from retrieval.domain.single_line import single_line
from retrieval.fetching.page_cache import Fetcher
from retrieval.fetching.page_updates import PageUpdates
from retrieval.fetching.safe_http import Web, WebRules
from tests.attacks.fetching import Server, serving
from tests.conftest import MakeAssembly
from tests.integration.test_fetching_attacks import ADDRESSES, LOCAL, nothing_is_looked_up

pytestmark = pytest.mark.usefixtures(nothing_is_looked_up.__name__)


def test_slow_servers_hold_up_neither_the_others_nor_the_run(tmp_path: Path) -> None:
    drip = Server((b"HTTP/1.1 200 OK\r\n",), b"X-A: b\r\n", 0.05, False)
    quick = Server((b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\ntext",), b"", 0, False)
    fetcher = Fetcher(tmp_path, Web(WebRules(1, 1.0, LOCAL)))
    with serving(drip) as slow, serving(quick) as other:
        urls = [f"{slow}{n}" for n in range(200)] + [f"{other}{n}" for n in range(3)]
        began = monotonic()
        failures = PageUpdates(fetcher, 30.0).bring(urls)
        assert monotonic() - began < 15
    assert [failure.document for failure in failures] == urls[:200]
    reasons = {failure.error for failure in failures}
    assert "takes too long to fetch; try again later" in reasons
    assert any(re.match(r"was not tried: \d+ pages of its server", one) for one in reasons)
    assert all(fetcher.copy_of(url) for url in urls[200:])


def test_all_pages_together_end_with_the_time_of_the_run(tmp_path: Path) -> None:
    silent = Server((), b"", 0, False)
    fetcher = Fetcher(tmp_path, Web(WebRules(1, 60.0, LOCAL)))
    with serving(silent) as url:
        began = monotonic()
        failures = PageUpdates(fetcher, 1.0).bring([f"{url}{n}" for n in range(30)])
        assert monotonic() - began < 8
    assert len(failures) == 30
    assert all("all listed pages together may take 1 s" in one.error for one in failures)


def test_a_run_with_hostile_pages_indexes_the_good_ones_and_keeps_what_it_had(
    make_assembly: MakeAssembly, tmp_path: Path
) -> None:
    installation = make_assembly(
        fetch_private_hosts="127.0.0.1", file_seconds=1.0, fetch_seconds=20.0
    )
    folder = tmp_path / "listed"
    folder.mkdir()
    (folder / "here.txt").write_text("Erbium is mined in the hills behind the old town.")
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nCerium is mined in the valley."
    odd = [attack.url for attack in ADDRESSES if attack.url.startswith(("http://", "https://"))]
    # A list that is no YAML, as one with halves of surrogate pairs, closes its folder.
    odd = [url for url in odd if len(url) < 1000 and url.isascii()]
    drip = Server((b"HTTP/1.1 200 OK\r\n",), b"X-A: b\r\n", 0.05, False)
    with serving(Server((page,), b"", 0, False)) as good, serving(drip) as bad:
        lines = [f"  - {{url: {json.dumps(url)}}}" for url in (*odd, good, bad)]
        (folder / "sources.yaml").write_text("\n".join(["urls:", *lines]), encoding="utf-8")
        report = installation.indexer.index([folder])
    assert report.added == 2
    assert json.dumps(report.as_json(), ensure_ascii=False).encode()
    assert {one.document for one in report.failed} == {
        single_line(url, 1000) for url in (*odd, bad)
    }
    report = installation.indexer.index([folder])
    assert report.unchanged == 2
    assert good in {failure.document for failure in report.failed}
