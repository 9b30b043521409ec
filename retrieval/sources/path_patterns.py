"""Patterns of paths in source lists: gitignore's, with letter case and Unicode forms folded."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate

from pathspec.patterns.gitignore import GitIgnorePatternError
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

_WILD = re.compile(r"[*?\[]")
_WHOLE = ("*", "/*", "**", "/**", "**/*", "/**/*")
_MAX_CHARS = 2000
# What a matcher tries grows with the length of a name to the power of the stars between two slashes.
_MAX_STARS = 3


def folded(name: str) -> str:
    """Returns a path without its letter case and Unicode normal form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def composed(name: str) -> str:
    """Returns a path in Unicode normal form C: one name is written in several ways on disk."""
    return unicodedata.normalize("NFC", name)


def pattern_for(name: str) -> str:
    """Returns the pattern that fits a file `name`, none of whose letters says anything more."""
    escaped = re.sub(r"([\\*?\[\]])", r"\\\1", name)
    blanks = len(escaped) - len(escaped.rstrip(" "))
    return escaped.rstrip(" ") + "\\ " * blanks


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A pattern, as it was written, for paths inside the folder of its list, with `/`.

    Patterns that begin with `./` mean the list's folder, and a path without `/` any depth, as
    in gitignore; `#` and `!` are letters, for a list says what is so, not what is left out.
    """

    written: str

    @property
    def normal(self) -> str:
        """Returns the pattern without what changes nothing."""
        text = re.sub(r"//+", "/", composed(self.written))
        if text == "." or text.startswith("./"):
            text = f"/{text[1:].lstrip('/')}"
        text = re.sub(r"/(?:\./)+", "/", text)
        return "/*" if text == "/" else text

    @property
    def leaves_its_folder(self) -> bool:
        """Says whether it points out of its list's folder, where no pattern reaches."""
        steps = re.split(r"[/\\]", self.written)
        return ".." in steps or self.written.startswith("~") or ":" in steps[0]

    @property
    def literal(self) -> tuple[str, ...] | None:
        """Returns the steps of the path that is meant to the letter; None with wildcards in it."""
        text = _trimmed(self.normal)
        if _WILD.search(re.sub(r"\\.", "", text)):
            return None
        plain = re.sub(r"\\(.)", r"\1", text)
        return folded_steps(plain.split("/"))

    @property
    def anchored(self) -> bool:
        """Says whether it begins in the list's folder; else it fits at any depth."""
        return "/" in _trimmed(self.normal).rstrip("/")

    @property
    def folders_only(self) -> bool:
        """Says whether it fits folders only, and what is in them."""
        return _trimmed(self.normal).endswith("/")

    def folder_of(self, name: str) -> tuple[str, ...] | None:
        """Returns the folder, as steps, all of which the pattern takes in together with `name`.

        None where it speaks of single files, or of a part of a folder.
        """
        if self.normal in _WHOLE:
            return ()
        steps, literal = folded_steps(name.split("/")), self.literal
        if literal is not None:
            return _folder_in(steps[:-1], literal, anchored=self.anchored)
        written = self.normal.removeprefix("/").split("/")
        # `folder/*`, `folder/**`, `**/folder/**`: all of a folder.
        inner = written[:]
        while inner and inner[-1] in ("*", "**"):
            inner.pop()
        anywhere = inner[:1] == ["**"]
        folder = folded_steps(inner[anywhere:])
        if len(inner) == len(written) or not folder or _WILD.search("/".join(folder)):
            return None
        if "\\" in "/".join(folder):
            return None
        return _folder_in(steps[:-1], folder, anchored=not anywhere)

    @property
    def within(self) -> tuple[str, ...]:
        """Returns the folder, as steps inside the list's, that all it fits lies in."""
        if not self.anchored:
            return ()
        found: list[str] = []
        for step in self.normal.strip("/").split("/")[:-1]:
            if _WILD.search(step) or "\\" in step:
                break
            found.append(step)
        return folded_steps("/".join(found).split("/")) if found else ()

    def matcher(self, *, exact: bool) -> Callable[[str], bool]:
        """Returns what says whether a path fits.

        `exact` keeps letter case and takes the pattern at its word, for rules that open. Rules
        that close also take in what a person may have meant: `*` across folders, brackets as
        letters. Raises `ValueError` for a pattern that says nothing.
        """
        if len(self.written) > _MAX_CHARS or not self.written.strip():
            raise ValueError(f"a path must have 1 to {_MAX_CHARS} characters")
        steps = self.written.split("/")
        if max(step.replace("**", "*").count("*") for step in steps) > _MAX_STARS or (
            sum("**" in step for step in steps) > _MAX_STARS
        ):
            raise ValueError(
                f"between two slashes stand {_MAX_STARS} * at most, and ** in as many places"
            )
        if exact:
            (regex,) = _gitignore(self.normal) or (re.compile(r"(?!)"),)
            return lambda name: regex.match(composed(name)) is not None
        regexes = list(self._readings())
        return lambda name: any(regex.match(folded(name)) for regex in regexes)

    def _readings(self) -> Iterator[re.Pattern[str]]:
        text = folded(self.normal)
        yield from _gitignore(text)
        if "[" in text:
            yield from _gitignore(re.sub(r"(?<!\\)([\[\]])", r"\\\1", text))
        if "*" in text:
            yield re.compile(translate(text.lstrip("/")))


def folded_steps(steps: Sequence[str]) -> tuple[str, ...]:
    """Returns the steps of a path as they are compared."""
    return tuple(folded(step) for step in steps if step)


def _trimmed(text: str) -> str:
    """A pattern without the blanks at its end that gitignore passes over."""
    return re.sub(r"(?<!\\) +$", "", text)


def _folder_in(
    steps: tuple[str, ...], folder: tuple[str, ...], *, anchored: bool
) -> tuple[str, ...] | None:
    for start in range(1 if anchored else len(steps)):
        if folder and steps[start : start + len(folder)] == folder:
            return steps[: start + len(folder)]
    return None


def _gitignore(text: str) -> list[re.Pattern[str]]:
    """The regular expression of a pattern; none where it can fit nothing."""
    line = "\\" + text if text[:1] in {"#", "!"} else text
    try:
        regex = GitIgnoreSpecPattern(line).regex
    except (GitIgnorePatternError, ValueError):
        return []
    return [regex] if regex is not None else []
