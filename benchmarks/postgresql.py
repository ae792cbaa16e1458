"""A PostgreSQL of our own, from the packages of the operating system, as its unprivileged user."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deployments import processes

USER = "postgres"


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL at work on this machine, with the empty database `prefect`."""

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        """The address of the database, for Prefect."""
        return f"postgresql+asyncpg://prefect@127.0.0.1:{self.port}/prefect"

    @property
    def options(self) -> str:
        """The addresses it listens on: one port of this machine, and a socket in its folder."""
        return f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"

    def control(self, *arguments: str) -> None:
        """`pg_ctl` has done as these say."""
        _run(
            self.programs / "pg_ctl", "-D", str(self.folder / "data"), "-l", str(self.folder / "log"), "-w", *arguments
        )

    def restart(self, mode: Literal["fast", "immediate"]) -> None:
        """Every connection is cut, and it answers again: `immediate` is a crash, from which it recovers."""
        self.control("-o", self.options, "-m", mode, "restart")


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL with an empty database that is there while the block runs."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    folder, port = Path(tempfile.mkdtemp(prefix="acr-relocate-postgresql-")), processes.free_port(0)
    shutil.chown(folder, USER)
    server = Cluster(programs, folder, port)
    try:
        _run(programs / "initdb", "-D", str(folder / "data"), "-U", "prefect", "--auth=trust", "-E", "UTF8")
        server.control("-o", server.options, "start")
        try:
            where = ("-h", "127.0.0.1", "-p", str(port), "-U", "prefect")
            _run(programs / "createdb", *where, "prefect")
            _run(programs / "psql", *where, "-d", "prefect", "-c", "create extension pg_trgm")
            yield server
        finally:
            server.control("-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: Path, *arguments: str) -> None:
    user = USER if os.geteuid() == 0 else None
    subprocess.run([str(program), *arguments], user=user, check=True, stdout=subprocess.DEVNULL, cwd="/")
