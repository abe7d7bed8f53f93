"""What a decision sees of the market: fresh or missing, and written down as it was answered."""

import pytest
from msgspec.structs import replace

from omnivenue.journal import verify
from omnivenue.market import Quote
from omnivenue.message import (
    Answer,
    Asked,
    Depth,
    DepthOf,
    Mark,
    MarkOf,
    Missing,
    Question,
    Top,
    TopOf,
)
from omnivenue.model import SECOND, InstrumentID, Lots, Nanos, Side, Ticks
from omnivenue.runtime import Books, Recorder
from omnivenue.runtime.books import BACK, STALE_AFTER
from scene import AT_A, A, Desk, buy, names, new_orders

PAIR = AT_A.instrument_id
NOW = Nanos(100 * SECOND)
NEVER_QUOTED = Missing(why="never quoted")


def stale(ms: int = 2000) -> Missing:
    return Missing(why=f"the feed is stale: its last message is {ms} ms old")


def levels(*pairs: tuple[int, int]) -> tuple[tuple[Ticks, Lots], ...]:
    return tuple((Ticks(px), Lots(qty)) for px, qty in pairs)


BIDS, ASKS = levels((99, 5), (98, 7)), levels((102, 4), (103, 6), (110, 100))


def shown(at: int = NOW, bids: object = BIDS, asks: object = ASKS) -> Quote:
    return Quote(instrument_id=PAIR, bids=bids, asks=asks, at=Nanos(at))  # type: ignore[arg-type]


def books(*quotes: Quote) -> Books:
    found = Books()
    for quote in quotes:
        found.update(quote)
    return found


# Books.


def test_the_latest_quote_counts_and_another_instrument_has_none() -> None:
    found = books(shown(NOW - 1), shown(NOW))
    assert found.quote(PAIR, NOW) == shown(NOW)
    other = InstrumentID("SIM-A:SPOT_PAIR:ETH-USDT")
    assert found.quote(other, NOW) == NEVER_QUOTED
    assert found.latest(other) is None


@pytest.mark.holds("I17")
def test_a_quote_is_good_for_a_while() -> None:
    found = books(shown())
    last = Nanos(NOW + STALE_AFTER)
    assert found.quote(PAIR, last) == shown()
    assert found.quote(PAIR, Nanos(last + 1)) == stale()
    assert found.latest(PAIR) == shown(), "to look at it, however old"
    found.update(shown(last))
    assert found.quote(PAIR, Nanos(last + 1)) == shown(last)


# The recorder: what is answered is what is written down.


def met(*levels: tuple[int, int]) -> tuple[tuple[Ticks, Lots], ...]:
    return tuple((Ticks(px), Lots(lots)) for px, lots in levels)


ASKED: list[tuple[Question, Answer]] = [
    (
        TopOf(venue_id=A, instrument_id=PAIR),
        Top(bid=Ticks(99), bid_qty=Lots(5), ask=Ticks(102), ask_qty=Lots(4), at=NOW),
    ),
    (
        DepthOf(venue_id=A, instrument_id=PAIR, side=Side.BUY, qty=Lots(5)),
        Depth(qty=Lots(5), worst_px=Ticks(103), at=NOW, levels=met((102, 4), (103, 1))),
    ),
    (
        DepthOf(venue_id=A, instrument_id=PAIR, side=Side.SELL, qty=Lots(5)),
        Depth(qty=Lots(5), worst_px=Ticks(99), at=NOW, levels=met((99, 5))),
    ),
    (
        DepthOf(venue_id=A, instrument_id=PAIR, side=Side.SELL, qty=Lots(50)),
        Depth(qty=Lots(12), worst_px=Ticks(98), at=NOW, levels=met((99, 5), (98, 7))),
    ),
    (MarkOf(instrument_id=PAIR), Mark(px=Ticks(100), at=NOW)),
]


def asked(recorder: Recorder, question: Question) -> Answer:
    match question:
        case TopOf(venue_id=venue_id, instrument_id=instrument_id):
            return recorder.top(venue_id, instrument_id)
        case DepthOf(venue_id=venue_id, instrument_id=instrument_id, side=side, qty=qty):
            return recorder.depth(venue_id, instrument_id, side, qty)
        case MarkOf(instrument_id=instrument_id):
            return recorder.mark(instrument_id)


