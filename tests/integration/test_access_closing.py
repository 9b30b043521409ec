"""Closing takes effect at once, whatever fails afterwards, and ends when its cause is mended."""

from contextlib import suppress
from pathlib import Path

import pytest

from bot.wiring.installation import Installation
from retrieval.domain.access import NOBODY, OPERATOR, PUBLIC, Reader
from retrieval.domain.errors import AccessUnclearError, ConfigurationError
from retrieval.loading.front_matter import access_said
from retrieval.sources.list_reading import read_list
from retrieval.sources.sources_yaml import SourceLists
from retrieval.text.access_words import stray_access
from tests.conftest import REPOSITORY, MakeAssembly
from tests.integration.test_access_attacks import LEGAL, SECRET, told
from tests.integration.test_indexer import assert_whole, names

RULE = "documents:\n  - {path: legal/*, access: C0LEGAL}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    (folder / "legal").mkdir(parents=True)
    (folder / "note.md").write_text(SECRET)
    (folder / "zinc.txt").write_text("Zinc protects steel from rust.")
    return folder


@pytest.fixture
def public(make_assembly: MakeAssembly, folder: Path) -> Installation:
    installation = make_assembly()
    installation.indexer.index([folder])
    assert "812 dollars" in told(installation, PUBLIC)
    return installation


MISTAKES = [
    ("note.md", f"---\naccess: c0legal\n---\n{SECRET}"),
    ("note.md", f"---\nacces: C0LEGAL\n---\n{SECRET}"),
    ("note.md", f"----\naccess: C0LEGAL\n----\n{SECRET}"),
    ("sources.yaml", "documents: [{path: note.md, access: c0legal}]"),
    ("sources.yaml", "documents: [{path: ntoe.md, access: C0LEGAL}]"),
    ("sources.yaml", "documents: [{path: note.md, acess: C0LEGAL}]"),
    ("sources.yaml", "documents: ["),
    ("sources.yml", RULE),
]


@pytest.mark.parametrize(("name", "text"), MISTAKES)
def test_a_mistake_in_closing_withdraws_the_old_version_until_it_is_mended(
    public: Installation, folder: Path, name: str, text: str
) -> None:
    (folder / name).write_text(text)
    report = public.indexer.index([folder])
    assert report.failed
    assert report.closed
    for reader in (PUBLIC, LEGAL, OPERATOR):
        assert "812 dollars" not in told(public, reader)
    assert "note.md" not in names(public)
    assert_whole(public)
    assert public.indexer.index([folder]).closed == report.closed
    if name == "note.md":
        (folder / name).write_text(SECRET)
    else:
        (folder / name).unlink()
    report = public.indexer.index([folder])
    assert report.failed == report.closed == []
    assert "812 dollars" in told(public, PUBLIC)
    assert public.access_reports.latest().closed == ()


class BrokenError(Exception):
    """What happens to a run half way."""


@pytest.mark.parametrize("step", ["sweep", "repair", "write", "fetch", "read", "walk"])
@pytest.mark.parametrize(
    ("name", "text"),
    [MISTAKES[0], MISTAKES[4], ("note.md", f"---\naccess: C0LEGAL\n---\n{SECRET}")],
)
def test_a_run_that_fails_half_way_leaves_no_public_version_behind(
    public: Installation,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    name: str,
    text: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise BrokenError

    (folder / name).write_text(text)
    indexer = public.indexer
    places = {
        "sweep": (public.index, "sweep"), "repair": (public.index, "repair"),
        "write": (public.index, "write"), "fetch": (indexer._pipeline.discovery, "fetch"),
        "read": (indexer._pipeline.reader, "read"), "walk": (indexer._pipeline.discovery, "discovered"),
    }  # fmt: skip
    with monkeypatch.context() as patched:
        patched.setattr(*places[step], fail)
        for rebuild in (False, True):
            with suppress(BrokenError):
                indexer.index([folder], rebuild=rebuild)
            assert "812 dollars" not in told(public, PUBLIC)
    indexer.index([folder])
    assert "812 dollars" not in told(public, PUBLIC)
    assert_whole(public)


def test_a_rebuild_keeps_no_version_whose_readers_cannot_be_told(
    public: Installation, folder: Path
) -> None:
    for name, text in (MISTAKES[0], MISTAKES[4]):
        (folder / name).write_text(text)
        report = public.indexer.index([folder], rebuild=True)
        assert report.closed
        assert "812 dollars" not in told(public, OPERATOR)
    assert_whole(public)


def test_a_file_that_cannot_be_read_any_more_is_not_answered_to_those_whom_it_now_shuts_out(
    public: Installation, folder: Path
) -> None:
    (folder / "note.md").write_text("---\naccess: C0LEGAL\n---\n")
    report = public.indexer.index([folder])
    assert [one.document for one in report.failed] == ["note.md"]
    assert "812 dollars" not in told(public, PUBLIC)
    assert "812 dollars" in told(public, LEGAL)


def test_deleting_a_closed_file_closes_nothing_else_but_new_files_wait(
    public: Installation, folder: Path
) -> None:
    (folder / "legal/contract.txt").write_text("The contract names Zwickau.")
    (folder / "sources.yaml").write_text(RULE)
    assert public.indexer.index([folder]).failed == []
    (folder / "legal/contract.txt").unlink()
    report = public.indexer.index([folder])
    assert [one.document for one in report.failed] == ["sources.yaml"]
    assert report.closed == []
    assert "812 dollars" in told(public, PUBLIC)
    # Perhaps it was renamed: nobody can tell.
    (folder / "Legal papers").mkdir()
    (folder / "Legal papers/contract.txt").write_text("The contract names Zwickau.")
    for _ in range(2):
        report = public.indexer.index([folder])
        assert [one.document for one in report.closed] == ["Legal papers/contract.txt"]
        assert "812 dollars" in told(public, PUBLIC)
    (folder / "sources.yaml").write_text(RULE.replace("legal/*", "legal papers/"))
    assert public.indexer.index([folder]).failed == []
    assert "Legal papers/contract.txt" in names(public)
    assert [one.access for one in public.catalog.documents() if "Legal" in one.name] == ["C0LEGAL"]


def test_the_rules_of_the_whole_folder_are_known_when_a_part_of_it_is_indexed(
    public: Installation, folder: Path
) -> None:
    (folder / "legal/contract.txt").write_text("The contract names Zwickau.")
    (folder / "sources.yaml").write_text(RULE)
    report = public.indexer.index([folder / "zinc.txt"])
    assert report.failed == []
    report = public.indexer.index([folder / "legal"])
    assert report.failed == []
    (rule,) = public.access_reports.latest().rules
    assert (rule.list, rule.files, rule.access) == ("sources.yaml", 1, "C0LEGAL")


def test_labels_are_applied_without_a_run(public: Installation, folder: Path) -> None:
    (folder / "sources.yaml").write_text("documents: [{path: '*', access: C0LEGAL}]")
    assert public.indexer.close_further() == 2
    assert public.indexer.close_further() == 0
    assert "812 dollars" not in told(public, PUBLIC)
    assert "812 dollars" in told(public, LEGAL)


def test_what_would_be_closed_is_told_before(public: Installation, folder: Path) -> None:
    (folder / "sources.yaml").write_text(RULE)
    preview = public.indexer.preview([folder])
    assert preview.closed == ("note.md", "zinc.txt")
    assert preview.removed == ()
    assert "812 dollars" in told(public, PUBLIC)


def test_a_page_of_a_closed_folder_is_closed_with_it(
    make_assembly: MakeAssembly, folder: Path
) -> None:
    (folder / "sources.yaml").write_text(RULE)
    (folder / "legal/contract.txt").write_text("x")
    (folder / "legal/sources.yaml").write_text(
        "urls: [http://127.0.0.1:9/a, {url: http://127.0.0.1:9/b, access: everyone}]"
    )
    installation = make_assembly()
    from retrieval.sources.access_check import lists_of
    from retrieval.sources.scopes import Scope

    scope = Scope(folder)
    discovered = installation.indexer._pipeline.discovery.discovered([scope], lists_of([scope], {}))
    labels = {key.name[-1]: page.said.access for key, page in discovered.pages.items()}
    assert labels == {"a": "C0LEGAL", "b": "everyone"}


def test_two_labels_let_in_those_whom_both_let_in() -> None:
    lists = {"a": "C1,S2", "b": "C3"}
    from retrieval.domain.access import both, ids_in

    label = both(lists["a"], lists["b"])
    assert ids_in(label) == ["C1", "C3", "S2"]
    assert Reader(frozenset({"C1", "C3"})).may_see(label)
    assert not Reader(frozenset({"C1", "S2"})).may_see(label)
    assert both("C1", "C1,S2") == both("C1,S2", "C1") == both("C1", "everyone") == "C1"
    assert both("everyone", "everyone") == "everyone"
    assert both(label, NOBODY) == NOBODY
    assert both(both("C1", "C2"), "C1") == both("C2", "C1")
    assert not OPERATOR.may_see(NOBODY)
    assert not Reader(frozenset({NOBODY})).may_see(NOBODY)
    assert ids_in(NOBODY) == []


def test_no_document_that_we_have_is_closed_by_what_it_says(corpus: Path) -> None:
    looked = 0
    for place in (corpus, REPOSITORY / "docs", REPOSITORY / "tests/eval", REPOSITORY / "seeds"):
        for file in place.rglob("*"):
            if file.is_file():
                access_said(file.read_bytes(), file.name)
                looked += 1
    assert looked > 100


def test_no_document_of_the_corpus_is_closed(library: Installation, corpus: Path) -> None:
    assert library.access_reports.latest().closed == ()
    for passage in library.catalog.all_passages(library.searcher.snapshot().build.id):
        assert stray_access(passage.passage.text) == ""


def test_looking_for_access_takes_time_that_grows_with_nothing_but_the_head() -> None:
    for text in ("\n" * 1_000_000, "access" * 100_000, "a: " * 100_000, "---\n" * 100_000,
                 "\ufeff" * 500_000, "{" * 500_000, "access: C" + "A" * 500_000):  # fmt: skip
        try:
            access_said(text.encode(), "a.md")
        except AccessUnclearError:
            continue


def test_an_alias_bomb_in_a_list_costs_nothing(tmp_path: Path) -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (tmp_path / "sources.yaml").write_text("a0: &a0 [x]\n" + "\n".join(levels))
    (tmp_path / "a.txt").write_text("x")
    reason = SourceLists(tmp_path).why_closed("a.txt")
    assert "uses an alias" in reason
    assert len(reason) < 200
    with pytest.raises(ConfigurationError):
        read_list(tmp_path / "sources.yaml")
