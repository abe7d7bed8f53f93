"""Faults on purpose: by seed on a link, and one by one from a script."""

import pytest

from exchanges import BUY, ENOUGH, PX, SELL, at, cancel, exchange, kinds, order, printed, query
from omnivenue.message import CancelRejected, ExecutionReport, NewOrder, StatusReport, VenueEvent
from omnivenue.model import ClOrdID, Nanos
from omnivenue.venue.sim.faults import Fault, Faults, Latency, Link, Planned, Script, Target
from omnivenue.venue.sim.house import Cut, House

CANCEL, QUERY = Target.CANCEL_ORDER, Target.QUERY_ORDERS


def house(*planned: Planned) -> House:
    made = House(exchange((at(5), [printed(PX - 9, 10**6, SELL)])))
    for fault in planned:
        made.script.queue(fault)
    return made


def faulty(fault: Fault, target: Target = Target.NEW_ORDER) -> House:
    return house(Planned(fault=fault, target=target))


def taker(name: str = "c") -> NewOrder:
    return order(name, BUY, px=PX + 1)


def asked(h: House, name: str = "c") -> list[ExecutionReport]:
    (answer,) = h.handle(at(9), query(name))
    assert isinstance(answer, StatusReport)
    return list(answer.reports)


def test_executed_without_a_reply_until_asked() -> None:
    h = faulty(Fault.TIMEOUT_EXECUTED)
    assert h.handle(at(1), order("c")) == []
    assert kinds(h.advance(at(6))) == []  # nor of its trade later
    assert kinds(asked(h)) == ["NEW", "TRADE"]


def test_a_cancel_executed_without_a_reply() -> None:
    h = faulty(Fault.TIMEOUT_EXECUTED, CANCEL)
    h.handle(at(1), order("c"))
    assert h.handle(at(2), cancel("c")) == []
    assert kinds(asked(h)) == ["NEW", "CANCELED"]


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_EXECUTED, Fault.TIMEOUT_LOST])
def test_a_question_without_an_answer(fault: Fault) -> None:
    h = faulty(fault, QUERY)
    assert h.handle(at(1), query()) == []
    assert len(h.handle(at(1), query())) == 1


def test_lost_on_the_way() -> None:
    h = faulty(Fault.TIMEOUT_LOST)
    assert h.handle(at(1), taker()) == []
    assert ClOrdID("c") not in h.exchange.orders
    assert kinds(h.handle(at(2), taker())) == ["NEW", "TRADE"]


def test_each_reply_twice() -> None:
    assert kinds(faulty(Fault.DUPLICATE).handle(at(1), taker())) == ["NEW"] * 2 + ["TRADE"] * 2


def test_the_last_reply_first() -> None:
    assert kinds(faulty(Fault.REORDER).handle(at(1), taker())) == ["TRADE", "NEW"]


def test_trades_untold_until_asked() -> None:
    h = faulty(Fault.DROP_REPORTS)
    assert kinds(h.handle(at(1), order("c"))) == ["NEW"]
    assert kinds(h.advance(at(6))) == []
    assert kinds(asked(h)) == ["NEW", "TRADE"]


@pytest.mark.parametrize("fault", [Fault.DROP_REPORTS, Fault.TIMEOUT_EXECUTED])
def test_once_asked_it_tells_again(fault: Fault) -> None:
    h = faulty(fault)
    h.handle(at(1), order("c"))
    h.handle(at(2), query())
    assert kinds(h.advance(at(6))) == ["TRADE"]


@pytest.mark.parametrize(
    ("fault", "text"), [(Fault.REJECT, "SIM_REJECT"), (Fault.RATE_LIMIT, "RATE_LIMIT")]
)
def test_turned_away(fault: Fault, text: str) -> None:
    (report,) = faulty(fault).handle(at(1), taker())
    assert isinstance(report, ExecutionReport)
    assert report.text == text


def test_executed_and_cut_off() -> None:
    h = faulty(Fault.DISCONNECT)
    with pytest.raises(Cut):
        h.handle(at(1), taker())
    assert kinds(asked(h)) == ["NEW", "TRADE"]


def test_a_cancel_that_loses_the_race() -> None:
    h = faulty(Fault.FILL_BEFORE_CANCEL, CANCEL)
    h.handle(at(1), order("c"))
    filled, rejected = h.handle(at(2), cancel("c"))
    assert kinds([filled]) == ["TRADE"]
    assert isinstance(rejected, CancelRejected)
    assert rejected.text == "too late"
    assert h.exchange.orders[ClOrdID("c")].cum == ENOUGH


def test_a_fault_waits_for_its_turn_and_strikes_once() -> None:
    script = Script()
    script.queue(Planned(fault=Fault.REJECT, nth=2))
    script.queue(Planned(fault=Fault.DUPLICATE, nth=2))
    script.queue(Planned(fault=Fault.TIMEOUT_LOST, target=CANCEL))
    struck = [script.strike(c) for c in (taker(), cancel("c"), taker(), taker(), taker())]
    assert struck == [None, Fault.TIMEOUT_LOST, Fault.REJECT, Fault.DUPLICATE, None]
    assert script.pending == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"fault": Fault.REJECT, "target": CANCEL},
        {"fault": Fault.FILL_BEFORE_CANCEL},
        {"fault": Fault.DUPLICATE, "nth": 0},
    ],
)
def test_an_impossible_plan_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"for new orders|for cancels|counts from 1"):
        Planned(**wrong)  # type: ignore[arg-type]


def sent(link: Link, count: int) -> list[Nanos]:
    link.connect()
    return [t for i in range(count) for t, _ in link.request(Nanos(i), taker())]


def test_a_link_without_faults_is_a_wire() -> None:
    assert sent(Link(1), 5) == [0, 1, 2, 3, 4]


def test_latency_keeps_the_order_and_delay_does_not() -> None:
    late = sent(Link(1, latency=Latency(min=10, max=50)), 200)
    assert late == sorted(late)
    assert all(t - i >= 10 for i, t in enumerate(late))
    link, answer = Link(1, latency=Latency(min=10, max=50)), query_answer()
    link.connect()
    back = [t for i in range(200) for t, _ in link.reply(Nanos(i), answer)]
    assert back == sorted(back)
    assert all(t - i >= 10 for i, t in enumerate(back))
    delayed = sent(Link(1, Faults(delay_max=100)), 200)
    assert len(delayed) == 200
    assert delayed != sorted(delayed)


def test_a_link_loses_repeats_and_breaks_by_its_seed() -> None:
    faults = Faults(lose_request=50, lose_reply=30, duplicate=50, disconnect=50, rate_limit=50)

    def story(seed: int) -> list[tuple[object, list[object], bool]]:
        link = Link(seed, faults)
        link.connect()
        reply: VenueEvent = query_answer()
        return [
            (
                link.request(Nanos(i), taker()),
                [*link.reply(Nanos(i), reply)],
                link.breaks() or link.limits(taker()),
            )
            for i in range(100)
        ]

    assert story(3) == story(3)
    assert story(3) != story(4)
    assert {len(replies) for _, replies, _ in story(3)} == {0, 1, 2}


def query_answer() -> VenueEvent:
    return exchange().handle(at(1), query())[0]


def test_nothing_passes_a_link_that_is_down() -> None:
    link = Link(1)
    assert link.request(Nanos(0), taker()) == []
    link.connect()
    link.drop()
    assert link.reply(Nanos(0), query_answer()) == []
    assert not link.breaks()
    assert link.connection == 1


def test_latency_must_be_a_range() -> None:
    with pytest.raises(ValueError, match="min <= max"):
        Latency(min=5, max=1)
