"""The composition root: from a configuration to a running server, and back to a clean end.

Everything that differs between modes is decided here: which venues, which clock. No code below
knows the mode.
"""

import asyncio
import time
from pathlib import Path

import uvloop

from omnivenue import telemetry
from omnivenue.api import PoolsProcess, TokenError, TokenFile, TokenTable, create_app
from omnivenue.app.configure import changes
from omnivenue.app.http_server import LOOPBACK, HttpServer, PortTaken, listen_on, listen_privately
from omnivenue.app.kill_file import KillFile
from omnivenue.app.paper import Exchanges, capabilities
from omnivenue.app.running import Running
from omnivenue.app.standard_streams import hold_standard_streams
from omnivenue.client.find import SOCKET
from omnivenue.config import Config, chains_of
from omnivenue.journal import (
    Broken,
    JournalFailed,
    Locked,
    NotAJournal,
    SqliteJournal,
    UnknownSchema,
    WrongMode,
)
from omnivenue.journal import recover as folded
from omnivenue.model import Nanos
from omnivenue.runtime import Books, Clock, Core, Door, Fenced, LiveLoop, recover, spare, turn

EXIT_DONE, EXIT_REFUSED, EXIT_USAGE, EXIT_OURS = 0, 1, 2, 5


def serve(
    config: Config,
    home: Path,
    host: str | None = None,
    port: int | None = None,
    cancel_on_stop: bool = False,
) -> int:
    """Until told to stop. Returns the exit code; says on stderr why it is not 0."""
    hold_standard_streams()
    telemetry.to_stderr(config.logging.level)
    host = config.server.host if host is None else host
    port = config.server.port if port is None else port
    if config.mode != "paper":
        telemetry.refused_to_start("mode %s is not built yet: only paper is", config.mode)
        return EXIT_REFUSED
    if host not in LOOPBACK:
        telemetry.refused_to_start(
            "refused to listen on %s: without TLS only on %s", host, sorted(LOOPBACK)
        )
        return EXIT_USAGE
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(config, home, host, port, cancel_on_stop))
    except (Locked, WrongMode, NotAJournal, Broken, UnknownSchema, TokenError) as error:
        telemetry.refused_to_start("refused to start: %s", error)
        return EXIT_REFUSED
    except PortTaken as error:
        telemetry.refused_to_start("%s", error)
        return EXIT_USAGE
    except (JournalFailed, Fenced) as error:
        telemetry.said("stopped: %s. What was durable counts; start again to read it", error)
        return EXIT_OURS
    return EXIT_DONE


async def _serve(config: Config, home: Path, host: str, port: int, cancel_on_stop: bool) -> None:
    listening = listen_on(host, port, config.server.executor_port)
    journal, chains = SqliteJournal(home, config.mode), chains_of(config)
    pools, pricing = PoolsProcess(chains), PoolsProcess(chains)
    private = home / config.mode / SOCKET
    try:
        telemetry.to_files(home / config.mode / "logs")
        tokens = TokenFile(home / config.mode, config.mode)
        if first := tokens.make_first(Nanos(time.time_ns())):
            telemetry.said("the first token, scope admin, is in %s", first)
        core, clock = _core(config, home, journal)
        exchanges = Exchanges(home, config, core.state.instruments)
        kill_file = KillFile(home / config.mode)
        loop = LiveLoop(core, clock, exchanges.venues(), kill_file)
        door = Door(loop)
        app = create_app(
            door=door,
            loop=loop,
            tokens=TokenTable(tokens),
            folder=home / config.mode,
            pools=pools,
            pricing=pricing,
        )
        server = HttpServer(app, listen_privately(private))
        running = Running(config, home, kill_file, loop, door, (pools, pricing), server, listening)
        await running.until_stopped(cancel_on_stop)
        await asyncio.to_thread(exchanges.stop)
        running.say_stopped()
    finally:
        for process in (pools, pricing):
            process.close()
        private.unlink(missing_ok=True)
        journal.close()
        for each in listening:
            each.close()


def _core(config: Config, home: Path, journal: SqliteJournal) -> tuple[Core, Clock]:
    """Who we were, and what the configuration says now."""
    state = folded(journal, home / config.mode / "snapshots")
    spare()
    clock = Clock(journal.last_at)
    core = recover(state, journal, Books(), clock.now(), config.config_hash)
    able = capabilities(config)
    silences = {venue.venue_id: venue.dead_man for venue in config.venues}
    found = changes(state, config.instruments, able, config.limits, config.balances, silences)
    for event in found:
        turn(core, clock.now(), "configuration", event)
    journal.commit()
    return core, clock
