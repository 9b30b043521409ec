"""What Slack refuses, as its documentation states it; raises `RefusedError` with Slack's error code."""

from typing import Any

_COMMON = {"type", "block_id"}
# Blocks and the fields they may have: https://docs.slack.dev/reference/block-kit/blocks
BLOCK_FIELDS = {
    "section": {"text", "fields", "accessory", "expand"},
    "context": {"elements"},
    "actions": {"elements"},
    "context_actions": {"elements"},
    "divider": set(),
    "header": {"text"},
    "image": {"image_url", "alt_text", "title", "slack_file"},
    "input": {"label", "element", "hint", "optional", "dispatch_action"},
    "rich_text": {"elements"},
    "markdown": {"text"},
}
SURFACES = {
    "context_actions": {"message"},
    "markdown": {"message"},
    "input": {"message", "modal", "home"},
}
MAX_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MAX_MARKDOWN = 12_000


class RefusedError(Exception):
    """The error code that the Web API answers with."""


def refuse_unless(condition: object, code: str = "invalid_blocks") -> None:
    if not condition:
        raise RefusedError(code)


def check_message(payload: dict[str, Any]) -> None:
    refuse_unless(payload.get("text") or payload.get("blocks"), "no_text")
    refuse_unless(len(payload.get("text") or "") <= 40_000, "msg_too_long")
    check_blocks(payload.get("blocks") or [], "message")


def check_chunks(chunks: Any) -> str:
    """Returns the markdown of streaming chunks."""
    refuse_unless(isinstance(chunks, list), "invalid_chunks")
    for chunk in chunks:
        refuse_unless(chunk.get("type") == "markdown_text" and chunk.get("text"), "invalid_chunks")
    text = "".join(chunk["text"] for chunk in chunks)
    refuse_unless(len(text) <= MAX_MARKDOWN, "msg_too_long")
    return text


def check_view(view: dict[str, Any]) -> None:
    refuse_unless(view.get("type") in ("modal", "home"), "invalid_arguments")
    blocks = view.get("blocks") or []
    if view["type"] == "modal":
        refuse_unless(0 < len(view.get("title", {}).get("text", "")) <= 24, "invalid_arguments")
        for name in ("submit", "close"):
            refuse_unless(len((view.get(name) or {}).get("text", "")) <= 24, "invalid_arguments")
        has_input = any(block.get("type") == "input" for block in blocks)
        refuse_unless(view.get("submit") or not has_input, "invalid_arguments")
    refuse_unless(len(view.get("private_metadata") or "") <= 3000, "invalid_arguments")
    refuse_unless(len(view.get("callback_id") or "") <= 255, "invalid_arguments")
    check_blocks(blocks, view["type"])


def check_blocks(blocks: Any, surface: str) -> None:
    refuse_unless(isinstance(blocks, list) and len(blocks) <= MAX_BLOCKS[surface])
    identifiers = [block["block_id"] for block in blocks if "block_id" in block]
    refuse_unless(len(set(identifiers)) == len(identifiers))
    for block in blocks:
        kind = block.get("type")
        refuse_unless(kind in BLOCK_FIELDS)
        refuse_unless(set(block) <= BLOCK_FIELDS[kind] | _COMMON)
        refuse_unless(surface in SURFACES.get(kind, MAX_BLOCKS))
        refuse_unless(len(block.get("block_id", "")) <= 255)
        _check_block(block)
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    refuse_unless(markdown <= MAX_MARKDOWN, "msg_too_long")


def _check_block(block: dict[str, Any]) -> None:
    kind = block["type"]
    if kind == "section":
        refuse_unless(block.get("text") or block.get("fields"))
        check_text(block.get("text"), 3000)
        if "accessory" in block:
            check_elements([block["accessory"]], 1)
    elif kind == "header":
        refuse_unless(block.get("text", {}).get("type") == "plain_text")
        check_text(block["text"], 150)
    elif kind == "context":
        elements = block.get("elements") or []
        refuse_unless(0 < len(elements) <= 10)
        for element in elements:
            check_text(element, 3000)
    elif kind == "actions":
        check_elements(block.get("elements") or [], 25)
    elif kind == "context_actions":
        check_elements(block.get("elements") or [], 5)
    elif kind == "input":
        check_text(block.get("label"), 2000)
        check_elements([block.get("element") or {}], 1)


def check_text(text: dict[str, Any] | None, limit: int) -> None:
    refuse_unless(text and text.get("type") in ("mrkdwn", "plain_text"))
    assert text
    refuse_unless(0 < len(text.get("text", "")) <= limit)


def check_elements(elements: list[dict[str, Any]], limit: int) -> None:
    refuse_unless(0 < len(elements) <= limit)
    identifiers = [element.get("action_id", "") for element in elements]
    refuse_unless(len(set(identifiers)) == len(identifiers))
    for element in elements:
        refuse_unless(len(element.get("action_id", "")) <= 255)
        _check_element(element)


def _check_element(element: dict[str, Any]) -> None:
    kind = element.get("type")
    if kind == "button":
        check_text(element.get("text"), 75)
        refuse_unless(element["text"]["type"] == "plain_text")
        refuse_unless(len(element.get("value", "")) <= 2000)
    elif kind == "feedback_buttons":
        for name in ("positive_button", "negative_button"):
            check_text(element.get(name, {}).get("text"), 75)
            refuse_unless(0 < len(element[name].get("value", "")) <= 2000)
    elif kind == "radio_buttons":
        options = element.get("options") or []
        refuse_unless(0 < len(options) <= 10)
        for option in options:
            check_text(option.get("text"), 75)
            refuse_unless(0 < len(option.get("value", "")) <= 150)
        refuse_unless(element.get("initial_option", options[0]) in options)
    elif kind == "plain_text_input":
        refuse_unless(0 < element.get("max_length", 3000) <= 3000)
    else:
        raise RefusedError("invalid_blocks")
