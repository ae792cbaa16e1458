"""Deployments as code: registered from anywhere, run by a worker that was started somewhere else."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow, get_client
from prefect.client.schemas.objects import StateType
from prefect.deployments import run_deployment
from prefect.settings import get_current_settings
from prefect.utilities.importtools import import_object

from acr_relocate.core.errors import NotFound
from deployments.server import schedules
from deployments.server.register import POOL, PREFECT_FILE
from tasks.runs.queries import FLOWS
from tests.service.conftest import Move
from tests.support.architecture import ROOT
from tests.support.prefect_api import Api

COMPLETED, FAILED, PAUSED = StateType.COMPLETED, StateType.FAILED, StateType.PAUSED
ENTRIES: list[dict[str, Any]] = yaml.safe_load(PREFECT_FILE.read_text())["deployments"]
NAMES = [f"{import_object(entry['entrypoint']).name}/{entry['name']}" for entry in ENTRIES]


def command(*arguments: str, cwd: Path, prefect: str = "") -> subprocess.CompletedProcess[str]:
    """A command in a folder that is not the project's, with the tests' Prefect server or with none."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_API")}
    patient = {"PREFECT_CLIENT_MAX_RETRIES": "8"}  # as docs/deploy.md has it for a worker
    environment = variables | patient | ({"PREFECT_API_URL": prefect} if prefect else {"PREFECT_HOME": str(cwd)})
    line = [sys.executable, "-m", *arguments]
    return subprocess.run(line, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False)


def flows_of(module: str) -> list[Flow[..., Any]]:
    """The flows that a module has, its own and those that it takes from others."""
    return [each for each in vars(import_module(module)).values() if isinstance(each, Flow)]


