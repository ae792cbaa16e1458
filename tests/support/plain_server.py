"""A Prefect server as any team may have one: `prefect server start`, without a password."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from deployments import processes
from deployments.server import for_command, local_server, prefect_server

if TYPE_CHECKING:
    import subprocess

PATIENCE = 600.0


@dataclass
class PlainServer:
    """Its database is in `state`; it can be stopped and started again at its port. `tuned`: as the docs say."""

    state: Path
    tuned: bool = True
    port: int = field(default_factory=lambda: processes.free_port(0))
    process: "subprocess.Popen[str] | None" = None

    @property
    def ui(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """It answers."""
        self.state.mkdir(parents=True, exist_ok=True)
        settings = {"PREFECT_HOME": str(self.state), "PREFECT_SERVER_API_PORT": str(self.port)}
        self.process = processes.start_process(
            [sys.executable, "-m", *prefect_server.MARKER.split()],
            environment={name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
            | (local_server.TUNING if self.tuned else {})
            | settings,
            log=self.state / "server.log",
        )
        assert processes.wait_until(lambda: for_command.is_server(f"{self.ui}/api"), PATIENCE)

    def stop(self) -> None:
        """It is gone; its database stays."""
        if self.process:
            processes.stop_process(self.process)


@contextmanager
def plain_server(state: Path, *, tuned: bool = True) -> Iterator[PlainServer]:
    """A server that answers while the block runs."""
    server = PlainServer(state, tuned)
    server.start()
    try:
        yield server
    finally:
        server.stop()
