"""JSON-RPC over one kept connection, and calls of contracts by their signature's text.

No web3: a test needs eth_call, a few transactions and anvil's own methods, and a signature as text
says at the place of the call what is asked.
"""

import http.client
import json
from functools import cache
from typing import Any

from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_utils.crypto import keccak

# Beyond any block: a quote across thousands of ticks may need it, and nobody pays for it here.
GAS_OF_CALL = 900_000_000


class RpcError(Exception):
    """The node's answer to a call that it could not make; a revert is the most common."""


class Reverted(RpcError):
    """The contract refused."""


class Rpc:
    """One connection. Not for two threads."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._number = 0

    def ask(self, method: str, *params: Any) -> Any:
        return self.ask_all([(method, list(params))])[0]

    def ask_all(self, calls: list[tuple[str, list[Any]]]) -> list[Any]:
        """Answers in the order of the calls; the first error is raised."""
        answers = self._post([self._call(method, params) for method, params in calls])
        by_number = {answer["id"]: answer for answer in answers}
        return [_result(by_number[number]) for number in sorted(by_number)]

    def close(self) -> None:
        self._connection.close()

    def _call(self, method: str, params: list[Any]) -> dict[str, Any]:
        self._number += 1
        return {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}

    def _post(self, body: list[dict[str, Any]]) -> list[dict[str, Any]]:
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", "/", json.dumps(body), headers)
        return json.loads(self._connection.getresponse().read())


def _result(answer: dict[str, Any]) -> Any:
    if "error" not in answer:
        return answer["result"]
    message = str(answer["error"].get("message", answer["error"]))
    # anvil tells a revert without a reason, out of gas and a broken opcode as an EVM error.
    refused = "revert" in message or "EVM error" in message
    raise (Reverted if refused else RpcError)(message)


def types_of(text: str) -> list[str]:
    """`(uint256,(address,bool)[])` -> `["uint256", "(address,bool)[]"]`"""
    inner = text.strip()[1:-1]
    found, depth, start = list[str](), 0, 0
    for at, sign in enumerate(inner):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            found.append(inner[start:at])
            start = at + 1
    return [*found, inner[start:]] if inner else []


@cache
def selector(signature: str) -> bytes:
    return keccak(text=signature)[:4]


@cache
def _types(text: str) -> tuple[str, ...]:
    return tuple(types_of(text))


def calldata(signature: str, *arguments: Any) -> bytes:
    types = _types(signature[signature.index("(") :])
    return selector(signature) + abi_encode(types, arguments)


def decode(types: str, answer: bytes) -> tuple[Any, ...]:
    return abi_decode(_types(types), answer)


def as_bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
