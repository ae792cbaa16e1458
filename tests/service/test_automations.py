"""Automations as code: a lost worker's run ends and its registry is free, people are told, an event starts a run."""

import asyncio
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.blocks.webhook import Webhook
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL, temporary_settings

from acr_relocate.core.errors import NotFound
from acr_relocate.core.request.approval_stage import Stage
from deployments.processes import wait_until
from deployments.server import automations, local_server
from deployments.server.register import PREFECT_FILE
from flows.batch import relocate_batch
from flows.import_images import import_images
from flows.recover_run import recover_run
from flows.relocate import relocate_registry
from local_azure.launcher import Emulator
from tasks.runs import lost_runs, registry_lock
from tests.service.conftest import LEAST, Move, content, make_move, under_way
from tests.support.plain_server import plain_server
from tests.support.prefect_api import PATIENCE, POOL, Api, deploy, working
from tests.support.webhook import webhook

pytestmark = pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning")  # the server is known by its id

SILENCE = timedelta(seconds=35)  # longer than a heartbeat, or a healthy run would be looked at
EVENT_SECONDS = 10.0  # every event that is heard is a run: not emitted again before it could have been


@pytest.fixture(scope="module", name="api")
def _api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A whole Prefect server: the one of the other tests does not look for events that stay away."""
    with plain_server(tmp_path_factory.mktemp("prefect")) as prefect:
        api = Api(f"{prefect.ui}/api")
        with temporary_settings({PREFECT_API_URL: api.url}), api.http:
            deploy(api.url, import_images, relocate_registry, relocate_batch, recover_run)
            yield api
            # Prefect has one sender of events for all servers: later events would be sent to this one, and waited for.
            EventsWorker.drain_all()


@pytest.fixture(scope="module", name="told")
def _told() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a webhook, and what it was called with."""
    with webhook() as told:
        yield told


@dataclass(frozen=True)
class Found:
    """A run that `recover-run` is started for, and the state in which it leaves the run."""

    flow: str
    state: str
    heartbeat: bool
    left: str
    before: str = ""  # an earlier state
    worker: str = "process"  # the type of the worker that took it
    process: str = ""  # what that worker started


RECOVERED = {
    "a run under way without a heartbeat": Found("relocate", "RUNNING", heartbeat=False, left="CRASHED"),
    "a run under way with a heartbeat": Found("relocate", "RUNNING", heartbeat=True, left="RUNNING"),
    "a run that waits for an approval": Found("relocate", "PAUSED", heartbeat=False, left="PAUSED"),
    "a crashed relocation": Found("relocate", "CRASHED", heartbeat=False, left="CRASHED", before="RUNNING"),
    "a relocation that crashed before it began": Found("relocate", "CRASHED", heartbeat=False, left="SCHEDULED"),
    "a crashed batch": Found("batch", "CRASHED", heartbeat=False, left="SCHEDULED"),
    "a batch without a heartbeat": Found("batch", "RUNNING", heartbeat=False, left="SCHEDULED"),
    "a finished batch": Found("batch", "COMPLETED", heartbeat=False, left="COMPLETED"),
    "a failed batch": Found("batch", "FAILED", heartbeat=False, left="FAILED"),
    "a cancelled batch": Found("batch", "CANCELLED", heartbeat=False, left="CANCELLED"),
    "a relocation that a lost worker had taken": Found("relocate", "PENDING", heartbeat=False, left="SCHEDULED"),
    "a batch that a lost worker had taken": Found("batch", "PENDING", heartbeat=False, left="SCHEDULED"),
    "a recovery whose process is lost": Found("recover-run", "RUNNING", heartbeat=False, left="SCHEDULED"),
    "a crashed recovery": Found("recover-run", "CRASHED", heartbeat=False, left="SCHEDULED", before="RUNNING"),
    "a job that Kubernetes has": Found(
        "relocate", "PENDING", heartbeat=False, left="PENDING", worker="kubernetes", process="job-1"
    ),
}


