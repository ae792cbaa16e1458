"""The service as a platform team runs it: a Prefect server on PostgreSQL, three workers, and Azure with its limits."""

import gc
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.postgresql import cluster
from deployments import processes
from deployments.server.register import POOL
from local_azure.launcher import Emulator, running
from tests.batch import fleet
from tests.batch.service import PATIENCE, Service
from tests.conftest import CA_DIR
from tests.support.plain_server import plain_server
from tests.support.prefect_api import Worker, client_environment

WORKERS = 3
AT_ONCE = 3  # runs of one worker: each is a process that needs about 100 MB and half a core
DATABASE = "PREFECT_SERVER_DATABASE_CONNECTION_URL"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The server is known by its id alone."""
    for item in items:
        if "tests/batch/" in item.nodeid:
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"))
            item.add_marker(pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"))


@pytest.fixture(scope="module", autouse=True)
def _collected() -> Iterator[None]:
    """Collect here the objects that others left open, not in a later test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="session", name="seed")
def _seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that the embedded Azure starts from."""
    state = tmp_path_factory.mktemp("fleet") / "state.json"
    fleet.build(state, CA_DIR)
    return state


@pytest.fixture(scope="session", name="service")
def _service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A Prefect server on PostgreSQL that has all deployments and automations."""
    folder = tmp_path_factory.mktemp("service")
    with ExitStack() as stack:
        database = stack.enter_context(cluster())
        stack.enter_context(pytest.MonkeyPatch.context()).setenv(DATABASE, database.url)
        prefect = stack.enter_context(plain_server(folder / "prefect"))
        service = Service(database, prefect)
        stack.callback(service.api.http.close)
        command = [sys.executable, "-m", "deployments.cli", "deploy", "--automate"]
        environment = os.environ | client_environment(service.api.url)
        deploy = processes.start_process(command, environment=environment, log=folder / "deploy.log")
        assert deploy.wait(PATIENCE) == 0, (folder / "deploy.log").read_text()
        yield service


@pytest.fixture(name="azure")
def _azure(seed: Path, tmp_path: Path) -> Iterator[Emulator]:
    """The fleet, in an Azure with Azure's limits; the failing one fails."""
    state = Path(shutil.copy(seed, tmp_path))
    with running(state=state, profile="realistic", ca_dir=CA_DIR, client_network=fleet.NETWORK) as emulator:
        emulator.arm_fault("resource-fails", resource=fleet.WEBHOOK, times="always")
        yield emulator


@pytest.fixture(name="workers")
def _workers(service: Service, azure: Emulator, tmp_path: Path) -> Iterator[list[Worker]]:
    """Three workers, in folders of their own, share nothing but the Prefect server."""
    environment = os.environ | azure.env | client_environment(service.api.url)
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--limit", str(AT_ONCE)]
    with ExitStack() as stack:
        workers = []
        for number in range(WORKERS):
            (home := tmp_path / f"worker-{number}").mkdir()
            process = processes.start_process(
                command, environment=environment | {"PREFECT_HOME": str(home)}, log=home / "log"
            )
            stack.callback(processes.stop_process, process, first=processes.INTERRUPT)
            workers.append(Worker(process))
        yield workers
