"""Chat providers on loopback: they replay recordings, and refuse what the real ones refuse.

The recordings are written after the providers' API references, not taken from them: there
is no key here. https://platform.openai.com/docs/api-reference/chat,
https://docs.claude.com/en/api/messages-streaming, https://docs.ollama.com/api/chat
"""

import asyncio
import json
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

RECORDINGS = Path(__file__).parent / "recordings"
KEY = "sk-loopback-0123456789"
_TYPES = {
    ".sse": "text/event-stream",
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
}
# Keywords that OpenAI's strict schemas and Anthropic's tools do not take.
_NOT_STRICT = {"minLength", "maxLength"}
Script = Callable[[str], dict[str, Any]]


@dataclass
class Replay:
    """A recording to be played: `name` tells its status, `gate` is waited for half way."""

    name: str
    headers: dict[str, str]
    gate: threading.Event | None = None
    silence: float = 0.0


class Providers:
    """Answers chat requests with what was put in line, or as `script` says.

    `script` is given what the model would read and returns the draft it writes.
    """

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[dict[str, Any]] = []
        self.script: Script | None = None
        # What is sent, piece by piece, in the place of an answer; it need not have an end.
        self.stream: Callable[[], AsyncIterator[bytes]] | None = None
        self._line: list[Replay] = []
        self.app = Starlette(
            routes=[
                Route("/openai/v1/chat/completions", self._openai, methods=["POST"]),
                Route("/anthropic/v1/messages", self._anthropic, methods=["POST"]),
                Route("/ollama/api/chat", self._ollama, methods=["POST"]),
            ]
        )

    def play(self, *names: str, gate: threading.Event | None = None, silence: float = 0.0,
             **headers: str) -> None:  # fmt: skip
        """Puts recordings in line, one for each request to come."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self._line += [Replay(name, sent, gate, silence) for name in names]

    @property
    def read(self) -> list[str]:
        """What each request made the model read."""
        return [_text_of(request) for request in self.requests]

    async def _openai(self, request: Request) -> Response:
        body = await request.json()
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return await _recorded(Replay("openai/401-key.json", {}), 401)
        fault = _openai_fault(body)
        if fault:
            error = {"message": fault, "type": "invalid_request_error", "code": None}
            return JSONResponse({"error": error}, 400)
        return await self._answer(body)

    async def _anthropic(self, request: Request) -> Response:
        body = await request.json()
        keys = (request.headers.get("x-api-key"), request.headers.get("authorization"))
        if KEY not in keys and f"Bearer {KEY}" not in keys:
            return await _recorded(Replay("anthropic/401-key.json", {}), 401)
        fault = _anthropic_fault(body, request.headers.get("anthropic-version"))
        if fault:
            error = {"type": "invalid_request_error", "message": fault}
            return JSONResponse({"type": "error", "error": error}, 400)
        return await self._answer(body)

    async def _ollama(self, request: Request) -> Response:
        return await self._answer(await request.json())

    async def _answer(self, body: dict[str, Any]) -> Response:
        self.requests.append(body)
        if self.stream is not None:
            return StreamingResponse(self.stream(), media_type=_TYPES[".sse"])
        if self._line:
            replay = self._line.pop(0)
            status = replay.name.rpartition("/")[2].partition("-")[0]
            return await _recorded(replay, int(status) if status.isdigit() else 200)
        if self.script is None:
            return JSONResponse({"error": {"message": "nothing is in line"}}, 500)
        draft = json.dumps(self.script(_text_of(body)), ensure_ascii=False)
        return Response(_as_openai(draft), media_type=_TYPES[".sse"])


async def _recorded(replay: Replay, status: int) -> Response:
    path = RECORDINGS / replay.name
    media_type = _TYPES[path.suffix]
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        await asyncio.sleep(replay.silence)
        return Response(text, status, replay.headers, media_type)
    return StreamingResponse(_played(text, replay), status, replay.headers, media_type)


def _played(text: str, replay: Replay) -> Iterator[str]:
    """The recording in its events; half way it waits for its gate, or falls silent."""
    events = text.splitlines(keepends=True)
    # The second of three statements has just begun.
    middle = int(len(events) * 0.55)
    yield "".join(events[:middle])
    if replay.gate:
        replay.gate.wait(20)
    time.sleep(replay.silence)
    yield "".join(events[middle:])


def _openai_fault(body: dict[str, Any]) -> str:
    if not body.get("model") or not body.get("messages"):
        return "you must provide a model parameter and messages"
    if body.get("stream") and not body.get("stream_options", {}).get("include_usage"):
        return "this test wants usage to be asked for"
    form = body.get("response_format") or {}
    if form.get("type") == "json_schema":
        schema = form["json_schema"].get("schema")
        if not schema or not form["json_schema"].get("name"):
            return "Missing required parameter: 'response_format.json_schema'"
        return _strictness_fault(schema) if form["json_schema"].get("strict") else ""
    names = [tool["function"]["name"] for tool in body.get("tools", [])]
    chosen = body.get("tool_choice", {}).get("function", {}).get("name")
    return "" if chosen in names else "tool_choice names no tool, and there is no response_format"


def _strictness_fault(schema: Any) -> str:
    """OpenAI's strict mode: every property required, no others allowed, few keywords."""
    if isinstance(schema, list):
        return next((fault for part in schema if (fault := _strictness_fault(part))), "")
    if not isinstance(schema, dict):
        return ""
    if _NOT_STRICT & schema.keys():
        return f"Invalid schema: {_NOT_STRICT & schema.keys()} is not permitted"
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            return (
                "Invalid schema: 'additionalProperties' is required to be supplied and to be false"
            )
        if set(schema["properties"]) != set(schema.get("required", [])):
            return "Invalid schema: 'required' must include every key in properties"
    return _strictness_fault(list(schema.values()))


def _anthropic_fault(body: dict[str, Any], version: str | None) -> str:
    if not re.fullmatch(r"20\d\d-\d\d-\d\d", version or ""):
        return "anthropic-version: header is required"
    if not isinstance(body.get("max_tokens"), int):
        return "max_tokens: Field required"
    if any(message["role"] not in ("user", "assistant") for message in body["messages"]):
        return "messages: Unexpected role; use the top-level system parameter"
    names = [tool["name"] for tool in body.get("tools", [])]
    chosen = body.get("tool_choice", {}).get("name")
    return "" if chosen in names else "tool_choice: Tool not found in provided tools"


def _text_of(body: dict[str, Any]) -> str:
    """All that a request says, whichever its shape."""
    said = [body.get("system", ""), *(message["content"] for message in body["messages"])]
    return "\n\n".join(part if isinstance(part, str) else json.dumps(part) for part in said)


def _as_openai(draft: str) -> str:
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "scripted"}
    deltas = [
        {"role": "assistant", "content": draft[at : at + 40]} for at in range(0, len(draft), 40)
    ]
    choices = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    events = [chunk | {"choices": [choice]} for choice in choices]
    events.append(chunk | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    events.append(chunk | {"choices": [], "usage": usage})
    lines = [json.dumps(event, ensure_ascii=False) for event in events]
    return "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"])