@pytest.mark.parametrize("case", RECOVERED.values(), ids=RECOVERED)
async def test_only_a_lost_run_is_changed(api: Api, case: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that has ended or is suspended stays as it is, also twice, when an event is late, doubled or lost."""
    monkeypatch.setattr(lost_runs, "CONFIRM_SECONDS", 0.5)
    monkeypatch.setattr(lost_runs, "LOOK_SECONDS", 0.1)
    run = make_run(api, case)
    resource = f"prefect.flow-run.{run}"
    if case.heartbeat:
        beat = {"event": lost_runs.HEARTBEAT, "resource": {"prefect.resource.id": resource}, "id": str(uuid4())}
        api.call("POST", "/events", [beat | {"occurred": beat_time(1), "related": []}])
        by = {"since": beat_time(-1), "until": beat_time(2)}
        wanted = {"filter": {"event": {"name": [lost_runs.HEARTBEAT]}, "resource": {"id": [resource]}, "occurred": by}}
        recorded = partial(api.call, "POST", "/events/filter", wanted)
        assert await asyncio.to_thread(wait_until, lambda: bool(recorded()["events"]), PATIENCE)

    for _ in range(2):
        await recover_run(resource)

    assert api.run(run)["state_type"] == case.left
    cancel(api, run)


async def test_a_run_that_always_dies_is_left_at_last(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch whose process cannot start is not begun again for ever."""
    monkeypatch.setattr(lost_runs, "CONFIRM_SECONDS", 0.0)
    run = make_run(api, Found("batch", "CRASHED", heartbeat=False, left="CRASHED"))

    for _ in range(lost_runs.RESTARTS_AN_HOUR + 1):
        await recover_run(f"prefect.flow-run.{run}")
        api.call("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "CRASHED"}, "force": True})

    assert [state["name"] for state in api.states(run)].count("AwaitingRetry") == lost_runs.RESTARTS_AN_HOUR
    cancel(api, run)


def make_run(api: Api, case: Found, worker: str = "lost") -> str:
    """A run of a deployment in this state, as this worker has left it; its id. No worker takes it by its schedule."""
    [found] = api.call("POST", "/deployments/filter", {"flows": {"name": {"any_": [case.flow]}}})
    deployment = found["id"]
    later = {"type": "SCHEDULED", "state_details": {"scheduled_time": "2100-01-01T00:00:00Z"}}
    labels = {"prefect.worker.name": worker, "prefect.worker.type": case.worker}
    unchecked = {"state": later, "enforce_parameter_schema": False, "labels": labels}
    run = str(api.call("POST", f"/deployments/{deployment}/create_flow_run", unchecked)["id"])
    api.call("PATCH", f"/flow_runs/{run}", {"infrastructure_pid": case.process or None})
    for state in filter(None, (case.before, case.state)):
        api.call("POST", f"/flow_runs/{run}/set_state", {"state": {"type": state}, "force": True})
    return run


def cancel(api: Api, run: str) -> None:
    """No worker of a later test takes the run."""
    api.call("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLED"}, "force": True})


