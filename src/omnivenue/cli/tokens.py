"""The token file of a mode, as the `token` verbs work on it."""

import time
from collections.abc import Generator
from contextlib import contextmanager

from omnivenue.api import Scope, TokenError, TokenFile
from omnivenue.cli.settings import home
from omnivenue.cli.verb import Failed
from omnivenue.client import new_key
from omnivenue.model import Nanos


def create(mode: str, scope: str, name: str | None) -> tuple[str, str]:
    """The name and the token itself."""
    called = name or f"{scope}-{new_key()[:6]}"
    with _opened(mode) as file:
        return called, file.create(called, Scope(scope), Nanos(time.time_ns()))


def rows(mode: str) -> list[dict[str, str]]:
    with _opened(mode) as file:
        tokens = file.tokens()
    return [{"name": t.name, "scope": t.scope.value, "created": t.created} for t in tokens]


def revoke(mode: str, name: str) -> None:
    with _opened(mode) as file:
        file.revoke(name)


@contextmanager
def _opened(mode: str) -> Generator[TokenFile]:
    folder = home()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield TokenFile(folder / mode, mode)
    except TokenError as error:
        raise Failed(str(error), "CLI-003") from error
