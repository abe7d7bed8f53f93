"""The log: one JSON object a line, on stderr, and every kind of thing that people must know."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path
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
    Quarantine,
    Reason,
    Refuse,
)
from omnivenue.model import (
    AccountID,
    AssetID,
    ClOrdID,
    InstructionID,
    InstrumentID,
    Nanos,
    OrderID,
    TradingState,
    VenueID,
)
from omnivenue.oms import Unfit
from omnivenue.risk import Rule
from omnivenue.telemetry import Code, told
from omnivenue.telemetry import lines as written
from omnivenue.wire import ErrorCode

BYBIT, MAIN, BTC = VenueID("BYBIT"), AccountID("main"), AssetID("BTC")
EVENT = Opened(mode="paper", schema_version=1, decision_version=1, config_hash="")
LINE_MAX = 200
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
    telemetry.errors.clear()
    yield Lines()
    telemetry.close_files()
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
    assert (told["level"], told["logger"]) == ("INFO", "omnivenue.server")
    assert told["message"] == f"somebody is here: {EVIL}"
    assert "\x1b" not in lines.raw[0], "nothing in a line commands a terminal"


@pytest.mark.parametrize(
    ("command", "level", "words"),
    [
        (Alert(topic="venue down", about="BYBIT: reset"), "WARNING", "venue down: BYBIT: reset"),
        (FlagOrder(cl_ord_id=ClOrdID("o1"), anomaly="overfill"), "ERROR", "order o1: overfill"),
        (MarkUnknown(cl_ord_id=ClOrdID("o1")), "WARNING", "order o1: outcome unknown"),
        (
            Quarantine(account=MAIN, venue_id=BYBIT, asset=BTC, difference=-3),
            "ERROR",
            "main at BYBIT: BTC differs by -3",
        ),
    ],
)
def test_what_people_should_know_is_told(
    command: Command, level: str, words: str, lines: Lines
) -> None:
    telemetry.Meter().turned([entry(), entry(command)])
    assert lines.words == [(level, words)]


def test_what_goes_well_is_quiet(lines: Lines) -> None:
    """A refusal is an answer, and in the log of the process that follows the journal."""
    accept = Accept(order_id=OrderID("k1"), limit_px=1, hold_px=1)
    refuse = Refuse(instruction_id=InstructionID("k2"), reasons=(Reason(code="X", message="a"),))
    telemetry.Meter().turned([entry(accept, refuse, DisarmTimer(timer_id="t"))])
    telemetry.Meter().turned([])
    assert lines.raw == []


def test_everything_of_a_turn_is_told_in_its_order(lines: Lines) -> None:
    marks = [MarkUnknown(cl_ord_id=ClOrdID(f"o{n}")) for n in range(4)]
    telemetry.Meter().turned([entry(*marks[:2]), entry(*marks[2:])])
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


def tell_everything() -> None:
    """All that has a code, once."""
    error = OSError("no")
    telemetry.failed(error)
    telemetry.stopped("global", TradingState.KILLED, "a drill", "http")
    telemetry.venue_down(BYBIT, "reset")
    telemetry.venue_failed(BYBIT, error)
    telemetry.latch_failed(error)
    telemetry.snapshot_failed("no space")
    telemetry.tables_failed("exit 1")
    telemetry.tokens_untrusted(error)
    telemetry.answer_failed(error)
    telemetry.chore_failed("snapshots", error)
    told.time_leapt(InstrumentID("BYBIT:SPOT_PAIR:BTC-USDT"), 1)
    telemetry.refused_to_start("no")
    commands = (
        Alert(topic="a", about="b"),
        FlagOrder(cl_ord_id=ClOrdID("o1"), anomaly="overfill"),
        MarkUnknown(cl_ord_id=ClOrdID("o1")),
        Quarantine(account=MAIN, venue_id=BYBIT, asset=BTC, difference=1),
    )
    telemetry.Meter().turned([entry(*commands)])


OF_THE_LOG_ITSELF = {Code.UNWRITTEN}


@pytest.mark.covers("V2", "V5")
def test_each_component_has_a_file_and_each_trouble_a_code(lines: Lines, tmp_path: Path) -> None:
    telemetry.to_files(tmp_path / "logs")
    tell_everything()
    found: dict[str, set[str]] = {}
    for path in (tmp_path / "logs").iterdir():
        told = [json.loads(line) for line in path.read_text().splitlines()]
        assert {line["logger"] for line in told} == {f"omnivenue.{path.stem}"}
        found[path.stem] = {line["code"] for line in told}
    wanted: dict[str, set[str]] = {}
    for code in set(Code) - OF_THE_LOG_ITSELF:
        wanted.setdefault(code.component, set()).add(code.code)
    assert found == wanted
    assert found.keys() == set(telemetry.COMPONENTS)
    assert lines.raw, "stderr has them as well"
    assert set(telemetry.errors) == set(Code) - OF_THE_LOG_ITSELF


def test_codes_are_of_the_families_and_none_is_there_twice() -> None:
    codes = [code.code for code in Code]
    assert len(set(codes)) == len(codes)
    assert {code.family for code in Code} <= set(telemetry.FAMILIES)
    assert {code.component for code in Code} <= set(telemetry.COMPONENTS)
    refusals = {each.code for table in (ErrorCode, Rule, Unfit) for each in table}
    assert not refusals & set(codes), "a refusal's code is another thing"


def test_files_are_ours_alone_rotated_and_bounded(
    lines: Lines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "FILE_BYTES", 2_000)
    folder = tmp_path / "logs"
    telemetry.to_files(folder)
    for n in range(400):
        telemetry.said("step %d of very many", n)
    files = sorted(folder.iterdir())
    assert [path.name for path in files] == [
        "server.log",
        *(f"server.log.{n}" for n in (1, 2, 3, 4)),
    ]
    assert all(path.stat().st_size <= 2_000 + LINE_MAX for path in files)
    assert all(path.stat().st_size >= 2_000 for path in files[1:])
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    last = files[0].read_text().splitlines()[-1]
    assert json.loads(last)["message"] == "step 399 of very many"


def test_a_log_that_cannot_be_written_stops_nobody_and_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: Lines
) -> None:
    telemetry.to_files(tmp_path / "logs")
    (tmp_path / "logs").rmdir()
    telemetry.said("one")
    telemetry.said("two")
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["code"] for line in told] == ["LOG-001"]
    assert [words for _, words in lines.words] == ["one", "two"]


def test_where_there_can_be_no_logs_there_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: Lines
) -> None:
    (tmp_path / "file").touch()
    telemetry.to_files(tmp_path / "file" / "logs")
    telemetry.said("one")
    assert json.loads(capsys.readouterr().err)["code"] == "LOG-001"
    assert lines.words == [("INFO", "one")]


TOKEN = "ovp_" + "aB3-_x" * 7
SECRETS = [
    TOKEN,
    TOKEN.replace("ovp_", "ov-test_"),
    f"Bearer {TOKEN}",
    "bearer something-of-another-kind",
    "0x" + "ab12" * 16,
    "AB12" * 16,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
    "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\nMHcCAQEE",
]


@pytest.mark.holds("I23")
@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_like_a_secret_is_blotted_out(secret: str, lines: Lines) -> None:
    telemetry.said("it is %s", secret)
    telemetry.venue_failed(BYBIT, ValueError(f"cannot sign with {secret}"))
    try:
        raise ValueError(secret)
    except ValueError as error:
        telemetry.failed(error)
    for line in lines.told:
        assert secret not in json.dumps(line)
        assert secret.removeprefix("Bearer ") not in json.dumps(line)
    assert lines.told[0]["message"] == "it is [secret]"


@pytest.mark.holds("I23")
def test_what_is_known_to_be_a_secret_is_blotted_out_whatever_it_looks_like(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "_hidden", dict[str, None]())
    telemetry.hide('correct "horse" battery')
    telemetry.hide("short")
    telemetry.said("%s and short", 'correct "horse" battery')
    assert lines.told[0]["message"] == "[secret] and short"


@pytest.mark.parametrize(
    "text",
    [
        "entry 12 follows 0123456789abcdef…, and the hash of what stands before it is 0123",
        "order ov_79092e8c40d7bb42f6876c5b494: outcome unknown",
        "omnivenue, mode paper, http://127.0.0.1:8001, venues BYBIT OKX",
    ],
)
def test_what_is_no_secret_is_told(text: str, lines: Lines) -> None:
    telemetry.said("%s", text)
    assert lines.told[0]["message"] == text
