"""Section 2 of docs/interface.md: each command line of it, as a process of its own."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from typer.main import get_command

from interface import page
from interface.desk import Desk, key
from interface.shape import ANYTHING, List, Object, Shape, misfits, parse
from interface.test_calls import ACCEPTED, FILL, MARKET, ORDER, RISK, ROWS, STATE_ROW, found
from omnivenue.cli.root import app
from omnivenue.cli.unbuilt import UNBUILT
from servers import BYBIT, resting

ROOT: Any = get_command(app)
GROUPS = {name for name, command in ROOT.commands.items() if hasattr(command, "commands")}
COMMANDS = page.commands(frozenset(GROUPS | {"wallet", "chain", "data", "backtest"}))
NOT_BUILT = page.not_built(2)
ELSEWHERE = {"demo", "serve"}  # tests/process/test_demo.py; the fixture, by the page's own line


@dataclass(frozen=True)
class Run:
    """The words after the verb, and as what its document is told."""

    words: Callable[[Desk], list[str]] = lambda _: []
    shape: Shape = ANYTHING
    code: int = 0
    stdin: Callable[[], str] = str


def words(text: str) -> Callable[[Desk], list[str]]:
    return lambda _: text.split()


def about(more: str = "", *, twap: bool = False) -> Callable[[Desk], list[str]]:
    return lambda desk: [desk.twap() if twap else desk.order(), *more.split()]


def listing(name: str, row: Shape) -> Shape:
    members: dict[str, Shape] = {name: List(row), "next_cursor": ANYTHING, "seq": ANYTHING}
    return Object(members, frozenset(), is_open=False)


ORDERED = f"--instrument {BYBIT} --side buy --qty 0.01"
STOPPED = "--scope strategy:cli --reason example"
WORKED = "--venue OKX --asset USDT --amount 1 --reason example"

STATUS = parse(
    '{"status","mode","url","uptime","last_entry","open_orders","unknown","stats",'
    '"venues":[{"venue","state",…}…],"states":[{"scope","state","since","reason"}…],'
    '"breakers","quarantined"}'
)

RUNS: dict[str, list[Run]] = {
    "init": [Run(lambda _: [f"{key()}.toml", "--mode", "live", "--force"])],
    "doctor": [
        Run(
            words("--mode paper"),
            parse('{"ok","mode","home","server","checks":[{"check","state","said","mend"}…]}'),
        )
    ],
    "status": [Run(shape=STATUS)],
    "version": [Run(shape=parse('{"name","version"}'))],
    "config check": [Run(shape=parse('{"ok","source","mode",…}'))],
    "config show": [Run(shape=parse('{"source","mode","risk","accounts","venues",…}'))],
    "config schema": [Run(shape=parse('{"$defs",…}'))],
    "order place": [
        Run(words(ORDERED), ACCEPTED),
        Run(words(f"{ORDERED} --wait 10"), found("GET /v1/instructions/{id}").shape),
        Run(
            words(
                f"{ORDERED} --type limit --price 50000 --tif gtd --expire-at 2099-01-31T12:00:00Z"
                " --post-only --strategy cli --account main --oco g --allow-duplicate"
            ),
            ACCEPTED,
        ),
        Run(
            words(
                f"{ORDERED} --type stop_limit --stop-price 90000 --price 90100 --trigger-by bid"
                " --take-profit 99000 --stop-loss 50000"
            ),
            ACCEPTED,
        ),
        Run(
            words(f"{ORDERED} --algo twap --param horizon_secs=60 --param interval_secs=5"),
            ACCEPTED,
        ),
        Run(
            words(
                "--instrument SMART:SPOT_PAIR:BTC-USDT --side sell --qty 0.01"
                f" --candidates {BYBIT},OKX:SPOT_PAIR:BTC-USDT"
            ),
            ACCEPTED,
        ),
        Run(lambda _: [*ORDERED.split(), "--id", key(), "--reduce-only"], ACCEPTED, code=1),
    ],
    "order show": [Run(about(), ORDER)],
    "order cancel": [Run(about(), ACCEPTED)],
    "order cancel-all": [
        Run(words(f"--venue BYBIT --instrument {BYBIT} --strategy nobody"), ACCEPTED)
    ],
    "order replace": [Run(about("--qty 0.02 --price 50100"), ACCEPTED)],
    "order list": [
        Run(
            words(f"--status FILLED --venue BYBIT --instrument {BYBIT} --strategy default"),
            listing("orders", ORDER),
        )
    ],
    "order pause": [Run(about(twap=True), ACCEPTED)],
    "order resume": [Run(about(twap=True), ACCEPTED)],
    "submit": [Run(words("-"), ACCEPTED, stdin=lambda: json.dumps(resting(key())))],
    "instruments": [Run(words("--venue OKX"), found("GET /v1/instruments").shape)],
    "book": [Run(words(BYBIT), MARKET)],
    "positions": [Run(shape=listing("positions", ROWS["position"]))],
    "balances": [Run(shape=listing("balances", ROWS["balance"]))],
    "fills": [Run(shape=listing("fills", FILL))],
    "pnl": [Run(words("--account main"), parse('{"pnl","next_cursor","seq"}'))],
    "kill": [Run(words(f"{STOPPED} --state halted"), STATE_ROW)],
    "rearm": [Run(words("--scope strategy:quiet --reason example"), STATE_ROW)],
    "token create": [Run(words("--scope read --name reader"))],
    "token list": [Run()],
    "token revoke": [Run(lambda d: [_token(d)])],
    "risk": [
        Run(shape=RISK),
        Run(words("--set order_qty=5 --scope strategy:cli --reason example"), RISK),
    ],
    "reconcile": [Run(words("--venue OKX"), found("POST /v1/reconcile").shape)],
    "adjust": [Run(lambda _: [*WORKED.split(), "--account", "main", "--id", key()], ACCEPTED)],
    "views rebuild": [Run(words("--mode paper"))],
    "views status": [Run(words("--mode paper"))],
    "replay": [Run(words("--verify"), parse('{"state_hash","decision_hash",…}'))],
    "quote": [
        Run(
            lambda desk: ["--pools", _pools(desk), "--requests", "-"],
            parse('{"id","amount_in","amount_out","hops":[{"pool","amount_in","amount_out",…}…]}'),
            stdin=lambda: json.dumps(page.quoted_in_full()[1]),
        ),
        Run(
            lambda desk: ["--pools", _pools(desk)],
            code=1,
            stdin=lambda: '{"id": "q2", "kind": "exact_in", "path": [], "amount": "1"}',
        ),
    ],
    "execute": [
        Run(
            lambda desk: ["-", "--pools", _priced(desk)],
            parse(json.dumps(page.priced_in_full()[2])),
            stdin=lambda: json.dumps(page.priced_in_full()[1]),
        ),
        Run(code=1, stdin=lambda: json.dumps(page.priced_in_full()[1])),
        Run(words("-"), code=1, stdin=lambda: '{"route": ["USDC"]}'),
    ],
    "arb": [
        Run(
            lambda desk: ["--pools", _pools(desk, page.searched_in_full()[0])],
            parse(
                '{"cycles":[{"path":[{"pool","token_in","token_out"}…],"amount_in","amount_out",'
                '"profit","token","within"?}…],"cycles_examined","elapsed_us"}'
            ),
        ),
        Run(lambda desk: ["--pools", _pools(desk), "--max-hops", "1"], code=2),
    ],
    "bench": [Run(words("disk"), parse('{"machine","results":[{"name","value","unit",…}…]}'))],
}


def _pools(desk: Desk, document: dict[str, Any] | None = None) -> str:
    path = desk.folder / "pools.json"
    path.write_text(json.dumps(document or page.quoted_in_full()[0]))
    return str(path)


def _priced(desk: Desk) -> str:
    path = desk.folder / "priced.json"
    path.write_text(json.dumps(page.priced_in_full()[0]))
    return str(path)


def _token(desk: Desk) -> str:
    name = key()
    assert desk.run("token", "create", "--scope", "read", "--name", name).code == 0
    return name


def test_the_page_tells_every_verb_and_no_other() -> None:
    told = {command.verb for command in COMMANDS}
    tops = {name for name in ROOT.commands if name not in GROUPS}
    there = tops | {f"{g} {name}" for g in GROUPS for name in ROOT.commands[g].commands}
    assert {verb for verb in told if verb.split()[0] not in NOT_BUILT} == there - set(UNBUILT)
    assert {verb.split()[0] for verb in told} & set(UNBUILT) == set(UNBUILT) == NOT_BUILT
    assert set(RUNS) | ELSEWHERE == there - set(UNBUILT)


BUILT = [command for command in COMMANDS if command.verb.split()[0] not in NOT_BUILT]
OPTION = re.compile(r"(--[a-z-]+)(?: ([a-z_]+(?:\|[a-z_]+)+)(?![|:a-z_]))?")


@pytest.mark.parametrize("command", BUILT, ids=lambda c: c.verb)
def test_a_verb_takes_what_the_page_has_it_take(command: page.Command) -> None:
    """Each option, and of each with words all of them."""
    verb = ROOT
    for word in command.verb.split():
        verb = verb.commands[word]
    options = {name: param for param in verb.params for name in param.opts}
    for name, values in OPTION.findall(command.text):
        assert name in options, f"{command.verb} has no {name}"
        if values:
            kind = options[name].type_descriptor.annotation
            kind = next(iter(getattr(kind, "__args__", ())), kind)
            assert {word.value for word in kind} == set(values.split("|"))


RUN = [(verb, n) for verb in RUNS for n in range(len(RUNS[verb]))]


@pytest.mark.parametrize(("verb", "n"), RUN)
def test_a_command_does_what_the_page_says(desk: Desk, verb: str, n: int) -> None:
    run = RUNS[verb][n]
    said = desk.run(*verb.split(), *run.words(desk), "--json", stdin=run.stdin())
    assert said.code == run.code, said
    if run.code == 0:
        assert misfits(run.shape, said.document) == []
    else:
        assert "error" in said.document


def test_a_quote_is_the_one_of_the_page(desk: Desk) -> None:
    _, request, answer = page.quoted_in_full()
    said = desk.run("quote", "--pools", _pools(desk), stdin=json.dumps(request))
    assert (said.code, said.document) == (0, answer)


def test_a_signal_is_priced_as_the_page_has_it(desk: Desk) -> None:
    _, signal, answer = page.priced_in_full()
    said = desk.run("execute", "-", "--pools", _priced(desk), stdin=json.dumps(signal))
    assert (said.code, said.err, said.document) == (0, "", answer)


def test_the_rounds_found_are_those_of_the_page(desk: Desk) -> None:
    pools, answer = page.searched_in_full()
    said = desk.run("arb", "--pools", _pools(desk, pools), "--start", "WBTC")
    assert (said.code, said.document | {"elapsed_us": 0}) == (0, answer | {"elapsed_us": 0})


@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in BUILT], ids=lambda c: c.verb)
def test_what_is_not_built_says_so(desk: Desk, command: page.Command) -> None:
    said = desk.run(*command.verb.split(), "--json")
    assert (said.code, said.document["error"]["code"]) == (1, "API-030")
    assert "not built yet" in said.err


@pytest.mark.parametrize("mode", ["shadow", "live"])
def test_no_other_mode_is_served_yet(desk: Desk, mode: str) -> None:
    assert desk.run("serve", "--mode", mode).code == 1


def test_exit_codes_are_those_of_the_page(desk: Desk) -> None:
    """0 and 1 above. 4 and 5 take a fault: tests/cli."""
    assert desk.run("order", "place").code == 2
    assert desk.run("--url").code == 2
    assert desk.run("order", "show", "nobody").code == 1
