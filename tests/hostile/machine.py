"""A machine of an operator: its own state folder and its own Prefect server, on which commands run and are killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import secrets
import select
import signal
import socket
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from deployments import processes
from deployments.commands.approvals import TYPE_THE_NAME
from deployments.server.local_server import server_environment, shared, wait_until_healthy
from deployments.server.prefect_server import PrefectServer
from local_azure.launcher import Emulator
from tests.support.forks import fork_command, fork_server, import_servers, kill

import_servers()

LONGEST = 900.0
"""Seconds that no command takes, on a machine with others at work."""
SMALL_FILE = 64 * 1024
"""Bytes that a file may have where the disk is full."""
ANSWERS = (("[y/N]", "y"), ("Your name", "Ann Approver"), ("Comment", "CHG-1"))
"""Questions that a person at the terminal is asked, in this order, and the answers; then the name of the registry."""


@dataclass
class Ended:
    """How a command ended: its exit status, None after a kill, and all that it wrote to the terminal."""

    command: str
    status: int | None
    output: str
    seconds: float


@dataclass
class Machine:
    """One machine. `home` is its state folder, `server` its Prefect server; None: each command starts one there."""

    name: str
    home: Path
    server: PrefectServer | None
    emulator: Emulator

    def start(self, *command: str, types: str = "", full_disk: bool = False) -> Session:
        """A command at a terminal, where a person approves what it asks and types this name."""
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        process = fork_command(command, self.environment, os.ttyname(follower), SMALL_FILE if full_disk else None)
        return Session(" ".join(command), process, leader, follower, types)

    def run(
        self,
        *command: str,
        types: str = "",
        kill_after: float | None = None,
        kill_when: Callable[[], bool] | None = None,
        full_disk: bool = False,
        while_asked: Callable[[], object] | None = None,
    ) -> Ended:
        """The command has ended, by itself or killed with all that it started."""
        started = self.start(*command, types=types, full_disk=full_disk)
        return started.wait(kill_after, kill_when=kill_when, while_asked=while_asked)

    @contextlib.contextmanager
    def powered(self) -> Iterator[Machine]:
        """The machine with a new Prefect server on its state folder; at the end it loses its power."""
        password = secrets.token_urlsafe(24)
        with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
            port = int(listening.getsockname()[1])
            server = fork_server(server_environment(self.home, port, password), self.home, listening)
        try:
            yield replace(self, server=wait_until_healthy(Forked(str(self.home), port, server.pid or 0, password)))
        finally:
            self.lose_power()
            kill(server)

    @contextlib.contextmanager
    def serving(self) -> Iterator[Machine]:
        """The powered machine takes the runs of its server, too."""
        with self.powered() as served:
            log = self.home / "serve.log"
            command = [sys.executable, "-m", "deployments.cli", "serve"]
            processes.start_process(command, environment=served.environment, log=log)
            if not processes.wait_until(lambda: "polling for scheduled runs" in log.read_text(), LONGEST):
                raise RuntimeError(f"`serve` does not begin: {log.read_text()[-2000:]}")
            yield served

    def lose_power(self) -> None:
        """Every process of this machine is gone at once: SIGKILL to all that have its state folder."""
        mark = str(self.home).encode() + b"\0"
        for process in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if process.name.isdigit() and mark in (process / "environ").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its commands."""
        ours = self.server.client_environment if self.server else {}
        own = {"ACR_RELOCATE_STATE": str(self.home), "NO_COLOR": "1", "TERM": "xterm"}
        return {**os.environ, **self.emulator.env, **ours, **own, "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}


class Forked(PrefectServer):
    """A server that was forked: its command line does not name it."""

    @property
    def is_alive(self) -> bool:
        """Whether its process exists."""
        return Path(f"/proc/{self.pid}").exists()


@dataclass
class Session:
    """A command that runs at a terminal."""

    command: str
    process: ForkServerProcess
    leader: int
    follower: int
    types: str
    output: str = ""
    answered: int = 0
    began: float = field(default_factory=time.monotonic)

    def wait(
        self,
        kill_after: float | None = None,
        *,
        kill_when: Callable[[], bool] | None = None,
        while_asked: Callable[[], object] | None = None,
    ) -> Ended:
        """It has ended, or was killed: after so many seconds, or when this is so.

        `while_asked` happens while the person reads the first question.
        """
        end = self.began + (kill_after or LONGEST)
        while self.process.exitcode is None and time.monotonic() < end and not (kill_when and kill_when()):
            self._read()
            self._answer(while_asked if self.answered == 0 else None)
        was_killed = self.process.exitcode is None
        kill(self.process)
        seconds = time.monotonic() - self.began
        self._read()
        os.close(self.follower)
        os.close(self.leader)
        return Ended(self.command, None if was_killed else self.process.exitcode, self.output, seconds)

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # Linux: the last process at the terminal is gone
            while select.select([self.leader], [], [], 0.02)[0]:
                data = os.read(self.leader, 65536)
                if not data:
                    return
                self.output += data.decode(errors="replace")

    def _answer(self, while_asked: Callable[[], object] | None) -> None:
        asked = [*ANSWERS, (TYPE_THE_NAME, self.types)]
        place, (question, answer) = self.answered, asked[self.answered % len(asked)]
        if not self.types or question not in self.output[self._seen :]:
            return
        if place == 0 and while_asked:
            while_asked()
        self._seen = len(self.output)
        self.answered += 1
        os.write(self.leader, f"{answer}\n".encode())

    _seen: int = 0


@contextlib.contextmanager
def machine(name: str, folder: Path, emulator: Emulator) -> Iterator[Machine]:
    """A machine with its server, for as long as the block runs."""
    home = folder / name
    home.mkdir()
    with shared(home) as server:
        yield Machine(name, home, server, emulator)
