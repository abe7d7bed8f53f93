"""Sending one instruction on behalf of a person: the key is said first, so that whatever happens
then, it can be asked for."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from omnivenue.cli import out
from omnivenue.cli.exits import ExitCode, of_word
from omnivenue.client import Client, Unknown, with_key


def send(instruction: dict[str, Any], wait: float | None, *, as_json: bool) -> ExitCode:
    """Prints the answer, or with `wait` what became of it. Raises OmnivenueError."""
    with Client() as client:
        return send_with(client, instruction, wait, as_json=as_json)


def send_with(
    client: Client, instruction: dict[str, Any], wait: float | None, *, as_json: bool
) -> ExitCode:
    instruction = keyed(instruction)
    with sending(instruction["id"]):
        answer = client.submit(instruction)
    if wait is None:
        show(answer, as_json=as_json)
        return ExitCode.DONE
    found = _waited(client, answer, wait, as_json=as_json)
    show(found, as_json=as_json)
    return of_word(found["status"])


def _waited(
    client: Client, answer: dict[str, Any], seconds: float, *, as_json: bool
) -> dict[str, Any]:
    """A person at a terminal sees how far it is; a program only the end."""
    if as_json or not sys.stderr.isatty():
        return client.wait(answer["id"], seconds)
    from omnivenue.cli.progress import watched  # noqa: PLC0415  # brings libraries for it along

    return watched(answer["id"], answer["seq"], seconds)


def keyed(instruction: dict[str, Any]) -> dict[str, Any]:
    """With its key, which is said where it was made here."""
    found = with_key(instruction)
    if instruction.get("id") is None:
        out.note(f"key {found['id']}")
    return found


def show(document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        out.document(document)
    elif "orders" in document:  # an instruction
        names = ("id", "kind", "status")
        out.facts({name: document[name] for name in names})
        for order in document["orders"]:
            show_order(order)
    else:
        out.facts(document)


def show_order(order: dict[str, Any]) -> None:
    fees = ", ".join(f"{fee['amount']} {fee['asset']}" for fee in order["fees"])
    out.facts(order | {"fees": fees, "fills": len(order["fills"])})
    if order["fills"]:
        columns = ("at", "qty", "px", "fee", "fee_asset", "liquidity", "exec_id")
        out.table(columns, order["fills"])


@contextmanager
def sending(key: str | None) -> Generator[None]:
    """An interruption in here leaves behind what may have been done."""
    try:
        yield
    except KeyboardInterrupt:
        text = "interrupted while it was sent; ask or send again with the same key"
        raise Unknown(message=text, instruction_id=key) from None
