"""Words as the lexical index sees them: lower case, stemmed, with stop words marked."""

import re
from functools import lru_cache
from itertools import pairwise
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

# The same in Chinese, which puts no spaces between words: how a question is asked, and particles.
_CHINESE_STOP_WORDS = re.compile(
    "为什么|什么时候|什么|多少|怎么样|怎样|怎么|如何|是否|哪些|哪个|哪里|哪家|哪一|多久|何时|为何|请问|"
    "[吗呢的是了和与及在谁]"
)
# One character names an element, whatever stands beside it.
_ELEMENTS = frozenset("钪钇镧铈镨钕钷钐铕钆铽镝钬铒铥镱镥钍镓锗铌铀")
_HAN = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]+")


def spaced(text: str) -> str:
    """Returns `text` with Chinese and Japanese runs as overlapping pairs of characters.

    Without a dictionary pairs find more than words or single characters do (Nie et al.,
    "On the use of words and n-grams for Chinese information retrieval", IRAL 2000).
    """
    return _HAN.sub(_pairs, text)


def _pairs(run: re.Match[str]) -> str:
    characters = run.group()
    if len(characters) == 1:
        return f" {characters} "
    pairs = [left + right for left, right in pairwise(characters)]
    elements = [character for character in characters if character in _ELEMENTS]
    return f" {' '.join(pairs + elements)} "


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
    return list(_analyzer().analyze(spaced(text)))


def words(text: str) -> list[str]:
    """Returns every word of `text` in lower case, split as tantivy splits, in order."""
    return list(_plain_analyzer().analyze(spaced(text)))


def telling_words(text: str) -> list[str]:
    """Returns the words of `text` that are not stop words, in lower case, in order."""
    return [word for word in words(_CHINESE_STOP_WORDS.sub(" ", text)) if word not in STOP_WORDS]


def content_words(text: str) -> list[str]:
    """Returns the telling words of `text` without single letters, in order."""
    return [
        word
        for word in telling_words(text)
        if len(word) > 1 or not word.isascii() or word.isdigit()
    ]


def content_stems(text: str) -> list[str]:
    """Returns the stems of the content words of `text`, in order."""
    return stems(" ".join(content_words(text)))
