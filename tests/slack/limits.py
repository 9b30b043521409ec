"""What Slack refuses, as its documentation states it; raises `RefusedError` with Slack's error code."""

from typing import Any

KNOWN_BLOCKS = {
    "section",
    "context",
    "actions",
    "divider",
    "header",
    "image",
    "input",
    "rich_text",
    "markdown",
}
MAX_BLOCKS = {"message": 50, "modal": 100, "home": 100}


class RefusedError(Exception):
    """The error code that the Web API answers with."""


def check_message(payload: dict[str, Any]) -> None:
    if not payload.get("text") and not payload.get("blocks"):
        raise RefusedError("no_text")
    if len(payload.get("text") or "") > 40_000:
        raise RefusedError("msg_too_long")
    check_blocks(payload.get("blocks") or [], "message")


def check_view(view: dict[str, Any]) -> None:
    if view.get("type") not in ("modal", "home"):
        raise RefusedError("invalid_arguments")
    if view["type"] == "modal" and not 0 < len(view.get("title", {}).get("text", "")) <= 24:
        raise RefusedError("invalid_arguments")
    check_blocks(view.get("blocks") or [], view["type"])


def check_blocks(blocks: list[dict[str, Any]], surface: str) -> None:
    if len(blocks) > MAX_BLOCKS[surface]:
        raise RefusedError("invalid_blocks")
    for block in blocks:
        if block.get("type") not in KNOWN_BLOCKS:
            raise RefusedError("invalid_blocks")
        if block["type"] == "section":
            check_text(block.get("text"), 3000)
        elif block["type"] == "context":
            elements = block.get("elements") or []
            if not 0 < len(elements) <= 10:
                raise RefusedError("invalid_blocks")
            for element in elements:
                check_text(element, 3000)
        elif block["type"] == "actions":
            check_actions(block.get("elements") or [])


def check_text(text: dict[str, Any] | None, limit: int) -> None:
    if not text or text.get("type") not in ("mrkdwn", "plain_text"):
        raise RefusedError("invalid_blocks")
    if not 0 < len(text.get("text", "")) <= limit:
        raise RefusedError("invalid_blocks")


def check_actions(elements: list[dict[str, Any]]) -> None:
    if not 0 < len(elements) <= 25:
        raise RefusedError("invalid_blocks")
    identifiers = [element.get("action_id", "") for element in elements]
    if len(set(identifiers)) != len(identifiers):
        raise RefusedError("invalid_blocks")
    for element in elements:
        check_text(element.get("text"), 75)
        if len(element.get("action_id", "")) > 255 or len(element.get("value", "")) > 2000:
            raise RefusedError("invalid_blocks")
