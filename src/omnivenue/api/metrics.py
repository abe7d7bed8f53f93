"""`/metrics`: what Prometheus reads. What is shown, and how it is called, is telemetry's."""

import asyncio
from importlib import import_module
from pathlib import Path

from omnivenue.api.answer import Answer, Text
from omnivenue.api.request import Call
from omnivenue.api.site import Site
from omnivenue.api.tables.file import read_progress

_SHOWN_BY = "omnivenue.telemetry.metrics"


async def metrics(site: Site, call: Call) -> Answer:
    """What takes long is not done by the loop, for orders do not wait for this."""
    views_seq = await asyncio.to_thread(_prepare, site.folder)
    from omnivenue.telemetry.metrics import CONTENT_TYPE, exposition  # noqa: PLC0415 -- see _prepare

    loop = site.loop
    uptime = (loop.now() - site.started_at) / 1_000_000_000
    body = exposition(loop.meter, loop.state, loop.mode, uptime, views_seq)
    return Answer(200, Text(body, CONTENT_TYPE.encode()))


def _prepare(folder: Path | None) -> int | None:
    """The library is imported when somebody asks for the first time: no start need wait for it."""
    import_module(_SHOWN_BY)
    progress = None if folder is None else read_progress(folder)
    return None if progress is None else progress.seq
