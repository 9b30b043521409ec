"""Words as the lexical index sees them: lower case, stemmed, with stop words marked."""

from functools import lru_cache
from typing import Any

# Words that say how a question is asked, not what it is about.
STOP_WORDS = frozenset(
    """a about according after again all also am an and any are as at be because been before being
    between both but by can could did do does doing during each either for from further give given
    had has have having he her here hers him his how i if in into is it its itself just know let
    many may me might more most much must my name nor of off on once one only or other our
    ours out over own please same say says shall she should so some such tell than that the their
    theirs them then there these they this those through to too under until up very was we were
    what when where which while who whom whose why will with would you your yours me describe
    explain list show state stated mention mentioned document documents there's what's whats vs
    via per whether ever any anyone anything someone something exactly roughly actually""".split()
)


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    return builder.filter(Filter.lowercase()).filter(Filter.stemmer("english")).build()


@lru_cache(maxsize=1)
def _plain_analyzer() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    return TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase()).build()


def stems(text: str) -> list[str]:
    """Returns every word of `text`, stemmed as tantivy's `en_stem` does, in order."""
    return list(_analyzer().analyze(text))


def words(text: str) -> list[str]:
    """Returns every word of `text` in lower case, split as tantivy splits, in order."""
    return list(_plain_analyzer().analyze(text))


def content_words(text: str) -> list[str]:
    """Returns the words of `text` that are not stop words, in lower case, in order."""
    return [
        word for word in words(text) if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())
    ]


def content_stems(text: str) -> list[str]:
    """Returns the stems of the content words of `text`, in order."""
    return stems(" ".join(content_words(text)))
