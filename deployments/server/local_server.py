"""A Prefect server of our own: SQLite in a folder, tuned so that it records every task run that we show it.

`shared` is for commands: the first one starts the server, the last one stops it, and what it recorded
stays in the folder. `start_server` and `wait_until_healthy` are for the demo, which does other things meanwhile.
"""

import fcntl
import json
import os
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from acr_relocate.core.errors import InvalidRequest, RelocationError
from deployments import processes

PREFERRED_PORT = 4200  # Prefect's own
START_SECONDS = 120.0  # measured: 17 to 20 s with a new database on 2 cores, 9 s with an old one
MARKER = "prefect server start"

# The batch sizes let the server record 60 to 90 task runs a second instead of 20 (measured on 2 cores).
TUNING = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    # In memory, the default, a restart would leave every slot taken that a run had.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "DO_NOT_TRACK": "1",
}
# What is meant for another server: its address, and its password, without which ours could not be asked who it is.
NOT_INHERITED = {"PREFECT_API_URL", "PREFECT_SERVER_API_AUTH_STRING"}
# Without proxies: a corporate one, or the embedded Azure's, cannot reach this machine's own address.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
HEARTBEAT_SECONDS = "30"  # a run says that often that it is alive: Prefect's least. prefect.yaml has it for workers.
TASK_RUNS_PER_SECOND = "50"  # what a server with this tuning records without falling behind


class ServerDidNotStart(RelocationError):
    """The Prefect server ended, or did not answer in time; the message has the end of its log."""


