"""Our own Prefect server: SQLite in a folder, tuned to record every task run of ours.

It listens on this machine only, with a password in its note. `use_server` and `shared` are for commands: the first one
starts the server, the last one stops it or leaves it running for a while. Its records stay in the folder.
"""

import fcntl
import os
import secrets
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO

from acr_relocate.core.errors import RelocationError
from deployments import processes
from deployments.server.locks import GATE, USERS, locked, open_lock
from deployments.server.note import Note, open_folder, read_note, remove_note, write_server_note
from deployments.server.prefect_server import MARKER, USER, PrefectServer
from deployments.server.server_process import PARENT, SOCKET

PREFERRED_PORT = 4200  # Prefect's own
START_SECONDS = 300.0  # 5 to 9 s on two free cores; a minute with twenty other processes
SAID_AFTER_SECONDS = 5.0

# The batch sizes let the server record 60 to 90 task runs a second instead of 20 (measured on 2 cores).
TUNING = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    # In memory, the default, a restart would leave every used slot occupied.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "DO_NOT_TRACK": "1",
}
# Variables for another server: address, listeners, profile. And Azure's secrets, which ours does not need.
NOT_INHERITED = (
    "AZURE_",
    "PREFECT_API_",
    "PREFECT_PROFILE",
    "PREFECT_SERVER_API_",
    "PREFECT_SERVER_CORS_",
    "PREFECT_SERVER_CSRF_",
    "PREFECT_SERVER_UI_",
    "PREFECT_UI_",
    "PREFECT__",
)
HEARTBEAT_SETTING = "30"  # heartbeat of a run: Prefect's minimum. prefect.yaml has it for workers.


class ServerDidNotStart(RelocationError):
    """The Prefect server ended, or did not answer in time; the message has the end of its log."""


def start_server(
    state: Path, preferred_port: int | None = None, *, password: str = "", outlives_us: bool = False
) -> PrefectServer:
    """Start a server process on the database in `state`. It answers a little later: `wait_until_healthy`.

    It ends with this process, or, if it outlives us, by the folder's note (server_process.py). The password
    is generated unless given.
    """
    state = open_folder(state)
    if preferred_port is None:
        preferred_port = int(os.environ.get("PREFECT_SERVER_API_PORT", PREFERRED_PORT))
    password = password or secrets.token_urlsafe(24)
    command = [sys.executable, "-P", "-m", "deployments.server.server_process", *MARKER.split()]
    with _listening(preferred_port) as listening:
        port = int(listening.getsockname()[1])
        environment = server_environment(state, port, password) | {SOCKET: str(listening.fileno())}
        if not outlives_us:
            environment[PARENT] = str(os.getpid())
        process = processes.start_process(
            command,
            environment=environment,
            log=state / "server.log",
            folder=state,
            keep=(listening.fileno(),),
        )
    return PrefectServer(str(state), port, process.pid, password)


def _listening(preferred_port: int) -> socket.socket:
    """Return a socket that listens on this port of this machine, or on a free one; on this machine only."""
    for port in (preferred_port, 0):
        listening = socket.socket()
        try:
            listening.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            listening.close()
            continue
        listening.listen(128)
        return listening
    raise ServerDidNotStart("This machine has no free port for the Prefect server")


def server_environment(state: Path, port: int, password: str) -> dict[str, str]:
    """Return the environment of a server: ours, with the required listeners."""
    kept = ("PREFECT_API_DATABASE_", "PREFECT_SERVER_DATABASE_")
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(kept) or not name.upper().startswith(NOT_INHERITED)
    }
    return (
        inherited
        | TUNING
        | {
            "PREFECT_HOME": str(state),
            "PREFECT_PROFILES_PATH": str(state / "profiles.toml"),
            "PREFECT_SERVER_API_HOST": "127.0.0.1",
            "PREFECT_SERVER_API_PORT": str(port),
            "PREFECT_SERVER_API_AUTH_STRING": f"{USER}:{password}",
            "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": f"http://127.0.0.1:{port}",
            "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
        }
    )


