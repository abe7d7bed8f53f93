"""The machine: is it one that we can run on, and does it keep our things to ourselves?"""

import os
import resource
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from omnivenue import kernel
from omnivenue.cli.doctor.case import Case
from omnivenue.cli.doctor.verdict import Verdict, broken, fine, warned
from omnivenue.journal import FREE_FLOOR, free_space

OLDEST, NEWEST, BEST = (3, 12), (3, 14), "3.13"
DESCRIPTORS_MIN = 1_024
"""Connections of a few tokens at their limit, and what the server itself holds open."""

FREE_LOW = 1 << 30
"""Bytes: a day of trading fits into it."""

MIB = 1 << 20


def python(_: Case) -> Iterator[Verdict]:
    found, version = sys.version_info[:2], sys.version.split(maxsplit=1)[0]
    if found < OLDEST:
        mend = f"install Python {BEST}, remove .venv and run make setup"
        yield broken(f"{version}, which is too old: 3.12 is the oldest that will do", mend)
    elif found > NEWEST:
        mend = f"install Python {BEST}, remove .venv and run make setup"
        yield warned(f"{version}, which is newer than anything that was tested", mend)
    else:
        yield fine(version)


def which_kernel(_: Case) -> Iterator[Verdict]:
    """Of quotes and searches; both give the same numbers."""
    if kernel.WHY_REFERENCE is None:
        yield fine("compiled; OMNIVENUE_KERNEL=reference would take the reference instead")
    else:
        yield fine(f"the reference, which is slower: {kernel.WHY_REFERENCE}")


def home(case: Case) -> Iterator[Verdict]:
    """Ours alone: in it lie the journal and the tokens."""
    found = [case.home, case.folder, *_private_files(case.folder)]
    wrong = [verdict for path in found if (verdict := _rights(path)) is not None]
    where = _nearest(case.folder)
    if not (where.is_dir() and os.access(where, os.W_OK | os.X_OK)):
        said = f"{where} is no folder that we may write to, and {case.folder} is to be there"
        wrong.append(broken(said, "make it one, or set OMNIVENUE_HOME to another"))
    if wrong:
        yield from wrong
    elif not case.home.exists():
        yield fine(f"{case.home}: not there yet; the first start makes it")
    else:
        yield fine(f"{case.home}: ours alone")


def disk(case: Case) -> Iterator[Verdict]:
    free = free_space(_nearest(case.folder))
    said = f"{free // MIB} MiB free for {case.folder}"
    mend = "free some space there, or put OMNIVENUE_HOME where there is some"
    if free < FREE_FLOOR:
        yield broken(f"{said}: below {FREE_FLOOR // MIB} new orders are refused", mend)
    elif free < FREE_LOW:
        yield warned(said, mend)
    else:
        yield fine(said)


def descriptors(_: Case) -> Iterator[Verdict]:
    most, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < DESCRIPTORS_MIN:
        mend = f"run `ulimit -n {4 * DESCRIPTORS_MIN}` before the server (LimitNOFILE of a unit)"
        yield warned(f"only {most} files may be open at once, connections included", mend)
    else:
        yield fine("no limit" if most == resource.RLIM_INFINITY else f"{most} files may be open")


def _nearest(path: Path) -> Path:
    """The path itself, or what is there of it."""
    while not path.exists():
        path = path.parent
    return path


def _private_files(folder: Path) -> list[Path]:
    names = ("token", "tokens", "journal.db", "views.db", "KILL", "server.json")
    return [folder / name for name in names if (folder / name).is_symlink()] + [
        folder / name for name in names if (folder / name).is_file()
    ]


def _rights(path: Path) -> Verdict | None:
    """What is wrong with them; nothing where the file is not there."""
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    wanted = 0o700 if stat.S_ISDIR(found.st_mode) else 0o600
    if stat.S_ISLNK(found.st_mode) and path.name in {"token", "tokens"}:
        return broken(f"{path} is a link, and is not followed", "put the file itself there")
    if stat.S_ISLNK(found.st_mode):
        found = path.stat()
    if found.st_uid != os.geteuid():
        mend = f"chown it, or use a home of your own: {path}"
        return broken(f"{path} belongs to user {found.st_uid}, not to us ({os.geteuid()})", mend)
    if found.st_mode & 0o077:
        rights = f"{stat.S_IMODE(found.st_mode):04o}"
        return broken(f"{path} has the rights {rights}: others may use it", _chmod(wanted, path))
    return None


def _chmod(wanted: int, path: Path) -> str:
    return f"chmod {wanted:o} {path}"
