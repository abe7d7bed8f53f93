"""anvil as a process of ours, and what the tests do with it: deploy, send, call, go back.

All is deterministic: the accounts and the order of deployments decide every address, and time is
what a test says. The binary is started itself, so that its pid ends it.
"""

import json
import socket
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eth_abi.abi import encode as abi_encode

from chain.rpc import GAS_OF_CALL, Reverted, Rpc, RpcError, as_bytes, calldata, decode, types_of

GENESIS = 1_700_000_000
START_SECONDS_MAX = 10
RECEIPT_SECONDS_MAX = 10
GAS_OF_TRANSACTION = 60_000_000
# The first account of anvil's published mnemonic; it holds nothing but play money.
OWNER = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


class Node:
    """A running anvil with the code of what can be deployed on it."""

    def __init__(self, cache: Path) -> None:
        self.code: dict[str, Any] = json.loads((cache / "contracts.json").read_text())
        port = free_port()
        # cancun: later rules cap the gas of one transaction below what wide quotes need.
        options = f"--port {port} --host 127.0.0.1 --hardfork cancun --timestamp {GENESIS}"
        limits = (
            "--gas-limit 1000000000 --base-fee 0 --gas-price 0 --silent --no-request-size-limit"
        )
        command = [str(cache / "anvil"), *options.split(), *limits.split()]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.rpc = self._connect(port)
        self.rpc.ask("anvil_setBlockTimestampInterval", 1)

    def _connect(self, port: int) -> Rpc:
        end = time.monotonic() + START_SECONDS_MAX
        while True:
            rpc = Rpc(port)
            try:
                rpc.ask("eth_chainId")
                return rpc
            except OSError:
                rpc.close()
                if time.monotonic() > end or self._process.poll() is not None:
                    self.close()
                    raise
                time.sleep(0.01)

    def close(self) -> None:
        if hasattr(self, "rpc"):
            self.rpc.close()
        self._process.kill()
        self._process.wait(10)

    def deploy(
        self,
        name: str,
        types: str = "()",
        *arguments: Any,
        libraries: Mapping[str, str] | None = None,
    ) -> str:
        """The address of a new contract. `libraries`: the addresses of those that it calls."""
        code = as_bytes(self._linked(name, libraries or {}))
        data = code + abi_encode(types_of(types), arguments)
        return str(self.transact(None, data)["contractAddress"])

    def _linked(self, name: str, libraries: Mapping[str, str]) -> str:
        code: str = self.code[name]["code"]
        for wanted in self.code[name]["links"].values():
            for library, places in wanted.items():
                address = libraries[library].removeprefix("0x")
                for place in places:
                    start, end = 2 * place["start"], 2 * (place["start"] + place["length"])
                    code = code[:start] + address + code[end:]
        return code

    def send(self, to: str, signature: str, *arguments: Any) -> dict[str, Any]:
        """The receipt of a transaction that did not revert."""
        return self.transact(to, calldata(signature, *arguments))

    def transact(self, to: str | None, data: bytes) -> dict[str, Any]:
        message = {"from": OWNER, "data": "0x" + data.hex(), "gas": hex(GAS_OF_TRANSACTION)}
        if to is not None:
            message["to"] = to
        hashed = self.rpc.ask("eth_sendTransaction", message)
        end = time.monotonic() + RECEIPT_SECONDS_MAX
        # Mined at once, but not before the answer.
        while (receipt := self.rpc.ask("eth_getTransactionReceipt", hashed)) is None:
            if time.monotonic() > end:
                raise RpcError(f"no receipt of {hashed}")
        if receipt["status"] != "0x1":
            raise Reverted(f"transaction to {to}")
        return receipt

    def call(self, to: str, signature: str, answers: str, *arguments: Any) -> tuple[Any, ...]:
        """What a call would answer, decoded; nothing of it remains."""
        return decode(answers, self.call_raw(to, calldata(signature, *arguments)))

    def call_raw(self, to: str, data: bytes) -> bytes:
        message = {"from": OWNER, "to": to, "data": "0x" + data.hex(), "gas": hex(GAS_OF_CALL)}
        return as_bytes(self.rpc.ask("eth_call", message, "latest"))

    @contextmanager
    def undone(self) -> Generator[None]:
        """What is done inside did not happen afterwards."""
        mark = self.rpc.ask("evm_snapshot")
        try:
            yield
        finally:
            self.rpc.ask("evm_revert", mark)
            # Else what is sent right after may be lost.
            self.rpc.ask("anvil_dropAllTransactions")
