"""Tracebacks as logs may hold them: where it went wrong, without what was asked or read."""

import traceback
from collections.abc import Iterator

# Libraries whose errors quote a model's output, a prompt, or what they were given to validate.
_QUOTING = frozenset({
    "anthropic", "langchain", "langchain_anthropic", "langchain_core", "langchain_ollama",
    "langchain_openai", "ollama", "openai", "pydantic", "pydantic_core", "tantivy",
})  # fmt: skip
# Providers' refusals of a request itself may repeat the request.
_REPEATING = frozenset({400, 413, 422})
_MAX_CHARS = 100_000
_MAX_CHAIN = 20
_LEFT_OUT = "(its message is left out: it may quote what was asked or read)"


def format_traceback(error: BaseException) -> str:
    """Returns the traceback of `error` and of what led to it, the first cause first."""
    chain = list(_chain(error))[::-1]
    parts = [_one(link) for link in chain]
    text = "\nThis led to:\n\n".join(parts)
    if len(text) <= _MAX_CHARS:
        return text
    half = _MAX_CHARS // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half:,} characters left out …]\n{text[-half:]}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen and len(seen) < _MAX_CHAIN:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _one(error: BaseException) -> str:
    module, name = type(error).__module__, type(error).__qualname__
    full = name if module in ("builtins", "__main__") else f"{module}.{name}"
    frames = "".join(traceback.format_tb(error.__traceback__))
    inner = getattr(error, "exceptions", ()) if isinstance(error, BaseExceptionGroup) else ()
    more = "".join(f"\n\nAmong them:\n{_one(one)}" for one in inner[:_MAX_CHAIN])
    head = "Traceback (most recent call last):\n" if frames else ""
    return f"{head}{frames}{full}: {_message(error, module)}{more}"


def _message(error: BaseException, module: str) -> str:
    if module.partition(".")[0] not in _QUOTING:
        return str(error)
    if hasattr(error, "errors") and hasattr(error, "error_count"):
        found = error.errors(include_input=False, include_context=False, include_url=False)
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in found[:20])
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and status not in _REPEATING:
        return f"status {status}: {str(error)[:300]}"
    return _LEFT_OUT if status is None else f"status {status} {_LEFT_OUT}"