@pytest.mark.holds("I5")
def test_questions_and_answers_are_kept_in_their_order() -> None:
    recorder = Recorder(books(shown()), NOW)
    answers = [asked(recorder, question) for question, _ in ASKED]
    assert answers == [answer for _, answer in ASKED]
    assert recorder.asked == [Asked(question=q, answer=a) for q, a in ASKED]


@pytest.mark.holds("I17")
@pytest.mark.parametrize(("question", "_"), ASKED)
@pytest.mark.parametrize(
    ("known", "missing"),
    [
        ([], NEVER_QUOTED),
        ([shown(NOW - STALE_AFTER - 1)], stale()),
    ],
    ids=["never", "stale"],
)
def test_a_missing_answer_is_an_answer(
    question: Question, _: Answer, known: list[Quote], missing: Missing
) -> None:
    recorder = Recorder(books(*known), NOW)
    assert asked(recorder, question) == missing
    assert recorder.asked == [Asked(question=question, answer=missing)]


@pytest.mark.parametrize(
    ("quote", "question", "why"),
    [
        (shown(bids=()), TopOf(venue_id=A, instrument_id=PAIR), "one-sided book"),
        (shown(asks=()), MarkOf(instrument_id=PAIR), "one-sided book"),
        (
            shown(asks=()),
            DepthOf(venue_id=A, instrument_id=PAIR, side=Side.BUY, qty=Lots(1)),
            "no depth",
        ),
    ],
)
def test_half_a_book_says_what_it_lacks(quote: Quote, question: Question, why: str) -> None:
    assert asked(Recorder(books(quote), NOW), question) == Missing(why=why)


@pytest.mark.holds("I5", "I17")
def test_what_was_seen_decides_again_as_it_did() -> None:
    """A decision on a stale feed, and one on a fresh feed, from their journal alone."""
    desk = Desk()
    desk.at += STALE_AFTER + 1
    assert names(desk.tell(buy("k1", px=None))) == "Refuse"
    desk.later(1)
    assert new_orders(desk.tell(buy("k2", px=None)))
    desk.books = Books()  # what was seen is in the entries, and nowhere else
    assert verify(type(desk.state)(), desk.journal.lines()) == desk.state


@pytest.mark.holds("I17", "T34")
def test_freshness_is_judged_by_our_clock_from_when_news_came() -> None:
    """The venue's clock is an hour ahead; it repeats itself, and that is no news."""
    ahead = 3600 * SECOND
    found = Books()
    for n in range(3):
        found.update(shown(NOW + ahead + n), Nanos(NOW + n))
    assert isinstance(found.quote(PAIR, NOW), Quote)
    found.update(shown(NOW + ahead + 2), Nanos(NOW + STALE_AFTER))
    assert found.quote(PAIR, Nanos(NOW + STALE_AFTER + 3)) == stale()
    found.update(shown(NOW + ahead + STALE_AFTER + 4), Nanos(NOW + STALE_AFTER + 4))
    assert isinstance(found.quote(PAIR, Nanos(NOW + STALE_AFTER + 5)), Quote)


def test_of_the_first_quote_only_the_venue_knows_how_old_it_is() -> None:
    found = Books()
    found.update(shown(NOW - STALE_AFTER - 1), NOW)
    assert found.quote(PAIR, NOW) == stale()


@pytest.mark.holds("I17", "T34")
def test_what_comes_late_is_old_however_new_it_looks() -> None:
    """A pipe that stalls and drains, and a feed that falls behind: the clocks are 5 s apart."""
    apart = 5 * SECOND
    found = Books()
    for n in range(3):
        found.update(shown(NOW + n), Nanos(NOW + apart + n))
    assert isinstance(found.quote(PAIR, Nanos(NOW + apart + 3)), Quote)
    found.update(shown(NOW + SECOND), Nanos(NOW + apart + 60 * SECOND))
    assert found.quote(PAIR, Nanos(NOW + apart + 60 * SECOND)) == stale(58_999), (
        "less what clocks may drift apart in a second"
    )
    found.update(shown(NOW + 60 * SECOND), Nanos(NOW + apart + 60 * SECOND))
    assert isinstance(found.quote(PAIR, Nanos(NOW + apart + 61 * SECOND)), Quote)


