"""Files that are added: whatever their names, they are kept for those whom they are for."""

from pathlib import Path

import pytest
import yaml

from retrieval.domain.errors import ConfigurationError
from retrieval.domain.metadata import Metadata
from retrieval.sources.sources_yaml import SourceLists
from retrieval.sources.uploads import Upload, Uploads, safe_name

CHANNEL = Metadata(access="G1", added_by="U1", added_at="2024-05-01T10:00:00+00:00")
NAMES = [
    "~ board.txt", ". board.txt", "$ board.txt", "~$ board.txt", " board.txt", "board .txt",
    "board.txt ", "[board].txt", "bo*rd.txt", "board?.txt", "!board.txt", "#board.txt",
    "board\\.txt", "\\board.txt", "**.txt", "a/b.txt", "../board.txt", "/etc/board.txt", "-.txt",
    "board: x.txt", "'board'.txt", '"board".txt', "{board}.txt", "&board.txt", "*board.txt",
    "%TAG.txt", "@board.txt", "`board`.txt", "> board.txt", "| board.txt", "- board.txt",
    "? board.txt", "null.txt", "~.txt", "yes.txt", "2024.txt", "1e3.txt", "..board.txt",
    "cafe\u0301.txt", "caf\u00e9.txt", "STRASSE.txt", "stra\u00dfe.txt", "\u0130zmir.txt",
    "\u2067board\u2069.txt", "bo\u200bard.txt", "board\n.txt", "bo\tard.txt", "bo\0ard.txt",
    "\ufeffboard.txt", "\u00a0board.txt", "board\u00a0.txt", "\u4e2d" * 83 + ".txt",
    "\U0001f469\u200d\U0001f52c" * 40 + ".txt", "x" * 400 + ".txt", "\udcff.txt", "a.b.c.TXT",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_file_for_one_channel_is_for_that_channel_whatever_its_name(
    name: str, tmp_path: Path
) -> None:
    try:
        kept = Uploads(tmp_path).add(Upload(name, b"words", CHANNEL))
    except ConfigurationError:
        assert not [one for one in tmp_path.rglob("*") if not one.name.startswith(".")][1:]
        return
    assert SourceLists(tmp_path).said_of(kept) == CHANNEL
    assert (tmp_path / kept).read_bytes() == b"words"
    assert not (tmp_path / kept).name.startswith((".", "~", "$", " "))


@pytest.mark.parametrize(
    ("letter", "count"), [("\u4e2d", 83), ("\u4e2d", 200), ("\U0001f9f2", 100), ("e\u0301", 150)]
)
def test_a_long_name_is_cut_at_255_bytes_between_letters(
    letter: str, count: int, tmp_path: Path
) -> None:
    uploads = Uploads(tmp_path)
    name = letter * count + ".txt"
    for data in (b"one", b"two", b"three"):
        kept = uploads.add(Upload(name, data, CHANNEL)).removeprefix("slack/")
        assert len(kept.encode()) <= 255
        stem = kept.removesuffix(".txt").removesuffix("-2").removesuffix("-3")
        assert stem == letter * (len(stem) // len(letter))
    assert len(safe_name(name).encode()) > 240


def test_pages_and_the_order_of_rules_stay_as_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "slack"
    folder.mkdir()
    text = (
        "urls: [{url: 'https://www.example.org/a', date: 2024-05-01}]\n"
        "documents:\n"
        "  - {path: 'z*.txt', access: C1}\n"
        "  - {path: 'a*.txt', access: [C2, S3], title: A}\n"
    )
    (folder / "sources.yaml").write_text(text)
    for name in ("z.txt", "a.txt"):
        (folder / name).write_text(name)
    before = yaml.safe_load(text)
    uploads = Uploads(tmp_path)
    uploads.add(Upload("m.txt", b"m", CHANNEL))
    uploads.add(Upload("b.txt", b"b", CHANNEL))
    found = yaml.safe_load((folder / "sources.yaml").read_text())
    assert found["urls"] == before["urls"]
    assert found["documents"][:2] == before["documents"]
    assert [one["path"] for one in found["documents"]] == ["z*.txt", "a*.txt", "m.txt", "b.txt"]
    (folder / "m.txt").unlink()
    uploads.forget((folder / "m.txt").resolve())
    found = yaml.safe_load((folder / "sources.yaml").read_text())
    assert [one["path"] for one in found["documents"]] == ["z*.txt", "a*.txt", "b.txt"]


def test_a_file_that_nobody_could_see_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "slack").mkdir()
    listed = tmp_path / "slack/sources.yaml"
    for text, reason in (("documents: [", "is not YAML"), ("", "is empty")):
        listed.write_text(text)
        with pytest.raises(ConfigurationError, match=reason):
            Uploads(tmp_path).add(Upload("a.txt", b"a", CHANNEL))
        assert listed.read_text() == text
        assert not (tmp_path / "slack/a.txt").exists()
    listed.unlink()
    (tmp_path / "sources.yaml").write_text("documents: [{path: lgeal/*, access: C1}]")
    with pytest.raises(ConfigurationError, match="fits no file"):
        Uploads(tmp_path).add(Upload("a.txt", b"a", CHANNEL))
    assert not (tmp_path / "slack/a.txt").exists()
    assert not listed.exists()


def test_a_file_whose_rule_was_left_behind_is_for_those_whom_it_is_for_now(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    kept = uploads.add(Upload("a.txt", b"a", CHANNEL))
    (tmp_path / kept).unlink()
    again = Metadata(access="C2", added_by="U1")
    assert uploads.add(Upload("a.txt", b"b", again)) == kept
    assert SourceLists(tmp_path).said_of(kept) == again


def test_a_file_that_was_renamed_by_hand_is_closed(tmp_path: Path) -> None:
    kept = Uploads(tmp_path).add(Upload("a.txt", b"a", CHANNEL))
    Uploads(tmp_path).add(Upload("b.txt", b"b", CHANNEL))
    (tmp_path / kept).rename(tmp_path / "slack/board.txt")
    lists = SourceLists(tmp_path)
    assert lists.said_of("slack/board.txt").access == "nobody"
    assert lists.said_of("slack/b.txt").access == "G1"