@pytest.fixture(scope="module", name="prefect")
def _prefect(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the tests' Prefect server, with all deployments for the pool."""
    address = str(get_current_settings().api.url)
    ended = command("deployments.cli", "deploy", "--automate", cwd=tmp_path_factory.mktemp("here"), prefect=address)
    assert ended.returncode == 0, ended.stderr
    assert "recover silent runs" in ended.stdout
    assert ended.stdout.splitlines()[-1] == f"deployed: {len(ENTRIES)} deployments, 4 automations"
    return address


async def run_elsewhere(names: Collection[str], move: Move, prefect: str, place: Path) -> None:
    """Run these deployments by a worker in another folder; each ends as a flow does, and the relocation completes."""
    request = move.request.model_copy(update={"content": False})
    searched = {"place": str(place), "source": "contoso.azurecr.io", "target": "contosonorth.azurecr.io"}
    both = {"source": request.source, "target": request.source}
    others = {"references/references": {"request": searched}, "compare/compare": both}
    asked: dict[str, dict[str, Any]] = {
        name: others.get(name, {"request": request.model_dump(mode="json")}) for name in names
    }
    runs = {name: await run_deployment(name, parameters=parameters, timeout=0) for name, parameters in asked.items()}

    worker = command("prefect", "worker", "start", "--pool", POOL, "--run-once", cwd=place, prefect=prefect)

    async with get_client() as client:
        states = {name: (await client.read_flow_run(run.id)).state for name, run in runs.items()}
        history = {name: await client.read_flow_run_states(run.id) for name, run in runs.items()}
    # A comparison that comes before the relocation fails for what it finds, a discard that comes after it waits for an
    # approval; none is left. By their history: a worker that a starved run could not tell within a second how it has
    # ended calls it crashed afterwards, because a run that failed is a process that failed (prefect/runner).
    lost = {
        name: [(state.name, state.message) for state in known]
        for name, known in history.items()
        if not {COMPLETED, FAILED, PAUSED} & {state.type for state in known}
    }
    assert lost == {}, worker.stdout + worker.stderr
    assert states["relocate/relocate"].is_completed()
    assert "ModuleNotFoundError" not in worker.stdout + worker.stderr


async def test_a_worker_somewhere_else_runs_a_deployment(small_move: Move, prefect: str, tmp_path: Path) -> None:
    """Nothing depends on where `acr-relocate deploy` and the worker were started; tests/thorough runs all of them."""
    await run_elsewhere(("relocate/relocate", "references/references"), small_move, prefect, tmp_path)


def test_every_flow_that_a_person_can_start_has_a_deployment() -> None:
    """And is listed, told of, and ended when it is lost. A shard and a part are started by an import."""
    flows = {each.name for path in (ROOT / "flows").glob("[a-z]*.py") for each in flows_of(f"flows.{path.stem}")}

    assert flows - {"import-shard"} == {name.split("/")[0] for name in NAMES}
    assert flows - {"import-shard", "import-part", "recover-run"} == set(FLOWS)


@pytest.mark.usefixtures("prefect")
async def test_a_deployment_says_what_it_does_and_what_it_takes() -> None:
    """Description, version and a form; no tags, which every task run would inherit; no schedule that runs by itself."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    async with get_client() as client:
        found = {name: await client.read_deployment_by_name(name) for name in NAMES}

    schedules = [schedule for deployment in found.values() for schedule in deployment.schedules]
    assert {deployment.version for deployment in found.values()} == {version}
    assert {deployment.work_pool_name for deployment in found.values()} == {POOL}
    assert [name for name, deployment in found.items() if len(deployment.description or "") < 40] == []
    assert [name for name, deployment in found.items() if deployment.tags] == []
    assert [name for name, deployment in found.items() if not deployment.parameter_openapi_schema["properties"]] == []
    assert schedules
    assert [schedule.slug for schedule in schedules if schedule.active] == []


async def test_a_schedule_has_runs(prefect: str) -> None:
    """The server makes runs of a schedule, as its scheduler does: what no test of a single run would miss."""
    rule = {"interval": 3600, "anchor_date": "2126-01-01T00:00:00Z", "timezone": "UTC"}
    api = Api(prefect)
    with api.http:
        deployment = api.call("GET", "/deployments/name/plan/plan")["id"]
        (schedule,) = api.call("POST", f"/deployments/{deployment}/schedules", [{"schedule": rule, "active": True}])
        century = {"start_time": "2126-01-01T00:00:00Z", "end_time": "2126-01-01T02:00:00Z"}
        api.call("POST", f"/deployments/{deployment}/schedule", century)
        runs = api.call("POST", "/flow_runs/filter", {"deployments": {"id": {"any_": [deployment]}}})
        api.call("DELETE", f"/deployments/{deployment}/schedules/{schedule['id']}")

    assert {run["state_name"] for run in runs if run["auto_scheduled"]} == {"Scheduled"}


def test_prefects_own_command_deploys_a_fresh_copy(prefect: str, tmp_path: Path) -> None:
    """As the head of prefect.yaml says it, from the project root; a schedule that a person has added stays."""
    schedules.add_schedule(
        "sync", "nightly", "0 2 * * *", "Europe/Amsterdam", {"request": {"source": {"name": "shop"}}}
    )
    copy = shutil.copytree(ROOT, tmp_path / "copy", ignore=shutil.ignore_patterns(".*", "__pycache__", "tests"))
    asked = ("prefect", "--no-prompt", "deploy", "--prefect-file", "deployments/prefect.yaml", "--all")

    ended = command(*asked, cwd=copy, prefect=prefect)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [name for name in NAMES if f"Deployment '{name}' successfully created" not in ended.stdout] == []
    added = [each for each in schedules.find_schedules() if each.name == "nightly"]
    assert [(each.flow, each.when, each.time_zone, each.active, each.registries) for each in added] == [
        ("sync", "0 2 * * *", "Europe/Amsterdam", True, "shop")
    ]
    schedules.remove_schedule("nightly")
    with pytest.raises(NotFound, match="no schedule nightly"):
        schedules.remove_schedule("nightly")


def test_a_pool_of_another_type_is_refused(prefect: str, tmp_path: Path) -> None:
    """Deployments for containers are never given to a pool of processes; the message says what to do."""
    refused = command("deployments.cli", "deploy", "--type", "kubernetes", cwd=tmp_path, prefect=prefect)

    assert refused.returncode == 1
    assert "of the type process, not kubernetes" in refused.stderr
    assert "Remedy:" in refused.stderr


@pytest.mark.parametrize("verb", ["deploy", "serve"])
def test_without_a_server_there_is_nothing_to_register_with(verb: str, tmp_path: Path) -> None:
    """One clear message, and status 2."""
    ended = command("deployments.cli", verb, cwd=tmp_path)

    assert ended.returncode == 2
    assert ended.stderr.startswith("error: No Prefect server is configured")