@dataclass(frozen=True)
class PrefectServer:
    """A running server. The UI is at `ui`, its log is `server.log` in the folder `state`."""

    state: str
    port: int
    pid: int

    @property
    def ui(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def healthy(self) -> bool:
        """Whether it answers, and not somebody else's server that was faster at its port."""
        return self.home_of_listener == self.state

    @property
    def home_of_listener(self) -> str | None:
        """The folder of the Prefect server that answers at this port; None if none does."""
        try:
            with _DIRECT.open(f"{self.ui}/api/admin/settings", timeout=5) as answer:
                home = json.load(answer).get("home")
        except (urllib.error.URLError, OSError, ValueError):
            return None
        return str(home)

    @property
    def client_environment(self) -> dict[str, str]:
        """What a process needs to run its flows here, and at the pace that this server can record."""
        excluded = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
        no_proxy = ",".join(filter(None, [excluded, "127.0.0.1", "localhost"]))
        return {
            "PREFECT_API_URL": f"{self.ui}/api",
            "ACR_RELOCATE_TASK_RUNS_PER_SECOND": TASK_RUNS_PER_SECOND,
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
            "DO_NOT_TRACK": "1",
        }


@contextmanager
def for_this_process(state: Path, say: Callable[[str], None]) -> Iterator[None]:
    """The process has a Prefect server to run its flows with: the one that it is configured for, or else our own.

    To be entered before Prefect is imported, which reads the environment when it is. Raises ServerNotReached.
    """
    # Prefect's own log lines go to its server and our log file, not across the terminal.
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    if is_configured():
        _reach()
        yield
        return
    say("Starting a Prefect server for this command…")
    with shared(state) as server:
        os.environ.update(server.client_environment)
        yield
        say(f"This server stops now; its history stays. To see it: PREFECT_HOME={state} prefect server start")


def require_server() -> None:
    """A Prefect server is configured: one of our own would be gone with this command, and it is spoken to.

    Raises InvalidRequest or ServerNotReached.
    """
    if not is_configured():
        raise InvalidRequest(
            "No Prefect server is configured",
            remedy="Set PREFECT_API_URL to one; to have one on this machine: `prefect server start`.",
        )
    _reach()


def _reach() -> None:
    from deployments.server.connection import ensure_reached  # noqa: PLC0415 - 3 s; Prefect reads the environment when it is imported

    ensure_reached()


def is_configured() -> bool:
    """Whether the environment or the active Prefect profile names a server."""
    if os.environ.get("PREFECT_API_URL"):
        return True
    home = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect")
    path = Path(os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml")
    if not path.exists():
        return False
    profiles = tomllib.loads(path.read_text(encoding="utf-8"))
    active = os.environ.get("PREFECT_PROFILE") or profiles.get("active", "")
    return bool(profiles.get("profiles", {}).get(active, {}).get("PREFECT_API_URL"))


def is_server(api_url: str) -> bool:
    """Whether a Prefect server answers there."""
    # Our own one without proxies: a corporate one, or the embedded Azure's, cannot reach this machine's own address.
    local = urllib.request.ProxyHandler({} if "//127.0.0.1" in api_url or "//localhost" in api_url else None)
    try:
        with urllib.request.build_opener(local).open(f"{api_url}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def start_server(state: Path, preferred_port: int | None = None) -> PrefectServer:
    """A server process is starting on the database in `state`. It answers a little later: `wait_until_healthy`."""
    state = state.resolve()
    state.mkdir(parents=True, exist_ok=True)
    if preferred_port is None:
        preferred_port = int(os.environ.get("PREFECT_SERVER_API_PORT", PREFERRED_PORT))
    port = processes.free_port(preferred_port)
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    # By environment, not by --port: with that the UI would still call port 4200.
    environment = inherited | TUNING | {"PREFECT_HOME": str(state), "PREFECT_SERVER_API_PORT": str(port)}
    command = [sys.executable, "-m", *MARKER.split()]
    process = processes.start_process(command, environment=environment, log=state / "server.log")
    return PrefectServer(str(state), port, process.pid)


def wait_until_healthy(server: PrefectServer) -> PrefectServer:
    """The server answers; returned is the one that does. Raises ServerDidNotStart with the end of its log.

    Seconds pass between finding a port free and listening there. Who was faster in them keeps it: the server is then
    started again, at a port that nobody else would choose.
    """
    if not _has_come_up(server) and processes.free_port(server.port) != server.port:
        stop_server(server)
        server = start_server(Path(server.state), preferred_port=0)
    if not _has_come_up(server):
        log = Path(server.state) / "server.log"
        stop_server(server)
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise ServerDidNotStart(f"The Prefect server did not start. The end of {log}:\n{tail}")
    return server


def _has_come_up(server: PrefectServer) -> bool:
    processes.wait_until(
        lambda: server.home_of_listener is not None or not processes.is_running(server.pid, MARKER), START_SECONDS
    )
    return server.healthy


def stop_server(server: PrefectServer) -> None:
    """The server is gone; its database stays."""
    processes.stop_by_id(server.pid, MARKER)


@contextmanager
def shared(state: Path) -> Iterator[PrefectServer]:
    """A healthy server on `state` while the block runs, shared with every other command that uses the same folder."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "users.lock").open("w") as users:
        with _gate(state):
            fcntl.flock(users, fcntl.LOCK_SH)
            server = _running(state) or _start_and_note(state)
        try:
            yield server
        finally:
            with processes.ignore_interrupts(), _gate(state):
                _leave(users, server, state)


def _start_and_note(state: Path) -> PrefectServer:
    server = None
    try:
        with processes.defer_interrupts():
            server = start_server(state)
        server = wait_until_healthy(server)
    except BaseException:
        with processes.ignore_interrupts():
            if server:
                stop_server(server)
        raise
    (state / "server.json").write_text(json.dumps(asdict(server)))
    return server


def _running(state: Path) -> PrefectServer | None:
    note = state / "server.json"
    if not note.exists():
        return None
    server = PrefectServer(**json.loads(note.read_text()))
    return server if processes.is_running(server.pid, MARKER) and server.healthy else None


def _leave(users: IO[str], server: PrefectServer, state: Path) -> None:
    """The last one out stops the server: only then is nobody else's shared lock in the way of an exclusive one."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    stop_server(server)
    (state / "server.json").unlink(missing_ok=True)


@contextmanager
def _gate(state: Path) -> Iterator[None]:
    """One command at a time comes or goes."""
    with (state / "gate.lock").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield
