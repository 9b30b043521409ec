"""Files that no loader reads are counted and named, with what to do."""

from pathlib import Path

import pytest

from retrieval.sources.scopes import Scope, Selection, describe_empty, walk
from retrieval.sources.unsupported import kind_of, skipped


def test_kinds_are_told_with_a_remedy_the_most_first() -> None:
    told = [str(one) for one in skipped({".doc": 3, ".zip": 1, ".xyz": 2, "no ending": 1})]
    assert told[0] == ".doc, 3 files: convert to .docx"
    assert told[1].startswith(".xyz, 2 files: not a kind that is read")
    assert told[2] == ".zip, 1 file: unpack"
    assert told[3].startswith("no ending, 1 file: ")


@pytest.mark.parametrize("name", ["README", ".", "a.", "a.\x1b[31m", "a." + "x" * 99, "a.b c"])
def test_what_is_no_ending_is_none(name: str) -> None:
    assert kind_of(name) == "no ending"


def test_a_folder_of_a_thousand_kinds_is_told_in_a_few_lines() -> None:
    told = skipped({f".k{number}": 1 for number in range(1000)})
    assert len(told) == 21
    assert sum(one.files for one in told) == 1000


def test_a_walk_counts_what_it_passes_over_and_leaves_out_what_is_not_meant(tmp_path: Path) -> None:
    for name in ("a.txt", "b.DOC", "c/d.doc", "e.zip", "drafts/f.doc", ".hidden.doc", "~$b.doc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("words")
    (tmp_path / "link.doc").symlink_to(tmp_path / "b.DOC")
    found = walk(Scope(tmp_path), Selection(exclude=("drafts/*",)))
    assert dict(found.unsupported) == {".doc": 2, ".zip": 1}
    assert found.names == ("a.txt",)


def test_a_folder_of_nothing_that_is_read_says_what_it_holds() -> None:
    said = describe_empty([Scope(Path("/team"))], {".doc": 3})
    assert said.startswith("No documents in /team (.doc, 3 files: convert to .docx); add files")


def test_the_data_folder_of_another_installation_holds_nothing_to_be_told(tmp_path: Path) -> None:
    for name in ("catalog.db", "chroma/x/header.bin", "lexical/b/meta.json", "lexical/y.idx"):
        (tmp_path / "other" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "other" / name).write_text("x")
    (tmp_path / "a.doc").write_text("words")
    assert dict(walk(Scope(tmp_path)).unsupported) == {".doc": 1}
