"""Lines as Binance sends them, and its rules for a book, each with the mistake that it prevents.

A table of updates is written as the exchange numbers them: `U..u bid@qty`.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnivenue.market import Level
from omnivenue.model import Lots, Nanos, Side, Ticks
from omnivenue.venue.cefi.binance import (
    Applied,
    Buffered,
    Crossed,
    DepthSync,
    DepthUpdate,
    Gap,
    NotBinance,
    Reading,
    Snapshot,
    Ticker,
    Trade,
)
from omnivenue.venue.cefi.binance.depth import BUFFER_MAX

BTC = Reading("0.01", "0.00001")
AT = Nanos(0)
FAR = 10**9  # an ask that no update's bid comes to


def level(px: int, qty: int) -> Level:
    return Ticks(px), Lots(qty)


def snapshot(update_id: int) -> Snapshot:
    return Snapshot(update_id, bids=(level(100, 1),), asks=(level(FAR, 1),))


def update(first_id: int, last_id: int) -> DepthUpdate:
    """Its bid says which it is: the price is its last id."""
    return DepthUpdate(first_id, last_id, bids=(level(last_id, 7),), asks=(), at=AT)


def after(prev_id: int, first_id: int, last_id: int) -> DepthUpdate:
    """A perpetual's, which names the last id of the one before."""
    bids = (level(last_id, 7),)
    return DepthUpdate(first_id, last_id, bids=bids, asks=(), at=AT, prev_id=prev_id)


def bids(sync: DepthSync) -> list[int]:
    return [px for px, _ in sync.book.levels(Side.BUY, 99)]


# --- lines


def test_an_update_is_read_in_ticks_and_lots() -> None:
    received = BTC.line(
        b'1723161253937085768 {"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate",'
        b'"E":1723161255208,"s":"BTCUSDT","U":50093239189,"u":50093239202,'
        b'"b":[["61737.63000000","0.00000000"]],"a":[["61837.64000000","1.54698000"]]}}'
    )
    assert received.at == 1723161253937085768
    assert received.message == DepthUpdate(
        first_id=50093239189,
        last_id=50093239202,
        bids=(level(6173763, 0),),
        asks=(level(6183764, 154698),),
        at=Nanos(1723161255208000000),
    )


def test_a_perpetuals_update_names_the_one_before() -> None:
    message = BTC.message(
        b'{"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,'
        b'"T":1723161256298,"s":"BTCUSDT","U":5123107832006,"u":5123107837557,'
        b'"pu":5123107831937,"b":[["58710.20","0.014"]],"a":[]}}'
    )
    assert message == DepthUpdate(
        first_id=5123107832006,
        last_id=5123107837557,
        bids=(level(5871020, 1400),),
        asks=(),
        at=Nanos(1723161256299000000),
        prev_id=5123107831937,
    )


def test_a_line_without_a_stream_is_the_snapshot() -> None:
    line = b'5 {"lastUpdateId":9,"bids":[["61837.63","3.78826"]],"asks":[["61837.64","1"]]}'
    asks = (level(6183764, 100000),)
    assert BTC.line(line).message == Snapshot(9, bids=(level(6183763, 378826),), asks=asks)


def test_a_ticker_is_the_top_as_of_an_update() -> None:
    body = (
        b'{"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT",'
        b'"b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}}'
    )
    top = Ticker(50093239212, bid=level(6183763, 378826), ask=level(6183764, 154698))
    assert BTC.message(body) == top


@pytest.mark.parametrize(("is_buyer_maker", "aggressor"), [("true", "sell"), ("false", "buy")])
def test_the_aggressor_is_who_was_not_the_maker(is_buyer_maker: str, aggressor: str) -> None:
    body = (
        b'{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT",'
        b'"t":3735683259,"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":'
        + is_buyer_maker.encode()
        + b',"M":true}}'
    )
    at = Nanos(1723161255342000000)
    expected = Trade(3735683259, Ticks(6183763), Lots(2000), Side(aggressor), at)
    assert BTC.message(body) == expected


def test_a_quantity_older_than_the_lot_is_cut_to_lots() -> None:
    """It did rest there on 8 August 2024."""
    body = b'{"lastUpdateId":1,"bids":[],"asks":[["200000.00000000","25.42618900"]]}'
    assert BTC.message(body) == Snapshot(1, bids=(), asks=(level(20000000, 2542618),))


