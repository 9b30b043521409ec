"""Lexical search in tantivy (BM25): a folder on disk, one index a build."""

import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.domain.errors import first_line
from retrieval.text.terms import spaced, telling_words, words

_HEAP_BYTES = 64_000_000
# Title and section name what a passage is about; they count, but less than its words.
_BOOSTS = {"text": 1.0, "context": 0.6}
_EXPANSION_BOOST = 0.7
# A question of this many distinct words finds what it can; a longer one only gets slower.
_MAX_TERMS = 64
_GENERATION = "generation"
_LOCK = "writing.lock"
# Seconds that a writer waits for another one; the longest write takes a few.
_LONGEST_WAIT = 120.0


@dataclass(frozen=True, slots=True)
class LexicalHit:
    """A passage sharing words with the query; `score` is BM25, greater than 0."""

    passage_id: str
    score: float


@dataclass(frozen=True, slots=True)
class LexicalPassage:
    """What is indexed of a passage; `brief` is embedded in place of its text, if there is one."""

    passage_id: str
    version_id: str
    access: str
    text: str
    context: str
    brief: str = ""


class LexicalIndex:
    """The lexical index of one build, opened or created in `folder`."""

    def __init__(self, folder: Path) -> None:
        from filelock import FileLock

        self._folder = folder
        self._opened: Any = None
        self._lock = FileLock(folder.with_name(_LOCK), timeout=_LONGEST_WAIT)

    @contextmanager
    def writing(self) -> Iterator["LexicalIndex"]:
        """Keeps other writers away, also those of other processes; raises `OSError` where it cannot."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            yield self

    @property
    def generation(self) -> int:
        """The generation of the catalog that the index was last brought up to; 0 if not known."""
        try:
            return int((self._folder / _GENERATION).read_text())
        except (OSError, ValueError):
            return 0

    def mark(self, generation: int) -> None:
        """Notes that the index holds what a generation of the catalog says."""
        self._folder.mkdir(parents=True, exist_ok=True)
        new = self._folder / f"{_GENERATION}.new"
        new.write_text(str(generation))
        new.replace(self._folder / _GENERATION)

    def add(self, passages: Iterable[LexicalPassage]) -> None:
        """Adds passages and commits; passages of the same versions must not be there yet."""
        with self.writing():
            writer = self._writer()
            for passage in passages:
                writer.add_document(_document(passage))
            self._finish(writer)

    def rewrite(self, passages: Iterable[LexicalPassage]) -> None:
        """Makes these all there is, in one commit, and leaves nothing of what there was.

        Deleting alone only marks passages as deleted: their words stay in the files.
        """
        with self.writing():
            writer = self._writer()
            writer.delete_all_documents()
            for passage in passages:
                writer.add_document(_document(passage))
            writer.commit()
            writer.garbage_collect_files()
            writer.wait_merging_threads()
            self._index().reload()

    def delete_versions(self, versions: Sequence[str]) -> None:
        """Deletes every passage of the versions and commits; unknown ones are no error."""
        from tantivy import Query

        if not versions:
            return
        with self.writing():
            writer = self._writer()
            index = self._index()
            writer.delete_documents_by_query(
                Query.term_set_query(index.schema, "version", list(versions))
            )
            self._finish(writer)

    def search(
        self, question: str, expansions: Sequence[str], count: int,
        labels: Collection[str] | None = None,
    ) -> list[LexicalHit]:  # fmt: skip
        """Returns the `count` best passages for the words of `question`, best first.

        `expansions` are other names of what the question mentions; each is
        searched as a phrase and counts for less. Only passages with an access label among
        `labels`, where these are given.
        """
        parsed = _query_text(question, expansions)
        if not parsed or (labels is not None and not labels):
            return []
        index = self._index()
        query = _visible(index, index.parse_query(parsed, list(_BOOSTS), _BOOSTS), labels)
        searcher = index.searcher()
        hits = searcher.search(query, count, count=False).hits
        return [
            LexicalHit(str(searcher.doc(address)["id"][0]), float(score)) for score, address in hits
        ]

    def count(self, labels: Collection[str] | None = None) -> int:
        """Returns the number of passages in the index, or of those with one of `labels`."""
        from tantivy import Query

        if labels is None:
            return int(self._index().searcher().num_docs)
        return self._matches(Query.all_query(), labels)

    def damaged(self) -> str:
        """Returns why the index cannot be opened at all, or ""."""
        try:
            self._index()
        except ValueError as error:
            return first_line(error)
        return ""

    def ids(self) -> set[str]:
        """Returns the ids of all passages in the index."""
        from tantivy import Query

        searcher = self._index().searcher()
        hits = searcher.search(Query.all_query(), max(1, int(searcher.num_docs)), count=False).hits
        return {str(searcher.doc(address)["id"][0]) for _, address in hits}

    def document_frequency(self, stem: str, labels: Collection[str] | None = None) -> int:
        """Returns how many passages hold `stem` in their text or context, at least.

        With `labels`, of the passages with one of them: what a reader may not see does not count.
        """
        from tantivy import Query

        index = self._index()
        if labels is None:
            searcher = index.searcher()
            return max(int(searcher.doc_freq(field, stem)) for field in _BOOSTS)
        queries = [Query.term_query(index.schema, field, stem) for field in _BOOSTS]
        return max(self._matches(query, labels) for query in queries)

    def has(self, version_id: str, stem: str) -> bool:
        """Says whether any passage of a version holds `stem` in its text or context."""
        from tantivy import Occur, Query

        index = self._index()
        anywhere = [
            (Occur.Should, Query.term_query(index.schema, field, stem)) for field in _BOOSTS
        ]
        query = Query.boolean_query(
            [
                (Occur.Must, Query.term_query(index.schema, "version", version_id)),
                (Occur.Must, Query.boolean_query(anywhere)),
            ]
        )
        return bool(index.searcher().search(query, 1, count=False).hits)

    def _matches(self, query: Any, labels: Collection[str]) -> int:
        index = self._index()
        return int(index.searcher().search(_visible(index, query, labels), 1, count=True).count)

    def reload(self) -> None:
        """Sees what another process committed."""
        if self._opened is not None:
            self._opened.reload()

    def drop(self) -> None:
        """Deletes the folder; a missing one is no error."""
        self._opened = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _index(self) -> Any:
        from tantivy import Index

        if self._opened is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._opened = Index(_schema(), str(self._folder), reuse=True)
        return self._opened

    def _writer(self) -> Any:
        return self._index().writer(_HEAP_BYTES, 1)

    def _finish(self, writer: Any) -> None:
        writer.commit()
        writer.wait_merging_threads()
        self._index().reload()


def _schema() -> Any:
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("version", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("access", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name="en_stem")
    builder.add_text_field("context", tokenizer_name="en_stem")
    return builder.build()


def _document(passage: LexicalPassage) -> Any:
    from tantivy import Document

    document = Document()
    document.add_text("id", passage.passage_id)
    document.add_text("version", passage.version_id)
    document.add_text("access", passage.access)
    document.add_text("text", spaced(passage.text))
    document.add_text("context", spaced(passage.context))
    return document


def _visible(index: Any, query: Any, labels: Collection[str] | None) -> Any:
    """`query` among the passages with one of `labels`, which do not count for its score."""
    from tantivy import Occur, Query

    if labels is None:
        return query
    allowed = Query.term_set_query(index.schema, "access", sorted(labels))
    return Query.boolean_query(
        [(Occur.Must, query), (Occur.Must, Query.const_score_query(allowed, 0.0))]
    )


def _query_text(question: str, expansions: Sequence[str]) -> str:
    """Quotes every word, so that nothing a user types is read as query syntax."""
    telling = list(dict.fromkeys(telling_words(question) or words(question)))
    terms = [f'"{word}"' for word in telling[:_MAX_TERMS]]
    for expansion in expansions:
        phrase = " ".join(re.findall(r"\w+", spaced(expansion.lower())))
        if phrase:
            terms.append(f'"{phrase}"^{_EXPANSION_BOOST}')
    return " ".join(terms)
