"""A real HTTP server that answers what a test tells it to, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

LOST = 0
"""As a status: takes the request, body and all, and closes the connection without an answer."""

type Reply = tuple[int, object]


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: Any
    port: int  # of the client: the same for calls over one connection

    @property
    def key(self) -> str:
        return self.body["id"]


@dataclass
class Answering:
    """Gives `replies` in order and the last one for ever; one that can be called is asked."""

    url: str
    replies: list[Reply | Callable[[Asked], Reply]]
    asked: list[Asked] = field(default_factory=list[Asked])

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        reply = self.replies[min(len(self.asked), len(self.replies)) - 1]
        return cast("Reply", reply) if isinstance(reply, tuple) else reply(asked)

    @property
    def keys(self) -> list[str]:
        return [asked.key for asked in self.asked]


@contextmanager
def answering(*replies: Reply | Callable[[Asked], Reply]) -> Generator[Answering]:
    server = _Server(("127.0.0.1", 0), _Answers)
    server.told = Answering(f"http://127.0.0.1:{server.server_port}", list(replies))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    told: Answering


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.loads(raw) if raw else None
        asked = Asked(self.command, self.path, headers, body, self.client_address[1])
        assert isinstance(self.server, _Server)
        status, document = self.server.told.reply(asked)
        if status == LOST:
            self.close_connection = True
            return
        answer = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PATCH = do_DELETE = _answer

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""


def error(code: str, message: str = "no", **more: object) -> dict[str, Any]:
    """The body of a refusal."""
    reason = {"code": code, "message": message, "limit": "1", "value": "2"}
    said = {"code": code, "message": message, "reasons": [reason], "instruction_id": None}
    return {"error": said | more}


def unavailable(outcome: str) -> dict[str, Any]:
    return error("API-046", outcome=outcome)
