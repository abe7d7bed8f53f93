"""Where a client connects, and as whom: looked up anew for each connection, so that a client
outlives a server that comes back elsewhere."""

import os
from typing import NamedTuple
from urllib.parse import urlsplit

from omnivenue.client import find
from omnivenue.client.errors import Invalid, Unauthorized

UNIX = "unix:"


class Place(NamedTuple):
    is_secure: bool
    host: str
    port: int | None
    prefix: str  # of every path, without a slash at its end
    token: str | None
    socket: str = ""  # a file on this machine, in place of host and port

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def http_url(self) -> str:
        if self.socket:
            return UNIX + self.socket
        return f"http{'s' if self.is_secure else ''}://{self.authority}{self.prefix}"

    @property
    def stream_url(self) -> str:
        return f"ws{'s' if self.is_secure else ''}://{self.authority}{self.prefix}/v1/stream"


def place(url: str | None, token: str | None) -> Place:
    """`url` may be `unix:` and the path of a server's socket. Raises Invalid for one that is none,
    Unauthorized for a token that is none."""
    used = url or find.url(os.environ)
    secret = token or find.token(os.environ)
    if secret and not (secret.isascii() and secret.isprintable()):
        raise Unauthorized(message="the token has characters that no token has")
    if used.startswith(UNIX):
        return Place(False, "localhost", None, "", secret, used.removeprefix(UNIX))
    try:
        return _place(used, secret)
    except ValueError as error:
        raise Invalid("CLIENT-004", message=str(error)) from error


def _place(url: str, token: str | None) -> Place:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url!r} must be http://host:port or https://host:port")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("the URL must bring no user, no query and no fragment")
    if " " in parts.hostname or not parts.hostname.isprintable():
        raise ValueError(f"{parts.hostname!r} is no name of a host")
    prefix = parts.path.rstrip("/")
    return Place(parts.scheme == "https", parts.hostname, parts.port, prefix, token)
