"""A recovery that is lost with its worker is itself recovered: what it looked after is not forgotten."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments.processes import wait_until
from deployments.server import automations
from flows.batch import relocate_batch
from flows.recover_run import recover_run
from flows.relocate import relocate_registry
from tests.batch.service import kill
from tests.service.test_automations import SILENCE, Found, answers_events, make_run, taken_again
from tests.support.plain_server import plain_server
from tests.support.prefect_api import PATIENCE, Api, deploy, working

pytestmark = pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning")  # the server is known by its id
FLOWS = (relocate_registry, relocate_batch, recover_run)


@pytest.fixture(name="api")
def _api(tmp_path: Path) -> Iterator[Api]:
    with plain_server(tmp_path / "prefect") as prefect:
        api = Api(f"{prefect.ui}/api")
        with temporary_settings({PREFECT_API_URL: api.url}), api.http:
            deploy(api.url, *FLOWS)
            asyncio.run(automations.apply(lost_after=SILENCE, recovery_lost_after=SILENCE))
            yield api
            EventsWorker.drain_all()


def recoveries(api: Api, run: str) -> list[str]:
    """The names of the states of the recoveries of this run, oldest first."""
    wanted = {"flow_runs": {"name": {"any_": [f"recover-prefect.flow-run.{run}"]}}, "sort": "START_TIME_ASC"}
    return [each["state_name"] for each in api.call("POST", "/flow_runs/filter", wanted)]


def test_a_recovery_whose_worker_is_lost_is_made_up_for(api: Api, tmp_path: Path) -> None:
    """Its worker is killed while it watches a run; a later recovery begins it again, and the run is recovered."""
    with working(api.url, {}, tmp_path) as first:
        assert wait_until(lambda: answers_events(api), PATIENCE)
        taken = make_run(api, Found("relocate", "PENDING", heartbeat=False, left="SCHEDULED"))
        assert wait_until(lambda: "Running" in recoveries(api, taken), PATIENCE)
        kill(first)
    assert recoveries(api, taken) == ["Running"]

    with working(api.url, {}, tmp_path):
        assert wait_until(lambda: taken_again(api, taken), PATIENCE)
        assert wait_until(lambda: recoveries(api, taken) == ["Completed"], PATIENCE)
