"""From a configuration to the journal: told is what differs from what the file said before."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from omnivenue.app.configure import Balances, changes
from omnivenue.config import Config, load
from omnivenue.message import (
    AccountOpened,
    Deposited,
    Event,
    InstrumentsListed,
    LimitsSet,
    VenueListed,
)
from omnivenue.model import (
    AccountID,
    AssetID,
    Atoms,
    Capabilities,
    Instrument,
    LimitName,
    Limits,
    Lots,
    VenueID,
)
from scene import AT_A, BTC, FULL, LIMITS, LISTED, MAIN, USDT, A, B, Desk, buy, limit, trade
from scene import F as FUTURES

PLENTY: Balances = {MAIN: {A: {USDT: 10**15, BTC: 10**10}, B: {USDT: 10**15}, FUTURES: {}}}
TIGHT = Limits(limits=(limit(LimitName.ORDER_QTY, 10**16),))


class Home(Desk):
    """A core that has read nothing yet, and the file that it reads at each start."""

    def __init__(self) -> None:
        super().__init__(is_open=False)
        self.state = type(self.state)()
        self.journal = type(self.journal)("paper")
        self.instruments: tuple[Instrument, ...] = LISTED
        self.capabilities: dict[VenueID, Capabilities] = {}
        self.limits = LIMITS
        self.balances: Balances = PLENTY

    def start(self) -> list[Event]:
        """Reads the file again; what it told."""
        told = changes(self.state, self.instruments, self.capabilities, self.limits, self.balances)
        for event in told:
            self.tell(event)
        return told


@pytest.fixture
def home() -> Home:
    made = Home()
    made.start()
    return made


def test_the_first_start_tells_everything_in_an_order_that_can_be_applied() -> None:
    told = Home().start()
    kinds = [type(event) for event in told]
    assert kinds == [InstrumentsListed, LimitsSet, AccountOpened, *[Deposited] * 3]
    listed, limits, account, *deposits = told
    assert listed == InstrumentsListed(instruments=LISTED)
    assert limits == LimitsSet(limits=LIMITS, from_file=True)
    assert account == AccountOpened(account=MAIN, venue_ids=(A, B, FUTURES))
    paid = [(d.venue_id, d.asset, d.amount) for d in deposits if isinstance(d, Deposited)]
    assert paid == [(A, BTC, 10**10), (A, USDT, 10**15), (B, USDT, 10**15)]


def test_an_unchanged_file_tells_nothing(home: Home) -> None:
    before = home.state.seq
    assert home.start() == []
    assert home.state.seq == before


# Limits.


def test_what_was_changed_while_running_stays_until_the_file_changes(home: Home) -> None:
    home.tell(LimitsSet(limits=TIGHT, from_file=False))
    assert home.start() == []
    assert home.state.limits == TIGHT
    home.limits = Limits(limits=LIMITS.limits[:1])
    assert home.start() == [LimitsSet(limits=home.limits, from_file=True)]
    assert home.state.limits == home.limits


def test_a_file_that_comes_to_say_what_was_set_is_still_a_change_of_the_file(home: Home) -> None:
    home.tell(LimitsSet(limits=TIGHT, from_file=False))
    home.limits = TIGHT
    assert home.start() == [LimitsSet(limits=TIGHT, from_file=True)]
    assert home.start() == []


# Instruments.


def test_a_changed_tick_makes_a_new_version_and_open_orders_keep_theirs(home: Home) -> None:
    for venue_id in (A, B, FUTURES):
        home.reconcile(venue_id)
    order = home.place(buy("k1", lots=10))
    coarse = replace(AT_A, tick=Atoms(2 * AT_A.tick))
    home.instruments = (coarse, *LISTED[1:])
    assert home.start() == [InstrumentsListed(instruments=(replace(coarse, version=2),))]
    assert home.state.instruments[AT_A.instrument_id].tick == coarse.tick
    assert home.state.listing(order.new) == AT_A, "its lots and ticks are counted in the first"
    home.tell(trade(order.new.cl_ord_id, 10, "x1"))
    assert home.parent("k1").filled == 10 * AT_A.lot
    later = home.place(buy("k2", lots=10))
    assert later.new.instrument_version == 2
    assert later.new.limit_px * 2 == order.new.limit_px
    home.check_replay()


def test_changed_back_is_a_third_version(home: Home) -> None:
    for tick in (3 * AT_A.tick, AT_A.tick):
        home.instruments = (replace(AT_A, tick=Atoms(tick)), *LISTED[1:])
        home.start()
    assert home.state.instruments[AT_A.instrument_id] == replace(AT_A, version=3)
    assert home.start() == []


@pytest.mark.parametrize(
    "change",
    [
        {"lot": Atoms(2 * AT_A.lot)},
        {"min_qty": Lots(7)},
        {"min_notional": Atoms(1)},
        {"taker_bps": 11},
        {"maker_bps": 0},
    ],
)
def test_any_change_counts(change: dict[str, int], home: Home) -> None:
    changed = replace(AT_A, **change)
    home.instruments = (changed, *LISTED[1:])
    assert home.start() == [InstrumentsListed(instruments=(replace(changed, version=2),))]


def test_the_number_that_the_file_gives_a_version_means_nothing(home: Home) -> None:
    home.instruments = tuple(replace(i, version=9) for i in LISTED)
    assert home.start() == []


def test_what_the_file_no_longer_names_stays_listed(home: Home) -> None:
    """Orders in it may be open: nobody forgets an instrument."""
    home.instruments = LISTED[1:]
    assert home.start() == []
    assert AT_A.instrument_id in home.state.instruments


# What venues can do.


def test_what_a_venue_can_do_is_told_when_it_differs(home: Home) -> None:
    assert home.state.venues[A].capabilities == Capabilities()
    home.capabilities = {A: FULL, B: Capabilities()}
    assert home.start() == [VenueListed(venue_id=A, capabilities=FULL)]
    assert home.start() == []
    home.capabilities = {A: replace(FULL, has_replace=False)}
    assert home.start() == [VenueListed(venue_id=A, capabilities=home.capabilities[A])]
    assert not home.state.venues[A].capabilities.has_replace


def test_a_venue_of_which_nothing_is_listed_is_told_all_the_same(home: Home) -> None:
    home.capabilities = {VenueID("SIM-C"): Capabilities()}
    assert [type(event) for event in home.start()] == [VenueListed]
    assert home.start() == []


# Accounts and their deposits.


def test_a_venue_more_is_told_and_only_its_own_deposits(home: Home) -> None:
    home.balances = {MAIN: {**PLENTY[MAIN], VenueID("SIM-C"): {USDT: 5}}}
    account, deposit = home.start()
    assert account == AccountOpened(account=MAIN, venue_ids=(A, B, VenueID("SIM-C"), FUTURES))
    assert isinstance(deposit, Deposited)
    assert (deposit.venue_id, deposit.asset, deposit.amount) == ("SIM-C", USDT, 5)


def test_money_is_paid_in_once_whatever_the_file_says_later(home: Home) -> None:
    paid = home.state.deposits.copy()
    home.balances = {MAIN: {A: {USDT: 2 * 10**15, BTC: 10**10}, B: {USDT: 10**15}, FUTURES: {}}}
    assert home.start() == []
    assert home.state.deposits == paid


def test_another_account_has_deposits_of_its_own(home: Home) -> None:
    other = AccountID("second")
    home.balances = {**PLENTY, other: {A: {USDT: 1}}}
    account, deposit = home.start()
    assert account == AccountOpened(account=other, venue_ids=(A,))
    assert isinstance(deposit, Deposited)
    assert deposit.account == other


def test_an_account_that_the_file_no_longer_names_trades_nowhere(home: Home) -> None:
    home.balances = {AccountID("second"): PLENTY[MAIN]}
    told = home.start()
    assert AccountOpened(account=MAIN, venue_ids=()) in told
    assert home.state.accounts[MAIN] == ()
    assert home.start() == []


def test_without_simulated_deposits_nothing_is_paid_in() -> None:
    told = changes(Home().state, LISTED, {}, LIMITS, {MAIN: {A: {}}})
    assert [type(e) for e in told] == [InstrumentsListed, LimitsSet, AccountOpened]


# The built-in configuration.


def test_the_built_in_configuration_can_be_told_and_is_told_once() -> None:
    config: Config = load(None, {}, Path("nowhere"))
    home = Home()
    home.instruments, home.limits, home.balances = (
        config.instruments,
        config.limits,
        config.balances,
    )
    told = home.start()
    assert sum(isinstance(event, Deposited) for event in told) == 4 * 3
    assert set(home.state.venues) == {venue.venue_id for venue in config.venues}
    assert {d.asset for d in told if isinstance(d, Deposited)} == {
        AssetID("USDT"),
        AssetID("BTC"),
        AssetID("ETH"),
    }
    assert home.start() == []
    home.check_replay()
