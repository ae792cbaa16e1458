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
import threading
from collections.abc import Callable
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


def preload(*modules: str) -> None:
    """Name what the process of the forks imports: before the first fork."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(list(modules))


def fork_command(
    arguments: tuple[str, ...], environment: dict[str, str], terminal: str, largest_file: int | None = None
) -> ForkServerProcess:
    """Start a command at this terminal, in a session of its own. `largest_file`: its bytes, where the disk is full."""
    return _fork(_run_command, arguments, environment, (terminal,) * 3, largest_file)


def fork_into_files(
    arguments: tuple[str, ...], environment: dict[str, str], output: Path, errors: Path
) -> ForkServerProcess:
    """Start a command without a terminal or input, which writes to these two files."""
    return _fork(_run_command, arguments, environment, (os.devnull, str(output), str(errors)), None)


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
    process = multiprocessing.get_context("forkserver").Process(target=target, args=arguments, daemon=False)
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
    prefect.context.refresh_global_settings_context()
    logging.root.handlers.clear()
