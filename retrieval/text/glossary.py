"""The glossary: names that mean the same thing, read from a file a team can replace."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from retrieval.domain.errors import ConfigurationError
from retrieval.text.terms import words

DEFAULT_GLOSSARY = Path(__file__).parent / "data" / "glossary.txt"
# "Dy" is dysprosium, "no" is not nobelium: forms this short match only as written.
_CASE_MATTERS_UP_TO = 2


@dataclass(frozen=True, slots=True)
class Mention:
    """A form of a group found in a text, at `text[start:end]`."""

    form: str
    start: int
    end: int
    group: tuple[str, ...]

    @property
    def others(self) -> tuple[str, ...]:
        """Returns the group's other forms."""
        return tuple(form for form in self.group if form.lower() != self.form.lower())

    @property
    def is_name(self) -> bool:
        """Says whether it is an element, which has a symbol, or a name written with a capital."""
        symbol = any(len(form) <= 2 and form.isascii() for form in self.group)
        return symbol or (self.group[0][0].isupper() and self.form[0].isupper())


class Glossary:
    """Finds the groups that a text mentions; the longest form at a place wins."""

    def __init__(self, groups: list[tuple[str, ...]]) -> None:
        self.groups = tuple(groups)
        # A question is read three times: to embed it, to expand it, to weigh its terms.
        self.mentions = lru_cache(maxsize=8)(self._mentions)

    def _mentions(self, text: str) -> tuple[Mention, ...]:
        """Returns what `text` mentions, in order, without overlaps."""
        found: list[Mention] = []
        for match in self._pattern.finditer(text):
            group = self._group_of(match.group())
            if group:
                found.append(Mention(match.group(), match.start(), match.end(), group))
        return tuple(found)

    def expansions(self, question: str) -> list[str]:
        """Returns the other names of everything that `question` mentions."""
        asked = question.lower()
        names = (form for mention in self.mentions(question) for form in mention.others)
        return [
            name for name in dict.fromkeys(names) if len(name) <= 2 or name.lower() not in asked
        ]

    def spell_out(self, question: str) -> str:
        """Returns `question` with each symbol or acronym followed by its full name.

        An embedding model knows "dysprosium" well and "Dy" hardly at all.
        """
        parts, last = [], 0
        for mention in self.mentions(question):
            name = mention.group[0]
            if _is_short(mention.form) and name.lower() not in question.lower():
                parts.append(f"{question[last : mention.end]} ({name})")
                last = mention.end
        return "".join([*parts, question[last:]])

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of every form of every group, in lower case."""
        return frozenset(word for group in self.groups for form in group for word in words(form))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        forms = sorted({form for group in self.groups for form in group}, key=len, reverse=True)
        return re.compile("|".join(_form_pattern(form) for form in forms) or r"(?!)")

    @cached_property
    def _by_form(self) -> dict[str, tuple[str, ...]]:
        return {form.lower(): group for group in reversed(self.groups) for form in group}

    def _group_of(self, form: str) -> tuple[str, ...] | None:
        return self._by_form.get(re.sub(r"\s+", " ", form.lower()))


def load_glossary(path: Path = DEFAULT_GLOSSARY) -> Glossary:
    """Reads a glossary file. Raises `ConfigurationError` naming the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"The glossary {path} cannot be read ({error}); check MONAZITE_GLOSSARY"
        ) from error
    groups = []
    for number, line in enumerate(lines, start=1):
        content = line.split("#", 1)[0].strip()
        if not content:
            continue
        forms = tuple(" ".join(form.split()) for form in content.split("|"))
        if len(forms) < 2 or not all(forms):
            raise ConfigurationError(
                f"The glossary {path}, line {number}: write at least two names separated by '|'"
            )
        groups.append(forms)
    return Glossary(groups)


def _is_short(form: str) -> bool:
    """Symbols and acronyms: "Dy", "HREE", "NdPr", "NdFeB"."""
    return (
        " " not in form
        and len(form) <= 6
        and form.isascii()
        and form != form.lower()
        and not form.istitle()
    ) or len(form) <= _CASE_MATTERS_UP_TO


def _form_pattern(form: str) -> str:
    escaped = r"\s+".join(re.escape(part) for part in form.split(" "))
    if not form.isascii():
        return escaped
    bounded = rf"(?<![^\W_]){escaped}(?![^\W_])"
    return bounded if len(form) <= _CASE_MATTERS_UP_TO else f"(?i:{bounded})"
