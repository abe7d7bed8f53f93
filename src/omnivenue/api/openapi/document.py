"""The document: OpenAPI 3.1, whose schemas are JSON Schema as msgspec writes it.

It is made of the table of routes, so a route that nothing is told of is a mistake at once.
"""

from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec

from omnivenue.api.answer import UnavailableDocument
from omnivenue.api.openapi.bodies import Key
from omnivenue.api.openapi.calls import CALLS, HTML, REFERENCE, TEXT, Told
from omnivenue.api.routes import ROUTES, WITH_BODY, Route
from omnivenue.api.scope import Scope
from omnivenue.wire import ErrorDocument

type Json = dict[str, Any]

NOT_BUILT = Told(does="Not built yet.", answers={})
MEANINGS = {
    101: "a WebSocket",
    200: "done",
    202: "durable",
    207: "of each its own answer",
    400: "not JSON, or no key",
    401: "no token, or none of this mode",
    403: "the scope, the Host or the Origin is not allowed",
    404: "there is no such thing",
    409: "the same key is being decided upon",
    413: "too large, or too deep",
    415: "not JSON content",
    422: "invalid; refused by risk; or the key was used with another body",
    423: "trading is stopped",
    426: "to be opened as a WebSocket",
    429: "too many",
    500: "our fault",
    501: "not built yet",
    503: "the journal or a venue is not available: the body says whether the outcome is known",
    507: "the disk is nearly full",
}
BEARER = {"type": "http", "scheme": "bearer", "description": "The token of a mode."}


@cache
def document() -> Json:
    calls = [(route, _told(route)) for route in ROUTES]
    kinds = [kind for _, told in calls for kind in _types(told)]
    schemas, components = msgspec.json.schema_components(
        kinds, schema_hook=_of_anything, ref_template=REFERENCE
    )
    schema_of = {_name(kind): schema for kind, schema in zip(kinds, schemas, strict=True)}
    paths: Json = {}
    for route, told in calls:
        paths.setdefault(route.path, {})[route.method.lower()] = _call(route, told, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "omnivenue", "version": version("omnivenue")},
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": _failures(schema_of),
            "securitySchemes": {"token": BEARER},
        },
    }


def _told(route: Route) -> Told:
    return CALLS[route.name] if route.name else NOT_BUILT


def _types(told: Told) -> Iterator[Any]:
    yield from (ErrorDocument, UnavailableDocument, Key)
    yield from told.query.values()
    yield from (kind for kind in told.answers.values() if kind not in (HTML, TEXT, None))
    if told.body is not None:
        yield told.body


def _of_anything(kind: type) -> Json:
    if kind is object:
        return {"description": "anything"}
    raise NotImplementedError(kind)


def _name(kind: Any) -> str:
    """Types of equal names are equal here; not all of them can be keys."""
    return repr(kind)


def _call(route: Route, told: Told, schema_of: Json) -> Json:
    is_public = route.scope is Scope.PUBLIC
    found: Json = {
        "operationId": route.name or f"{route.method} {route.path}",
        "summary": told.does,
        "security": [] if is_public else [{"token": [route.scope.value]}],
        "parameters": list(_parameters(route, told, schema_of)),
        "responses": dict(sorted(_responses(route, told, schema_of))),
    }
    if not is_public:
        found["description"] = f"Scope: {route.scope.value}."
    if told.body is not None:
        content = {"application/json": {"schema": schema_of[_name(told.body)]}}
        found["requestBody"] = {"required": True, "content": content}
    return {name: value for name, value in found.items() if value or name == "security"}


def _parameters(route: Route, told: Told, schema_of: Json) -> Iterator[Json]:
    if route.has_param:
        name = route.path.rpartition("{")[2].rstrip("}")
        schema = {"type": "string", "minLength": 1}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for name, kind in told.query.items():
        yield {"name": name, "in": "query", "schema": schema_of[_name(kind)]}
    if told.key is not None:
        schema = schema_of[_name(Key)]
        named = {"name": "Idempotency-Key", "in": "header", "schema": schema}
        yield named | {"required": told.key}


def _responses(route: Route, told: Told, schema_of: Json) -> Iterator[tuple[str, Json]]:
    for status in _errors(route, told):
        yield str(status), {"$ref": f"#/components/responses/{status}"}
    for status, kind in told.answers.items():
        yield str(status), _response(status, kind, schema_of)


def _failures(schema_of: Json) -> Json:
    """Those that say no more than what went wrong."""
    kinds: dict[int, Any] = {status: ErrorDocument for status in MEANINGS if status >= 400}
    kinds |= {503: UnavailableDocument}
    return {str(status): _response(status, kind, schema_of) for status, kind in kinds.items()}


def _errors(route: Route, told: Told) -> set[int]:
    """By what may go wrong with every call of its kind, and what is its own."""
    found = {403, 500, *told.errors}
    if route.scope is not Scope.PUBLIC:
        found |= {401, 429, 503} if route.name else {401, 429, 501}
    if route.has_param and route.name:
        found.add(404)
    if route.method in WITH_BODY:
        found |= {400, 413, 415}
    if told.body is not None or told.query:
        found.add(422)
    return found - told.answers.keys()


def _response(status: int, kind: Any, schema_of: Json) -> Json:
    found: Json = {"description": MEANINGS[status]}
    match kind:
        case None:
            pass
        case str():
            found["content"] = {kind: {"schema": {"type": "string"}}}
        case _:
            found["content"] = {"application/json": {"schema": schema_of[_name(kind)]}}
    if status == 401:
        said = {"required": True, "schema": {"type": "string"}}
        found["headers"] = {"WWW-Authenticate": said}
    return found
