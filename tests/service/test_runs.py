"""What the Prefect server remembers of a run is read back from anywhere: nothing of it is on a worker's disk."""

import json
from pathlib import Path

import pytest
from prefect.settings import get_current_settings
from typer.testing import CliRunner, Result

from acr_relocate.core.errors import NotFound
from acr_relocate.core.report import Report
from deployments.cli import app
from flows.relocate import relocate_registry
from tests.service.conftest import Move


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
    assert shown["progress"][0].startswith("100 %: ")
    assert report.target_id == relocated.request.target_id
    assert report.verdict == "relocated"
    assert "is relocated to" in (tmp_path / "r.html").read_text()
    assert "Embedded Azure" in command("report", name).stdout


@pytest.mark.parametrize("verb", ["show", "report"])
def test_a_run_that_is_not_there_has_a_remedy(verb: str) -> None:
    """The message says which run, and how to find those that there are."""
    ended = command(verb, "no-such-run")

    assert isinstance(ended.exception, NotFound)
    assert "no-such-run" in str(ended.exception)
    assert "acr-relocate runs" in str(ended.exception)
