"""A PostgreSQL of our own, from the packages of the operating system, as its unprivileged user."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deployments import processes

USER = "postgres"


@contextmanager
def cluster() -> Iterator[str]:
    """The address, for Prefect, of an empty database that is there while the block runs."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    folder, port = Path(tempfile.mkdtemp(prefix="acr-relocate-postgresql-")), processes.free_port(0)
    shutil.chown(folder, USER)
    data, options = str(folder / "data"), f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    try:
        _run(programs / "initdb", "-D", data, "-U", "prefect", "--auth=trust", "-E", "UTF8")
        _run(programs / "pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            where = ("-h", "127.0.0.1", "-p", str(port), "-U", "prefect")
            _run(programs / "createdb", *where, "prefect")
            _run(programs / "psql", *where, "-d", "prefect", "-c", "create extension pg_trgm")
            yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/prefect"
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: Path, *arguments: str) -> None:
    user = USER if os.geteuid() == 0 else None
    subprocess.run([str(program), *arguments], user=user, check=True, stdout=subprocess.DEVNULL, cwd="/")
