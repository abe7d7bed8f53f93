"""A user before a running server: commands in processes of their own, calls over a socket."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from omnivenue.client import Client
from servers import Home, Server, resting

SECONDS = 30


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Its last line on stdout."""
        return json.loads(self.out.splitlines()[-1])


class Answered(NamedTuple):
    status: int
    document: Any
    headers: dict[str, str]


class Desk:
    def __init__(self, home: Home, server: Server, folder: Path) -> None:
        self.home, self.server, self.folder = home, server, folder
        self._url = server.url

    def run(self, *argv: str, stdin: str = "") -> Said:
        more = {"OMNIVENUE_HOME": str(self.home.folder), "OMNIVENUE_TOKEN": "", "OMNIVENUE_URL": ""}
        done = subprocess.run(
            [sys.executable, "-m", "omnivenue", *argv],
            input=stdin.encode(),
            env={**os.environ, **more},
            cwd=self.folder,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answered:
        sent = {"authorization": f"Bearer {self.home.token}"}
        if body is not None:
            sent["content-type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body)
        data = raw.encode() if isinstance(raw, str) else raw
        kept = {name: value for name, value in sent.items() if value}
        asked = urllib.request.Request(self._url + path, data, kept, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=SECONDS) as reply:
                return _answered(reply.status, reply.read(), dict(reply.headers))
        except urllib.error.HTTPError as error:
            return _answered(error.code, error.read(), dict(error.headers))

    def client(self) -> Client:
        return Client(self._url, self.home.token)

    def order(self, **more: Any) -> str:
        """The id of one that rests far from the market."""
        with self.client() as client:
            return client.submit(resting(key()) | more)["order_id"]

    def twap(self) -> str:
        return self.order(algo={"name": "twap", "horizon_secs": 600, "interval_secs": 60})


def key() -> str:
    return f"k-{uuid4().hex}"


def _answered(status: int, raw: bytes, headers: dict[str, str]) -> Answered:
    kind = headers.get("content-type", "")
    document = json.loads(raw) if kind == "application/json" else raw.decode()
    return Answered(status, document, headers)
