"""The process of our own Prefect server: `python -m deployments.server.server_process prefect server start`.

It listens on an inherited socket, so that no other server can take its port, and it stops automatically: with the
process that started it, or once no command uses its folder and its time is over. A killed command cannot stop it, and
does not have to.
"""

import fcntl
import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deployments.server.locks import GATE, USERS, locked, try_lock
from deployments.server.note import read_note, remove_note
from deployments.slow_imports import without_collector

if TYPE_CHECKING:
    import uvicorn

SOCKET: Final = "ACR_RELOCATE_SERVER_SOCKET"
PARENT: Final = "ACR_RELOCATE_SERVER_PARENT"
_LOOK_SECONDS: Final = 1.0
_GRACE_SECONDS: Final = 10.0


class Watch:
    """Stops the server when it is not needed any more; also during its start, which takes seconds."""

    def __init__(self, state: Path, parent: int) -> None:
        self._state = state
        self._parent = parent
        self.server: uvicorn.Server | None = None

    def run(self) -> None:
        """Check every second, and stop the server when its time has come."""
        while self._is_wanted():
            time.sleep(_LOOK_SECONDS)
        if self.server:
            self.server.should_exit = True
            time.sleep(_GRACE_SECONDS)
        os._exit(0)

    def _is_wanted(self) -> bool:
        if self._parent:
            return os.getppid() == self._parent
        note = read_note(self._state)
        if note is None or note.pid != os.getpid():
            return self._state.is_dir() and self._is_being_noted()
        if note.stays_until > time.time():
            return True
        with suppress(OSError), locked(self._state / GATE, fcntl.LOCK_NB):
            # With the gate closed no command can intervene: the next one finds no note, and starts another server.
            if try_lock(self._state / USERS):
                remove_note(note)
                return False
        return True

    def _is_being_noted(self) -> bool:
        """Return whether a command still holds the gate while it writes the note about us."""
        try:
            with locked(self._state / GATE, fcntl.LOCK_NB):
                note = read_note(self._state)
                return note is not None and note.pid == os.getpid()
        except OSError:
            return True


def main() -> None:
    """Serve until stopped, or until the watch stops it."""
    os.umask(0o077)
    state = Path(os.environ["PREFECT_HOME"])
    watch = Watch(state, int(os.environ.pop(PARENT, "0")))
    threading.Thread(target=watch.run, daemon=True).start()
    listening = socket.socket(fileno=int(os.environ.pop(SOCKET)))

    from deployments.server.database import lay_out  # noqa: PLC0415 - the watch comes first

    lay_out(state)
    with without_collector():
        import uvicorn  # noqa: PLC0415 - as above: these take seconds
        from prefect.server.api.server import create_app  # noqa: PLC0415
        from prefect.settings import get_current_settings  # noqa: PLC0415

        api, app = get_current_settings().server.api, create_app(final=True)
    config = uvicorn.Config(
        app,
        log_level="warning",
        timeout_keep_alive=api.keepalive_timeout,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_graceful_shutdown=int(_GRACE_SECONDS / 2),
    )
    watch.server = uvicorn.Server(config)
    watch.server.run(sockets=[listening])


if __name__ == "__main__":
    main()
