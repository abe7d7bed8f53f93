"""What calls take, as types: for the document alone, since what arrives is read by `wire`, which
tells all that is wrong at once. Words and patterns are `wire`'s own, and a test holds the fields
against those that it reads. A null is a member that is absent.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from omnivenue.api.control import STATES
from omnivenue.api.execution import SIGNALS_MAX
from omnivenue.model import LimitName
from omnivenue.wire.algo import TWAP
from omnivenue.wire.fields import KEY, NAME, ORDER_ID
from omnivenue.wire.instruction import ADJUSTMENT, CANDIDATES_MAX
from omnivenue.wire.pools.arbitrage import HOPS_MAX, HOPS_MIN, LOAN_FEE_BPS_MAX
from omnivenue.wire.pools.quotes import REQUESTS_MAX
from omnivenue.wire.terms import TIFS, TRIGGERS, TYPES

_DIGITS = r"[0-9]{1,60}(\.[0-9]{1,60})?"

Key = Annotated[str, Meta(pattern=f"^{KEY[0].pattern}$", description="the idempotency key")]
Name = Annotated[str, Meta(pattern=f"^{NAME[0].pattern}$")]
OrderID = Annotated[str, Meta(pattern=f"^{ORDER_ID[0].pattern}$")]
Decimal = Annotated[str, Meta(pattern=f"^{_DIGITS}$", examples=["0.5"])]
Signed = Annotated[str, Meta(pattern=f"^-?{_DIGITS}$", examples=["-0.5"])]
Seconds = Annotated[float, Meta(ge=0.1)] | Decimal
Time = Annotated[str, Meta(description="ISO 8601, or nanoseconds since 1970")] | int
Sentence = Annotated[str, Meta(min_length=1, max_length=500)]
Instrument = Annotated[str, Meta(examples=["BYBIT:SPOT_PAIR:BTC-USDT"])]
Candidates = Annotated[list[Instrument], Meta(min_length=1, max_length=CANDIDATES_MAX)]
Side = Annotated[str, Meta(extra_json_schema={"enum": ["buy", "sell"]})]
OrderType = Annotated[str, Meta(extra_json_schema={"enum": [*TYPES]})]
Tif = Annotated[str, Meta(extra_json_schema={"enum": [*TIFS]})]
Trigger = Annotated[str, Meta(extra_json_schema={"enum": [*TRIGGERS]})]
LimitWord = Annotated[str, Meta(extra_json_schema={"enum": [n.value for n in LimitName]})]
State = Annotated[
    str, Meta(extra_json_schema={"enum": [*STATES, *(state.lower() for state in STATES)]})
]
Pools = Annotated[dict[str, Any], Meta(description="by name: docs/interface.md, section 6")]
Token = Annotated[str, Meta(min_length=1)]
Units = Annotated[str, Meta(pattern="^[0-9]{1,77}$")] | Annotated[int, Meta(ge=0)]
Hops = (
    Annotated[int, Meta(ge=HOPS_MIN, le=HOPS_MAX)]
    | Annotated[str, Meta(pattern=f"^[{HOPS_MIN}-{HOPS_MAX}]$")]
)
Bps = Annotated[int, Meta(ge=0, le=LOAN_FEE_BPS_MAX)] | Annotated[str, Meta(pattern="^[0-9]{1,4}$")]
ONCE = {"uniqueItems": True}
Scope = Annotated[
    str,
    Meta(
        description="global, or one of venue:V, account:A, strategy:S; of a limit instrument:I too",
        examples=["strategy:s1"],
    ),
]


class _Body(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A member that is not named here is refused."""


class _Instruction(_Body, kw_only=True, tag_field="kind"):
    id: Key | None = None


class TakeProfit(_Body, kw_only=True):
    price: Decimal


class StopLoss(_Body, kw_only=True):
    stop_price: Decimal
    price: Decimal | None = None


class Twap(_Body, kw_only=True, tag_field="name", tag=TWAP):
    horizon_secs: Seconds | None = None
    interval_secs: Seconds | None = None


class Order(_Instruction, kw_only=True, tag="order"):
    instrument: Instrument
    side: Side
    qty: Decimal
    strategy_id: Name | None = None
    account: Name | None = None
    type: OrderType | None = None
    price: Decimal | None = None
    stop_price: Decimal | None = None
    trigger_by: Trigger | None = None
    tif: Tif | None = None
    expire_at: Time | None = None
    reduce_only: bool | None = None
    post_only: bool | None = None
    candidates: Candidates | None = None
    allow_duplicate: bool | None = None
    take_profit: TakeProfit | None = None
    stop_loss: StopLoss | None = None
    oco: Name | None = None
    algo: Twap | None = None


class Cancel(_Instruction, kw_only=True, tag="cancel"):
    order_id: OrderID


class Pause(_Instruction, kw_only=True, tag="pause"):
    order_id: OrderID


class Resume(_Instruction, kw_only=True, tag="resume"):
    order_id: OrderID


class CancelAll(_Instruction, kw_only=True, tag="cancel_all"):
    venue: str | None = None
    instrument: Instrument | None = None
    strategy_id: Name | None = None
    account: Name | None = None


class Replace(_Instruction, kw_only=True, tag="replace"):
    order_id: OrderID
    qty: Decimal | None = None
    price: Decimal | None = None


Instruction = Order | Cancel | CancelAll | Replace | Pause | Resume


class Batch(_Body, kw_only=True):
    """Each as the body of a call by itself, and judged by itself."""

    instructions: list[Any]


class Change(_Body, kw_only=True):
    """`qty`: all of it, what has filled included."""

    qty: Decimal | None = None
    price: Decimal | None = None
    id: Key | None = None


class Adjustment(_Body, kw_only=True):
    venue: str
    asset: Annotated[str, Meta(description="an asset, or an instrument for a position")]
    amount: Signed
    reason: Sentence
    kind: Annotated[str, Meta(extra_json_schema={"enum": [ADJUSTMENT]})] | None = None
    id: Key | None = None
    account: Name | None = None


class Kill(_Body, kw_only=True):
    scope: Scope
    reason: Sentence
    state: State | None = None


class Rearm(_Body, kw_only=True):
    scope: Scope
    reason: Sentence


class Reconcile(_Body, kw_only=True):
    venue: str | None = None


class Limit(_Body, kw_only=True):
    """A `limit` of null is waived, and must be said."""

    scope: Scope
    name: LimitWord
    limit: Annotated[str, Meta(min_length=1)] | None


class Limits(_Body, kw_only=True):
    limits: Annotated[list[Limit], Meta(min_length=1, max_length=1000)]
    reason: Sentence


class QuotesAsked(_Body, kw_only=True):
    """Without `pools`, over those of the configuration. A request that cannot be answered has an
    error for its answer."""

    requests: Annotated[list[Any], Meta(max_length=REQUESTS_MAX)]
    pools: Pools | None = None


class RoundsAsked(_Body, kw_only=True):
    """`gas` and `min_profit` in units of the start token: one for all of them, or by token."""

    pools: Pools | None = None
    max_hops: Hops | None = None
    start: Annotated[list[Token], Meta(min_length=1, extra_json_schema=ONCE)] | None = None
    loan_fee_bps: Bps | None = None
    gas: Units | dict[str, Units] | None = None
    min_profit: Units | dict[str, Units] | None = None


class Signals(msgspec.Struct, kw_only=True):
    """Each as the body of `/execute`, and judged by itself."""

    signals: Annotated[list[Any], Meta(max_length=SIGNALS_MAX)]
