"""The note about our own Prefect server in its state folder: its port and its password. For our user alone."""

import json
import os
import stat
from dataclasses import asdict, dataclass, field
from pathlib import Path

from acr_relocate.core.errors import RelocationError

NOTE = "server.json"
_LARGEST = 64 * 1024  # bytes
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


class StateFolderNotUsable(RelocationError):
    """The folder of the history cannot be created, written to, or protected from other users."""


@dataclass(frozen=True)
class Note:
    """Facts about a server; `stays_until` (as time.time) is its end if no command uses it."""

    state: str
    port: int
    pid: int
    password: str = field(repr=False)
    built_with: str = ""
    stays_until: float = 0.0


def open_folder(state: Path) -> Path:
    """Create the state folder, for our user alone; return its real path. Raises StateFolderNotUsable."""
    try:
        state.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        found = state.stat()
        if found.st_uid != os.geteuid():
            raise StateFolderNotUsable(
                "The state folder belongs to another user, who could read or change its content",
                resource=str(state),
                remedy="Name a folder of your own: ACR_RELOCATE_STATE=FOLDER.",
            )
        if stat.S_IMODE(found.st_mode) != PRIVATE_FOLDER:
            state.chmod(PRIVATE_FOLDER)
    except OSError as error:
        raise StateFolderNotUsable(
            f"The state folder cannot be used: {error.strerror}",
            resource=str(state),
            remedy="Name another folder, with some free space: ACR_RELOCATE_STATE=FOLDER.",
        ) from None
    return state.resolve()


def read_note(state: Path) -> Note | None:
    """Return the note, or None if it is missing or broken: then no server is known."""
    try:
        with (state / NOTE).open(encoding="utf-8") as file:
            found = json.loads(file.read(_LARGEST))
        known = {name: found[name] for name in Note.__dataclass_fields__ if name in found}
        note = Note(**known)
    except (OSError, ValueError, TypeError):
        return None
    numbers = isinstance(note.port, int) and isinstance(note.pid, int) and isinstance(note.stays_until, int | float)
    fits = numbers and 0 < note.port < 65536 and note.pid > 1 and isinstance(note.password, str)
    return note if fits and note.state == str(state) else None


def write_server_note(note: Note) -> None:
    """Replace the note atomically, readable by our user alone. Raises StateFolderNotUsable."""
    path = Path(note.state) / NOTE
    partial = path.with_name(f".{NOTE}.{os.getpid()}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(note), file)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StateFolderNotUsable(
            f"The note about the Prefect server cannot be written: {error.strerror}",
            resource=str(path),
            remedy="Free some space there, or name another folder: ACR_RELOCATE_STATE=FOLDER.",
        ) from None


def remove_note(note: Note) -> None:
    """Delete the note, if it is still about this server."""
    path = Path(note.state) / NOTE
    current = read_note(Path(note.state))
    if current is None or current.pid == note.pid:
        path.unlink(missing_ok=True)
