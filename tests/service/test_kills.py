"""SIGKILL amidst the imports: the next run makes it good, and nothing is shown as running for ever."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from prefect.settings import get_current_settings

from acr_relocate.core.registry.lease import LEASE_KIND
from deployments import processes
from tasks.runs.registry_lock import lock_names
from tests.service.conftest import Move, content, roots, under_way
from tests.service.test_cli import command, run
from tests.support.prefect_api import Api

GENEROUS = 120.0


@pytest.fixture(name="api")
def _api() -> Iterator[Api]:
    api = Api(str(get_current_settings().api.url))
    with api.http:
        yield api


def left_running(api: Api, move: Move) -> int:
    """Task runs of the registry's runs, and of the runs inside them, that the server shows as under way."""
    tagged = {"flow_runs": {"tags": {"any_": lock_names(move.request)[1:]}}}
    parents = [run["id"] for run in api.call("POST", "/flow_runs/filter", tagged)]
    inside = {"parent_flow_run_id": {"any_": parents}}
    states = {"state": {"type": {"any_": ["PENDING", "RUNNING"]}}}
    found = [
        api.call("POST", "/task_runs/count", {"flow_runs": flow_runs, "task_runs": states})
        for flow_runs in (tagged["flow_runs"], inside)
    ]
    return int(sum(found))


def free(api: Api, move: Move) -> None:
    """End the leases of a killed run, at the Prefect server and in Azure, as a minute without a renewal does."""
    for note in move.emulator.resources("Microsoft.Resources/deployments"):
        if f"/acr-relocate-{LEASE_KIND}-" in note["id"]:
            move.emulator.uproot(note["id"])
    for name in lock_names(move.request):
        path, free_slots = f"v2/concurrency_limits/{name}", {"active_slots": 0}
        assert processes.wait_until(partial(succeeds, api, path, free_slots), GENEROUS)


def succeeds(api: Api, path: str, body: dict[str, int]) -> bool:
    return bool(api.http.patch(path, json=body).is_success)


def test_killed_twice_it_converges(sync: Move, request_file: str, api: Api, tmp_path: Path) -> None:
    """Only what was under way at a kill is imported twice; nothing is shown as running for ever."""
    wasted = 0
    for _ in range(2):
        sync.emulator.arm_fault("import-hangs", times=3)
        before = under_way(sync)
        process = command("sync", request_file, cwd=tmp_path, PREFECT_API_URL=api.url)
        assert processes.wait_until(lambda count=before: under_way(sync) == count + 3, GENEROUS)  # type: ignore[misc]
        process.kill()
        wasted += 3
        free(api, sync)
    sync.emulator.clear_faults()

    status, _, errors = run("sync", request_file, cwd=tmp_path, PREFECT_API_URL=api.url)

    source, target = content(sync)
    assert (status, errors.splitlines()[-1].split()[:2]) == (0, ["✓", "import"])
    assert "error" not in errors
    assert source == target
    assert sync.emulator.stats()["imports"] <= roots(sync.source()) + wasted
    assert processes.wait_until(lambda: left_running(api, sync) == 0, GENEROUS)
