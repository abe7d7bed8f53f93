"""The log: one JSON object a line, on stderr, and every kind of thing that people must know."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import Any

import pytest

from omnivenue import telemetry
from omnivenue.message import (
    Accept,
    Alert,
    Command,
    DisarmTimer,
    Entry,
    FlagOrder,
    MarkUnknown,
    Opened,
    Reason,
    Refuse,
)
from omnivenue.model import ClOrdID, InstructionID, Nanos, OrderID, VenueID

BYBIT = VenueID("BYBIT")
EVENT = Opened(mode="paper", schema_version=1, decision_version=1, config_hash="")
EVIL = 'two\nlines, "quotes" and \x1b[31mcolour'


class Lines:
    def __init__(self) -> None:
        self._stream = io.StringIO()
        self.start()

    def start(self, level: int = logging.INFO) -> None:
        """As a process does at its start."""
        with redirect_stderr(self._stream):
            telemetry.to_stderr(level)

    @property
    def raw(self) -> list[str]:
        return self._stream.getvalue().splitlines()

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.raw]

    @property
    def words(self) -> list[tuple[str, str]]:
        return [(line["level"], line["message"]) for line in self.told]


@pytest.fixture
def lines() -> Iterator[Lines]:
    log = logging.getLogger("omnivenue")
    before = log.handlers[:], log.level, log.propagate
    yield Lines()
    log.handlers[:], log.level, log.propagate = before


def entry(*commands: Command) -> Entry:
    return Entry(
        seq=7,
        epoch=1,
        at=Nanos(1),
        principal="test",
        event=EVENT,
        seen=(),
        commands=commands,
        prev_hash="",
    )


def test_each_line_is_one_object(lines: Lines) -> None:
    telemetry.said("%s is here: %s", "somebody", EVIL)
    assert len(lines.raw) == 1
    (told,) = lines.told
    assert set(told) == {"at", "level", "logger", "message"}
    assert (told["level"], told["logger"]) == ("INFO", "omnivenue")
    assert told["message"] == f"somebody is here: {EVIL}"
    assert "\x1b" not in lines.raw[0], "nothing in a line commands a terminal"


@pytest.mark.parametrize(
    ("command", "level", "words"),
    [
        (Alert(topic="venue down", about="BYBIT: reset"), "WARNING", "venue down: BYBIT: reset"),
        (FlagOrder(cl_ord_id=ClOrdID("o1"), anomaly="overfill"), "ERROR", "order o1: overfill"),
        (MarkUnknown(cl_ord_id=ClOrdID("o1")), "WARNING", "order o1: outcome unknown"),
        (
            Refuse(
                instruction_id=InstructionID("k1"),
                reasons=(
                    Reason(code="RISK-001", message="a"),
                    Reason(code="RISK-006", message="b"),
                ),
            ),
            "INFO",
            "refused k1: RISK-001 RISK-006",
        ),
    ],
)
def test_what_people_should_know_is_told(
    command: Command, level: str, words: str, lines: Lines
) -> None:
    telemetry.turned([entry(), entry(command)])
    assert lines.words == [(level, words)]


def test_what_goes_well_is_quiet(lines: Lines) -> None:
    accept = Accept(order_id=OrderID("k1"), limit_px=1, hold_px=1)
    telemetry.turned([entry(accept, DisarmTimer(timer_id="t"))])
    telemetry.turned([])
    assert lines.raw == []


def test_everything_of_a_turn_is_told_in_its_order(lines: Lines) -> None:
    marks = [MarkUnknown(cl_ord_id=ClOrdID(f"o{n}")) for n in range(4)]
    telemetry.turned([entry(*marks[:2]), entry(*marks[2:])])
    assert [words for _, words in lines.words] == [f"order o{n}: outcome unknown" for n in range(4)]


def test_why_we_stop_comes_with_where_it_happened(lines: Lines) -> None:
    try:
        raise OSError(28, "No space left on device")
    except OSError as error:
        telemetry.failed(error)
    (told,) = lines.told
    assert told["level"] == "CRITICAL"
    assert "No space left on device" in told["message"]
    assert "Traceback" in told["error"]
    assert "test_why_we_stop" in told["error"]


def test_troubles_of_a_venue_name_it(lines: Lines) -> None:
    telemetry.venue_down(BYBIT, "the connection ended")
    telemetry.venue_failed(BYBIT, ConnectionResetError("reset"))
    telemetry.snapshot_failed("exit 1: no space")
    assert lines.words == [
        ("WARNING", "BYBIT is down: the connection ended"),
        ("WARNING", "BYBIT: sending failed: reset"),
        ("WARNING", "no snapshot: exit 1: no space"),
    ]


def test_a_second_start_does_not_tell_everything_twice(lines: Lines) -> None:
    lines.start()
    telemetry.said("once")
    assert lines.words == [("INFO", "once")]


def test_less_may_be_asked_for(lines: Lines) -> None:
    lines.start(logging.WARNING)
    telemetry.said("a step")
    telemetry.venue_down(BYBIT, "x")
    assert [level for level, _ in lines.words] == ["WARNING"]


def test_other_parts_log_under_their_own_name(lines: Lines) -> None:
    logging.getLogger("omnivenue.api").error("answering failed: %s", EVIL)
    (told,) = lines.told
    assert (told["logger"], told["message"]) == ("omnivenue.api", f"answering failed: {EVIL}")
