"""Attacks on fetching: addresses that must be refused, and servers that mean no good."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "fetching.jsonl"


@dataclass(frozen=True)
class Server:
    """What a server sends after the first bytes of a request: `send`, then `again` without end."""

    send: tuple[bytes, ...]
    again: bytes
    every: float
    tls: bool


@dataclass(frozen=True)
class Attack:
    """An address, or a server that is asked; `reason` is a pattern of what a person is told."""

    what: str
    reason: str
    url: str = ""
    server: Server | None = None


def read_attacks() -> list[Attack]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [_attack(json.loads(line)) for line in lines]


def _attack(entry: dict[str, Any]) -> Attack:
    server = entry.get("server")
    return Attack(
        entry["what"], entry["reason"], _text(entry.get("url", "")),
        Server(
            tuple(_bytes(part) for part in server["send"]), _bytes(server["again"] or ""),
            server["every"], server["tls"],
        )
        if server
        else None,
    )  # fmt: skip


def _text(parts: str | list[tuple[str, int]]) -> str:
    """A text, or parts of it with how often each comes."""
    return parts if isinstance(parts, str) else "".join(part * times for part, times in parts)


def _bytes(parts: str | list[tuple[str, int]]) -> bytes:
    return _text(parts).encode("latin-1")


@contextmanager
def serving(server: Server, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Runs a hostile server on loopback, over a real TLS with `tls`; yields the address of its page."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)

        def listen() -> None:
            while not ended.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    continue
                threading.Thread(
                    target=_answer, args=(connection, server, ended, tls), daemon=True
                ).start()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        scheme = "https" if server.tls or tls else "http"
        try:
            yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            ended.set()
            thread.join(5)


def _answer(
    plain: socket.socket, server: Server, ended: threading.Event, tls: ssl.SSLContext | None
) -> None:
    with plain:
        try:
            connection = tls.wrap_socket(plain, server_side=True) if tls else plain
            connection.recv(65536)
            for part in server.send:
                connection.sendall(part)
            while server.again and not ended.is_set():
                connection.sendall(server.again)
                time.sleep(server.every)
            if not server.send:
                ended.wait(30)
            if tls:
                connection.close()
        except OSError:
            return
