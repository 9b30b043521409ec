"""What Slack's requests must hold before a listener reads them: the shape of the envelope.

https://docs.slack.dev/apis/events-api, /interactivity/handling-user-interaction,
/interactivity/implementing-slash-commands
"""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from slack_bolt import BoltContext
from slack_bolt.request import BoltRequest
from slack_bolt.request import payload_utils as bolt
from slack_bolt.request.internals import build_context

# Slack's deepest, rich text in a list in a quote in an attachment, has about twenty levels.
_MAX_DEPTH = 64
_Name = Annotated[str, Field(min_length=1, max_length=500)]


class MalformedError(Exception):
    """A signed request is not one that Slack sends; the message says why, without its text."""


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)


class _Identified(_Shape):
    id: _Name


class _Event(_Shape):
    type: _Name


class _Said(_Event):
    channel: _Name
    ts: _Name
    user: str | None = None
    text: str | None = None
    thread_ts: str | None = None
    bot_id: str | None = None
    subtype: str | None = None
    channel_type: str | None = None


class _Written(_Shape):
    ts: _Name
    user: str | None = None
    text: str | None = None
    subtype: str | None = None


class _Message(_Said):
    # An edit or a deletion has its own times and texts inside.
    ts: str | None = None  # type: ignore[assignment]
    message: _Written | None = None
    previous_message: _Written | None = None
    deleted_ts: str | None = None


class _HomeOpened(_Event):
    user: _Name
    usage: str | None = None


class _Thread(_Shape):
    channel_id: _Name
    thread_ts: _Name


class _ThreadEvent(_Event):
    assistant_thread: _Thread


class _EventCallback(_Shape):
    event_id: _Name
    team_id: str | None = None
    event: dict[str, Any]


class _UrlVerification(_Shape):
    challenge: str


class _Command(_Shape):
    command: Annotated[str, Field(pattern="^/")]
    user_id: _Name
    channel_id: _Name
    trigger_id: _Name
    response_url: _Name
    team_id: str | None = None
    text: str = ""


class _Interaction(_Shape):
    user: _Identified
    trigger_id: str | None = None
    response_url: str | None = None
    team: _Identified | None = None
    channel: _Identified | None = None


class _Pressed(_Shape):
    action_id: _Name
    type: _Name
    value: str | None = None


class _BlockActions(_Interaction):
    trigger_id: _Name
    actions: Annotated[list[_Pressed], Field(min_length=1)]


class _MessageAction(_Interaction):
    trigger_id: _Name
    callback_id: _Name
    channel: _Identified
    message: _Written


class _ViewState(_Shape):
    values: dict[str, dict[str, Any]]


class _View(_Shape):
    type: _Name
    id: str | None = None
    callback_id: str
    private_metadata: str = ""
    state: _ViewState


class _ViewSubmission(_Interaction):
    view: _View


_BY_TYPE: Mapping[str, type[BaseModel]] = {
    "event_callback": _EventCallback,
    "url_verification": _UrlVerification,
    "app_rate_limited": _Event,
    "block_actions": _BlockActions,
    "message_action": _MessageAction,
    "view_submission": _ViewSubmission,
}
_BY_EVENT: Mapping[str, type[BaseModel]] = {
    "app_mention": _Said,
    "message": _Message,
    "app_home_opened": _HomeOpened,
    "assistant_thread_started": _ThreadEvent,
    "assistant_thread_context_changed": _ThreadEvent,
}


# What Bolt reads out of every request before it calls a middleware or an error handler.
_BOLTS_OWN = (
    bolt.to_options, bolt.to_shortcut, bolt.to_action, bolt.to_view, bolt.to_command,
    bolt.to_event, bolt.to_message, bolt.to_step,
)  # fmt: skip


def read_request(body: bytes, headers: Mapping[str, str], query: str = "") -> BoltRequest:
    """Returns a signed request as Bolt takes it. Raises `MalformedError`."""
    try:
        text = body.decode("utf-8")
        request = BoltRequest(body=text, query=query, headers=dict(headers))
        _mend_command(request, text)
    except UnicodeDecodeError:
        raise MalformedError("no UTF-8") from None
    except RecursionError:
        raise MalformedError("nested too deeply") from None
    # Bolt reads into the body at once, and says in no certain way what it did not find there.
    except (ValueError, TypeError, AttributeError, LookupError):
        raise MalformedError("no JSON object") from None
    check_payload(request.body)
    try:
        for read in _BOLTS_OWN:
            read(request.body)
    except (ValueError, TypeError, AttributeError, LookupError):
        raise MalformedError("not as Bolt reads it") from None
    return request


def _mend_command(request: BoltRequest, text: str) -> None:
    """Bolt takes a command that only speaks of a "payload" for an interaction without one."""
    fields = {} if request.body else dict(parse_qsl(text, keep_blank_values=True))
    if "command" in fields:
        request.body, request.context = fields, build_context(BoltContext({}), fields)


def check_payload(payload: Any) -> None:
    """Raises `MalformedError` when a payload lacks what listeners read, or is nested without end."""
    if not isinstance(payload, dict):
        raise MalformedError("no JSON object")
    if _is_deeper(payload, _MAX_DEPTH):
        raise MalformedError("nested too deeply")
    if payload.get("ssl_check") == "1":
        return
    if "command" in payload:
        _check(payload, _Command, "command")
        return
    kind = payload.get("type")
    if not isinstance(kind, str) or not kind:
        raise MalformedError("no type")
    _check(payload, _BY_TYPE.get(kind, _Interaction), kind if kind in _BY_TYPE else "interaction")
    if kind == "event_callback":
        event = payload["event"]
        named = event.get("type")
        known = _BY_EVENT.get(named, _Event) if isinstance(named, str) else _Event
        _check(event, known, "event")


def _check(payload: dict[str, Any], shape: type[BaseModel], name: str) -> None:
    try:
        shape.model_validate(payload)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise MalformedError(f"{name}: {place}: {first['type']}") from None


def _is_deeper(value: Any, levels: int) -> bool:
    """Says whether lists and objects are nested more than `levels` deep; walks level by level."""
    layer = [value]
    for _ in range(levels):
        layer = [
            inner
            for outer in layer
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not layer:
            return False
    return True