async def test_a_run_is_waited_for_while_its_worker_begins_it(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is there may be slow; a run that it has forgotten is scheduled again at last."""
    monkeypatch.setattr(lost_runs, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(lost_runs, "CONFIRM_SECONDS", 0.0)
    here = {"name": "here", "heartbeat_interval_seconds": 600}
    api.call("POST", f"/work_pools/{POOL}/workers/heartbeat", here)
    taken = Found("relocate", "PENDING", heartbeat=False, left="PENDING")
    slow, forgotten = make_run(api, taken, "here"), make_run(api, taken, "here")

    watching = asyncio.create_task(recover_run(f"prefect.flow-run.{slow}"))
    recovery = {
        "flow_runs": {"name": {"any_": [f"recover-prefect.flow-run.{slow}"]}, "state": {"name": {"any_": ["Running"]}}}
    }
    assert await asyncio.to_thread(wait_until, lambda: api.call("POST", "/flow_runs/count", recovery), PATIENCE)
    for state in ("RUNNING", "COMPLETED"):
        api.call("POST", f"/flow_runs/{slow}/set_state", {"state": {"type": state}})
    await watching
    monkeypatch.setattr(lost_runs, "BEGIN_SECONDS", 0.1)
    await recover_run(f"prefect.flow-run.{forgotten}")

    assert [state["name"] for state in api.states(slow)][1:] == ["Pending", "Running", "Completed"]
    assert api.run(forgotten)["state_type"] == "SCHEDULED"
    cancel(api, forgotten)


def answers_events(api: Api) -> bool:
    """Whether the server acts on events: it takes an automation into account a moment after it has accepted it."""
    crashed = make_run(api, Found("batch", "CRASHED", heartbeat=False, left="CRASHED"))
    recoveries = {"flows": {"name": {"any_": ["recover-run"]}}, "sort": "EXPECTED_START_TIME_DESC"}

    def is_recovered() -> bool:
        found = api.call("POST", "/flow_runs/filter", recoveries)
        return f"prefect.flow-run.{crashed}" in {run["parameters"].get("run") for run in found}

    heard = wait_until(is_recovered, EVENT_SECONDS)
    cancel(api, crashed)
    return heard


def taken_again(api: Api, run: str) -> bool:
    """Whether another worker has taken the run that a lost one had taken."""
    return [state["name"] for state in api.states(run)][1:5] == ["Pending", "NotBegun", "AwaitingRetry", "Pending"]


def beat_time(minutes: int) -> str:
    """Return a time this many minutes from now, as events have it."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


@pytest.mark.thorough
async def test_a_lost_workers_registry_can_be_relocated_again(
    sync: Move, api: Api, told: tuple[str, list[dict[str, Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed with its run, as when its machine is lost: the run ends as Crashed, people hear of it, another goes on."""
    address, heard = told
    await Webhook(url=address).save("ops", overwrite=True)
    for _ in range(2):  # again: as they are, not twice
        applied = await automations.apply(notify="webhook/ops", lost_after=SILENCE)
    assert await asyncio.to_thread(wait_until, lambda: answers_events(api), PATIENCE)
    before = under_way(sync)
    sync.emulator.arm_fault("import-hangs", times=3)

    with working(api.url, sync.emulator.env, tmp_path) as worker:
        run = api.start("sync", sync.request)
        assert wait_until(lambda: under_way(sync) >= before + 3, PATIENCE)
        taken = make_run(api, Found("relocate", "PENDING", heartbeat=False, left="SCHEDULED"))
        inside = worker.children
        for process in (worker.process.pid, *inside):  # the worker first: it would tell the server
            os.kill(process, signal.SIGKILL)
    sync.emulator.clear_faults()
    with working(api.url, sync.emulator.env, tmp_path):  # recover-run needs a worker
        lost = await asyncio.to_thread(api.wait, run, "Crashed")
        assert await asyncio.to_thread(wait_until, lambda: taken_again(api, taken), PATIENCE)

    monkeypatch.setattr(registry_lock, "LOCK_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(registry_lock, "ABANDONED_SECONDS", 0.1)
    await import_images(sync.request)

    source, target = content(sync)
    assert source == target
    assert inside  # the run, and perhaps a `recover-run` that looked at it before the kill
    assert "only missing work is done" in lost["state"]["message"]
    assert "NotBegun" not in {each.get("state") for each in heard}
    assert api.call("POST", "/automations/count") == len(applied) == 7
    assert await asyncio.to_thread(
        wait_until, lambda: {each.get("state") for each in heard} >= {"Crashed", "Completed"}, PATIENCE
    )
    assert lost["id"] in {each.get("id") for each in heard}
    assert [each["run"] for each in heard if "shard" in str(each.get("run"))] == []  # a relocation has dozens of them


async def test_an_event_starts_a_relocation_and_people_hear_that_it_waits_for_them(
    emulator: Emulator, api: Api, told: tuple[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """Any system that emits an event starts one, with the request as payload; the approver gets the link.

    Emitted until it is heard: a server takes an automation into account a moment after it has accepted it.
    """
    address, heard = told
    words = {"subject": "{{subject}}", "body": "{{body}}"}
    await CustomWebhookNotificationBlock(name="ops", url=address, json_data=words).save("ops", overwrite=True)
    await automations.apply(notify="custom-webhook/ops")
    request = make_move(emulator, LEAST, approvals=[Stage.BEFORE_DEPLOY]).request
    wanted = {
        "event": automations.REQUESTED_EVENT,
        "resource": {"prefect.resource.id": "change.CHG-1042"},
        "payload": {"request": request.model_dump(mode="json")},
    }
    runs: list[dict[str, Any]] = []

    def heard_of() -> bool:
        found = api.call("POST", "/flow_runs/filter", {"flows": {"name": {"any_": ["relocate"]}}})
        runs[:] = [run for run in found if run["parameters"]]
        return bool(runs)

    def started() -> bool:
        now = datetime.now(UTC).isoformat()
        api.call("POST", "/events", [wanted | {"id": str(uuid4()), "occurred": now}])
        return wait_until(heard_of, EVENT_SECONDS)

    assert await asyncio.to_thread(wait_until, started, PATIENCE)
    with working(api.url, emulator.env, tmp_path):
        run = await asyncio.to_thread(api.wait, runs[0]["id"], "Suspended")

        def messages() -> list[dict[str, Any]]:
            return [each for each in heard if run["id"] in str(each.get("body"))]

        assert await asyncio.to_thread(wait_until, lambda: bool(messages()), PATIENCE), heard

    assert run["parameters"]["request"]["target"]["name"] == request.target.name
    assert messages()[0]["subject"] == f"{run['name']} is Suspended"
    assert f"{api.url.removesuffix('/api')}/v2/runs/flow-run/{run['id']}" in messages()[0]["body"]


@pytest.mark.usefixtures("api")
async def test_a_block_that_is_not_there_has_a_remedy() -> None:
    """The message says how to see which there are."""
    with pytest.raises(NotFound, match="prefect block ls"):
        await automations.apply(notify="slack-webhook/missing")


def test_workers_send_heartbeats_as_often_as_the_automation_expects() -> None:
    """Else a healthy run would be taken for lost."""
    entries = yaml.safe_load(PREFECT_FILE.read_text())["deployments"]
    variables = [entry["work_pool"]["job_variables"]["env"] for entry in entries]

    assert {each["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] for each in variables} == {local_server.HEARTBEAT_SETTING}
    assert str(lost_runs.HEARTBEAT_SECONDS) == local_server.HEARTBEAT_SETTING
    assert automations.RUN_LOST_AFTER.total_seconds() == 3 * int(local_server.HEARTBEAT_SETTING)


async def test_applied_again_what_is_as_it_should_be_is_not_changed(api: Api) -> None:
    """A server that takes over a change misses the events of that moment."""
    await automations.apply()
    before = api.call("POST", "/automations/filter")

    await automations.apply()

    assert before
    assert api.call("POST", "/automations/filter") == before
