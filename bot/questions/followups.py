"""Understands a question with what came before it in the conversation, without a language model."""

import re
from collections.abc import Sequence
from functools import reduce

from bot.questions.question import MAX_QUESTION_CHARS
from retrieval.text.glossary import Glossary
from retrieval.text.sentences import sentence_spans
from retrieval.text.terms import content_words

_LEAD = re.compile(
    r"^\W*(?:(?:and|but|or|so|also|then|ok|okay|thanks|great)\b[\s,]*)+", re.IGNORECASE
)
_ABOUT = re.compile(r"^\W*(?:what|how) about\s+", re.IGNORECASE)
_ASKS = re.compile(
    r"^(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|will|"
    r"would|should|has|have|had|may|must|list|name|tell|give|show|explain|define|describe)\b",
    re.IGNORECASE,
)
# "There" counts only where it is a place: "is there a mine?" points to nothing.
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|those|these|that one|this one|"
    r"the same|the former|the latter)\b|\b(?:this|that)(?=\s*[?.!]|\s+(?:is|was|mean|happen|one)\w*)|"
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\bthere(?=\s*[?.!,]|\s*$)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NAME = re.compile(r"(?<!^)(?<![.?!]\s)\b[A-Z][\w’'-]+(?:\s+(?:of\s+)?[A-Z][\w’'-]+)*")
_LEADS_ON = re.compile(
    r"(?:in|for|at|by|from|to|of|on|with|during|since|before|after)\b", re.IGNORECASE
)
_BRACKETED = re.compile(r"\(([^()]+)\)\?$")
_SYMBOL = re.compile(r"[A-Z][a-z]?")
# What is taken from a conversation: its last messages, and of each no more than a question has. A
# longer one is a text, in which something may be asked.
MAX_EARLIER = 20
MAX_EARLIER_CHARS = 500
_MAX_READ_CHARS = 10_000
_FIRST_WORD = re.compile(r"^\W*\w+")


def follow(question: str, earlier: Sequence[str], glossary: Glossary) -> str:
    """Returns `question`, made to stand alone by what the `earlier` ones (oldest first) asked.

    "And in 2024?" takes over the last question with its year changed; "when was it
    held?" gets the last question's subject in brackets. A question that stands alone
    is returned as it is, and so is one that nothing came before, or that would become too long.
    """
    subject = reduce(
        lambda last, text: _within(_resolve(text, last, glossary), text), asked_before(earlier), ""
    )
    alone = _resolve(question, subject, glossary)
    return alone if len(alone) <= MAX_QUESTION_CHARS else question


def asked_before(earlier: Sequence[str]) -> list[str]:
    """Returns what the last of the `earlier` messages asked, each within 500 characters.

    Of a longer message it is the last question in it; one that asks nothing is left out.
    """
    asked = (_asked_in(text) for text in earlier[-MAX_EARLIER:])
    return [text for text in asked if text]


def _asked_in(message: str) -> str:
    # Of a whole book, what it ends with.
    text = " ".join(message[-_MAX_READ_CHARS:].split())
    if len(text) <= MAX_EARLIER_CHARS and len(message) <= _MAX_READ_CHARS:
        return text
    sentences = (text[start:end] for start, end in reversed(sentence_spans(text)))
    questions = (one for one in sentences if one.endswith("?") and len(one) <= MAX_EARLIER_CHARS)
    return next(questions, "")


def _within(resolved: str, text: str) -> str:
    """What a message asked, given those before; alone where both together grow too long."""
    return resolved if len(resolved) <= MAX_EARLIER_CHARS else text


def _resolve(question: str, last: str, glossary: Glossary) -> str:
    """One step of a conversation; small talk leaves the subject as it was."""
    if not last:
        return question
    bare = _LEAD.sub("", question).strip()
    rest = _ABOUT.sub("", bare)
    about = rest != bare
    if not re.search(r"\w", rest) or not (about or _asks(rest, glossary)):
        return last
    if about or not _ASKS.match(rest):
        return _substitute(rest, last, glossary)
    if _leans(rest, glossary):
        return _with_subject(rest, last)
    return question


def _asks(text: str, glossary: Glossary) -> bool:
    """False for small talk, which asks and names nothing: "thanks", "good to know!"."""
    return bool(_ASKS.match(text) or names_in(text, glossary) or "?" in text)


def _leans(question: str, glossary: Glossary) -> bool:
    """Says whether the question needs a subject that it does not name itself."""
    pointer = _POINTS_BACK.search(question)
    if pointer:
        before = question[: pointer.start()]
        return not names_in(before, glossary) and len(content_words(before)) < 2
    return not content_words(question) or (
        len(content_words(question)) == 1
        and not names_in(question, glossary)
        and _is_bare(question)
    )


def _is_bare(question: str) -> bool:
    """Three words at most, such as "how much?" or "when exactly?"."""
    return len(question.split()) <= 3 and not re.match(r"(?i)(?:what|who)\s+(?:is|are)\b", question)


def _with_subject(question: str, last: str) -> str:
    subject = _subject(last)
    if _YEAR.search(question):
        subject = " ".join(_YEAR.sub("", subject).split())
    return f"{question.rstrip(' ?.!')} ({subject})?" if subject else question


def _substitute(fragment: str, last: str, glossary: Glossary) -> str:
    """The last question with the fragment's year or name in place of its own, or added to it."""
    new = fragment.strip(" ?.!")
    years = _YEAR.findall(new), set(_YEAR.findall(last))
    if len(years[0]) == 1 == len(years[1]) and len(content_words(new)) == 1:
        return last.replace(years[1].pop(), years[0][0])
    names = names_in(new, glossary)
    if len(names) == 1 and len(content_words(names[0])) == len(content_words(new)):
        kind = _kind(names[0], glossary)
        twins = [name for name in names_in(last, glossary) if _kind(name, glossary) == kind]
        if len(twins) == 1 and not (kind == "term" and _LEADS_ON.match(new)):
            return last.replace(twins[0], names[0])
    return f"{last.rstrip(' ?.!')} {new[:1].lower() + new[1:] if _LEADS_ON.match(new) else new}?"


def _kind(name: str, glossary: Glossary) -> str:
    """Only names of one kind stand in for each other: elements, other names, plain terms."""
    group = next((mention.group for mention in glossary.mentions(name)), ())
    if any(_SYMBOL.fullmatch(form) for form in group):
        return "element"
    return "name" if name[0].isupper() else "term"


def names_in(text: str, glossary: Glossary) -> list[str]:
    """Returns what `text` names, in order: glossary terms, and words with a capital inside a sentence."""
    spans = [(mention.start, mention.end) for mention in glossary.mentions(text)]
    spans += [match.span() for match in _NAME.finditer(text)]
    first = _FIRST_WORD.match(text)
    if first and not _ASKS.match(text.strip()) and first.group().strip()[:1].isupper():
        spans.append(first.span())
    spans.sort(key=lambda span: (span[0], -span[1]))
    kept: list[tuple[int, int]] = []
    for left, right in spans:
        if not kept or left >= kept[-1][1]:
            kept.append((left, right))
    return [text[left:right].strip() for left, right in kept]


def _subject(question: str) -> str:
    """What a question is about: its content words, in order, as they were written."""
    if bracketed := _BRACKETED.search(question):
        return bracketed[1]
    wanted = set(content_words(question))
    words = [word.strip('?.!,;:()"“”') for word in question.split()]
    return " ".join(word for word in words if set(content_words(word)) & wanted)
