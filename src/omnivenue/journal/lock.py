"""The one who writes: a lock that the kernel frees when its holder dies, and files for us alone.

The lock is `flock` on a file of its own. SQLite's exclusive mode would do as well, but keeps
readers out. The file names its holder for people; only the lock itself decides.
"""

import fcntl
import os
from pathlib import Path


class Locked(Exception):
    """Another process writes this journal."""


def private_folder(folder: Path) -> None:
    """Make `folder` and its parent for our eyes only, and known to the disk."""
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    sync_folder(folder.parent)


def private_file(path: Path) -> None:
    """Make `path` if it is not there, and for our eyes only. SQLite gives its side files (the log,
    the shared memory) the rights of the database."""
    fd = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if os.fstat(fd).st_mode & 0o077:
            os.fchmod(fd, 0o600)
    finally:
        os.close(fd)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Without this a power cut may forget a file's name and keep its contents."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def free_space(folder: Path) -> int:
    """Bytes that we may still write to the file system of `folder`. What cannot be measured is
    none: a disk that does not answer that will not take entries either."""
    try:
        stat = os.statvfs(folder)
    except OSError:
        return 0
    return stat.f_bavail * stat.f_frsize


def lock(folder: Path) -> int:
    """Become the writer of `folder`, until the descriptor given back is closed or we die."""
    fd = os.open(folder / "journal.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(fd, 32, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(fd)
        raise Locked(f"process {holder} writes the journal in {folder}; end it first") from None
    os.ftruncate(fd, 0)
    os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
    return fd