def wait_until_healthy(server: PrefectServer, say: Callable[[str], None] = lambda _: None) -> PrefectServer:
    """Wait until the server answers; report a long wait. Raises ServerDidNotStart with the end of its log."""
    began = said = time.monotonic()
    while not server.is_healthy:
        now = time.monotonic()
        if not server.is_alive or now - began > START_SECONDS:
            stop_server(server)
            raise ServerDidNotStart(
                f"The Prefect server did not start. The end of its log:\n{_tail(server)}",
                resource=f"{server.state}/server.log",
            )
        if now - said > SAID_AFTER_SECONDS:
            said = now
            say(f"Waiting for the Prefect server of this command, {now - began:.0f} s so far…")
        time.sleep(processes.POLL_SECONDS)
    return server


def _tail(server: PrefectServer) -> str:
    try:
        lines = (Path(server.state) / "server.log").read_text(errors="replace").splitlines()
    except OSError:
        return "(it has none)"
    return "\n".join(lines[-15:]).replace(server.password, "…")


def stop_server(server: PrefectServer) -> None:
    """Stop the server; its database stays."""
    processes.stop_by_id(server.pid, MARKER)


def stop_noted(state: Path) -> bool:
    """Stop the server of this folder. False without one."""
    if not state.is_dir():
        return False
    with locked(open_folder(state) / GATE):
        server = running(state)
        if server:
            stop_server(server)
            remove_note(_note(server))
    return server is not None


def keep_up(state: Path, seconds: float) -> None:
    """Keep the server of this folder running for so long at least, though no command uses it."""
    note = read_note(state.resolve())
    if note and note.stays_until < time.time() + seconds:
        write_server_note(_note(_of(note), time.time() + seconds))


def running(state: Path) -> PrefectServer | None:
    """Return the server of the folder's note, if its process exists."""
    note = read_note(state.resolve()) if state.is_dir() else None
    return _of(note) if note and _of(note).is_alive else None


@dataclass
class ServerUse:
    """A use of a folder's server: while there is one, the server keeps running."""

    server: PrefectServer
    was_up: bool
    stays: float = 0.0
    """For how many seconds the server runs on after the last use; 0: it is stopped."""

    def wait(self, say: Callable[[str], None] = lambda _: None) -> PrefectServer:
        """Return the server once it answers. Raises ServerDidNotStart."""
        return wait_until_healthy(self.server, say)


@contextmanager
def use_server(state: Path) -> Iterator[ServerUse]:
    """Yield a use of the server on `state`, started if missing. It answers a little later: `ServerUse.wait`."""
    state = open_folder(state)
    use = None
    with open_lock(state / USERS) as users:
        try:
            # A deferred interrupt is raised at the end of the block, when the server that was started has its use.
            with processes.defer_interrupts(), locked(state / GATE):
                fcntl.flock(users, fcntl.LOCK_SH)
                found = _usable(state)
                use = ServerUse(found or _start_and_note(state), was_up=found is not None)
            yield use
        finally:
            if use:
                with processes.ignore_interrupts(), locked(state / GATE):
                    _leave(users, use, state)


@contextmanager
def shared(state: Path) -> Iterator[PrefectServer]:
    """Yield a healthy server on `state`, shared with every other command that uses the same folder."""
    with use_server(state) as use:
        yield use.wait()


def _usable(state: Path) -> PrefectServer | None:
    """Return the folder's server, unless another version of Prefect started it and it can be replaced."""
    note, server = read_note(state), running(state)
    if note and server and note.built_with != _build():
        stop_server(server)
        return None
    return server


def _build() -> str:
    return f"{sys.executable}, Prefect {version('prefect')}"


def _start_and_note(state: Path) -> PrefectServer:
    server = start_server(state, outlives_us=True)
    try:
        write_server_note(_note(server))
    except RelocationError:
        stop_server(server)
        raise
    return server


def _note(server: PrefectServer, stays_until: float = 0.0) -> Note:
    return Note(server.state, server.port, server.pid, server.password, _build(), stays_until)


def _of(note: Note) -> PrefectServer:
    return PrefectServer(note.state, note.port, note.pid, note.password)


def _leave(users: IO[str], use: ServerUse, state: Path) -> None:
    """Stop the server after the last use, unless it is to stay: only then an exclusive lock is possible."""
    if use.stays:
        keep_up(state, use.stays)
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    note = read_note(state)
    if note and note.pid == use.server.pid and note.stays_until > time.time():
        return
    stop_server(use.server)
    remove_note(_note(use.server))
