"""Create the database of our own Prefect server at once: running all of Prefect's migrations takes ten seconds.

`schema.sql` is their result for an empty SQLite database; `make schema` writes it again. With another version of
Prefect than the one in the file, the server runs the migrations itself.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Final

DATABASE: Final = "prefect.db"
SCHEMA_FILE: Final = Path(__file__).parent / "schema.sql"
ELSEWHERE: Final = ("PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT_API_DATABASE_CONNECTION_URL")


def lay_out(state: Path) -> None:
    """Create the database in the state folder if it is missing, as the migrations of this Prefect would."""
    path = state / DATABASE
    if path.exists() or any(os.environ.get(name) for name in ELSEWHERE):
        return
    schema = SCHEMA_FILE.read_text(encoding="utf-8")
    if schema.partition("\n")[0] != _first_line():
        return
    descriptor, name = tempfile.mkstemp(dir=state, prefix=f".{DATABASE}.")
    os.close(descriptor)
    partial = Path(name)
    try:
        with closing(sqlite3.connect(partial)) as database:
            database.executescript(schema)
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)


def _first_line() -> str:
    return f"-- Prefect {version('prefect')}"


def migrated(folder: Path) -> str:
    """Return the schema after all migrations of an empty database in the folder, as SQL. Runs in a process."""
    script = "import asyncio, prefect.server.database as d; asyncio.run(d.provide_database_interface().create_db())"
    environment = os.environ | {"PREFECT_HOME": str(folder), "DO_NOT_TRACK": "1"}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)  # noqa: S603 - our own script
    with closing(sqlite3.connect(folder / DATABASE)) as made:
        return "\n".join((_first_line(), *made.iterdump())) + "\n"


def main() -> None:
    """Print the schema of this version of Prefect."""
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(migrated(Path(folder)))


if __name__ == "__main__":
    main()
