"""The service as a platform team sees it, and events that may hit it."""

import json
import os
import signal
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.postgresql import Cluster
from deployments.processes import wait_until
from tests.support.plain_server import PlainServer
from tests.support.prefect_api import Api, Worker

PATIENCE = 900.0
OVER = ("COMPLETED", "FAILED", "CANCELLED")
Json = dict[str, Any]


@dataclass
class Service:
    """A Prefect server and its database."""

    database: Cluster
    prefect: PlainServer
    api: Api = field(init=False)

    def __post_init__(self) -> None:
        self.api = Api(f"{self.prefect.ui}/api")

    def restart_prefect(self) -> None:
        """The Prefect server was stopped, and answers again."""
        self.prefect.stop()
        self.prefect.start()

    def begin_by_schedule(self, batch: Json) -> str:
        """A run of the batch that its schedule has made, once it has begun; the schedule is then off."""
        deployment = self.api.call("GET", "/deployments/name/batch/batch")["id"]
        anchor = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
        rule = {"interval": 60, "anchor_date": anchor, "timezone": "UTC"}
        schedule = {"schedule": rule, "active": True, "parameters": {"batch": batch}}
        (made,) = self.api.call("POST", f"/deployments/{deployment}/schedules", [schedule])
        began: list[Json] = []

        def has_begun() -> bool:
            named = {"any_": [f"batch-{batch['name']}"]}  # a tick of an earlier batch may still be at work
            began[:] = self.runs("batch", name=named, state={"type": {"any_": ["RUNNING"]}})
            return bool(began)

        assert wait_until(has_begun, PATIENCE)
        self.api.call("DELETE", f"/deployments/{deployment}/schedules/{made['id']}")
        assert began[0]["auto_scheduled"]
        return str(began[0]["id"])

    def runs(self, *flows: str, **wanted: Any) -> list[Json]:
        """The runs of these flows, oldest first."""
        body = {"flows": {"name": {"any_": list(flows)}}, "flow_runs": wanted, "sort": "START_TIME_ASC"}
        found: list[Json] = self.api.call("POST", "/flow_runs/filter", body)
        return found

    def wait_for(self, run_id: str) -> dict[str, Json]:
        """The table of a batch run, by the names of its registries, once the run has ended; a crash is no end."""
        assert wait_until(lambda: self.api.run(run_id)["state_type"] in OVER, PATIENCE), self.api.run(run_id)["state"]
        wanted = {"key": {"any_": ["acr-relocate-batch"]}, "flow_run_id": {"any_": [run_id]}}
        body = {"artifacts": wanted, "sort": "CREATED_DESC", "limit": 1}
        (found,) = self.api.call("POST", "/artifacts/filter", body)
        return {row["registry"]: row for row in json.loads(found["data"])["rows"]}

    def shown_table(self, run_id: str) -> list[Json]:
        """The table as a person sees it in the UI, newest."""
        wanted = {"type": {"any_": ["table"]}, "flow_run_id": {"any_": [run_id]}}
        body = {"artifacts": wanted, "sort": "CREATED_DESC", "limit": 1}
        (found,) = self.api.call("POST", "/artifacts/filter", body)
        rows: list[Json] = json.loads(found["data"])
        return rows

    def done(self, batch_run: str) -> int:
        """How many registries have been relocated since the batch run began."""
        since = self.api.run(batch_run)["start_time"]
        return len(self.runs("relocate", state={"type": {"any_": ["COMPLETED"]}}, start_time={"after_": since}))

    def worker_of(self, run_id: str, workers: list[Worker]) -> Worker:
        """The worker that executes the run."""
        return next(worker for worker in workers if process_of(self.api.run(run_id)) in worker.children)

    def relocations_at(self, worker: Worker) -> list[Json]:
        """Return the registry that the worker relocates now."""
        running = self.runs("relocate", state={"type": {"any_": ["RUNNING"]}})
        return [run for run in running if process_of(run) in worker.children]


def process_of(run: Json) -> int:
    """The process that a worker has started for the run; with some versions of Prefect its machine is before it."""
    return int(str(run["infrastructure_pid"]).rpartition(":")[2])


def kill(worker: Worker) -> None:
    """The worker's machine is lost: it and all of its runs are gone at once."""
    for process in (worker.process.pid, *worker.children):  # the worker first: it would tell the server
        os.kill(process, signal.SIGKILL)
    worker.process.wait()
