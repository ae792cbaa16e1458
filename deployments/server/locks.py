"""File locks, through which commands and their server coordinate. The system releases those of a killed process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

GATE, USERS = "gate.lock", "users.lock"


def open_lock(path: Path) -> IO[str]:
    """Open the lock file, for our user alone."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")


@contextmanager
def locked(path: Path, how: int = 0) -> Iterator[None]:
    """Hold the lock while the block runs. With LOCK_NB raises BlockingIOError if it is taken."""
    with open_lock(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX | how)
        yield


def try_lock(path: Path) -> bool:
    """Return whether the lock is free at this moment."""
    try:
        with locked(path, fcntl.LOCK_NB):
            return True
    except BlockingIOError:
        return False
