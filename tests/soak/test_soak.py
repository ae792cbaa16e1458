"""A plain Prefect server on SQLite for a quarter of an hour: every run ends once, each notification is about one thing.

Rounds of a batch of six and three single runs at once, two workers, automations and notifications on. In the first
round a worker is lost with its runs, in the second another one. In the third the server restarts twice: while workers
take the runs, and while runs are at work.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from prefect.blocks.webhook import Webhook
from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments import processes
from deployments.server.register import POOL
from local_azure.launcher import Emulator, running
from tests.batch import fleet
from tests.batch.service import OVER, kill
from tests.conftest import CA_DIR
from tests.support.plain_server import PlainServer, plain_server
from tests.support.prefect_api import Api, Worker, client_environment
from tests.support.webhook import webhook

MINUTES = float(os.environ.get("MINUTES", "15"))
PATIENCE = 1200.0
SETTLED = 120.0  # seconds in which a late event would begin a finished run again
LATE = 16 * 60.0  # a server that was restarted waits 15 minutes for events that it has forgotten (docs/batch.md)
BATCH, SINGLE = fleet.ORDINARY[:6], fleet.ORDINARY[6:9]
Json = dict[str, Any]
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # processes are known by their ids


@dataclass
class Soak:
    """The service under test, and what it told people."""

    prefect: PlainServer
    azure: Emulator
    folder: Path
    told: list[Json]
    stack: ExitStack
    workers: list[Worker] = field(default_factory=list)

    @property
    def api(self) -> Api:
        """The Prefect server's."""
        return Api(f"{self.prefect.ui}/api")

    def start_worker(self) -> None:
        """One more worker, in a folder of its own."""
        (home := self.folder / f"worker-{len(list(self.folder.glob('worker-*')))}").mkdir()
        process = processes.start_process(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--limit", "3"],
            environment=os.environ | self.azure.env | client_environment(self.api.url) | patient(home),
            log=home / "log",
        )
        self.stack.callback(processes.stop_process, process, first=processes.INTERRUPT)
        self.workers.append(Worker(process))

    def lose_worker(self) -> None:
        """A worker that is at work is gone with its runs; another one starts."""
        assert processes.wait_until(lambda: any(worker.children for worker in self.workers), PATIENCE)
        lost = next(worker for worker in self.workers if worker.children)
        kill(lost)
        self.workers.remove(lost)
        self.start_worker()

    def restart_server(self) -> None:
        """The server is gone for some seconds and comes back with its database."""
        self.prefect.stop()
        self.prefect.start()

    def is_at_work(self, runs: list[str]) -> bool:
        """Whether some of these runs have begun and not ended."""
        return any(self.api.run(run)["state_type"] == "RUNNING" for run in runs)

    def begin_round(self, number: int) -> list[str]:
        """A batch of six by a schedule for now, and three single runs; the ids of the batch run and of the others."""
        batch = {"name": f"round-{number}", "requests": [request(name, number) for name in BATCH]}
        started = [self.api.start("relocate", request(name, number)) for name in SINGLE]
        deployment = self.api.call("GET", "/deployments/name/batch/batch")["id"]
        body = {"parameters": {"batch": batch}}
        return [str(self.api.call("POST", f"/deployments/{deployment}/create_flow_run", body)["id"]), *started]

    def is_over(self, run: str) -> bool:
        """Whether a run has ended. One that crashed goes on if it is a batch, or had not begun."""
        found = self.api.run(run)
        is_single = not found["name"].startswith("batch") and found["run_count"] > 0
        return found["state_type"] in OVER or (is_single and found["state_name"] == "Crashed")

    def all_runs(self) -> list[str]:
        """Every batch and every relocation, those that the batches have started too."""
        body = {"flows": {"name": {"any_": ["batch", "relocate"]}}}
        return [str(found["id"]) for found in self.api.call("POST", "/flow_runs/filter", body)]

    def heard_of(self) -> Counter[tuple[str, str]]:
        """How often each end of a run was told; a call that the server repeats counts once."""
        heard = {(each["id"], each["state"], each["notification"]) for each in self.told}
        return Counter((run, state) for run, state, _ in heard)


def patient(home: Path) -> dict[str, str]:
    """Return the worker settings of docs/deploy.md, and a folder of its own."""
    return {"PREFECT_CLIENT_MAX_RETRIES": "8", "PREFECT_HOME": str(home)}


def request(name: str, number: int) -> Json:
    """The request of one move, to a target of this round."""
    target = {"resource_group": f"{name}-{number}", "name": f"{name}r{number}", "location": "northeurope"}
    source = {"subscription_id": fleet.SUBSCRIPTION, "resource_group": "fleet-west", "name": name}
    return {"source": source, "target": target}


@pytest.fixture(name="soak")
def _soak(tmp_path: Path) -> Iterator[Soak]:
    fleet.build(tmp_path / "fleet.json", CA_DIR)
    with (
        running(state=tmp_path / "fleet.json", profile="realistic", ca_dir=CA_DIR) as azure,
        plain_server(tmp_path / "prefect", tuned=False) as prefect,
        webhook() as (address, told),
        ExitStack() as stack,
    ):
        soak = Soak(prefect, azure, tmp_path, told, stack)
        with temporary_settings({PREFECT_API_URL: soak.api.url}):
            Webhook(url=address).save("ops", overwrite=True)
        command = [sys.executable, "-m", "deployments.cli", "deploy", "--automate", "--notify", "webhook/ops"]
        environment = os.environ | client_environment(soak.api.url)
        deploy = processes.start_process(command, environment=environment, log=tmp_path / "deploy.log")
        assert deploy.wait(PATIENCE) == 0, (tmp_path / "deploy.log").read_text()
        soak.start_worker()
        soak.start_worker()
        yield soak


def test_every_run_ends_once_and_is_told_of_once(soak: Soak) -> None:
    """No run goes on after it was Completed; each end is one notification, by whose id a repeated call is known."""
    deadline, number = time.monotonic() + 60 * MINUTES, 0
    while time.monotonic() < deadline:
        number += 1
        began = soak.begin_round(number)
        if number <= 2:
            soak.lose_worker()
        if number == 3:
            soak.restart_server()
            assert processes.wait_until(lambda: soak.is_at_work(began), PATIENCE)  # noqa: B023
            soak.restart_server()
        assert processes.wait_until(lambda: all(map(soak.is_over, began)), PATIENCE), began  # noqa: B023
    time.sleep(SETTLED)

    runs = soak.all_runs()
    histories = {run: [state["name"] for state in soak.api.states(run)] for run in runs}
    finished = {run: states for run, states in histories.items() if "Completed" in states}
    ends = {run: states[states.index("Completed") :] for run, states in finished.items()}
    processes.wait_until(lambda: soak.heard_of().keys() >= {(run, "Completed") for run in finished}, LATE)
    told = soak.heard_of()
    figures = {"rounds": number, "runs": len(runs), "completed": len(finished), "calls": len(soak.told)}
    print(json.dumps(figures | {"notifications": told.total()}))

    assert {run: states for run, states in ends.items() if len(states) > 1} == {}
    assert [run for run in runs if not {"Completed", "Crashed", "Failed"} & set(histories[run])] == []
    assert {key: count for key, count in told.items() if key[0] in finished and count > 1} == {}
    assert [run for run in finished if (run, "Completed") not in told] == []