@pytest.mark.parametrize(
    ("tick", "text", "ticks"),
    [
        ("0.01", "0.29", 29),  # 28.999999999999996 as a float
        ("0.01", "90071992547409.93", 9007199254740993),  # no float either
        ("0.5", "10.50000000", 21),
        ("5", "35", 7),
        ("0.00000001", "0.00000007", 7),
        ("0.5", "10.30", None),
        ("0.01", "0.001", None),
        ("0.01", "0.000000001", None),
        ("0.01", "-1", None),
        ("0.01", "1e3", None),
        ("0.01", "NaN", None),
        ("0.01", "", None),
        ("0.01", "1.", None),
        ("0.01", ".5", None),
        ("0.01", "1.0.0", None),
        ("0.01", "1_0.00", None),
        ("0.01", " 1.00", None),
        ("0.01", "\u0661.00", None),  # a digit, and not one of ours
        ("1", "7", 7),
        ("1", "1" * 41 + ".0", int("1" * 41)),
    ],
)
def test_prices_are_exact_or_refused(tick: str, text: str, ticks: int | None) -> None:
    body = f'{{"lastUpdateId":1,"bids":[["{text}","1"]],"asks":[]}}'.encode()
    reading = Reading(tick, "1")
    if ticks is None:
        with pytest.raises(NotBinance):
            reading.message(body)
    else:
        assert reading.message(body) == Snapshot(1, bids=(level(ticks, 1),), asks=())


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"5",
        b"5 ",
        b"5 []",
        b"5 {}",
        b'-5 {"lastUpdateId":1}',
        b'five {"lastUpdateId":1}',
        b"9" * 5000 + b' {"lastUpdateId":1}',
        b'5 {"lastUpdateId":"1","bids":[],"asks":[]}',
        b'5 {"lastUpdateId":1}',
        b'5 {"lastUpdateId":1,"bids":[]}',
        b'5 {"lastUpdateId":1,"bids":[["1"]]}',
        b'5 {"lastUpdateId":1,"bids":[[1,1]]}',
        b'5 {"stream":"btcusdt@depth@100ms"}',
        b'5 {"stream":"btcusdt@depth20@100ms","data":{"lastUpdateId":1}}',
        b'5 {"stream":"btcusdt@trade","data":{"e":"trade"}}',
        b'5 {"stream":"btcusdt@kline_1m","data":{}}',
        b'5 {"stream":"btcusdt","data":{}}',
        b'5 {"stream":"\xff","data":{}}',
        b'5 {"stream":"x@depth","data":{"E":1,"U":5,"u":4,"b":[],"a":[]}}',
    ],
)
def test_what_is_not_documented_is_refused(line: bytes) -> None:
    with pytest.raises(NotBinance):
        BTC.line(line)


@given(st.binary(max_size=60))
def test_no_bytes_do_worse_than_be_refused(noise: bytes) -> None:
    for line in (noise, b"5 " + noise, b'5 {"stream":"x@trade","data":' + noise + b"}"):
        with pytest.raises(NotBinance):
            BTC.line(line)


# --- the book


def test_updates_wait_for_a_snapshot() -> None:
    sync = DepthSync()
    assert sync.take(update(1, 4)) == Buffered(1)
    assert sync.take(update(5, 9)) == Buffered(2)
    assert not sync.is_fresh


def test_a_snapshot_takes_those_that_wait_and_are_newer() -> None:
    sync = DepthSync()
    waiting = [update(1, 104), update(105, 109), update(110, 115), update(116, 116)]
    for each in waiting:
        sync.take(each)
    taken = sync.take(snapshot(109))
    assert taken == Applied(snapshot=snapshot(109), updates=tuple(waiting[2:]))
    assert sync.is_fresh
    assert sync.update_id == 116
    assert bids(sync) == [116, 115, 100]


@pytest.mark.parametrize(
    ("first_id", "last_id", "is_taken"),
    [
        (111, 115, True),  # joins
        (101, 111, True),  # begins before the snapshot, and reaches one beyond
        (101, 130, True),
        (112, 115, False),  # 111 is missing
        (120, 121, False),
    ],
)
@pytest.mark.parametrize("waits", [True, False])
def test_the_first_update_must_span_the_snapshots_end(
    first_id: int, last_id: int, is_taken: bool, waits: bool
) -> None:
    sync = DepthSync()
    messages = [snapshot(110), update(first_id, last_id)]
    outcome = [sync.take(each) for each in (reversed(messages) if waits else messages)][-1]
    assert isinstance(outcome, Applied) is is_taken
    assert sync.is_fresh is is_taken
    if not is_taken:
        assert outcome == Gap(expected_id=111, first_id=first_id)


