"""Commands and Prefect servers as forks of a process that has imported the product: their starts are fast.

All else is as in a new process: its environment, its terminal, its session, its state folder.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import multiprocessing
import os
import resource
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

COMMANDS = (
    "deployments.cli",
    "deployments.commands.flow_runner",
    "deployments.server.connection",
    "flows.batch",
    "flows.discard_target",
    "flows.preview_imports",
    "flows.keep_name",
    "flows.relocate",
    "tests.support.forks",
)
"""Imported once for commands. None of them starts a thread or opens a connection on import."""
SERVERS = ("deployments.server.server_process", "prefect.server.api.server", "uvicorn")
"""Imported once for Prefect servers. Each fork of a server would import them otherwise."""


_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(list(COMMANDS))


def import_servers() -> None:
    """Import servers as well, before the first fork: where there are many of them."""
    _FORKS.set_forkserver_preload([*COMMANDS, *SERVERS])


def fork_command(
    arguments: tuple[str, ...], environment: dict[str, str], terminal: str, largest_file: int | None = None
) -> ForkServerProcess:
    """Start a command at this terminal, in a session of its own. `largest_file`: its bytes, where the disk is full."""
    return _fork(_run_command, arguments, environment, (terminal,) * 3, largest_file)


@dataclass(frozen=True)
class Command:
    """A command without a terminal or input, as a process of its own that writes to these files."""

    process: ForkServerProcess
    stdout: Path
    stderr: Path

    def send_signal(self, number: int) -> None:
        """Send it this signal."""
        os.kill(self.pid, number)

    @property
    def pid(self) -> int:
        """The id of its process, which leads a session."""
        assert self.process.pid
        return self.process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.is_alive()

    def kill(self) -> None:
        """Kill the command with SIGKILL, and nothing that it has started."""
        self.process.kill()
        self.process.join()

    def ended(self, seconds: float = 600) -> tuple[int, str, str]:
        """Return its exit status, standard output and standard error, when it has ended."""
        self.process.join(seconds)
        assert self.process.exitcode is not None, self.stderr.read_text()
        return self.process.exitcode, self.stdout.read_text(), self.stderr.read_text()


def fork_without_terminal(arguments: tuple[str, ...], environment: dict[str, str], folder: Path) -> Command:
    """Start a command whose output goes to files in this folder, which is made if it is not there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    place = Path(tempfile.mkdtemp(dir=folder))
    output, errors = place / "stdout", place / "stderr"
    process = _fork(_run_command, arguments, environment, (os.devnull, str(output), str(errors)), None)
    return Command(process, output, errors)


def fork_server(environment: dict[str, str], state: Path, listening: socket.socket) -> ForkServerProcess:
    """Start a Prefect server in this state folder on this socket. It ends by being killed."""
    return _fork(_run_server, environment, str(state), listening)


def kill(process: ForkServerProcess) -> None:
    """Kill the process and its session with SIGKILL."""
    assert process.pid
    for end in (os.killpg, os.kill):  # it may not have its session yet
        with contextlib.suppress(ProcessLookupError):
            end(process.pid, signal.SIGKILL)
    process.join()


def _fork(target: Callable[..., None], *arguments: object) -> ForkServerProcess:
    process = _FORKS.Process(target=target, args=arguments, daemon=False)
    process.start()
    return process


def _run_command(
    arguments: tuple[str, ...], environment: dict[str, str], streams: tuple[str, str, str], largest_file: int | None
) -> None:
    from deployments import cli

    if largest_file is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write then fails, as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    _begin(environment, *(os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOCTTY, 0o600) for name in streams))
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in enumerate("rww"))
    sys.argv = ["acr-relocate", *arguments]
    try:
        cli.main()
    finally:
        sys.stdout.flush()
        threading._shutdown()  # type: ignore[attr-defined] # as the interpreter does at its end
        atexit._run_exitfuncs()  # multiprocessing skips it


def _run_server(environment: dict[str, str], state: str, listening: socket.socket) -> None:
    from deployments.server import server_process

    log = os.open(f"{state}/server.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    _begin(environment, log, log, log)
    os.chdir(state)
    os.environ[server_process.SOCKET] = str(listening.detach())
    os.environ[server_process.PARENT] = str(os.getppid())
    server_process.main()


def _begin(environment: dict[str, str], *streams: int) -> None:
    """Give this process a session, an environment, and standard streams of its own."""
    import prefect.context

    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.environ.clear()
    os.environ.update(environment)
    if authorities := environment.get("SSL_CERT_FILE"):  # Prefect took it for a default when it was imported
        os.environ.setdefault("PREFECT_API_SSL_CERT_FILE", authorities)
    prefect.context.refresh_global_settings_context()
    logging.root.handlers.clear()
