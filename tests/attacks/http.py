"""Attacks on Slack's port over HTTP, read from `http.jsonl`, and what sends them byte for byte.

A line has `what`, `kind` (content type), `timestamp` ("now", "now-301", a literal, null for no header),
`signature` ("right", "none", a name below, or a literal), `body` (or `hex`, or `repeat`: text and count, or
`nested`: levels), `status` (those that will do), and may have `method`, `path`, `chunked`, `twice` (a header that
is sent twice). `{internal}` in a body is the port of a server that nobody may reach.
"""

import hashlib
import hmac
import json
import re
import socket
import time
from pathlib import Path
from typing import Any

from tests.slack.server import SIGNING_SECRET

FILE = Path(__file__).parent / "http.jsonl"
HttpAttack = dict[str, Any]


def read_http_attacks() -> list[HttpAttack]:
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def sign(body: bytes, timestamp: str, secret: str = SIGNING_SECRET) -> str:
    signed = f"v0:{timestamp}:".encode("latin-1", "replace") + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def body_of(attack: HttpAttack, internal: int) -> bytes:
    if "hex" in attack:
        return bytes.fromhex(attack["hex"])
    if "repeat" in attack:
        text, count = attack["repeat"]
        return text.encode() * count
    if "nested" in attack:
        levels = attack["nested"]
        inner = '{"a":' * levels + "1" + "}" * levels
        return b'{"type":"url_verification","challenge":"c","more":' + inner.encode() + b"}"
    return str(attack["body"]).replace("{internal}", str(internal)).encode()


def headers_of(attack: HttpAttack, body: bytes) -> list[tuple[str, str]]:
    headers = [("Host", "bot"), ("Content-Type", attack["kind"])]
    timestamp = attack["timestamp"]
    if timestamp is not None and (match := re.fullmatch(r"now([+-]\d+)?", timestamp)):
        timestamp = str(int(time.time()) + int(match[1] or 0))
    right = sign(body, timestamp or "")
    named = {
        "right": right, "upper": right.upper(), "prefix": right[:40],
        "of another secret": sign(body, timestamp or "", "another"),
        "of another body": sign(body + b" ", timestamp or ""),
        "of another time": sign(body, str(int(time.time()) - 7)),
        "right, with a blank": right[:30] + " " + right[30:],
        "with the placeholder secret": sign(body, timestamp or "", "unused in socket mode"),
        "with an empty secret": sign(body, timestamp or "", ""),
    }  # fmt: skip
    signature = named.get(attack["signature"], attack["signature"])
    if timestamp is not None:
        headers.append(("X-Slack-Request-Timestamp", timestamp))
    if signature != "none":
        headers.append(("X-Slack-Signature", signature))
    twice = attack.get("twice")
    return headers + [one for one in headers if twice and twice in one[0].lower()]


def send(port: int, attack: HttpAttack, internal: int = 9, seconds: float = 10) -> int:
    """Sends an attack; returns the status, 0 where the connection was ended without one."""
    body = body_of(attack, internal)
    headers = headers_of(attack, body)
    pieces = [body]
    if attack.get("chunked"):
        headers.append(("Transfer-Encoding", "chunked"))
        cuts = [body[start : start + 65536] for start in range(0, len(body), 65536)]
        pieces = [b"%x\r\n%b\r\n" % (len(cut), cut) for cut in cuts] + [b"0\r\n\r\n"]
    else:
        headers.append(("Content-Length", str(len(body))))
    method, path = attack.get("method", "POST"), attack.get("path", "/slack/events")
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    # What is no Latin-1 goes out as UTF-8: a header is bytes.
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as line:
        try:
            for piece in (head, *pieces):
                line.sendall(piece)
        except OSError:
            pass  # The answer may be there already.
        return read_status(line)


def read_status(line: socket.socket) -> int:
    """Returns the status of the answer that is on its way, 0 for none."""
    begun = b""
    try:
        while len(begun) < 12:
            piece = line.recv(12 - len(begun))
            if not piece:
                return 0
            begun += piece
    except OSError:
        return 0
    return int(begun[9:12])
