"""A batch as a team runs it: a worker takes its registries; what is run again goes on with what is unfinished."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from prefect.settings import get_current_settings
from typer.testing import CliRunner

import tasks.runs.batch
from acr_relocate.core.request.maintenance_window import WEEKDAYS
from deployments.cli import app
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator
from tasks.connection import azure
from tests.service.conftest import SUBSCRIPTION
from tests.support.prefect_api import Worker, working

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/fleet-west"
VERSION = "2025-11-01"


@pytest.fixture(name="worker", autouse=True)
def _worker(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """A worker that takes relocations; this process looks often, and finds its server by the environment."""
    url = str(get_current_settings().api.url)
    monkeypatch.setenv("PREFECT_API_URL", url)
    monkeypatch.setattr(tasks.runs.batch, "_LOOK_SECONDS", 0.5)
    with working(url, emulator.env, tmp_path, relocate_registry) as worker:
        yield worker


@pytest.fixture(name="fleet")
async def _fleet(emulator: Emulator) -> Emulator:
    """Three registries without content; the second cannot be moved, because its export policy forbids it."""
    async with azure() as connection:
        await connection.arm.put(GROUP, "2022-09-01", {"location": "westeurope"}, doing="Making a group")
        for name in ("fleetone", "fleettwo", "fleetthree"):
            body = {"location": "westeurope", "sku": {"name": "Premium"}, "tags": {"fleet": name[5:]}}
            await connection.arm.put(registry(name), VERSION, body, doing="Making a registry")
    let_export(emulator, "fleettwo", "disabled")
    return emulator


def registry(name: str) -> str:
    return f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/{name}"


def let_export(emulator: Emulator, name: str, status: str) -> None:
    emulator.plant(registry(name), properties={"policies": {"exportPolicy": {"status": status}}})


def run(folder: Path, **window: Any) -> tuple[int, dict[str, dict[str, Any]]]:
    """The status of the command and the rows of its table; the first registry is in a wave of its own."""
    batch = {
        "name": "night",
        "query": {"subscription_ids": [SUBSCRIPTION], "resource_groups": ["fleet-*"], "tags": {"fleet": "*"}},
        "naming": {"location": "northeurope", "name": "{name}north", "resource_group": "fleet-north"},
        "options": {"content": False},
        "waves": [{"name": "canaries", "registries": ["fleetone"]}],
        "requests": [
            {
                "source": {"subscription_id": SUBSCRIPTION, "resource_group": "fleet-west", "name": "fleetthree"},
                "target": {"resource_group": "fleet-north", "name": "fleetthreenorth", "location": "northeurope"},
                "content": False,
                "window": window,
            }
        ],
    }
    file = folder / "batch.yaml"
    file.write_text(yaml.safe_dump(batch))
    ended = CliRunner().invoke(app, ["batch", str(file), "--json"])
    read_back = CliRunner().invoke(app, ["report", "batch-night", "--json"])
    assert read_back.stdout == ended.stdout, read_back.exception
    return ended.exit_code, {row["registry"]: row for row in json.loads(ended.stdout)["rows"]}


@pytest.mark.thorough
def test_only_what_is_unfinished_goes_on(fleet: Emulator, tmp_path: Path) -> None:
    """One is done, one is blocked, one waits for its window; then the obstacle is gone and the window is open."""
    in_three_days = WEEKDAYS[(datetime.now(UTC) + timedelta(days=3)).weekday()]

    status, rows = run(tmp_path, start="12:00", weekdays=[in_three_days])

    assert status == 1
    assert {name: row["state"] for name, row in rows.items()} == {
        "fleetone": "done",
        "fleettwo": "blocked",
        "fleetthree": "prepared",
    }
    assert rows["fleetone"]["wave"] == "canaries"
    assert "export" in rows["fleettwo"]["next_step"].lower()
    assert "maintenance window" in rows["fleetthree"]["next_step"]

    with get_client(sync_client=True) as client:
        members = client.read_flow_runs(flow_run_filter=FlowRunFilter(tags=FlowRunFilterTags(all_=["batch-night"])))
    assert {run.name.split("-")[1] for run in members} == set(rows)

    let_export(fleet, "fleettwo", "enabled")
    status, rows = run(tmp_path)

    assert status == 0
    assert {row["state"] for row in rows.values()} == {"done"}
    assert {name: row["attempts"] for name, row in rows.items()} == {"fleetone": 1, "fleettwo": 2, "fleetthree": 2}
    targets = [one for one in fleet.resources("Microsoft.ContainerRegistry/registries") if "north" in one["name"]]
    assert {"fleetonenorth", "fleettwonorth", "fleetthreenorth"} <= {one["name"] for one in targets}