@pytest.mark.holds("I17", "T34")
def test_a_crossed_book_is_not_believed_nor_is_what_was_there() -> None:
    found = books(shown(NOW - 1))
    found.update(shown(NOW, bids=levels((102, 1))))
    assert found.latest(PAIR) == shown(NOW - 1), "to look at it"
    assert found.quote(PAIR, NOW) == Missing(why="the feed is stale: the book is crossed")
    found.update(shown(NOW + 1))
    assert found.quote(PAIR, Nanos(NOW + 1)) == shown(NOW + 1)
    never = books(shown(NOW, bids=levels((102, 1))))
    assert never.latest(PAIR) == shown(NOW, (), ()), "what cannot be is not shown"
    assert not never.is_fresh(PAIR, NOW)


@pytest.mark.holds("I17", "T34")
def test_a_lost_book_is_stale_at_once_and_until_a_whole_one() -> None:
    lost = Quote(instrument_id=PAIR, bids=(), asks=(), at=NOW, lost="updates are missing")
    found = books(lost)
    assert found.quote(PAIR, NOW) == Missing(why="the feed is stale: updates are missing")
    found.update(shown(NOW))
    found.update(lost)
    assert found.latest(PAIR) == shown(NOW), "to look at it"
    assert not found.is_fresh(PAIR, NOW)
    assert found.quote(PAIR, NOW) == Missing(why="the feed is stale: updates are missing")
    found.update(shown(NOW + 1))
    assert found.is_fresh(PAIR, Nanos(NOW + 1))


def test_a_feed_is_as_old_as_its_last_message() -> None:
    found = Books()
    assert found.age(PAIR, NOW) is None
    found.update(shown(NOW), Nanos(NOW + 7))  # clocks 7 apart, or 7 on its way: nobody can tell
    assert found.age(PAIR, Nanos(NOW + 10)) == 10
    found.update(shown(NOW + 20), Nanos(NOW + 27))
    assert found.age(PAIR, Nanos(NOW + 30)) == 3


HOUR = 3600 * SECOND
LATER = 10 * HOUR


