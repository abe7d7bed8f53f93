"""What all checks look at: one configuration, one home, one journal, each looked at once."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from omnivenue.app.standing import Standing, standing
from omnivenue.cli.settings import folder
from omnivenue.client import Client, OmnivenueError, find
from omnivenue.config import Config, ConfigInvalid, load
from omnivenue.environ import MODE, home, mode_of
from omnivenue.journal import Broken, NotAJournal, UnknownSchema, WrongMode

ANSWER_SECONDS = 2.0


class Case:
    """`environ` with the mode that was asked for."""

    def __init__(self, file: str | None, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.config: Config | None = None
        self.invalid: ConfigInvalid | None = None
        try:
            self.config = load(Path(file) if file else None, environ, folder())
        except ConfigInvalid as error:
            self.invalid = error
        self.mode = self.config.mode if self.config else mode_of(environ)
        self.home = home(environ, Path.home())
        self.folder = self.home / self.mode

    @cached_property
    def journal(self) -> Standing | str | None:
        """Or what is wrong with it; None before the first start."""
        try:
            return standing(self.folder, self.mode)
        except (Broken, NotAJournal, UnknownSchema, WrongMode) as error:
            return str(error)

    @property
    def standing(self) -> Standing | None:
        return None if isinstance(self.journal, str) else self.journal

    @cached_property
    def url(self) -> str | None:
        """Of a server that says that it runs, here or elsewhere."""
        return self.environ.get("OMNIVENUE_URL") or find.running(self.folder)

    @cached_property
    def is_answered(self) -> bool:
        return isinstance(self.health, dict)

    @cached_property
    def health(self) -> dict[str, object] | OmnivenueError | None:
        """What the server says of itself, or why it says nothing; None where there is none."""
        if self.url is None:
            return None
        try:
            with self.client() as client:
                return client.health()
        except OmnivenueError as error:
            return error

    def client(self) -> Client:
        return Client(
            self.url,
            find.token({**self.environ, MODE: self.mode}),
            timeout=ANSWER_SECONDS,
        )
