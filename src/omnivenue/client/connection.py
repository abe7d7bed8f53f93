"""One kept-alive HTTP connection, which knows the difference that matters after a failure: whether
a request may have arrived."""

import http.client
import json
import socket
from typing import Any, NamedTuple, cast

from omnivenue.client.errors import Document
from omnivenue.client.place import Place

ANSWER_MAX = 256 * 2**20
"""An endless answer must not fill the memory."""


class Answer(NamedTuple):
    status: int
    document: Document | None  # None: no JSON object, so an answer of somebody else
    url: str


class NoAnswer(Exception):
    def __init__(self, why: str, url: str) -> None:
        super().__init__(why)
        self.url = url


class NeverLeft(NoAnswer):
    """There is no connection: nothing has left us."""


class Lost(NoAnswer):
    """It was sent, at least in part, and no answer came."""


class _ToSocket(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path, self._seconds = path, timeout

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self._seconds)
        self.sock.connect(self._path)


class Connection:
    def __init__(self, where: Place, timeout: float) -> None:
        kind = http.client.HTTPSConnection if where.is_secure else http.client.HTTPConnection
        self._http = (
            _ToSocket(where.socket, timeout)
            if where.socket
            else kind(where.host, where.port, timeout=timeout)
        )
        self._prefix, self._url = where.prefix, where.http_url
        self._headers = headers_for(where)

    def call(self, method: str, path: str, body: bytes | None) -> Answer:
        """Raises NeverLeft, Lost."""
        if self._http.sock is None:
            self._connect()
        headers = self._headers if body is None else self._headers | JSON
        try:
            self._http.request(method, self._prefix + path, body, headers)
            response = self._http.getresponse()
            raw = response.read(ANSWER_MAX + 1)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Lost(words(error), self._url) from error
        if len(raw) > ANSWER_MAX:
            self.close()
            raise Lost(f"the answer is larger than {ANSWER_MAX} bytes", self._url)
        return Answer(response.status, read_document(raw), self._url)

    def close(self) -> None:
        self._http.close()

    def _connect(self) -> None:
        try:
            self._http.connect()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise NeverLeft(words(error), self._url) from error


JSON = {"Content-Type": "application/json"}


def headers_for(where: Place) -> dict[str, str]:
    found = {"Accept": "application/json"}
    if where.token:
        found["Authorization"] = f"Bearer {where.token}"
    return found


def read_document(raw: bytes) -> Document | None:
    try:
        found: Any = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return cast("Document", found) if isinstance(found, dict) else None


def words(error: Exception) -> str:
    strerror = getattr(error, "strerror", None)
    return str(strerror or error) or type(error).__name__
