"""Where the server is and what opens it: the environment, else what the server left behind.

Looked up again for each connection, so that a client outlives a server that comes back elsewhere.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omnivenue.client.errors import Unauthorized
from omnivenue.environ import HOST, PORT, home, mode_of, named

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8001
SERVER_FILE, TOKEN_FILE, SOCKET = "server.json", "token", "socket"


def folder(environ: Mapping[str, str]) -> Path:
    """`<home>/<mode>`: the variable that sets the server's mode says whose files are read."""
    return home(environ, Path.home()) / mode_of(environ)


def url(environ: Mapping[str, str]) -> str:
    return environ.get("OMNIVENUE_URL") or running(folder(environ)) or configured(environ)


def configured(environ: Mapping[str, str], host: str | None = None, port: int | None = None) -> str:
    """Where a server would be that the same environment starts, or this much of it."""
    ours = named(environ)
    host = host or ours.get(HOST) or DEFAULT_HOST
    where = port or ours.get(PORT) or DEFAULT_PORT
    return f"http://[{host}]:{where}" if ":" in host else f"http://{host}:{where}"


def token(environ: Mapping[str, str]) -> str | None:
    """None where there is none, which is right for public calls. Raises Unauthorized."""
    given = environ.get("OMNIVENUE_TOKEN")
    if given:
        return given.strip()
    path = folder(environ) / TOKEN_FILE
    try:
        return path.read_text().strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Unauthorized(message=f"the token in {path} cannot be read: {error}") from error


def socket(environ: Mapping[str, str]) -> str | None:
    """As a URL: the socket of this mode's server, which nobody but its user can come near."""
    path = folder(environ) / SOCKET
    return f"unix:{path}" if not environ.get("OMNIVENUE_URL") and path.is_socket() else None


def running(where: Path) -> str | None:
    """The URL that a server of this mode wrote down, if that server still runs: whoever has its
    port now must not be told our token."""
    try:
        said: Any = json.loads((where / SERVER_FILE).read_text())
        os.kill(int(said["pid"]), 0)
        return str(said["url"])
    except PermissionError:
        return None  # a process of somebody else has its number now
    except (OSError, ValueError, TypeError, KeyError):
        return None
