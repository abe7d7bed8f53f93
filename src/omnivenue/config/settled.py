"""The configuration as the parts of the system use it: frozen, typed, checked."""

from functools import cached_property
from hashlib import sha256

import msgspec

from omnivenue.config.shape import FaultsSection, LoggingSection, ServerSection
from omnivenue.model import AccountID, AssetID, Atoms, Instrument, Limits, Nanos, VenueID


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """Read once, strictly; nothing changes it."""


class SecretRef(Settled, frozen=True, kw_only=True):
    """Where a secret lies. Printing it is harmless; reading it is its user's business."""

    scheme: str  # env, file, keyring
    name: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.name}"


class Balance(Settled, frozen=True, kw_only=True):
    asset: AssetID
    amount: Atoms


class AccountConfig(Settled, frozen=True, kw_only=True):
    account: AccountID
    venue_ids: tuple[VenueID, ...]
    balances: tuple[Balance, ...]  # on each of its venues, at the start of a simulated exchange


class VenueConfig(Settled, frozen=True, kw_only=True):
    venue_id: VenueID
    kind: str
    recording: str | None  # None: a generated market
    keeps_going: bool  # after its end, as a generated market; else the feed goes stale
    speed: int  # of a recording, in thousandths of the recorded one
    cancel_on_stop: bool
    dead_man: Nanos  # 0: never
    seed: int | None  # None: the simulated exchange takes its own
    latency_us: int
    faults: FaultsSection
    instruments: tuple[Instrument, ...]
    api_key: SecretRef | None
    api_secret: SecretRef | None
    api_passphrase: SecretRef | None


class ChainConfig(Settled, frozen=True, kw_only=True):
    chain: str  # as the table of chains has it
    pools: str | None
    native: tuple[str, ...]
    base_fee: int  # wei a unit of gas
    priority_fee: int
    loan_fee_bps: int
    dollars: tuple[tuple[str, int], ...]  # names and decimals


class Config(Settled, frozen=True, kw_only=True, dict=True):
    source: str  # the file, or what stands in for one
    mode: str
    server: ServerSection
    limits: Limits
    self_match_prevention: bool
    waived_checks: tuple[str, ...]  # named checks that nobody makes yet
    accounts: tuple[AccountConfig, ...]
    venues: tuple[VenueConfig, ...]
    chains: tuple[ChainConfig, ...] = ()
    logging: LoggingSection = LoggingSection()
    unused: tuple[str, ...] = ()  # keys that were read and that nobody acts upon yet

    @property
    def balances(self) -> dict[AccountID, dict[VenueID, dict[AssetID, Atoms]]]:
        """What each account starts with at each of its venues."""
        return {
            account.account: {
                venue_id: {balance.asset: balance.amount for balance in account.balances}
                for venue_id in account.venue_ids
            }
            for account in self.accounts
        }

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        return tuple(i for venue in self.venues for i in venue.instruments)

    @cached_property
    def config_hash(self) -> str:
        """SHA-256 of everything that decisions depend on: not where it stood, nor where we listen,
        nor what is logged, nor which pools somebody may ask about. Secrets are in it as references
        only."""
        bare = msgspec.to_builtins(self)
        for name in ("source", "server", "logging", "unused", "chains"):
            del bare[name]
        return sha256(msgspec.json.encode(bare, order="deterministic")).hexdigest()
