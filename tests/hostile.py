"""Hostile texts for a pattern, made of what the pattern itself looks for.

A backtracking engine is slow where it can scan far from many places, or divide the same
stretch in many ways. Both need text that the repeats of the pattern take, behind text that
leads up to them, and no match in the end. The pattern's own parse tree says which text that is.
"""

import re
from collections.abc import Iterator, Sequence
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

# What a repeat up to here is worth is a constant, not a way to grow.
_LONG = 16
_SPOILERS = ("", "\0", "\n")
_COMMON = (
    "\n", " ", "\t", "a", "A", "0", "-", ".", "(", ",", "'", "_", "é", "\u0301", "稀", "\u200b", "|",
    "a ", "A ", "Aa ", "1-", "1.", "1,", "1 ", "a.", "a-", "a'", "\n ", "\n\t", "a\n", "A\n", "- ", "| ",
    ". ", ": ", "a: ", "(a", "a@", "<a", "[a", "![", "# ", "2024 ", "and ", "the the ",
)  # fmt: skip
_CATEGORIES = {
    op.CATEGORY_DIGIT: "1", op.CATEGORY_NOT_DIGIT: "a", op.CATEGORY_SPACE: " ",
    op.CATEGORY_NOT_SPACE: "a", op.CATEGORY_WORD: "a", op.CATEGORY_NOT_WORD: "-",
}  # fmt: skip
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


def hostile_units(pattern: "re.Pattern[str]") -> list[str]:
    """Returns short texts that are hostile to `pattern` when they are repeated."""
    tree = _parser.parse(pattern.pattern, pattern.flags)
    found = dict.fromkeys(_COMMON)
    for before, body in _pumps(tree, ""):
        found |= dict.fromkeys((body, before + body, body + before, before + body * 5))
    for literal in _literals(tree):
        found |= dict.fromkeys(
            (literal, literal + " ", literal + "\n", literal[:-1], literal + "-")
        )
    return [unit for unit in found if unit]


def hostile_pumps(pattern: "re.Pattern[str]") -> list[tuple[str, str, str]]:
    """Returns `(before, body, after)`: the body is to be repeated between the two others."""
    tree = _parser.parse(pattern.pattern, pattern.flags)
    pumps = dict.fromkeys(pump for pump in _pumps(tree, "") if all(pump))
    return [(before, body, after) for before, body in pumps for after in _SPOILERS]


def _pumps(tree: Sequence[Any], before: str) -> Iterator[tuple[str, str]]:
    """Every long repeat: text that leads up to it, and texts that it takes."""
    for code, value in tree:
        if code in _REPEATS:
            _, most, inner = value
            if most >= _LONG:
                for body in dict.fromkeys(_bodies(inner)):
                    yield before, body
            yield from _pumps(inner, before)
        elif code is op.BRANCH:
            for branch in value[1]:
                yield from _pumps(branch, before)
        elif code is op.SUBPATTERN:
            yield from _pumps(value[3], before)
        elif code is op.ATOMIC_GROUP:
            yield from _pumps(value, before)
        before += _example([(code, value)])


def _bodies(tree: Sequence[Any]) -> Iterator[str]:
    yield _example(tree)
    if len(tree) == 1 and tree[0][0] is op.IN:
        yield from (character for character in "\n a1-.A" if _takes(tree[0][1], character))
    if len(tree) == 1 and tree[0][0] in (op.ANY, op.NOT_LITERAL):
        yield from "a -1"
    for code, value in tree:
        if code is op.BRANCH:
            yield from (_example(branch) for branch in value[1])
        elif code is op.SUBPATTERN:
            yield from _bodies(value[3])


def _example(tree: Sequence[Any]) -> str:
    """A short text that `tree` takes, as far as assertions are left aside."""
    parts = []
    for code, value in tree:
        if code is op.LITERAL:
            parts.append(chr(value))
        elif code in (op.NOT_LITERAL, op.ANY):
            parts.append("b" if value == ord("a") else "a")
        elif code is op.IN:
            parts.append(next((c for c in " a1-\n.A:" if _takes(value, c)), _first(value)))
        elif code is op.BRANCH:
            parts.append(_example(value[1][0]))
        elif code is op.SUBPATTERN:
            parts.append(_example(value[3]))
        elif code is op.ATOMIC_GROUP:
            parts.append(_example(value))
        elif code in _REPEATS:
            parts.append(_example(value[2]) * value[0])
    return "".join(parts)


def _takes(members: Sequence[Any], character: str) -> bool:
    wrong = any(code is op.NEGATE for code, _ in members)
    return any(_is(member, character) for member in members) is not wrong


def _is(member: Any, character: str) -> bool:
    code, value = member
    if code is op.LITERAL:
        return ord(character) == value
    if code is op.RANGE:
        return value[0] <= ord(character) <= value[1]
    if code is op.CATEGORY:
        name = str(value).lower()
        kinds = {"digit": character.isdigit(), "space": character.isspace(),
                 "word": character.isalnum() or character == "_"}  # fmt: skip
        kind = next(is_so for word, is_so in kinds.items() if word in name)
        return kind is not ("not" in name)
    return False


def _first(members: Sequence[Any]) -> str:
    for code, value in members:
        if code is op.LITERAL:
            return chr(value)
        if code is op.RANGE:
            return chr(value[0])
        if code is op.CATEGORY:
            return _CATEGORIES.get(value, "a")
    return "a"


def _literals(tree: Sequence[Any]) -> Iterator[str]:
    """The words that stand in a pattern."""
    word = ""
    for code, value in tree:
        if code is op.LITERAL:
            word += chr(value)
            continue
        if word:
            yield word
        word = ""
        if code in _REPEATS:
            yield from _literals(value[2])
        elif code is op.BRANCH:
            for branch in value[1]:
                yield from _literals(branch)
        elif code is op.SUBPATTERN:
            yield from _literals(value[3])
        elif code is op.ATOMIC_GROUP:
            yield from _literals(value)
    if word:
        yield word
