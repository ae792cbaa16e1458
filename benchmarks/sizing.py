"""How large a Prefect server has to be: artifacts a run against its lag, memory and database, on SQLite and PostgreSQL.

An import of so many images runs as fast as we let the server be fed, against an Azure that answers at once: more than
Azure itself ever allows. The lag is the time from the end of the run until the server has recorded every task run.

    python -m benchmarks.sizing                          200, 1,000 and 5,000 artifacts: 15 minutes
    python -m benchmarks.sizing --artifacts 200          4 minutes
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple

import asyncpg

from acr_relocate.core.documents.markdown_parts import table
from benchmarks.postgresql import cluster
from benchmarks.stage import Run, Stage, stage, synthetic

SETTING = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
PATIENCE = 300.0  # seconds; what is not recorded by then is lost
MIB = 1024 * 1024


class Size(NamedTuple):
    """The figures of one run."""

    database: str
    artifacts: int
    seconds: float
    recorded: int
    lag: float
    server_mib: float
    database_mib: float
    run_mib: float


def main() -> int:
    """Run them all and print the table; 0 if every task run was recorded."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifacts", type=int, nargs="+", default=[200, 1000, 5000])
    counts = parser.parse_args().artifacts
    sizes = [size for name in ("SQLite", "PostgreSQL") for count in counts for size in measured(name, count)]
    header = (
        "database",
        "artifacts",
        "run",
        "recorded",
        "lag",
        "server",
        "database grew",
        "an artifact",
        "flow process",
    )
    print(table(header, [_row(size) for size in sizes]))
    return int(any(size.recorded != size.artifacts for size in sizes))


def measured(database: str, artifacts: int) -> Iterator[Size]:
    """The size that a run of so many artifacts asks for."""
    with _database(database) as address, stage(synthetic(artifacts), profile="instant") as place:
        before = _bytes(place, address)
        run = Run(["sync", str(place.target("sizingtarget"))], place.environment).wait()
        began = time.monotonic()
        while (recorded := place.task_runs("COMPLETED")) < artifacts and time.monotonic() - began < PATIENCE:
            time.sleep(0.5)
        lag = time.monotonic() - began
        grown = (_bytes(place, address) - before) / MIB
        yield Size(database, artifacts, run.seconds, recorded, lag, _peak_mib(place.prefect.pid), grown, run.peak_mib)


@contextmanager
def _database(name: str) -> Iterator[str]:
    """The address of an empty database that Prefect servers use meanwhile; empty for SQLite."""
    with cluster() if name == "PostgreSQL" else nullcontext() as server:
        if server:
            os.environ[SETTING] = server.url
        try:
            yield server.url if server else ""
        finally:
            os.environ.pop(SETTING, None)


def _bytes(place: Stage, address: str) -> int:
    if not address:
        return sum(file.stat().st_size for file in (place.folder / "prefect").glob("*.db*"))

    async def ask() -> int:
        connection = await asyncpg.connect(address.replace("+asyncpg", ""))
        try:
            return int(await connection.fetchval("select pg_database_size('prefect')"))
        finally:
            await connection.close()

    return asyncio.run(ask())


def _peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _row(size: Size) -> tuple[object, ...]:
    return (
        size.database,
        size.artifacts,
        f"{size.seconds:.0f} s",
        size.recorded,
        f"{size.lag:.1f} s",
        f"{size.server_mib:.0f} MiB",
        f"{size.database_mib:.1f} MiB",
        f"{size.database_mib * 1024 / size.artifacts:.0f} KiB",
        f"{size.run_mib:.0f} MiB",
    )


if __name__ == "__main__":
    sys.exit(main())
