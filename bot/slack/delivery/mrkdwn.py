"""Text that is safe and short enough for Slack."""

import re

from retrieval.domain.sanitizing import clean_text
from retrieval.domain.single_line import (
    MAX_NAME_CHARS,
    single_line,
    single_line_path,
    without_controls,
)

# Limits of Block Kit and chat.postMessage: https://docs.slack.dev/reference/block-kit/blocks
MAX_SECTION_CHARS = 3000
# A message's markdown holds 12,000 characters; escaping may make six of one.
MAX_ANSWER_CHARS = 9000
MAX_MARKDOWN_CHARS = 12_000
CUT_NOTICE = "… (shortened)"

_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^<>]*)?>")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]~#|!]")
_PING = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)
_LINK = re.compile(r"<(?:https?://[^|<>]+|mailto:[^|<>]+)(?:\|([^<>]*))?>")
_CHANNEL = re.compile(r"<#[A-Z0-9]+(?:\|([^<>]*))?>")


def escape(text: str) -> str:
    """Returns `text` with `&`, `<` and `>` as entities, so that it can neither ping nor link.

    Lines stay; controls and marks of direction go. For what comes from outside and is one line,
    such as a name or a title, there is `escape_name`.
    See https://docs.slack.dev/messaging/formatting-message-text#escaping.
    """
    plain = without_controls(text)
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_name(text: str, limit: int = MAX_NAME_CHARS) -> str:
    """Returns a name, title or question from outside, escaped: one line of at most `limit` characters.

    A line break in a name would begin a line of its own, which Slack may show as a quote.
    """
    return escape(single_line(text, limit))


def bold_name(text: str) -> str:
    """Returns a name or title as `escape_name` does, in bold; "" where nothing of it is visible."""
    name = escape_name(text).replace("*", "∗")
    return f"*{name}*" if name else ""


def bold_path(path: str) -> str:
    """Returns a document's path as `escape_path` does, in bold."""
    return f"*{escape_path(path).replace('*', '∗')}*"


def escape_path(path: str, limit: int = MAX_NAME_CHARS) -> str:
    """Returns a path of folders or headings as `escape_name` does; where it is cut, its end stays."""
    return escape(single_line_path(path, limit))


def escape_markdown(text: str) -> str:
    """Returns `text` such that Slack's markdown shows it as it is: no links, no emphasis.

    A word joiner, which has no width, keeps "@here" and its kin from being read as one.
    """
    return _PING.sub("@\u2060", _MARKDOWN.sub(r"\\\g<0>", escape(text)))


def markdown_pieces(text: str) -> list[str]:
    """Returns plain `text` as escaped markdown, in the pieces it is streamed in: its lines."""
    lines = re.findall(r"\A\n*+[^\n]++\n*+|[^\n]++\n*+", escape_markdown(text))
    return [part for line in lines for part in sections_of(line, MAX_MARKDOWN_CHARS)]


def unescape(text: str) -> str:
    """Returns what a person typed in Slack, cleaned, entities and link markup undone, mentions left out."""
    plain = _MENTION.sub(" ", clean_text(text))
    plain = _CHANNEL.sub(lambda match: f"#{match[1]}" if match[1] else " ", plain)
    plain = _LINK.sub(lambda match: match[1] or match[0].strip("<>"), plain)
    plain = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return " ".join(plain.split())


def cut(text: str, limit: int) -> str:
    """Returns escaped `text` within `limit` characters, never cutting an entity in two."""
    if len(text) <= limit:
        return text
    kept = text[: limit - len(CUT_NOTICE)]
    entity = kept.rfind("&")
    if entity >= 0 and ";" not in kept[entity:]:
        kept = kept[:entity]
    return kept.rstrip() + CUT_NOTICE


def line_of(text: str) -> str:
    """Returns plain `text` escaped, and short enough for the text of one message."""
    return cut(escape(text), MAX_SECTION_CHARS)


def sections_of(text: str, limit: int = MAX_SECTION_CHARS) -> list[str]:
    """Returns escaped `text` in parts that each fit a section, cut between lines or words."""
    parts: list[str] = []
    rest = text
    while len(rest) > limit:
        place = max(rest.rfind("\n", 0, limit), rest.rfind(" ", 0, limit))
        place = place if place > limit // 2 else limit
        entity = rest.rfind("&", place - 5, place)
        if entity >= 0 and ";" not in rest[entity:place]:
            place = entity
        parts.append(rest[:place].rstrip())
        rest = rest[place:].lstrip()
    return [*parts, rest] if rest else parts
