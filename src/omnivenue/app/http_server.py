"""uvicorn inside our event loop: it serves, and we decide when it stops."""

import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import uvicorn

from omnivenue.api import Asgi

BACKLOG = 512
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class PortTaken(Exception):
    """Somebody else listens there."""


class HttpServer(uvicorn.Server):
    """Leaves signals to us: an orderly stop has more to do than to close connections."""

    def __init__(self, app: Asgi) -> None:
        super().__init__(
            uvicorn.Config(
                cast(Any, app),
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """Bound and not yet accepting. Port 0 takes any free one. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise PortTaken(
            f"cannot listen on {host}:{port}: {error.strerror}. If another program has the port "
            "(Ethereum nodes like 8545), choose one with --port"
        ) from error
