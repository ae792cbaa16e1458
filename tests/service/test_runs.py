"""A run is read back from the Prefect server alone: a worker's disk holds nothing of it."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, get_current_settings, temporary_settings
from typer.testing import CliRunner, Result

from acr_relocate.core.errors import NotFound
from acr_relocate.core.report.report import Report
from deployments import processes
from deployments.cli import app
from deployments.server import for_command, prefect_server
from deployments.server.connection import ServerNotReached
from flows.relocate import relocate_registry
from tasks.runs.run_names import named
from tests.service.conftest import Move
from tests.support.prefect_api import PATIENCE, Api

USER = "operator:open-sesame"
LEAST = {"source": {"name": "contoso"}, "target": {"name": "contosonorth", "location": "northeurope"}}


@pytest.fixture(name="server", autouse=True)
def _server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", str(get_current_settings().api.url))


def command(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture(name="relocated")
async def _relocated(small_move: Move) -> Move:
    await relocate_registry(small_move.request)
    return small_move


def test_a_run_is_found_and_read_back(relocated: Move, tmp_path: Path) -> None:
    """Listed, shown by its name or id, and its report is the one that the run ended with; as a page, too."""
    name = f"relocate-contosoregistry-to-{relocated.request.target.name}"

    listed = json.loads(command("runs", "--json").stdout)
    run = next(each for each in listed if each["name"] == name)
    shown = json.loads(command("show", name, "--json").stdout)
    report = Report.model_validate_json(
        command("report", run["id"], "--json", "--html", str(tmp_path / "r.html")).stdout
    )

    assert (run["flow"], run["state"]) == ("relocate", "Completed")
    assert name in command("runs").stdout
    assert shown["id"] == run["id"]
    assert shown["inside"] == [f"import-shard-1-to-{relocated.request.target.name}: Completed"]
    assert (shown["progress"][0]["percent"], shown["progress"][0]["text"].partition(",")[0]) == (100, "5 of 5")
    assert report.target_id == relocated.request.target_id
    assert report.verdict == "relocated"
    assert "is relocated to" in (tmp_path / "r.html").read_text()
    assert (tmp_path / "r.html").stat().st_mode & 0o777 == 0o600
    printed = command("report", name).stdout
    assert "Embedded Azure" in printed
    assert printed.splitlines()[-1] == command("report", name, "--quiet").stdout.strip() == shown["verdict"]

    typed = "CHG-77, the move of the shop that the change board has approved on Friday"  # longer than what is kept
    api = Api(str(get_current_settings().api.url))
    api.call("PATCH", f"/flow_runs/{run['id']}", {"name": named(name, typed)})
    assert json.loads(command("show", typed, "--json").stdout)["id"] == run["id"]


@pytest.mark.parametrize("verb", ["show", "report"])
def test_a_run_that_is_not_there_has_a_remedy(verb: str) -> None:
    """The message says which run, and how to find those that there are."""
    ended = command(verb, "no-such-run")

    assert isinstance(ended.exception, NotFound)
    assert "no-such-run" in str(ended.exception)
    assert "acr-relocate runs" in str(ended.exception)


@pytest.fixture(name="guarded")
def _guarded(tmp_path: Path) -> Iterator[str]:
    """The address of a Prefect server that wants a password."""
    port = processes.free_port(0)
    settings = {"PREFECT_HOME": str(tmp_path), "PREFECT_SERVER_API_PORT": str(port)}
    process = processes.start_process(
        [sys.executable, "-m", *prefect_server.MARKER.split()],
        environment=os.environ | settings | {"PREFECT_SERVER_API_AUTH_STRING": USER},
        log=tmp_path / "server.log",
    )
    try:
        assert processes.wait_until(lambda: for_command.is_server(f"http://127.0.0.1:{port}/api"), PATIENCE)
        yield f"http://127.0.0.1:{port}/api"
    finally:
        processes.stop_process(process)


def commands(folder: Path) -> list[list[str]]:
    """All that need the Prefect server."""
    (folder / "request.yaml").write_text(json.dumps(LEAST))
    (folder / "batch.yaml").write_text(json.dumps({"name": "night", "requests": [LEAST]}))
    with_request = [[verb, str(folder / "request.yaml")] for verb in ("run", "plan", "sync")]
    batch = ["batch", str(folder / "batch.yaml")]
    return [["runs"], ["report", "some"], ["approve", "some"], ["deploy"], ["serve"], batch, *with_request]


def test_a_server_that_refuses_us_has_a_remedy(guarded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command ends with one message and one remedy, and nothing was begun."""
    monkeypatch.setenv("PREFECT_API_URL", guarded)
    with temporary_settings({PREFECT_API_URL: guarded}):
        ended = {one[0]: command(*one) for one in commands(tmp_path)}
        with temporary_settings({PREFECT_API_AUTH_STRING: USER}):
            known = command("runs")

    assert {verb for verb, one in ended.items() if not isinstance(one.exception, ServerNotReached)} == set()
    assert all("PREFECT_API_AUTH_STRING" in str(one.exception) for one in ended.values())
    assert known.exit_code == 0, known.exception


def test_a_server_that_is_not_there_has_a_remedy() -> None:
    """Within seconds, where a run would wait for minutes."""
    with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{processes.free_port(0)}/api"}):
        ended = command("runs")

    assert isinstance(ended.exception, ServerNotReached)
    assert "does not answer" in str(ended.exception)
