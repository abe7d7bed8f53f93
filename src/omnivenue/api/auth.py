"""The one place that lets anybody in. Whatever is not allowed here is refused.

Loopback is not trusted: browsers, other users and containers reach it too. So a call must name a
host that is ours (against DNS rebinding), come from a page of ours or from no page at all (there
are no cookies, and no CORS), and bring a token of this mode with a scope that is wide enough.
"""

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

import msgspec

from omnivenue.api.answer import Answer, refusal
from omnivenue.api.lockout import Lockout
from omnivenue.api.routes import Route
from omnivenue.api.scope import Scope
from omnivenue.api.tokens import Token, TokenTable
from omnivenue.model import Nanos
from omnivenue.wire import ErrorCode

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SPELLINGS_MAX = 64
_CHALLENGE = ((b"www-authenticate", b"Bearer"),)


class Principal(msgspec.Struct, frozen=True):
    """Who calls, as the journal will name it. Made by `admit` and nowhere else."""

    name: str


class Gatekeeper:
    def __init__(self, tokens: TokenTable, hosts: Collection[str] = ()) -> None:
        """`hosts`: names beside the loopback's under which we may be called, without port."""
        self._tokens = tokens
        self._hosts = LOOPBACK | {host.lower() for host in hosts}
        self._seen: set[str] = set()  # as it was spelled, with or without a port
        self._lockout = Lockout()

    def foreign(self, headers: Mapping[str, str]) -> Answer | None:
        """Refuses a host or a page that is not ours: for public routes and WebSockets too."""
        host = headers.get("host", "")
        if host not in self._seen:
            if self._hostname(f"//{host}") not in self._hosts:
                return refusal(ErrorCode.FORBIDDEN, "the Host header names no host of ours")
            if len(self._seen) < SPELLINGS_MAX:
                self._seen.add(host)
        origin = headers.get("origin")
        if origin is not None and not self._is_ours(origin):
            return refusal(ErrorCode.FORBIDDEN, "the Origin header names a page that is not ours")
        return None

    def admit(
        self, route: Route, headers: Mapping[str, str], peer: str, now: Nanos
    ) -> Principal | Answer:
        if route.scope is Scope.PUBLIC:
            return Principal("")
        kind, _, secret = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secret:
            text = "a token is needed: send the header Authorization: Bearer <token>"
            return refusal(ErrorCode.UNAUTHORIZED, text, headers=_CHALLENGE)
        token = self._tokens.find(secret.strip(), now)
        if token is None:
            return self._unknown(peer, now)
        return self._within_scope(token, route)

    def _within_scope(self, token: Token, route: Route) -> Principal | Answer:
        if token.scope.allows(route.scope):
            return Principal(f"token:{token.name}")
        text = (
            f"{route.method} {route.path} needs the scope {route.scope.value}; "
            f"the token {token.name} has {token.scope.value}"
        )
        return refusal(ErrorCode.FORBIDDEN, text)

    def _unknown(self, peer: str, now: Nanos) -> Answer:
        seconds = self._lockout.failed(peer, now)
        if seconds:
            text = f"too many calls with bad tokens: wait {seconds} seconds"
            after = (b"retry-after", str(seconds).encode())
            return refusal(ErrorCode.TOO_MANY, text, headers=(after,))
        text = "the token is not known in this mode"
        return refusal(ErrorCode.UNAUTHORIZED, text, headers=_CHALLENGE)

    def _is_ours(self, origin: str) -> bool:
        scheme, _, rest = origin.partition("://")
        return scheme.lower() in {"http", "https"} and self._hostname(f"//{rest}") in self._hosts

    @staticmethod
    def _hostname(url: str) -> str | None:
        """Lower case, without port. None where it is none, or brings a user or a path along."""
        try:
            parts = urlsplit(url)
            parts.port  # noqa: B018  # raises where the port is none
        except ValueError:
            return None
        return parts.hostname if url == f"//{parts.netloc}" and "@" not in url else None
