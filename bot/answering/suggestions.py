"""Example questions drawn from what the index holds, each one tried before it is shown."""

import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice, zip_longest

from bot.answering.answerer import Answerer
from retrieval.domain.access import PUBLIC
from retrieval.domain.errors import MonaziteError
from retrieval.domain.records import StoredPassage
from retrieval.domain.single_line import single_line
from retrieval.storage.catalog import Catalog
from retrieval.text.glossary import Glossary

# Enough of a large index to draw from, and few enough questions to try in a second or two.
_PASSAGES_READ = 1500
_TRIED = 12
_MAX_CHARS = 70
_COINED = re.compile(
    r"[“\"](?P<name>[\w][^“”\"\n]{3,40})[”\"]\s+"
    r"(?P<kind>policy|plan|programme|program|project|law|rule|agreement|initiative|strategy|"
    r"method|process|scheme)\b"
)


class Suggestions:
    """Example questions, found anew when the index changes. Thread-safe."""

    def __init__(self, catalog: Catalog, answerer: Answerer, glossary: Glossary) -> None:
        self._catalog = catalog
        self._answerer = answerer
        self._glossary = glossary
        self._lock = threading.Lock()
        self._known: tuple[tuple[str, int], tuple[str, ...]] | None = None

    def questions(self, count: int = 4) -> tuple[str, ...]:
        """Returns up to `count` questions that the index answers; none before the first index."""
        build = self._catalog.live_build()
        if build is None:
            return ()
        with self._lock:
            state = (build.id, build.generation)
            if self._known is None or self._known[0] != state:
                self._known = (state, tuple(self._find(build.id)))
            return self._known[1][:count]

    def _find(self, build_id: str) -> Iterator[str]:
        every = self._catalog.all_passages(build_id)
        # Everybody may see the examples, and so nothing that somebody may not.
        shown = (stored for stored in every if PUBLIC.may_see(stored.access))
        passages = list(islice(shown, _PASSAGES_READ))
        kinds = (_coined(passages), _headings(passages), _named(passages, self._glossary))
        mixed = (question for row in zip_longest(*kinds) for question in row if question)
        # Names and headings of documents are in them, and people press them without a second look.
        lines = (single_line(question, len(question) + 1) for question in mixed)
        fitting = (question for question in lines if len(question) <= _MAX_CHARS)
        tried = islice(dict.fromkeys(fitting), _TRIED)
        return islice((question for question in tried if self._answers(question)), 6)

    def _answers(self, question: str) -> bool:
        try:
            return self._answerer.answer(question).answered
        except MonaziteError:
            return False


def _coined(passages: Sequence[StoredPassage]) -> list[str]:
    """Policies, plans and methods that the documents name in quotation marks."""
    found = chain.from_iterable(_COINED.finditer(stored.passage.text) for stored in passages)
    return [f"What is the “{match['name']}” {match['kind']}?" for match in found]


def _headings(passages: Sequence[StoredPassage]) -> list[str]:
    """Sections of documents, one question a document."""
    of_document: dict[str, str] = {}
    for stored in passages:
        heading = stored.passage.section.rpartition(" › ")[2].strip(" .:")
        # A line with figures in the place of a heading is a date or a number more often than not.
        if 1 < len(heading.split()) < 7 and not any(map(str.isdigit, heading)):
            of_document.setdefault(stored.version_id, f"What does {stored.title} say on {heading}?")
    return list(of_document.values())


def _named(passages: Sequence[StoredPassage], glossary: Glossary) -> list[str]:
    """Names and elements of the glossary, the most frequent first."""
    mentions = chain.from_iterable(glossary.mentions(stored.passage.text) for stored in passages)
    names = Counter(mention.group[0] for mention in mentions if mention.is_name)
    frequent = names.most_common(_TRIED)
    return [f"What do the documents say about {name}?" for name, _ in frequent]