@pytest.mark.parametrize("last_id", [105, 110])
def test_the_first_update_is_not_one_that_the_snapshot_holds(last_id: int) -> None:
    sync = DepthSync()
    sync.take(snapshot(110))
    assert sync.take(update(101, last_id)) == Applied()
    assert bids(sync) == [100]
    assert isinstance(sync.take(update(101, 111)), Applied), "it still is the first"
    assert bids(sync) == [111, 100]


@pytest.mark.parametrize(
    ("first_id", "last_id", "outcome"),
    [
        (121, 125, Applied(updates=(update(121, 125),))),
        (122, 125, Gap(expected_id=121, first_id=122)),
        (119, 125, Gap(expected_id=121, first_id=119)),  # no overlap, once it has begun
        (115, 120, Applied()),  # delivered twice
    ],
)
def test_the_next_update_joins_without_gap_or_overlap(
    first_id: int, last_id: int, outcome: Applied | Gap
) -> None:
    sync = DepthSync()
    sync.take(snapshot(110))
    sync.take(update(111, 120))
    assert sync.take(update(first_id, last_id)) == outcome
    assert sync.is_fresh is isinstance(outcome, Applied)


def test_a_gap_lasts_until_a_snapshot_beyond_it() -> None:
    sync = DepthSync()
    sync.take(snapshot(110))
    assert sync.take(update(121, 125)) == Gap(expected_id=111, first_id=121)
    assert sync.take(update(126, 129)) == Buffered(2)
    assert sync.take(snapshot(115)) == Gap(expected_id=116, first_id=121), "older than the gap"
    assert not sync.is_fresh
    taken = sync.take(snapshot(122))
    assert taken == Applied(snapshot(122), (update(121, 125), update(126, 129)))
    assert bids(sync) == [129, 125, 100], "nothing of the stale book is left"


def test_what_has_been_taken_does_not_wait_again() -> None:
    sync = DepthSync()
    sync.take(update(111, 115))
    sync.take(snapshot(110))
    sync.take(update(118, 119))
    assert sync.take(update(120, 121)) == Buffered(2)


def test_a_gap_among_those_that_wait_keeps_what_is_behind_it() -> None:
    sync = DepthSync()
    for each in (update(111, 112), update(114, 115), update(116, 117)):
        sync.take(each)
    assert sync.take(snapshot(110)) == Gap(expected_id=113, first_id=114)
    assert sync.take(snapshot(114)) == Applied(snapshot(114), (update(114, 115), update(116, 117)))


def test_a_snapshot_older_than_the_book_is_not_gone_back_to() -> None:
    sync = DepthSync()
    sync.take(snapshot(110))
    sync.take(update(111, 120))
    assert sync.take(snapshot(115)) == Applied()
    assert sync.update_id == 120
    assert isinstance(sync.take(update(121, 122)), Applied)


def test_what_waits_is_bounded_and_the_loss_is_noticed() -> None:
    sync = DepthSync()
    outcomes = [sync.take(update(i, i)) for i in range(1, BUFFER_MAX + 2)]
    assert outcomes[-2:] == [Buffered(BUFFER_MAX)] * 2
    assert sync.take(snapshot(0)) == Gap(expected_id=1, first_id=2)
    assert isinstance(sync.take(snapshot(1)), Applied)


@given(st.data())
def test_a_stream_with_a_hole_is_stale_exactly_from_the_hole_on(data: st.DataObject) -> None:
    lengths = data.draw(st.lists(st.integers(1, 5), min_size=2, max_size=12))
    stream: list[DepthUpdate] = []
    for length in lengths:
        first = stream[-1].last_id + 1 if stream else 101
        stream.append(update(first, first + length - 1))
    hole = data.draw(st.integers(0, len(stream) - 2))
    sync = DepthSync()
    sync.take(snapshot(100))
    for i, each in enumerate(stream):
        if i != hole:
            sync.take(each)
        assert sync.is_fresh is (i <= hole)
    sync.take(snapshot(stream[hole].last_id))
    assert sync.is_fresh
    assert sync.update_id == stream[-1].last_id


# --- the book of a perpetual, whose updates name the one before


@pytest.mark.parametrize(
    ("prev_id", "first_id", "last_id", "is_taken"),
    [
        (99, 105, 115, True),  # spans the snapshot's end
        (99, 110, 115, True),
        (99, 100, 110, True),  # ends with it: the next will name it
        (110, 111, 115, False),  # as the rules are published, which want the end spanned
        (112, 113, 115, False),
    ],
)
@pytest.mark.parametrize("waits", [True, False])
def test_a_perpetuals_first_update_must_span_the_snapshots_end(
    prev_id: int, first_id: int, last_id: int, is_taken: bool, waits: bool
) -> None:
    sync = DepthSync()
    messages = [snapshot(110), after(prev_id, first_id, last_id)]
    outcome = [sync.take(each) for each in (reversed(messages) if waits else messages)][-1]
    assert isinstance(outcome, Applied) is is_taken
    assert sync.is_fresh is is_taken
    assert sync.update_id == (last_id if is_taken else 110)
    if not is_taken:
        assert outcome == Gap(expected_id=110, first_id=first_id)


