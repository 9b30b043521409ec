"""YAML as people write settings: no aliases, no key twice, not deep; small or refused."""

from collections.abc import Hashable
from typing import Any

import yaml

from retrieval.domain.access import shortened

# A list of 20,000 files that were added from Slack has about 4 MB.
MAX_YAML_CHARS = 8_000_000
_MAX_DEPTH = 12


# A PyYAML that was built without libyaml has only the slow one.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """Builds plain values; a key that stands twice in one mapping is an error."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        """Returns the mapping of a node; raises `ConstructorError` for a key that stands twice."""
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            known = isinstance(key, Hashable)
            if known and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"has the key {shortened(key)} twice", key_node.start_mark
                )
            if known:
                seen.add(key)
        made: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return made


def read_yaml(text: str) -> Any:
    """Returns what one YAML document says.

    Raises `ValueError`, in one line, for what is no YAML, for aliases (a few hundred bytes of
    them can stand for gigabytes), for a key that stands twice and for what is too deep or large.
    """
    if len(text) > MAX_YAML_CHARS:
        raise ValueError(f"has more than {MAX_YAML_CHARS:,} characters; split it")
    try:
        _check_events(text)
        loader = _Loader(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise ValueError(_reason(error)) from None
    except (ValueError, RecursionError, OverflowError) as error:
        known = isinstance(error, _RefusedYamlError)
        raise ValueError(str(error) if known else "is not YAML; mend it") from None


class _RefusedYamlError(ValueError):
    """Valid YAML that is not taken."""


def _check_events(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Base):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _RefusedYamlError(
                f"uses an alias (& or *) in line {line}; write it out, or in quotes"
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            raise _RefusedYamlError(f"is nested too deep in line {line}; mend it")


def _reason(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    line = f" in line {mark.line + 1}" if mark else ""
    problem = str(getattr(error, "problem", "") or "")
    if problem.startswith("has the key"):
        return f"{problem}{line}; keep one of them"
    return f"is not YAML{line}; mend it"
