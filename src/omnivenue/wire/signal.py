"""A signal: an arbitrage route over one chain, in the shape that its older clients send.

What the text alone decides is told as for every other call. Whether a route can earn anything is a
simulation's to say; a route that no chain could ever execute is found here, without one.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, cast

import msgspec
from msgspec import Meta

from omnivenue.model import VALUE_MAX
from omnivenue.wire.errors import ErrorCode, Invalid, invalid
from omnivenue.wire.fields import KEY, Fields, cut

HOPS_MAX = 5
BALANCER_V2_SOURCE = BALANCER_V2_PROTOCOL = 3

ChainNumber = Annotated[int, Meta(ge=1, le=2**53 - 1)]
END = r"$(?!\n)"
"""Python's `$` lets a line break stand behind it; in JSON Schema this is what `$` is there."""

Address = Annotated[str, Meta(pattern=f"^0x[0-9a-fA-F]{{40}}{END}")]
Hex = Annotated[str, Meta(pattern=f"^(0x)?([0-9a-fA-F]{{2}})*{END}")]
BaseUnits = Annotated[str, Meta(pattern=f"^[0-9]{{1,78}}{END}")]
Key = Annotated[str, Meta(pattern=f"^{KEY[0].pattern}{END}")]
Profit = Annotated[float, Meta(ge=-1e18, le=1e18)]
FlashSource = Literal[1, 2, 3, 4, 5]
"""Balancer V3, Aave V3, Balancer V2, Morpho, Uniswap V3."""

Protocol = Literal[0, 1, 2, 3, 4]
"""Uniswap V2 and V3, Curve, Balancer V2, an aggregator."""

Path = Annotated[tuple[Address, ...], Meta(min_length=1, max_length=HOPS_MAX + 1)]


class Signal(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`path`: the token out of each hop, where the one that it begins with may stand before."""

    chain_id: ChainNumber
    token: Address
    amount: BaseUnits  # in the token's smallest unit
    flash_source: FlashSource
    protocols: Annotated[tuple[Protocol, ...], Meta(min_length=1, max_length=HOPS_MAX)]
    routers: Annotated[tuple[Address, ...], Meta(min_length=1, max_length=HOPS_MAX)]
    path: Path
    extras: Annotated[tuple[Hex, ...], Meta(min_length=1, max_length=HOPS_MAX)]
    expected_profit: Profit = msgspec.field(default=0.0, name="expected_profit")
    operation_id: Key | None = msgspec.field(default=None, name="operation_id")


def parse_signal(document: object, header_key: str | None = None) -> Signal | Invalid:
    """Or all that is wrong with it. Members that it does not know mean nothing to it: its clients
    send along what they have."""
    if not isinstance(document, dict):
        return invalid([ErrorCode.WRONG_TYPE.because("a signal must be a JSON object")])
    members = cast("dict[str, Any]", document)
    fields = Fields(members)
    found: dict[str, Any] = dict(_read(fields, members))
    said = found.get("operation_id")
    key = said if header_key is None else fields.checked_id("operation_id", header_key, KEY)
    if None not in (said, header_key) and said != header_key:
        text = "operation_id and the header Idempotency-Key differ: give one of them, or the same"
        fields.add(ErrorCode.KEYS_DIFFER, text, value=cut(f"{said} / {header_key}"))
    amount = found.get("amount")
    if amount is not None and not 0 < int(amount) <= VALUE_MAX:
        text = "amount must be above 0 and below 2^256"
        fields.add(ErrorCode.OUT_OF_RANGE, text, value=cut(amount))
    if fields.wrong:
        return invalid(fields.wrong, key)
    found["operation_id"] = key
    return Signal(**found)


def _read(fields: Fields, members: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for field in msgspec.structs.fields(Signal):
        name = field.encode_name
        value = members.get(name)
        if value is None:
            if field.required:
                fields.missing(name)
            continue
        try:
            yield field.name, msgspec.convert(value, field.type)
        except msgspec.ValidationError as error:
            said = str(error).replace("`$", f"`{name}").replace(" - at", ", at")
            text = f"{name} is wrong: {said}"
            fields.add(ErrorCode.WRONG_TYPE, text, value=cut(str(value)))


def route_faults(signal: Signal) -> list[str]:
    """Why no chain would take this route; nothing where only a simulation can say."""
    return list(_faults(signal))


def _faults(signal: Signal) -> Iterator[str]:
    hops, loan = len(signal.protocols), signal.token.lower()
    outs = [token.lower() for token in signal.path]
    if len(outs) == hops + 1 and outs[0] == loan:
        del outs[0]
    if {len(signal.routers), len(outs), len(signal.extras)} != {hops}:
        yield f"protocols, routers, path and extras must be equally long; protocols has {hops}"
        return
    for n, (token_in, token_out) in enumerate(zip([loan, *outs], outs, strict=False)):
        if token_in == token_out:
            yield f"hop {n} has the same token in and out"
    if outs[-1] != loan:
        yield "the last token of path is not the one that is borrowed"
    is_locked = BALANCER_V2_PROTOCOL in signal.protocols
    if is_locked and signal.flash_source == BALANCER_V2_SOURCE:
        yield "what Balancer V2 lends cannot be traded at Balancer V2: its vault is locked then"
