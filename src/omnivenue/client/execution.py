"""The client of an older execution server, with its names: a trade on a chain as one call.

Its programs make one of these, hand it a route and read `success`, `mode` and `error`; some await
what it returns and some do not, so what it returns is a dict that can be awaited. What happens on a
chain is not built yet: the server says so, and that comes back as a failure like any other.
"""

import os
from collections.abc import Generator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from omnivenue.client import calls, find
from omnivenue.client.client import Client
from omnivenue.client.errors import Document, OmnivenueError, Unknown, Unreachable


class Outcome(dict[str, Any]):
    """A dict, for those who await it as well. It is there when it is returned."""

    def __await__(self) -> Generator[None, None, "Outcome"]:
        return self
        yield


class Execution:
    """Blocks while it sends. Not for several threads at once."""

    def __init__(
        self,
        host: str | None = None,
        port: int | None = None,
        mode: str = "PAPER",
        *,
        token: str | None = None,
    ) -> None:
        """Without host and port: the server that a Client finds. `mode` is what the caller
        believes; the server's own is taken when it is met."""
        url = None
        if host is not None or port is not None:
            url = find.configured(os.environ, host, port)
        self.mode = mode.upper()
        self._client = Client(url, token)
        self._sent = self._succeeded = self._failed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def initialize(self) -> Outcome:
        """Meets the server, and takes its mode. `success` says whether there is one."""
        try:
            health = self._client.health()
        except OmnivenueError as error:
            return self._failure(error)
        self.mode = str(health["mode"])
        return Outcome(success=True, mode=self.mode, health=health)

    def submit_trade(
        self,
        chain_id: int,
        token: str,
        amount: str | int,
        flash_source: int,
        protocols: Sequence[int],
        routers: Sequence[str],
        path: Sequence[str],
        extras: Sequence[bytes | str],
        expected_profit: float = 0.0,
        *,
        operation_id: str | None = None,
    ) -> Outcome:
        """`amount` in the token's smallest unit. `operation_id` is the key, made where none is
        given: whoever sends a trade again names it."""
        signal: Document = {
            "operation_id": operation_id,
            "chainId": chain_id,
            "token": token,
            "amount": str(amount),
            "flashSource": flash_source,
            "protocols": list(protocols),
            "routers": list(routers),
            "path": list(path),
            "extras": [_hex(extra) for extra in extras],
            "expected_profit": expected_profit,
        }
        return self.execute_signal(signal)

    def execute_signal(self, signal: Mapping[str, Any]) -> Outcome:
        """A trade in the shape of the wire. It is sent again only with its key, so it has one."""
        self._sent += 1
        key = signal.get("operation_id") or calls.new_key()
        outcome = self._post("/execute", {**signal, "operation_id": key})
        if outcome.get("success"):
            self._succeeded += 1
        else:
            self._failed += 1
        return outcome

    def execute_batch(self, signals: Sequence[Mapping[str, Any]]) -> Outcome:
        """Each by itself: `total`, `succeeded`, `failed`, `results`."""
        results = [self.execute_signal(signal) for signal in signals]
        succeeded = sum(bool(result.get("success")) for result in results)
        failed = len(results) - succeeded
        return Outcome(total=len(results), succeeded=succeeded, failed=failed, results=results)

    def simulate_signal(self, signal: Mapping[str, Any]) -> Outcome:
        return self._post("/simulate", dict(signal))

    def get_statistics(self) -> Outcome:
        """Ours, and the server's (None where it is away)."""
        ours = {
            "sent": self._sent,
            "succeeded": self._succeeded,
            "failed": self._failed,
            "retried": self._client.resent,
        }
        try:
            server: Document | None = self._client.call("GET", "/stats")
        except OmnivenueError:
            server = None
        return Outcome(client=ours, server=server, mode=self.mode)

    def close(self) -> Outcome:
        self._client.close()
        return Outcome(success=True, mode=self.mode)

    def _post(self, path: str, document: Document) -> Outcome:
        try:
            answer = self._client.call("POST", path, document)
        except OmnivenueError as error:
            return self._failure(error)
        return Outcome(answer)

    def _failure(self, error: OmnivenueError) -> Outcome:
        text = error.message
        if isinstance(error, Unreachable):
            text = f"Failed to connect to execution server: {text}"
        more = {"outcome": "unknown"} if isinstance(error, Unknown) else {}
        return Outcome(success=False, error=text, mode=self.mode, code=error.code, **more)


ExecutionManager = Execution
"""The name under which its programs know it."""


def execute_trade(  # noqa: PLR0913  # as its callers have it
    chain_id: int,
    token: str,
    amount: str | int,
    flash_source: int,
    protocols: Sequence[int],
    routers: Sequence[str],
    path: Sequence[str],
    extras: Sequence[bytes | str],
    expected_profit: float = 0.0,
    *,
    host: str | None = None,
    port: int | None = None,
    mode: str = "PAPER",
    operation_id: str | None = None,
) -> Outcome:
    """One trade, over a connection of its own."""
    with Execution(host, port, mode) as execution:
        return execution.submit_trade(
            chain_id,
            token,
            amount,
            flash_source,
            protocols,
            routers,
            path,
            extras,
            expected_profit,
            operation_id=operation_id,
        )


def _hex(extra: bytes | str) -> str:
    return extra if isinstance(extra, str) else "0x" + extra.hex()
