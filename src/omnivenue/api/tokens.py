"""The tokens of one mode: a file of hashes beside the mode's journal, and a table that follows it.

A token is 256 random bits behind a prefix that names its mode, so a script for paper cannot trade
live even where somebody copies a file. Only the hash is kept: who reads the file cannot call us.
The hash is also the key of the look-up, so no comparison depends on a secret byte by byte.
"""

import fcntl
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import msgspec

from omnivenue import telemetry
from omnivenue.api.scope import TOKEN_SCOPES, Scope
from omnivenue.journal.lock import private_folder
from omnivenue.model import SECOND, Nanos
from omnivenue.wire import iso
from omnivenue.wire.fields import NAME

FILE, FIRST_FILE = "tokens", "token"
FIRST_NAME = "first"
FOLLOWED_EVERY = Nanos(SECOND // 2)
"""How often a running server looks at the file: changes hold within a second."""

PREFIXES = {"paper": "ovp_", "shadow": "ovs_", "live": "ovl_"}


class TokenError(Exception):
    """The file cannot be trusted, or what was asked for cannot be done; the message says why."""


class Token(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the file. Entries of the journal name `name` as who acted."""

    name: str
    scope: Scope
    sha256: str
    created: str


class TokenFile:
    """`<home>/<mode>/tokens`: read whole, replaced whole, so no reader ever sees half of it."""

    def __init__(self, folder: Path, mode: str) -> None:
        self.folder = folder
        self.mode = mode
        self._path = folder / FILE

    def create(self, name: str, scope: Scope, at: Nanos) -> str:
        """The new token, shown once and kept nowhere. Raises TokenError where `name` is taken."""
        _check(name, scope)
        with self._locked():
            tokens = self.tokens()
            if any(token.name == name for token in tokens):
                raise TokenError(f"there is a token {name} already: revoke it or choose a name")
            secret = self._draw()
            self._replace([*tokens, _token(name, scope, secret, at)])
        return secret

    def revoke(self, name: str) -> None:
        with self._locked():
            tokens = self.tokens()
            left = [token for token in tokens if token.name != name]
            if len(left) == len(tokens):
                raise TokenError(f"there is no token {name}")
            self._replace(left)

    def tokens(self) -> list[Token]:
        """All of them, the oldest first; none where there is no file. Raises TokenError."""
        content = _read_private(self._path)
        if content is None:
            return []
        try:
            return [_DECODER.decode(line) for line in content.splitlines() if line.strip()]
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise TokenError(f"{self._path} cannot be read: {error}") from error

    def make_first(self, at: Nanos) -> Path | None:
        """At the first start: a token that may do everything, in a file for its owner alone; the
        path of it. None at later starts. It is written before its hash is, so that a crash between
        the two makes another one and never leaves a hash whose token nobody has. Others may have
        been made before; one that was revoked, and whose file is still there, is not replaced."""
        with self._locked():
            tokens = self.tokens()  # who may not be trusted is refused now, not at the first call
            path = self.folder / FIRST_FILE
            is_made = any(token.name == FIRST_NAME for token in tokens)
            if is_made or (path.exists() and self._path.exists()):
                return None
            secret = self._draw()
            _write_private(path, secret.encode() + b"\n")
            self._replace([*tokens, _token(FIRST_NAME, Scope.ADMIN, secret, at)])
            return path

    def stamp(self) -> tuple[int, ...]:
        """Changes whenever the file does; empty where there is none."""
        try:
            stat = self._path.lstat()
        except OSError:
            return ()
        return (stat.st_ino, stat.st_mtime_ns, stat.st_size, stat.st_mode, stat.st_uid)

    def _draw(self) -> str:
        return PREFIXES.get(self.mode, f"ov-{self.mode}_") + secrets.token_urlsafe(32)

    def _replace(self, tokens: list[Token]) -> None:
        lines = [msgspec.json.encode(token) + b"\n" for token in tokens]
        _write_private(self._path, b"".join(lines))

    @contextmanager
    def _locked(self) -> Generator[None]:
        """Two commands at once must not forget each other's tokens."""
        private_folder(self.folder)
        fd = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)


class TokenTable:
    """Who may come in now. A file that turns out not to be trusted lets nobody in."""

    def __init__(self, file: TokenFile) -> None:
        """Raises TokenError: a server does not start on a file that others can read."""
        self._file = file
        self._stamp = file.stamp()
        self._by_hash = _by_hash(file.tokens())
        self._looked_at = Nanos(0)

    def find(self, secret: str, now: Nanos) -> Token | None:
        if now - self._looked_at >= FOLLOWED_EVERY:
            self._looked_at = now
            self._follow()
        return self._by_hash.get(_hash(secret))

    def _follow(self) -> None:
        stamp = self._file.stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._by_hash = _by_hash(self._file.tokens())
        except TokenError as error:
            self._by_hash = {}
            telemetry.tokens_untrusted(error)


_DECODER = msgspec.json.Decoder(Token)


def _check(name: str, scope: Scope) -> None:
    pattern, words = NAME
    if not pattern.fullmatch(name):
        raise TokenError(f"a token's name must be {words}")
    if scope not in TOKEN_SCOPES:
        raise TokenError(f"a token's scope is one of {', '.join(s.value for s in TOKEN_SCOPES)}")


def _token(name: str, scope: Scope, secret: str, at: Nanos) -> Token:
    return Token(name=name, scope=scope, sha256=_hash(secret), created=iso(at))


def _hash(secret: str) -> str:
    """No salt and one round: what has 256 bits cannot be guessed from its hash."""
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _by_hash(tokens: list[Token]) -> dict[str, Token]:
    return {token.sha256: token for token in tokens}


def _read_private(path: Path) -> bytes | None:
    """Raises TokenError where others may read or write it, or it is another's, or a link."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TokenError(f"{path} cannot be opened: {error.strerror}") from error
    with os.fdopen(fd, "rb") as file:
        stat = os.fstat(fd)
        if stat.st_mode & 0o077:
            mode = f"{stat.st_mode & 0o777:04o}"
            raise TokenError(f"{path} has mode {mode}, others may use it: chmod 600 it")
        if stat.st_uid != os.geteuid():
            raise TokenError(f"{path} belongs to user {stat.st_uid}, not to us ({os.geteuid()})")
        return file.read()


def _write_private(path: Path, content: bytes) -> None:
    """All or nothing, and there after a power cut."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(fd)
    draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
