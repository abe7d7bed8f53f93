"""Secrets that sing where they turn up: one for each place that may hold a secret, and a search for
them in whatever form."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote


def forms(secret: str) -> set[bytes]:
    """As it is, and as careless code may have written it."""
    raw = secret.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode(), quote(secret, safe="").encode()}
    for shift in range(3):  # wherever it begins in what was encoded: the characters it alone makes
        encoded = b64encode(b"\0" * shift + raw)
        found.add(encoded[(0, 2, 3)[shift] : len(encoded) - 4])
    return found


class Canaries:
    def __init__(self, secrets: Mapping[str, str]) -> None:
        """By the name of the place that each belongs to."""
        self._forms = {name: forms(secret) for name, secret in secrets.items()}

    def heard(self, content: bytes) -> list[str]:
        """The names of those that are in it."""
        return [name for name, all_forms in self._forms.items() if _has_any(content, all_forms)]

    def in_files(self, folder: Path, known: frozenset[str]) -> list[str]:
        """`known` are names of files that hold a secret because that is what they are for."""
        found: list[str] = []
        for path in folder.rglob("*"):
            if path.is_file() and path.name not in known:
                found += [f"{name} in {path}" for name in self.heard(path.read_bytes())]
        return found

    def in_arguments(self) -> list[str]:
        """Of every process of this machine."""
        return [
            f"{name} in the arguments of {pid}"
            for pid, words in arguments()
            for name in self.heard(words)
        ]


def arguments() -> Iterator[tuple[str, bytes]]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.parent.name, path.read_bytes()
        except OSError:
            continue  # it has just ended


def _has_any(content: bytes, wanted: set[bytes]) -> bool:
    return any(each in content for each in wanted)
