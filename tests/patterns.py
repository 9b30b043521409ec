"""Finds every regular expression of the packages, and how each is used."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

PACKAGES = ("bot", "prompts", "retrieval")
# Changes to the database's shape are run once, by number; they meet no text.
_LEFT_OUT = ("retrieval.database.migrations", "bot.__main__")
USES = ("search", "match", "fullmatch", "finditer", "findall", "sub", "split", "subn")
_DEPTH = 6


@dataclass(frozen=True)
class Found:
    """A pattern, where it stands, and the methods that it is used with."""

    where: str
    pattern: "re.Pattern[str]"
    uses: tuple[str, ...]


def modules() -> Iterator[str]:
    """The names of all modules."""
    for package in PACKAGES:
        path = Path(importlib.import_module(package).__file__ or "").parent
        yield package
        for module in pkgutil.walk_packages([str(path)], f"{package}."):
            if not module.name.startswith(_LEFT_OUT):
                yield module.name


def compiled_patterns() -> list[Found]:
    """The patterns that modules hold, in whatever they hold them, and those written inline."""
    uses = _uses()
    found: dict[tuple[str, int], Found] = {}
    for name in modules():
        module = importlib.import_module(name)
        for attribute, value in vars(module).items():
            if getattr(value, "__module__", name) != name and not isinstance(value, re.Pattern):
                continue
            for place, pattern in _held(value, attribute, _DEPTH):
                key = (pattern.pattern, pattern.flags)
                known = uses.get(attribute, ()) if place == attribute else ()
                more = tuple(dict.fromkeys((*known, *(found[key].uses if key in found else ()))))
                found[key] = Found(f"{name}.{place}", pattern, more or ("search", "finditer"))
        for inline in _inline(module):
            found.setdefault((inline.pattern.pattern, inline.pattern.flags), inline)
    return list(found.values())


def _held(value: Any, place: str, depth: int) -> Iterator[tuple[str, "re.Pattern[str]"]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield place, value
    elif depth:
        for name, one in _parts(value):
            yield from _held(one, f"{place}{name}", depth - 1)


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, (list, tuple, set, frozenset)):
        yield from ((f"[{number}]", one) for number, one in enumerate(value))
    elif isinstance(value, dict):
        yield from ((f"[{key!r}]", one) for key, one in value.items())
    elif isinstance(value, type):
        yield from (
            (f".{name}", one) for name, one in vars(value).items() if isinstance(one, re.Pattern)
        )
    elif is_dataclass(value):
        yield from ((f".{part.name}", getattr(value, part.name, None)) for part in fields(value))


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for name in modules():
        path = importlib.import_module(name).__file__
        yield name, ast.parse(Path(str(path)).read_text(encoding="utf-8"))


def _uses() -> dict[str, tuple[str, ...]]:
    """By the name of a pattern, the methods that are called of it."""
    found: dict[str, dict[str, None]] = {}
    for _, tree in _trees():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in USES
                and isinstance(node.value, ast.Name)
            ):
                found.setdefault(node.value.id, {})[node.attr] = None
    return {name: tuple(methods) for name, methods in found.items()}


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in USES
        ):
            yield node


def _inline(module: Any) -> Iterator[Found]:
    """The patterns of `re.search("…", text)` and its kin that are written out in full."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    for call in _calls(tree):
        if isinstance(call.args[0], ast.Constant):
            where = f"{module.__name__}:{call.lineno}"
            assert isinstance(call.func, ast.Attribute)
            yield Found(where, re.compile(call.args[0].value, _flags(call)), (call.func.attr,))


def made_while_running() -> set[tuple[str, str]]:
    """Module and function of each `re` call whose pattern is put together while the program runs."""
    found = set()
    for name, tree in _trees():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                        continue
                    if ast.unparse(node.func.value) != "re" or node.func.attr not in (
                        *USES,
                        "compile",
                    ):
                        continue
                    if not isinstance(node.args[0], ast.Constant):
                        found.add((name, function.name))
    return found


def _flags(call: ast.Call) -> int:
    position = (
        2
        if ast.unparse(call.func)
        in ("re.search", "re.match", "re.fullmatch", "re.findall", "re.finditer")
        else 99
    )
    given = [keyword.value for keyword in call.keywords if keyword.arg == "flags"]
    given += call.args[position : position + 1]
    return int(eval(ast.unparse(given[0]), {"re": re})) if given else 0  # our own source
