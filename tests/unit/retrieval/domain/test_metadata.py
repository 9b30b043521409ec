import datetime as dt
import re

import pytest

from retrieval.domain.access import NOBODY
from retrieval.domain.errors import ConfigurationError, LoadError
from retrieval.domain.metadata import UNSAID, Metadata, from_json
from retrieval.loading.registry import load_document
from retrieval.sources.sources_yaml import SourceLists, read_list
from retrieval.text.metadata_fields import read_entry, read_front_matter

FRONT = """---
title: "Contracts: a summary"
date: 2024-12-31
author: [Ana Ruiz, Bo Li]
tags: ndpr, offtake
language: en
access: [C0123, S0456]
layout: post
---
# Heading

The price is fixed.
"""


@pytest.mark.parametrize("ending", ["md", "txt"])
def test_front_matter_says_what_a_document_is_and_who_may_see_it(ending: str) -> None:
    document = load_document(FRONT.encode(), f"contracts.{ending}")
    assert (document.title, document.date) == ("Contracts: a summary", "2024-12-31")
    assert document.metadata == Metadata(
        title="Contracts: a summary", date="2024-12-31", author="Ana Ruiz, Bo Li",
        tags=("ndpr", "offtake"), language="en", access="C0123,S0456",
    )  # fmt: skip
    assert "layout" not in document.text


@pytest.mark.parametrize("access", ["", "finance", "[C1, #x]", "[]", "{C1: x}", "'C1' : bad"])
def test_an_access_that_cannot_be_understood_keeps_the_document_out(access: str) -> None:
    text = f"---\ntitle: A\naccess: {access}\n---\nSecret words.\n"
    with pytest.raises(LoadError, match=r"front matter"):
        load_document(text.encode(), "a.md")


def test_a_rule_between_lines_of_prose_is_no_front_matter() -> None:
    text = "---\nWe met: at ten: and left\n---\nThen we went home.\n"
    assert "We met" in load_document(text.encode(), "a.md").text


def test_odd_front_matter_is_passed_over() -> None:
    said = read_front_matter({"title": ["a"], "date": "some day", "tags": [{"x": 1}], 3: 4})
    assert said == UNSAID
    assert read_front_matter({"Date": dt.datetime(2024, 5, 3, 4, 5)}).date == "2024-05-03"  # noqa: DTZ001
    assert read_front_matter({"date": 2024}).date == "2024"


def test_a_document_cannot_say_who_added_it() -> None:
    assert read_front_matter({"added_by": "the boss", "source": "https://example.com"}) == UNSAID


def test_what_was_said_survives_the_database() -> None:
    said = read_entry({"title": "A", "tags": ["x", "y"], "access": "everyone"})
    assert from_json(said.as_json()) == said


LIST = """
documents:
  - {path: "*", access: C1, author: Ana}
  - {path: "public/*", access: everyone}
"""


@pytest.fixture
def lists(tmp_path):
    (tmp_path / "sources.yaml").write_text(LIST)
    (tmp_path / "legal/deep").mkdir(parents=True)
    (tmp_path / "legal/sources.yaml").write_text("documents: [{path: deep/*.txt, access: S9}]")
    for name in ("a.txt", "public/a.txt", "legal/a.txt", "legal/deep/a.txt", "legal/deep/a.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    return SourceLists(tmp_path)


@pytest.mark.parametrize(
    ("name", "access"),
    [
        ("a.txt", "C1"), ("public/a.txt", "everyone"), ("legal/a.txt", "C1"),
        ("legal/deep/a.txt", "S9"), ("legal/deep/a.pdf", "C1"),
    ],
)  # fmt: skip
def test_a_rule_for_a_part_of_a_folder_overrules_one_for_the_whole(
    lists, name: str, access: str
) -> None:
    assert lists.said_of(name) == Metadata(author="Ana", access=access)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("documents: [{path: a, acess: C1}]", "'acess' is not known"),
        ("documents: [{path: a, access: finance}]", "access takes ids"),
        ("documents: [{path: a, access: }]", "access"),
        ("documents: [{path: a, date: soon}]", "date 'soon' is not understood"),
        ("documents: [{access: C1}]", "needs 'path'"),
        ("documents: {path: a}", "must be a list"),
        ("document: []", "takes two lists"),
        ("- a", "takes two lists"),
        ("urls: [ftp://example.com/a]", "is no address"),
        ("urls: [", "is not YAML in line"),
        ("urls: [{url: 'https://a.b', language: no}]", "put it in quotes"),
    ],
)
def test_a_list_that_cannot_be_understood_closes_its_folder_and_says_why(
    tmp_path, text, reason
) -> None:
    (tmp_path / "sources.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=reason):
        read_list(tmp_path / "sources.yaml")
    lists = SourceLists(tmp_path)
    assert lists.said_of("a").access == NOBODY
    assert re.search(reason, lists.why_closed("a"))
