"""The configuration file as it is written: one struct a section. Reader and JSON Schema follow it.

Descriptions are written to end the sentence "KEY must be …", which is how a mistake is told.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Port = Annotated[int, Meta(ge=0, le=65535, description="a port, 1 to 65535, or 0 for a free one")]
Percent = Annotated[int, Meta(ge=0, le=100, description="a whole percentage, 0 to 100")]
Micros = Annotated[int, Meta(ge=0, le=60_000_000, description="microseconds, 0 to 60000000")]
DeadManSecs = Annotated[
    int, Meta(ge=0, le=3600, description="seconds, 3 to 3600, or 0 for no dead-man switch")
]
Bps = Annotated[int, Meta(ge=0, le=10_000, description="basis points, 0 to 10000")]
Decimals = Annotated[int, Meta(ge=0, le=36, description="a number of decimals, 0 to 36")]
Seed = Annotated[int, Meta(ge=0, le=2**63 - 1, description="a seed, 0 to 2^63 - 1")]
Market = Annotated[
    str, Meta(pattern="^(generated|recording:.+)$", description='"generated" or "recording:FILE"')
]
Speed = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,4}(\.[0-9]{1,3})?$",
        description='how many times as fast as recorded, a decimal string from "0.001" to "1000"',
    ),
]
Amount = Annotated[str, Meta(min_length=1, description='a decimal string such as "0.5"')]
Text = Annotated[str, Meta(min_length=1, max_length=256, description="a short text")]
SecretText = Annotated[
    str,
    Meta(
        pattern="^(env|file|keyring):.+$",
        description='a reference, "env:NAME", "file:PATH" or "keyring:NAME": never the secret',
    ),
]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class ServerSection(Section, frozen=True, kw_only=True):
    """`executor_port`: another port of the same server, for callers of a compiled executor."""

    host: Text = "127.0.0.1"
    port: Port = 8001
    executor_port: Port | None = None


class LimitLine(Section, frozen=True, kw_only=True):
    scope: Text
    name: Text
    limit: Amount  # or "waived"


class RiskSection(Section, frozen=True, kw_only=True):
    currency: Text = "USDT"
    self_match_prevention: bool = True  # one's own orders do not trade with one another
    limits: tuple[LimitLine, ...] = ()


class AccountSection(Section, frozen=True, kw_only=True):
    """`balances`: what the simulated exchanges give it at the start, on each of its venues."""

    venues: tuple[Text, ...]
    balances: dict[str, Amount] | None = None


class FaultsSection(Section, frozen=True, kw_only=True):
    """How a simulated exchange misbehaves, in percent of orders, trades or messages."""

    reject: Percent = 0
    bust: Percent = 0  # of a trade: it is taken back later
    lose_request: Percent = 0
    lose_reply: Percent = 0  # after it was executed: from here the two look the same
    duplicate: Percent = 0
    disconnect: Percent = 0
    rate_limit: Percent = 0
    delay_us: Micros = 0  # by so much at most is a message late, so that later ones overtake it


class InstrumentLine(Section, frozen=True, kw_only=True):
    """What is not given stays as the venue's own table has it."""

    instrument: Text
    tick: Amount | None = None
    lot: Amount | None = None
    min_qty: Amount | None = None
    min_notional: Amount | None = None
    maker_bps: Bps | None = None
    taker_bps: Bps | None = None


class VenueSection(Section, frozen=True, kw_only=True):
    kind: Text = "sim"
    market: Market = "generated"
    keeps_going: bool = False  # a recording that ends goes on as a generated market
    speed: Speed = "1"  # of a recording
    cancel_on_stop: bool = False
    dead_man_secs: DeadManSecs = 0  # it cancels everything after so much silence of ours; 0: never
    seed: Seed | None = None
    latency_us: Micros = 0
    faults: FaultsSection = FaultsSection()
    instruments: tuple[InstrumentLine, ...] = ()
    api_key: SecretText | None = None
    api_secret: SecretText | None = None
    api_passphrase: SecretText | None = None


class ChainSection(Section, frozen=True, kw_only=True):
    """`pools`: a file of them. `native`: the names that pools have for the chain's own token.
    `dollars`: further stablecoins of a dollar, each with its decimals."""

    pools: Text | None = None
    native: tuple[Text, ...] | None = None
    base_fee_gwei: Amount | None = None
    priority_fee_gwei: Amount | None = None
    loan_fee_bps: Bps = 0
    dollars: dict[str, Decimals] = {}


class LoggingSection(Section, frozen=True, kw_only=True):
    """What is logged from `level` on, and whether orders and fills have logs of their own."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_orders: bool = True
    log_fills: bool = True


class File(Section, frozen=True, kw_only=True):
    mode: Literal["paper", "shadow", "live"] = "paper"
    server: ServerSection = ServerSection()
    risk: RiskSection = RiskSection()
    accounts: dict[str, AccountSection] = {}
    venues: dict[str, VenueSection] = {}
    chain: dict[str, ChainSection] = {}
    logging: LoggingSection = LoggingSection()
