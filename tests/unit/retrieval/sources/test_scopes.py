from pathlib import Path

import pytest

from retrieval.domain.errors import ConfigurationError
from retrieval.domain.records import DocumentKey
from retrieval.sources.scopes import Scope, Selection, scopes_of, walk


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a.txt", "sub/b.md", "sub/~$b.docx", ".git/c.txt", "sub/.d.txt", "e.exe"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    return tmp_path


def test_hidden_locked_and_foreign_files_are_left_out(tree: Path) -> None:
    assert walk(Scope(tree)).names == ("a.txt", "sub/b.md")
    assert walk(Scope(tree, "sub")).names == ("sub/b.md",)
    assert walk(Scope(tree, "e.exe")).names == ("e.exe",)


def test_a_file_belongs_to_its_folder(tree: Path) -> None:
    (scope,) = scopes_of([tree / "sub" / "b.md"], [])
    (name,) = walk(scope).names
    assert scope.key_of(name) == DocumentKey(str(tree / "sub"), "b.md")


def test_a_path_inside_a_known_root_belongs_to_that_root(tree: Path) -> None:
    (scope,) = scopes_of([tree / "sub"], [tree])
    assert scope == Scope(tree, "sub")
    assert scope.covers(DocumentKey(str(tree), "sub/b.md"))
    assert not scope.covers(DocumentKey(str(tree), "a.txt"))


def test_a_new_root_takes_over_the_roots_inside_it(tree: Path) -> None:
    (scope,) = scopes_of([tree], [tree / "sub"])
    assert scope.covers(DocumentKey(str(tree / "sub"), "b.md"))


def test_a_path_that_does_not_exist_is_named(tree: Path) -> None:
    with pytest.raises(ConfigurationError, match="There is no"):
        scopes_of([tree / "none"], [])


def test_patterns_say_which_files_are_documents(tree: Path) -> None:
    def chosen(**patterns: tuple[str, ...]) -> tuple[str, ...]:
        return walk(Scope(tree), Selection(**patterns)).names

    assert chosen(include=("sub/*",)) == ("sub/b.md",)
    assert chosen(exclude=("*.md",)) == ("a.txt",)
    assert chosen(include=("*.txt", "*.md"), exclude=("sub/*",)) == ("a.txt",)
    assert chosen() == ("a.txt", "sub/b.md")