@pytest.mark.holds("I17", "T34")
@pytest.mark.parametrize("wait", [SECOND // 10, 3 * SECOND])
@pytest.mark.parametrize("apart", [-HOUR, 0, 5])
@pytest.mark.parametrize("by", [10**18, 3 * HOUR, 2 * SECOND, -3 * HOUR])
def test_one_time_that_leaps_makes_nothing_stale(by: int, apart: int, wait: int) -> None:
    """Also where so little comes that the next time is later than the wrong one."""
    found = Books()
    leaps = [
        found.update(shown(LATER + n * wait - apart), Nanos(LATER + n * wait)) for n in range(3)
    ]
    came = Nanos(LATER + 3 * wait)
    assert leaps == [0, 0, 0]
    assert found.update(shown(came - apart + by), came) == 1
    shown_at = found.latest(PAIR)
    assert shown_at is not None
    assert shown_at.at == came - wait - apart, "as the one before it"
    assert found.age(PAIR, came) == wait, "and nobody knows how old it is"
    for n in range(1, 4):
        at = Nanos(came + n * wait)
        assert found.update(shown(at - apart), at) == 0
        assert found.age(PAIR, at) == 0


MILLI = SECOND // 1000
STEP = 100 * MILLI


def fed(*times: tuple[int, int]) -> Books:
    """What came in, and with what time."""
    found = Books()
    for at, told in times:
        found.update(shown(told), Nanos(at))
    return found


def late(count: int) -> list[tuple[int, int]]:
    """A feed that falls behind, to ten seconds, and stays there."""
    ats = [LATER + n * STEP for n in range(count)]
    return [(at, at - min(10 * SECOND, n * STEP * 9 // 10)) for n, at in enumerate(ats)]


@pytest.mark.holds("I17", "T34")
@pytest.mark.parametrize("told", [-1, -BACK, 0])
def test_a_late_feed_stays_late_where_a_quote_was_overtaken(told: int) -> None:
    """Once, and then it goes on; or its time is 0, for then its market has not begun."""
    *before, (at, right) = late(150)
    again = right + told if told else 0
    times = [*before, (at, right), (at, again), *[(at + n, right + n) for n in range(1, 4)]]
    assert not fed(*times).is_fresh(PAIR, Nanos(at + 3))


@pytest.mark.holds("I17", "T34")
@pytest.mark.parametrize("apart", [50 * MILLI, BACK])
def test_a_late_feed_stays_late_where_two_clocks_tell_its_times(apart: int) -> None:
    times = [(at, told - n % 2 * apart) for n, (at, told) in enumerate(late(400))]
    assert not fed(*times).is_fresh(PAIR, Nanos(times[-1][0]))


@pytest.mark.holds("I17", "T34")
def test_a_late_feed_stays_late_where_its_clock_is_set() -> None:
    times = late(150)
    at, told = times[-1]
    set_back = [(at + n * STEP, told + n * STEP - HOUR) for n in range(1, 4)]
    now = Nanos(at + 3 * STEP)
    assert not fed(*times, *set_back).is_fresh(PAIR, now)
    caught_up = (now, now - HOUR)
    assert fed(*times, *set_back, caught_up).is_fresh(PAIR, now)


@pytest.mark.holds("I17", "T34")
@pytest.mark.parametrize("told", [0, LATER])
def test_a_quote_that_is_repeated_makes_no_feed_late(told: int) -> None:
    """Until its market begins, with time 0; or goes on, by a clock that was set ahead meanwhile."""
    repeated = [(LATER + n * SECOND, told) for n in range(60)]
    now = LATER + HOUR
    begun = [(now + n, now + n + 2 * HOUR) for n in range(2)]
    assert fed(*repeated, *begun).age(PAIR, Nanos(now + 1)) == 0


@pytest.mark.holds("I17", "T34")
def test_a_clock_that_drifts_makes_no_feed_stale() -> None:
    """A twentieth of a millisecond a second, for a day: 4.3 s."""
    day = range(0, 24 * 3600, 1)
    times = [(LATER + n * SECOND, LATER + n * SECOND - n * MILLI // 20) for n in day]
    assert fed(*times).age(PAIR, Nanos(times[-1][0])) == 0


@pytest.mark.holds("I17", "T34")
def test_a_silence_brings_no_late_quote_nearer() -> None:
    silent = LATER + 24 * HOUR
    found = fed((LATER, LATER), (silent, silent - 3 * SECOND))
    assert not found.is_fresh(PAIR, Nanos(silent))


@pytest.mark.holds("I17", "T34")
def test_a_clock_set_back_little_by_little_makes_no_feed_stale() -> None:
    """By 0.9 s every ten minutes, as one that runs wrong and is put right."""
    ats = range(0, HOUR, STEP)
    times = [(LATER + n, LATER + n - n // (600 * SECOND) * 900 * MILLI) for n in ats]
    assert fed(*times).age(PAIR, Nanos(times[-1][0])) == 0


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_a_clock_that_was_set_is_believed_when_it_says_so_twice(by: int) -> None:
    found = books(shown(LATER), shown(LATER + 1))
    leaps = [found.update(shown(LATER + by + n), Nanos(LATER + n)) for n in range(2, 5)]
    assert leaps == [1, 0, 0]
    assert found.age(PAIR, Nanos(LATER + 4)) == 0
    assert found.age(PAIR, Nanos(LATER + 4 + 7)) == 7


def test_what_a_venue_counts_of_its_own_feed_is_told_once() -> None:
    """Its process may begin anew, and count from nothing."""
    counts = [2, 2, 5, 1, 1]
    found = Books()
    quotes = [replace(shown(NOW + n), time_jumps=count) for n, count in enumerate(counts)]
    lost = replace(shown(NOW + 9, (), ()), time_jumps=3, lost="updates are missing")
    assert [found.update(quote) for quote in [*quotes, lost]] == [2, 0, 3, 1, 0, 2]
