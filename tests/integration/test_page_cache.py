"""Pages of a source list, fetched from a server on loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.wiring.installation import Installation
from retrieval.domain.access import PUBLIC
from retrieval.domain.errors import LoadError
from retrieval.fetching.page_cache import Fetcher
from retrieval.fetching.safe_http import Web, WebRules
from tests.conftest import MakeAssembly
from tests.integration.test_indexer import assert_whole, counts, names
from tests.slack.server import Serving

HTML = "text/html; charset=utf-8"


def page_about(what: str) -> bytes:
    text = f"{what} is mined in the hills behind the old town, and sold by the kilogram."
    return (
        f"<html><head><title>About {what}</title></head><body><p>{text}</p></body></html>".encode()
    )


@dataclass
class Site:
    """Pages by path: kind and body. Remembers what it answered with."""

    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    answered: list[int] = field(default_factory=list)
    url: str = ""

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self.answer)])

    async def answer(self, request: Request) -> Response:
        response = self._response(request)
        self.answered.append(response.status_code)
        return response

    def _response(self, request: Request) -> Response:
        path = request.path_params["path"]
        if path == "slow":
            return StreamingResponse(_drops(), media_type="text/plain")
        if path == "packed":
            return Response(b"x", headers={"Content-Encoding": "gzip", "Content-Type": HTML})
        if path.startswith("moved/"):
            target = path.removeprefix("moved/").replace(
                "elsewhere", self.url.replace("127.0.0.1", "localhost")
            )
            return RedirectResponse(target if "http" in target else f"/{target}")
        if path not in self.pages:
            return Response("nothing here", 404)
        kind, body = self.pages[path]
        tag = f'"{hash(body)}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304)
        return Response(body, headers={"ETag": tag, "Content-Type": kind})


async def _drops() -> AsyncIterator[bytes]:
    for _ in range(60):
        yield b"drop "
        await asyncio.sleep(0.05)


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site({"cerium": (HTML, page_about("Cerium"))})
    with Serving(found.app()) as serving:
        found.url = f"http://127.0.0.1:{serving.port}"
        yield found


@pytest.fixture
def fetcher(tmp_path: Path) -> Fetcher:
    return Fetcher(tmp_path / "fetched", Web(WebRules(1, 1.0, frozenset({"127.0.0.1"}))))


@pytest.fixture
def listed(tmp_path: Path, site: Site) -> Callable[..., Path]:
    """Makes a folder whose source list names paths of the site."""

    def make(*paths: str, said: str = "") -> Path:
        folder = tmp_path / "listed"
        folder.mkdir(exist_ok=True)
        lines = [f"  - {{url: '{site.url}/{path}'{said}}}" for path in paths]
        (folder / "sources.yaml").write_text("\n".join(["urls:", *lines]))
        return folder

    return make


@pytest.fixture
def installation(make_assembly: MakeAssembly) -> Installation:
    return make_assembly(fetch_private_hosts="127.0.0.1")


def test_a_listed_page_is_fetched_and_cited_by_its_address(
    installation: Installation, site: Site, listed: Callable[..., Path]
) -> None:
    report = installation.indexer.index(
        [listed("cerium", said=", title: Cerium today, date: 2024-05")]
    )
    assert counts(report) == (1, 0, 0, 0, 0)
    answer = installation.answerer.answer("Where is cerium mined?")
    citation = answer.citations[0]
    assert (citation.document, citation.title) == (f"{site.url}/cerium", "Cerium today")
    assert answer.text.startswith("As of May 2024: Cerium is mined")
    assert_whole(installation)


def test_a_page_that_has_not_changed_is_not_sent_again(
    installation: Installation, site: Site, listed: Callable[..., Path]
) -> None:
    folder = listed("cerium")
    installation.indexer.index([folder])
    assert counts(installation.indexer.index([folder])) == (0, 0, 0, 1, 0)
    assert site.answered == [200, 304]
    site.pages["cerium"] = (HTML, page_about("Cerium oxide"))
    assert counts(installation.indexer.index([folder])) == (0, 1, 0, 0, 0)
    assert site.answered == [200, 304, 200]


def test_a_page_that_cannot_be_had_stays_as_it_was_even_through_a_rebuild(
    installation: Installation, site: Site, listed: Callable[..., Path]
) -> None:
    folder = listed("cerium", "nowhere")
    assert counts(installation.indexer.index([folder])) == (1, 0, 0, 0, 1)
    site.pages.clear()
    for rebuild in (False, True):
        report = installation.indexer.index([folder], rebuild=rebuild)
        assert sorted(failure.document for failure in report.failed) == [
            f"{site.url}/cerium", f"{site.url}/nowhere",
        ]  # fmt: skip
        assert report.failed[0].error == "cannot be fetched: its server answers 404"
        assert names(installation) == [f"{site.url}/cerium"]


def test_a_page_whose_copy_is_lost_stays_in_the_index(
    installation: Installation, site: Site, listed: Callable[..., Path], tmp_path: Path
) -> None:
    folder = listed("cerium")
    installation.indexer.index([folder])
    for path in (tmp_path / "home/fetched").iterdir():
        path.unlink()
    site.pages.clear()
    for rebuild in (False, True):
        installation.indexer.index([folder], rebuild=rebuild)
        assert names(installation) == [f"{site.url}/cerium"]


def test_a_page_that_is_not_listed_any_more_goes_with_its_copy(
    installation: Installation, site: Site, listed: Callable[..., Path], tmp_path: Path
) -> None:
    site.pages["erbium"] = (HTML, page_about("Erbium"))
    installation.indexer.index([listed("cerium", "erbium")])
    assert len(list((tmp_path / "home/fetched").iterdir())) == 4
    assert counts(installation.indexer.index([listed("erbium")])) == (0, 0, 1, 1, 0)
    assert len(list((tmp_path / "home/fetched").iterdir())) == 2
    assert names(installation) == [f"{site.url}/erbium"]


def test_a_page_has_the_access_that_its_list_says(
    installation: Installation, listed: Callable[..., Path]
) -> None:
    installation.indexer.index([listed("cerium", said=", access: C1")])
    assert installation.searcher.search("cerium", reader=PUBLIC).hits == ()


def test_a_dry_run_fetches_nothing(
    installation: Installation, site: Site, listed: Callable[..., Path]
) -> None:
    folder = listed("cerium")
    assert installation.indexer.preview([folder]).added == (f"{site.url}/cerium",)
    installation.indexer.index([folder])
    preview = installation.indexer.preview([folder])
    assert (preview.added, preview.updated, preview.unchanged) == ((), (), 1)
    assert site.answered == [200]


def test_private_addresses_are_refused_unless_allowed(
    make_assembly: MakeAssembly, site: Site, listed: Callable[..., Path]
) -> None:
    (failure,) = make_assembly().indexer.index([listed("cerium")]).failed
    assert (
        "private address (127.0.0.1); name the host in MONAZITE_FETCH_PRIVATE_HOSTS"
        in failure.error
    )
    assert site.answered == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("moved/elsewhere/cerium", "private address"),
        ("moved/moved/moved/moved/moved/moved/cerium", "moves more than 5 times"),
        ("moved/http://user:secret@127.0.0.1/", "a name and password do not belong"),
        ("moved/https:///", "no address of a web page"),
        ("slow", "takes too long"),
        ("packed", "packs what it should not"),
        ("large", "more than the 1 MB allowed"),
        ("picture", r"not supported \(image/png\)"),
        ("missing", "answers 404"),
    ],
)
def test_what_cannot_be_fetched_says_why(
    fetcher: Fetcher, site: Site, path: str, reason: str
) -> None:
    site.pages |= {"large": (HTML, b"x" * 2**21), "picture": ("image/png", b"png")}
    with pytest.raises(LoadError, match=reason) as caught:
        fetcher.fetch(f"{site.url}/{path}")
    assert "secret" not in str(caught.value)
    assert fetcher.copy_of(f"{site.url}/{path}") is None


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[fd00::1]",
             "2130706433", "127.1", "224.0.0.1", "100.64.0.1"],
)  # fmt: skip
def test_no_spelling_of_a_private_address_gets_through(tmp_path: Path, host: str) -> None:
    with pytest.raises(LoadError, match="private address"):
        Fetcher(tmp_path, Web(WebRules())).fetch(f"http://{host}/latest/meta-data")


def test_a_server_that_is_not_there_is_named_as_unreachable(fetcher: Fetcher) -> None:
    with pytest.raises(LoadError, match="cannot be fetched"):
        fetcher.fetch("http://127.0.0.1:9/page")


def test_a_page_that_moved_is_followed(fetcher: Fetcher, site: Site) -> None:
    assert b"Cerium" in fetcher.fetch(f"{site.url}/moved/cerium").read_bytes()
    assert fetcher.copy_of(f"{site.url}/moved/cerium")


def test_an_address_may_be_written_as_people_write_it(fetcher: Fetcher, site: Site) -> None:
    site.pages["für alle/a b"] = (HTML, page_about("Cerium"))
    assert fetcher.fetch(f"{site.url}/für alle/a b?q=é#part").suffix == ".html"


def test_the_kind_of_a_page_is_what_its_server_says_or_else_its_ending(
    fetcher: Fetcher, site: Site
) -> None:
    kinds = {
        "a": "application/pdf", "b.md": "text/plain", "c": "text/plain",
        "d.csv": "application/octet-stream",
    }  # fmt: skip
    site.pages |= {path: (kind, b"x") for path, kind in kinds.items()}
    endings = [fetcher.fetch(f"{site.url}/{path}").suffix for path in kinds]
    assert endings == [".pdf", ".md", ".txt", ".csv"]
