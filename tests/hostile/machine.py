"""A machine of an operator: its own state folder and its own Prefect server, on which commands run and are killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import resource
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from deployments import processes
from deployments.server.local_server import PrefectServer, shared
from local_azure.launcher import Emulator

LONGEST = 900.0
"""Seconds that no command takes, on a machine with others at work."""
SMALL_FILE = 64 * 1024
"""Bytes that a file may have where the disk is full."""
ANSWERS = (("[y/N]", "y"), ("Your name", "Ann Approver"), ("Comment", "CHG-1"))
"""What a person at the terminal is asked, in this order, and types; then the name of the registry."""


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
        process = subprocess.Popen(
            [sys.executable, "-m", "deployments.cli", *command],
            env=self._environment(),
            stdin=follower,
            stdout=follower,
            stderr=follower,
            start_new_session=True,
            preexec_fn=_fill_the_disk if full_disk else None,  # noqa: PLW1509 - this process has one thread
        )
        os.close(follower)
        return Session(" ".join(command), process, leader, types)

    def run(
        self,
        *command: str,
        types: str = "",
        kill_after: float | None = None,
        full_disk: bool = False,
        while_asked: Callable[[], object] | None = None,
    ) -> Ended:
        """The command has ended, by itself or killed with all that it started."""
        return self.start(*command, types=types, full_disk=full_disk).wait(kill_after, while_asked)

    @contextlib.contextmanager
    def serving(self) -> Iterator[Machine]:
        """The machine with a Prefect server, whose runs it takes; at the end it loses its power."""
        with shared(self.home) as server:
            served, log = replace(self, server=server), self.home / "serve.log"
            command = [sys.executable, "-m", "deployments.cli", "serve"]
            processes.start_process(command, environment=served._environment(), log=log)
            try:
                if not processes.wait_until(lambda: "polling for scheduled runs" in log.read_text(), LONGEST):
                    raise RuntimeError(f"`serve` does not begin: {log.read_text()[-2000:]}")
                yield served
            finally:
                served.lose_power()

    def lose_power(self) -> None:
        """Every process of this machine is gone at once: SIGKILL to all that have its state folder."""
        mark = str(self.home).encode() + b"\0"
        for process in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if process.name.isdigit() and mark in (process / "environ").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)

    def _environment(self) -> dict[str, str]:
        ours = self.server.client_environment if self.server else {}
        own = {"ACR_RELOCATE_STATE": str(self.home), "NO_COLOR": "1", "TERM": "xterm"}
        return {**os.environ, **self.emulator.env, **ours, **own, "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}


@dataclass
class Session:
    """A command that runs at a terminal."""

    command: str
    process: subprocess.Popen[bytes]
    leader: int
    types: str
    output: str = ""
    answered: int = 0
    began: float = field(default_factory=time.monotonic)

    def wait(self, kill_after: float | None = None, while_asked: Callable[[], object] | None = None) -> Ended:
        """It has ended. `while_asked` happens while the person reads the first question."""
        end = self.began + (kill_after or LONGEST)
        while self.process.poll() is None and time.monotonic() < end:
            self._read()
            self._answer(while_asked if self.answered == 0 else None)
        was_killed = self.process.poll() is None
        if was_killed:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        seconds = time.monotonic() - self.began
        self._read()
        os.close(self.leader)
        return Ended(self.command, None if was_killed else self.process.returncode, self.output, seconds)

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # Linux: the last process at the terminal is gone
            while select.select([self.leader], [], [], 0.05)[0]:
                data = os.read(self.leader, 65536)
                if not data:
                    return
                self.output += data.decode(errors="replace")

    def _answer(self, while_asked: Callable[[], object] | None) -> None:
        asked = [*ANSWERS, ("Type the name", self.types)]
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


def _fill_the_disk() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write then fails, as on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_FILE, SMALL_FILE))
