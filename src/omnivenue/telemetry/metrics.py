"""The numbers as Prometheus reads them: every name, its labels, and what it means.

Made when somebody asks, from counts that are there and from the state as it is: whoever looks away
costs nothing. Floats are only in what is sent.
"""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from omnivenue.engine import State, VenueStatus
from omnivenue.ledger import worth
from omnivenue.model import AccountID, InstrumentID, TradingState, unit
from omnivenue.oms import OrdStatus, status
from omnivenue.telemetry.codes import Code
from omnivenue.telemetry.meter import BOUNDS, Histogram, Meter, S
from omnivenue.telemetry.told import errors

CONTENT_TYPE = CONTENT_TYPE_LATEST
PREFIX = "omnivenue_"


type Values = Mapping[tuple[str, ...], float]
type Latencies = Mapping[tuple[str, ...], Histogram]


class _Once(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> list[Metric]:
        return self._families


def exposition(
    meter: Meter, state: State, mode: str, uptime: float, views_seq: int | None = None
) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    found = [*_process(mode, uptime, state, views_seq), *_orders(meter), *_now(state)]
    registry.register(_Once([*found, *_latencies(meter), *_troubles(meter)]))
    return generate_latest(registry)


def _process(mode: str, uptime: float, state: State, views_seq: int | None) -> Iterator[Metric]:
    yield _gauge("process", "1, with the mode.", ("mode",), {(mode,): 1})
    yield _gauge("uptime_seconds", "Since this process started.", (), {(): uptime})
    yield _gauge("journal_seq", "The journal's last entry.", (), {(): state.seq - 1})
    if views_seq is not None:
        text = "The entry that the read tables stand at."
        yield _gauge("views_seq", text, (), {(): views_seq})
        late = max(0, state.seq - 1 - views_seq)
        yield _gauge("views_behind", "Entries that they lack.", (), {(): late})


def _orders(meter: Meter) -> Iterator[Metric]:
    yield _count("submissions", "Orders that clients have asked for.", (), {(): meter.instructions})
    yield _count("submissions_accepted", "Of them, accepted.", (), {(): meter.accepted})
    text = "Orders sent, by the venue that was chosen."
    yield _count("venue_selections", text, ("venue",), _keyed(meter.selected))
    yield _count("fills", "Trades of orders sent since the start.", ("venue",), _keyed(meter.fills))
    text = "Rules that failed, by code: one order may fail several."
    yield _count("risk_rejections", text, ("code",), _keyed(meter.rejections))
    text = "Orders that a venue has rejected."
    yield _count("venue_rejections", text, ("venue",), _keyed(meter.venue_rejections))
    text = "Messages of feeds whose time was not believed."
    yield _count("feed_time_jumps", text, ("venue",), _keyed(meter.time_jumps))


def _latencies(meter: Meter) -> Iterator[Metric]:
    """Of a turn of the loop: `accept`, what waited longest; `risk`, one decision; `commit`; `send`.
    Of an order: `ack` and `fill`, from when it was decided upon to when its answer was."""
    text = "What each stage of an order takes."
    stages: Latencies = {(stage,): found for stage, found in meter.stages.items()}
    yield _histogram("stage_seconds", text, ("stage",), stages)
    text = "From a submission to its first fill."
    by_venue: Latencies = {(venue_id,): found for venue_id, found in meter.to_fill.items()}
    yield _histogram("submission_to_fill_seconds", text, ("venue",), by_venue)


def _troubles(meter: Meter) -> Iterator[Metric]:
    found = {(code.family, code.code): errors[code] for code in Code}
    yield _count("errors", "Troubles that were logged.", ("family", "code"), found)
    by_status = {(str(answer),): count for answer, count in meter.answers.items()}
    yield _count("http_answers", "Answers, by HTTP status.", ("status",), by_status)


def _now(state: State) -> Iterator[Metric]:
    exposure, held = _exposures(state)
    labels = ("account", "instrument", "asset")
    text = "What is held is worth so much at the last mark: negative, where it is short."
    yield _gauge("position_exposure", text, labels, exposure)
    yield _gauge("position_quantity", "What is held, in whole units.", labels[:2], held)
    open_now, unknown, is_up = _no_values(), _no_values(), _no_values()
    for venue_id, venue in sorted(state.venues.items()):
        words = [status(state.orders[cl_ord_id]) for cl_ord_id in venue.open]
        open_now[(venue_id,)] = len(words)
        unknown[(venue_id,)] = words.count(OrdStatus.UNKNOWN)
        is_up[(venue_id,)] = int(venue.status is VenueStatus.OPEN)
    yield _gauge("open_orders", "Orders that are at a venue.", ("venue",), open_now)
    yield _gauge("unknown_orders", "Of them, of unknown outcome.", ("venue",), unknown)
    yield _gauge("venue_up", "1 where it is reconciled.", ("venue",), is_up)
    text = "0 ACTIVE, 1 REDUCE_ONLY, 2 HALTED, 3 KILLED."
    states = {("global",): TradingState.ACTIVE.severity}
    states |= {(scope,): stop.state.severity for scope, stop in state.stopped.items()}
    yield _gauge("trading_state", text, ("scope",), states)


def _no_values() -> dict[tuple[str, ...], float]:
    return {}


def _exposures(state: State) -> tuple[Values, Values]:
    """Over all strategies of an account."""
    held: dict[tuple[AccountID, InstrumentID], int] = {}
    for account, strategies in state.positions.items():
        for positions in strategies.values():
            for instrument_id, position in positions.items():
                key = account, instrument_id
                held[key] = held.get(key, 0) + position.qty
    exposure, whole = _no_values(), _no_values()
    for (account, instrument_id), qty in sorted(held.items()):
        instrument = state.instruments[instrument_id]
        whole[account, instrument_id] = qty / unit(instrument.qty_asset)
        if mark := state.marks.get(instrument_id):
            money = abs(worth(instrument, qty, mark)) * (1 if qty > 0 else -1)
            exposure[account, instrument_id, instrument.cash] = money / unit(instrument.cash)
    return exposure, whole


def _keyed[K: str](counts: Mapping[K, int]) -> Values:
    return {(key,): count for key, count in sorted(counts.items())}


def _count(name: str, text: str, labels: tuple[str, ...], values: Values) -> Metric:
    family = CounterMetricFamily(PREFIX + name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _gauge(name: str, text: str, labels: tuple[str, ...], values: Values) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _histogram(name: str, text: str, labels: tuple[str, ...], found: Latencies) -> Metric:
    family = HistogramMetricFamily(PREFIX + name, text, labels=labels)
    for key, histogram in found.items():
        buckets, sum_so_far = list[tuple[str, float]](), 0
        for bound, count in zip((*BOUNDS, None), histogram.counts, strict=True):
            sum_so_far += count
            buckets.append(("+Inf" if bound is None else repr(bound / S), sum_so_far))
        family.add_metric(key, buckets, histogram.total / S)
    return family