def test_a_perpetuals_update_that_the_snapshot_holds_is_dropped() -> None:
    sync = DepthSync()
    sync.take(snapshot(110))
    assert sync.take(after(99, 100, 109)) == Applied()
    assert bids(sync) == [100]
    assert isinstance(sync.take(after(109, 110, 112)), Applied), "it still is the first"


def test_what_ends_with_the_snapshot_is_the_first_since_the_next_one_names_it() -> None:
    sync = DepthSync()
    sync.take(snapshot(110))
    sync.take(after(99, 100, 110))
    assert sync.take(after(110, 112, 115)) == Applied(updates=(after(110, 112, 115),))


@pytest.mark.parametrize(
    ("prev_id", "first_id", "last_id", "outcome"),
    [
        (120, 125, 130, Applied(updates=(after(120, 125, 130),))),  # ids may be left out
        (119, 121, 130, Gap(expected_id=120, first_id=119)),
        (124, 125, 130, Gap(expected_id=120, first_id=124)),
        (110, 111, 120, Applied()),  # delivered twice
    ],
)
def test_a_perpetuals_next_update_names_the_last_one(
    prev_id: int, first_id: int, last_id: int, outcome: Applied | Gap
) -> None:
    sync = DepthSync()
    sync.take(snapshot(110))
    sync.take(after(105, 106, 120))
    assert sync.take(after(prev_id, first_id, last_id)) == outcome
    assert sync.is_fresh is isinstance(outcome, Applied)


def test_after_a_perpetuals_gap_a_snapshot_beyond_it_is_needed() -> None:
    sync = DepthSync()
    sync.take(snapshot(110))
    sync.take(after(105, 106, 120))
    assert isinstance(sync.take(after(130, 131, 140)), Gap)
    assert sync.take(after(140, 145, 150)) == Buffered(2)
    assert isinstance(sync.take(snapshot(125)), Gap), "older than what is missing"
    assert isinstance(sync.take(snapshot(135)), Applied)
    assert bids(sync) == [150, 140, 100]


# --- a crossed book


def crossing(first_id: int, last_id: int, px: int) -> DepthUpdate:
    return DepthUpdate(first_id, last_id, bids=(level(px, 1),), asks=(), at=AT)


@pytest.mark.parametrize("px", [FAR, FAR + 1])
def test_a_crossed_book_is_stale_until_the_next_snapshot(px: int) -> None:
    sync = DepthSync()
    sync.take(snapshot(110))
    assert sync.take(crossing(111, 112, px)) == Crossed(update_id=112)
    assert not sync.is_fresh
    uncrossed = DepthUpdate(113, 113, bids=(level(px, 0),), asks=(), at=AT)
    assert sync.take(uncrossed) == Buffered(1), "that it looks right again proves nothing"
    assert isinstance(sync.take(snapshot(112)), Applied)
    assert bids(sync) == [100]


def test_what_waits_behind_a_crossing_update_is_kept() -> None:
    sync = DepthSync()
    for each in (crossing(111, 112, FAR), update(113, 114)):
        sync.take(each)
    assert sync.take(snapshot(110)) == Crossed(update_id=112)
    assert isinstance(sync.take(snapshot(112)), Applied)
    assert bids(sync) == [114, 100]


def test_a_crossed_snapshot_is_none() -> None:
    sync = DepthSync()
    crossed = Snapshot(9, bids=(level(100, 1),), asks=(level(100, 1),))
    assert sync.take(crossed) == Crossed(update_id=9)
    assert not sync.is_fresh


def test_what_waits_goes_on_to_wait_behind_a_crossed_snapshot() -> None:
    """Else the next snapshot would be shown as the book without them."""
    sync = DepthSync()
    sync.take(update(110, 112))
    assert isinstance(sync.take(Snapshot(109, (level(100, 1),), (level(100, 1),))), Crossed)
    assert sync.take(snapshot(109)) == Applied(snapshot(109), (update(110, 112),))


def test_what_could_not_be_read_is_a_gap_without_a_number() -> None:
    sync = DepthSync()
    sync.take(snapshot(110))
    sync.lose()
    assert sync.take(update(111, 112)) == Buffered(1)
    assert isinstance(sync.take(snapshot(110)), Applied)
    assert sync.update_id == 112
