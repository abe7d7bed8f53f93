"""No secret gets out: a real server with a canary in every place that holds a secret, under load,
with refusals, faults, and calls by those who may not."""

import http.client
import json
import os
import secrets
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from canaries import Canaries, forms
from servers import BYBIT, OKX, Home, Server, at_market, eventually, resting

HOLDS_A_TOKEN = frozenset({"token"})
"""The first one, 0600: that is what the file is for."""

VENUE = """
[venues.{venue}]
kind = "sim"
api_key = "env:CANARY_KEY"
api_secret = "file:{file}"
api_passphrase = "keyring:omnivenue"
[venues.{venue}.faults]
reject = 20
bust = 10
duplicate = 20
disconnect = 2
"""
ACCOUNT = """
mode = "paper"
[accounts.main]
venues = ["BYBIT", "OKX"]
"""


def canary() -> str:
    return "canary" + secrets.token_urlsafe(24)


class Callers:
    """Everything that the server has ever answered, head and body."""

    def __init__(self, server: Server) -> None:
        self._place = urlsplit(server.url)
        self.replies = b""
        self.statuses: set[int] = set()

    def call(self, method: str, path: str, body: object = None, **headers: str) -> None:
        connection = http.client.HTTPConnection(str(self._place.hostname), self._place.port)
        raw = None if body is None else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, raw, {"Content-Type": "application/json", **sent})
        response = connection.getresponse()
        self.replies += str(response.headers).encode() + response.read()
        self.statuses.add(response.status)
        connection.close()


def verb(home: Home, *words: str) -> str:
    """A verb that says a token, and nothing else that it should not."""
    env = {**os.environ, "OMNIVENUE_HOME": str(home.folder)}
    told = subprocess.run(
        [sys.executable, "-m", "omnivenue", *words, "--json"],
        env=env,
        capture_output=True,
        check=True,
    )
    return str(json.loads(told.stdout).get("token"))


def trade(callers: Callers, token: str, first: int) -> None:
    """What goes well, what is refused, what is wrong, and what nobody may do."""
    bearer = f"Bearer {token}"
    for n in range(first, first + 12):
        make, venue = (resting, at_market)[n % 2], (BYBIT, OKX)[n % 3 % 2]
        callers.call("POST", "/v1/instructions", make(f"k{n}", venue), Authorization=bearer)
    much = resting(f"much{first}") | {"qty": "500"}
    callers.call("POST", "/v1/instructions", much, Authorization=bearer)
    callers.call("POST", "/v1/instructions", {"kind": "order"}, Authorization=bearer)
    callers.call("DELETE", "/v1/orders/k0", Authorization=bearer, Idempotency_Key=f"c{first}")
    callers.call("POST", "/v1/rearm", {"scope": "global", "reason": "x"}, Authorization=bearer)
    for path in ("orders", "fills", "positions", "balances", "pnl", "risk", "venues", "nothing"):
        callers.call("GET", f"/v1/{path}", Authorization=bearer)
    callers.call("GET", "/metrics", Authorization=bearer)


def intrude(callers: Callers, secret: str) -> None:
    """With what is a secret somewhere, only not here."""
    callers.call("GET", "/v1/orders", Authorization=f"Bearer {secret}")
    callers.call("GET", "/v1/orders", Authorization=f"Basic {secret}")
    callers.call("GET", "/v1/orders", Authorization=secret, Cookie=f"token={secret}")
    callers.call("GET", f"/v1/orders?token={secret}")
    callers.call("POST", "/v1/instructions", {"api_secret": secret}, X_Api_Key=secret)


@pytest.mark.covers("X1")
@pytest.mark.holds("I23", "T64")
def test_no_secret_is_in_anything_that_comes_out(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = {"key": canary(), "file": canary(), "ours": canary(), "intruder": canary()}
    file = tmp_path / "api_secret"
    file.write_text(planted["file"])
    file.chmod(0o600)
    monkeypatch.setenv("CANARY_KEY", planted["key"])
    monkeypatch.setenv("PRIVATE_KEY", planted["ours"])
    venues = [VENUE.format(venue=venue, file=file) for venue in ("BYBIT", "OKX")]
    home.config.write_text(ACCOUNT + "".join(venues))

    server = home.serve().healthy()
    planted["admin"] = home.token
    planted["trade"] = verb(home, "token", "create", "--scope", "trade", "--name", "trader")
    callers = Callers(server)
    eventually(lambda: server.client().venues())
    trade(callers, planted["trade"], 0)
    trade(callers, planted["admin"], 100)
    for secret in planted.values():
        intrude(callers, secret)
    verb(home, "token", "revoke", "trader")
    canaries = Canaries(planted)
    assert canaries.in_arguments() == []
    eventually((home.paper / "logs" / "orders.log").exists)
    server.kill()  # in the middle, for what a crash leaves lying about
    assert canaries.in_files(home.folder, HOLDS_A_TOKEN) == []
    again = home.serve().healthy()
    callers_again = Callers(again)
    trade(callers_again, planted["admin"], 200)
    assert canaries.in_arguments() == []
    ended = again.stop()
    assert ended.code == 0
    assert canaries.heard(callers.replies + callers_again.replies) == []
    assert {200, 202, 401, 403, 404, 422} <= callers.statuses
    assert canaries.in_files(home.folder, HOLDS_A_TOKEN) == []
    outside = [home.config, *home.folder.parent.glob("server-*.log")]
    assert len(outside) == 3
    for path in outside:
        assert canaries.heard(path.read_bytes()) == [], path
    looked_at = {path.name for path in home.folder.rglob("*") if path.is_file()}
    assert {"journal.db", "views.db", "orders.log", "server.log"} <= looked_at


@pytest.mark.holds("I23")
def test_a_secret_in_the_wrong_place_of_the_configuration_is_not_told(
    home: Home, tmp_path: Path
) -> None:
    secret = canary()
    home.config.write_text(ACCOUNT + f'[venues.BYBIT]\nkind = "sim"\napi_key = "{secret}"\n')
    for words in (("serve", "--port", "0"), ("config", "check"), ("config", "show")):
        done = subprocess.run(
            [sys.executable, "-m", "omnivenue", *words, "--json", "--config", str(home.config)],
            env={**os.environ, "OMNIVENUE_HOME": str(home.folder)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 2
        assert b"api_key" in done.stdout + done.stderr
        assert Canaries({"key": secret}).heard(done.stdout + done.stderr) == []


def test_a_canary_is_heard_in_whatever_form(tmp_path: Path) -> None:
    """Else silence would prove nothing."""
    secret = canary() + "/+"
    canaries = Canaries({"it": secret})
    raw = secret.encode()
    for before in (b"", b"x", b"xy", b"xyz"):
        assert canaries.heard(b"..." + b64encode(before + raw + b" after") + b"...") == ["it"]
    for form in forms(secret):
        assert canaries.heard(b"<" + form + b">") == ["it"]
    assert canaries.heard(raw[:-1]) == []
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    (folder / "x.log").write_bytes(b"1\n" + raw)
    (folder / "token").write_bytes(raw)
    assert canaries.in_files(tmp_path, HOLDS_A_TOKEN) == [f"it in {folder / 'x.log'}"]
    sleeper = subprocess.Popen([sys.executable, "-c", "input()", secret], stdin=subprocess.PIPE)
    try:
        shown = eventually(canaries.in_arguments)
    finally:
        sleeper.kill()
        sleeper.communicate()
    assert shown == [f"it in the arguments of {sleeper.pid}"]
