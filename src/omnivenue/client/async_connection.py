"""The connections of an asynchronous client, which knows the same difference after a failure as the
other one: whether a request may have arrived."""

import os

import aiohttp
from yarl import URL

from omnivenue.client.connection import (
    ANSWER_MAX,
    JSON,
    Answer,
    Lost,
    NeverLeft,
    headers_for,
    read_document,
    words,
)
from omnivenue.client.place import Place

CONNECTIONS_MAX = 64
"""More calls at once wait for one another."""


class AsyncConnection:
    """Several calls at once, each over a connection of its own. Made inside of a running loop."""

    def __init__(self, where: Place, timeout: float) -> None:
        self.calls = 0  # under way
        self._url = where.http_url  # as it is said
        self._base = f"http://{where.authority}" if where.socket else where.http_url
        self._session = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(where.socket, limit=CONNECTIONS_MAX)
            if where.socket
            else aiohttp.TCPConnector(limit=CONNECTIONS_MAX),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers_for(where),
            timeout=aiohttp.ClientTimeout(total=None, connect=timeout, sock_read=timeout),
        )

    async def call(self, method: str, path: str, body: bytes | None) -> Answer:
        """Raises NeverLeft, Lost."""
        headers = None if body is None else JSON
        url = URL(self._base + path, encoded=True)
        self.calls += 1
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, allow_redirects=False
            ) as response:
                parts: list[bytes] = []
                left = ANSWER_MAX
                async for part in response.content.iter_any():
                    parts.append(part)
                    left -= len(part)
                    if left < 0:
                        raise Lost(f"the answer is larger than {ANSWER_MAX} bytes", self._url)
                return Answer(response.status, read_document(b"".join(parts)), self._url)
        except aiohttp.ClientConnectorError as error:
            why = os.strerror(error.errno) if error.errno else words(error.os_error)
            raise NeverLeft(why, self._url) from error
        except aiohttp.ConnectionTimeoutError as error:
            raise NeverLeft("no connection in time", self._url) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Lost(words(error), self._url) from error
        finally:
            self.calls -= 1

    async def close(self) -> None:
        await self._session.close()
