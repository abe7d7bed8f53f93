"""One kept-alive HTTP connection, which knows the difference that matters after a failure: whether
a request may have arrived."""

import http.client
import json
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from omnivenue.client.errors import Document

ANSWER_MAX = 256 * 2**20
"""An endless answer must not fill the memory."""


class Answer(NamedTuple):
    status: int
    document: Document | None  # None: no JSON object, so an answer of somebody else


class NeverLeft(Exception):
    """There is no connection: nothing has left us."""


class Lost(Exception):
    """It was sent, at least in part, and no answer came."""


class Connection:
    def __init__(self, url: str, token: str | None, timeout: float) -> None:
        """Raises ValueError for what is no URL of ours."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url!r} must be http://host:port or https://host:port")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError("the URL must bring no user, no query and no fragment")
        is_secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
        self._http = kind(parts.hostname, parts.port, timeout=timeout)
        self._prefix = parts.path.rstrip("/")
        self._headers = {"Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, body: bytes | None) -> Answer:
        """Raises NeverLeft, Lost."""
        if self._http.sock is None:
            self._connect()
        headers = self._headers if body is None else self._headers | _JSON
        try:
            self._http.request(method, self._prefix + path, body, headers)
            response = self._http.getresponse()
            raw = response.read(ANSWER_MAX + 1)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Lost(_words(error)) from error
        if len(raw) > ANSWER_MAX:
            self.close()
            raise Lost(f"the answer is larger than {ANSWER_MAX} bytes")
        return Answer(response.status, _document(raw))

    def close(self) -> None:
        self._http.close()

    def _connect(self) -> None:
        try:
            self._http.connect()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise NeverLeft(_words(error)) from error


_JSON = {"Content-Type": "application/json"}


def _document(raw: bytes) -> Document | None:
    try:
        found: Any = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return cast("Document", found) if isinstance(found, dict) else None


def _words(error: Exception) -> str:
    strerror = getattr(error, "strerror", None)
    return str(strerror or error) or type(error).__name__
