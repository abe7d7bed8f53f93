"""The static pages: what this is, the interface as a document, and the same for eyes. They are
public, hold nothing of the account, and need nothing from anywhere else."""

import asyncio
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from importlib import import_module
from typing import Any

from omnivenue.api.answer import Answer, Text
from omnivenue.api.request import Call
from omnivenue.api.site import Site

STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code,td:first-child{font-family:ui-monospace,monospace}table{border-collapse:collapse}"
    "td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0}"
)
_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'self'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'".encode()

_FRONT = """
<h1>omnivenue</h1>
<p>Executes trading instructions on any venue. This is its server; it speaks JSON to programs.</p>
<ul><li><a href="/docs">The calls</a></li><li><a href="/openapi.json">as OpenAPI</a></li>
<li><a href="/health">Is it healthy?</a></li></ul>
"""


def front(site: Site, call: Call) -> Answer:
    return _page("omnivenue", _FRONT)


async def openapi(site: Site, call: Call) -> Answer:
    return Answer(200, await _document())


async def docs(site: Site, call: Call) -> Answer:
    return _page("omnivenue: the calls", _calls(await _document()))


async def _document() -> dict[str, Any]:
    """Made once, and not by the loop: orders do not wait for it."""
    return await asyncio.to_thread(_made)


@cache
def _made() -> dict[str, Any]:
    return import_module("omnivenue.api.openapi").document()


def _page(title: str, body: str) -> Answer:
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    raw = f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'
    return Answer(200, Text(raw.encode(), b"text/html; charset=utf-8", POLICY))


def _calls(document: dict[str, Any]) -> str:
    rows = [
        _row(method.upper(), path, call)
        for path, calls in document["paths"].items()
        for method, call in calls.items()
    ]
    head = "<tr><th>call</th><th>what it does</th><th>parameters</th><th>answers</th></tr>"
    link = '<p>Exactly: <a href="/openapi.json">openapi.json</a>.</p>'
    return f"<h1>The calls</h1>{link}<table>{head}{''.join(rows)}</table>"


def _row(method: str, path: str, call: dict[str, Any]) -> str:
    taken = [each["name"] for each in call.get("parameters", ())]
    taken += ["a body"] if "requestBody" in call else []
    does = f"{call['summary']} {call.get('description', '')}"
    cells = (f"{method} {path}", does, ", ".join(taken), ", ".join(call["responses"]))
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
