"""A new database is what Prefect's own migrations make."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from deployments.server import database


def test_the_committed_schema_is_that_of_this_prefect(tmp_path: Path) -> None:
    """To bring it up to date: make schema."""
    made, committed = database.migrated(tmp_path), database.SCHEMA_FILE.read_text(encoding="utf-8")

    assert statements(made) == statements(committed)


def statements(schema: str) -> list[str]:
    """Return the lines of a schema in one order: SQLAlchemy writes the constraints of a table in any."""
    return sorted(line.strip().rstrip(",").rstrip() for line in schema.splitlines())


def test_a_database_that_is_there_is_left_alone(tmp_path: Path) -> None:
    """A new one has the schema at once; an old one stays, byte for byte."""
    database.lay_out(tmp_path)
    path = tmp_path / database.DATABASE
    with closing(sqlite3.connect(path)) as made:
        assert made.execute("select count(*) from alembic_version").fetchone() == (1,)
    before = path.read_bytes()
    database.lay_out(tmp_path)
    assert path.read_bytes() == before


def test_another_version_of_prefect_makes_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The schema is of one version; with any other, the server's migrations do it."""
    monkeypatch.setattr(database, "version", lambda _: "99.0")
    database.lay_out(tmp_path)
    assert list(tmp_path.iterdir()) == []
