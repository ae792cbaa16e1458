"""`acr-relocate runs`, `show` and `report` where no Prefect server was ever used."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from acr_relocate.core.errors import NotFound
from deployments.commands.runs import app, in_two_lines


@pytest.fixture(name="state", autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder that was never used, in an environment without a server."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.setenv("ACR_RELOCATE_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def test_there_are_no_runs_and_no_server_is_started(state: Path) -> None:
    """The answer is at once, and nothing was made in the folder."""
    ended = CliRunner().invoke(app, ["runs", "--json"])

    assert (ended.exit_code, json.loads(ended.stdout)) == (0, [])
    assert not state.exists()


@pytest.mark.parametrize("width", [80, 60])
def test_in_a_narrow_terminal_an_id_is_not_broken(width: int) -> None:
    """The lines fit, and the name is whole."""
    run = {
        "id": "873f04ac-2004-4e78-bdb8-639e44fcc419",
        "name": "relocate-contosoregistry-to-contosonorth",
        "flow": "relocate",
        "state": "AwaitingRetry",
        "started": "2026-12-01T00:35:41.314733+00:00",
        "verdict": "relocated: 16 manual steps and 3 decisions open\nmore",
        "duration": "35 s",
    }

    first, second = in_two_lines(run, width).splitlines()

    assert first == f"{run['id']}  2026-12-01 00:35 UTC  35 s  AwaitingRetry"
    assert second.startswith(f"  {run['name']}: relocated")
    assert len(second) <= width


@pytest.mark.parametrize("verb", ["show", "report"])
def test_a_run_is_not_looked_for(verb: str, state: Path) -> None:
    """The message says where it could be."""
    ended = CliRunner().invoke(app, [verb, "relocate-shop"])

    assert isinstance(ended.exception, NotFound)
    assert "PREFECT_API_URL" in ended.exception.remedy
    assert not state.exists()
