"""The service as a team runs it: a Prefect server, a worker in a process of its own, and what other systems call."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from prefect import Flow
from prefect.deployments.runner import EntrypointType
from prefect.settings import PREFECT_API_URL, temporary_settings

from acr_relocate.core.report.report import Report
from acr_relocate.core.request.relocation import RelocationRequest
from deployments import processes
from deployments.server.register import entries

ROOT = Path(__file__).resolve().parents[2]
POOL = "relocations"
PATIENCE = 600.0
ENDED = ("COMPLETED", "FAILED", "CANCELLED", "CRASHED")


@dataclass
class Api:
    """The Prefect REST API, as any other system calls it."""

    url: str
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        # The server closes what was idle for 5 s: a request that is sent in that moment is reset.
        limits = httpx.Limits(max_keepalive_connections=0)
        # On SQLite the server itself waits up to a minute for its database, and does not answer meanwhile.
        self.http = httpx.Client(base_url=self.url, trust_env=False, timeout=PATIENCE, limits=limits)

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The answer, as JSON. Raises for a status that is an error."""
        answer = self.answer(method, path, body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def answer(self, method: str, path: str, body: object = None) -> httpx.Response:
        """The answer, whatever it is.

        503 says that the server's database was busy and nothing was done: asked again, as Prefect's own client does.
        """
        answers: list[httpx.Response] = []

        def answered() -> bool:
            answers.append(self.http.request(method, path.lstrip("/"), json=body))
            return answers[-1].status_code != httpx.codes.SERVICE_UNAVAILABLE

        processes.wait_until(answered, PATIENCE)
        return answers[-1]

    def start(self, flow: str, request: RelocationRequest | dict[str, Any], deployment: str = "") -> str:
        """A run of a deployment is scheduled; its id."""
        found = self.call("GET", f"/deployments/name/{flow}/{deployment or flow}")
        parameters = request.model_dump(mode="json") if isinstance(request, RelocationRequest) else request
        body = {"parameters": {"request": parameters}}
        return str(self.call("POST", f"/deployments/{found['id']}/create_flow_run", body)["id"])

    def run(self, run_id: str) -> dict[str, Any]:
        """The run as the server knows it."""
        found: dict[str, Any] = self.call("GET", f"/flow_runs/{run_id}")
        return found

    def wait(self, run_id: str, *states: str) -> dict[str, Any]:
        """The run, once its state has one of these names; AssertionError if it ends otherwise."""
        run: dict[str, Any] = {}

        def arrived() -> bool:
            run.update(self.run(run_id))
            return run["state_name"] in states or run["state_type"] in ENDED

        processes.wait_until(arrived, PATIENCE)
        assert run["state_name"] in states, f"{run['name']} is {run['state_name']}: {run['state']['message']}"
        return run

    def states(self, run_id: str) -> list[dict[str, Any]]:
        """The run's history, oldest first."""
        found: list[dict[str, Any]] = self.call("GET", f"/flow_run_states/?flow_run_id={run_id}")
        return sorted(found, key=lambda state: str(state["timestamp"]))

    def resume(self, run_id: str, **answer: str) -> dict[str, Any]:
        """Return the server's reply to an answer to the question that a run waits with."""
        body = {"run_input": answer} if answer else None
        said: dict[str, Any] = self.call("POST", f"/flow_runs/{run_id}/resume", body)
        return said

    def question(self, run_id: str) -> str:
        """Return the question of a run that waits; None in the moment between its suspension and its question."""
        keyset = self.run(run_id)["state"]["state_details"].get("run_input_keyset")
        answer = self.http.get(f"flow_runs/{run_id}/input/{keyset['description']}") if keyset else None
        return answer.text if answer and answer.is_success else ""

    def change_question(self, run_id: str, words: str) -> None:
        """Somebody who may write at the server puts other words into the form that a person will read."""
        key = self.run(run_id)["state"]["state_details"]["run_input_keyset"]["description"]
        self.call("DELETE", f"/flow_runs/{run_id}/input/{key}")
        self.call("POST", f"/flow_runs/{run_id}/input", {"key": key, "value": json.dumps(words)})

    def wait_to_be_asked(self, run_id: str, words: str) -> None:
        """The run waits with a question that has these words; AssertionError if it ends instead."""
        last: list[str] = []

        def asked() -> bool:
            self.wait(run_id, "Suspended")
            last.append(self.question(run_id))
            return words in last[-1]

        assert processes.wait_until(asked, PATIENCE), last[-1]

    def report(self, run_id: str) -> Report:
        """The newest report of a run."""
        wanted = {"key": {"any_": ["acr-relocate-report"]}, "flow_run_id": {"any_": [run_id]}}
        found = self.call("POST", "/artifacts/filter", {"artifacts": wanted, "sort": "CREATED_DESC", "limit": 1})
        return Report.model_validate_json(found[0]["data"])


@dataclass
class Worker:
    """A worker process; `children` are the flow runs that it executes now, as processes."""

    process: "subprocess.Popen[str]"

    @property
    def children(self) -> list[int]:
        """The processes below it, of which each is a flow run."""
        answer = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(line) for line in answer.stdout.split()]


@contextmanager
def working(
    api_url: str, azure: dict[str, str], folder: Path, *flows: Flow[..., Any], pool: str = POOL
) -> Iterator[Worker]:
    """A worker takes the runs of these flows' deployments while the block runs, with Azure as these variables say."""
    environment = os.environ | azure | client_environment(api_url) | {"PREFECT_HOME": str(folder / "worker")}
    deploy(api_url, *flows, pool=pool)
    # Not through `sh -c … &`: a worker that inherits an ignored SIGINT cannot be stopped.
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool, "--type", "process"]
    process = processes.start_process(command, environment=environment, log=folder / "worker.log")
    try:
        yield Worker(process)
    finally:
        processes.stop_process(process, first=processes.INTERRUPT)


def deploy(api_url: str, *flows: Flow[..., Any], pool: str = POOL) -> None:
    """The flows have a deployment each, as deployments/prefect.yaml has it, and their work pool is there."""
    api = Api(api_url)
    if api.http.get(f"work_pools/{pool}").status_code == 404:
        api.call("POST", "/work_pools/", {"name": pool, "type": "process"})
    names = {entry["entrypoint"]: entry["name"] for entry in entries()}
    with temporary_settings({PREFECT_API_URL: api_url}):
        for flow in flows:
            name = names.get(f"{flow.fn.__module__}.{flow.fn.__name__}", flow.name)
            deployment = flow.to_deployment(name, work_pool_name=pool, entrypoint_type=EntrypointType.MODULE_PATH)
            deployment.apply()


def client_environment(api_url: str) -> dict[str, str]:
    """Return the environment of a process that works for this Prefect server and looks for work every second."""
    excluded = ",".join(["127.0.0.1", "localhost"])
    return {
        "PREFECT_API_URL": api_url,
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_WORKER_HEARTBEAT_SECONDS": "5",
        "NO_PROXY": excluded,
        "no_proxy": excluded,
        "DO_NOT_TRACK": "1",
    }
