"""Double entry in atoms. Every move has a source and a target, so each asset sums to zero.

A path names an account at a venue: `main@BYBIT/free` (to spend), `/held` (reserved for orders),
`/margin` (reserved for derivatives: for what is held, and for what may come to be), `/contracts`
(what is held of them, and at what cost), `/fees` (paid), and on the other side of each trade
`world@BYBIT`. A reservation is a posting from free to held: there is no second count to disagree.
"""

from functools import cache

import msgspec

from omnivenue.model import AccountID, AssetID, Fill, Instrument, Side, VenueID

type Path = str
type Balances = dict[AssetID, int]


class Ledger(msgspec.Struct):
    paths: dict[Path, Balances] = {}

    def balance(self, path: Path, asset: AssetID) -> int:
        return self.paths.get(path, {}).get(asset, 0)

    def at(self, path: Path) -> Balances:
        """Made where they are not there: only for those who apply."""
        try:
            return self.paths[path]
        except KeyError:
            return self.paths.setdefault(path, {})


@cache
def free(account: AccountID, venue_id: VenueID) -> Path:
    return f"{account}@{venue_id}/free"


@cache
def held(account: AccountID, venue_id: VenueID) -> Path:
    return f"{account}@{venue_id}/held"


@cache
def margin(account: AccountID, venue_id: VenueID) -> Path:
    return f"{account}@{venue_id}/margin"


@cache
def contracts(account: AccountID, venue_id: VenueID) -> Path:
    return f"{account}@{venue_id}/contracts"


@cache
def fees(account: AccountID, venue_id: VenueID) -> Path:
    return f"{account}@{venue_id}/fees"


@cache
def world(venue_id: VenueID) -> Path:
    return f"world@{venue_id}"


def move(ledger: Ledger, source: Path, target: Path, asset: AssetID, amount: int) -> None:
    """A negative amount is a move taken back."""
    paths = ledger.paths
    try:
        paths[source][asset] -= amount
    except KeyError:
        ledger.at(source)[asset] = -amount
    try:
        paths[target][asset] += amount
    except KeyError:
        ledger.at(target)[asset] = amount


def post_fill(
    ledger: Ledger, account: AccountID, instrument: Instrument, side: Side, fill: Fill, sign: int
) -> int:
    """Exchange quantity and money with the world, and pay the fee (negative: a rebate). With sign
    -1: take it all back.

    Returns what the trade takes of the instrument's cash, negative where it gives: rounded once,
    here, so that taking it back moves the same atoms. A derivative's quantity (the instrument's id
    is its asset) and its cost stay on the contracts path until `realize` takes the profit out.
    """
    venue_id = instrument.venue_id
    ours, theirs = free(account, venue_id), world(venue_id)
    atoms = instrument.atoms(fill.qty)
    paid = instrument.paid_ceil(side, atoms, instrument.px(fill.px))
    target, asset, cash = ours, instrument.base, instrument.quote
    if not instrument.is_spot:
        target, cash = contracts(account, venue_id), instrument.settle
        asset = AssetID(instrument.instrument_id)
    move(ledger, theirs, target, asset, sign * side.sign * atoms)
    move(ledger, theirs, target, cash, -sign * paid)
    move(ledger, ours, fees(account, venue_id), fill.fee_asset, sign * fill.fee)
    return sign * paid


def realize(ledger: Ledger, account: AccountID, instrument: Instrument, profit: int) -> None:
    """A derivative's realised profit or loss becomes cash."""
    path = contracts(account, instrument.venue_id)
    move(ledger, path, free(account, instrument.venue_id), instrument.settle, profit)
