"""Twenty registries by night: what a batch on a schedule comes to, and that nothing it stands on has to stay up."""

from typing import Any

from deployments.processes import wait_until
from local_azure.launcher import Emulator
from tests.batch import fleet
from tests.batch.fleet import BLOCKED, FAILING, ORDINARY, PRIVATE, content, writes_about
from tests.batch.service import PATIENCE, Service, kill
from tests.support.prefect_api import Worker

FINISHED = (*ORDINARY, PRIVATE)
HANDFUL = 5
STATES = dict.fromkeys(FINISHED, "done") | {BLOCKED: "blocked", FAILING: "failed at deploy"}


def assert_as_expected(azure: Emulator, rows: dict[str, dict[str, Any]]) -> None:
    """The outcome of a batch of the fleet, after any event meanwhile."""
    assert {name: row["state"] for name, row in rows.items()} == STATES
    assert {row["next_step"] for name, row in rows.items() if name in FINISHED} == {"nothing"}
    assert "export" in rows[BLOCKED]["next_step"].lower()
    assert "QuotaExceeded" in rows[FAILING]["next_step"]
    assert "run the batch again" in rows[FAILING]["next_step"]
    assert writes_about(azure, BLOCKED) == []
    for name in FINISHED:
        assert content(azure, f"{name}north") == content(azure, name), name


def test_a_batch_on_a_schedule(service: Service, azure: Emulator, workers: list[Worker]) -> None:
    """A row for each; one that is blocked or fails stops no other; run again, only what is unfinished goes on."""
    azure.reset_stats()

    first = service.begin_by_schedule(fleet.batch("night"))
    rows = service.wait_for(first)

    assert_as_expected(azure, rows)
    shown = service.shown_table(first)
    assert [(row["registry"], row["next step"]) for row in shown] == [
        (row["registry"], row["next_step"]) for row in rows.values()
    ]
    assert {row["attempts"] for row in rows.values()} == {1}
    assert azure.stats()["throttled"] <= HANDFUL

    azure.clear_faults()
    azure.plant(fleet.registry(BLOCKED, "fleet-west"), properties={"policies": {"exportPolicy": {"status": "enabled"}}})
    azure.reset_stats()
    rows = service.wait_for(service.begin_by_schedule(fleet.batch("night")))

    assert {row["state"] for row in rows.values()} == {"done"}
    assert {name: row["attempts"] for name, row in rows.items() if row["attempts"] > 1} == {BLOCKED: 2, FAILING: 2}
    assert [write for name in FINISHED for write in writes_about(azure, name)] == []
    assert writes_about(azure, BLOCKED)
    assert content(azure, f"{FAILING}north") == content(azure, FAILING)


def test_a_batch_in_a_storm(service: Service, azure: Emulator, workers: list[Worker]) -> None:
    """The worker with the batch is lost with all its runs, then server and database restart: it recovers alone."""
    azure.reset_stats()

    run = service.begin_by_schedule(fleet.batch("storm"))
    assert wait_until(lambda: service.done(run) >= 2, PATIENCE)
    worker = service.worker_of(run, workers)
    assert wait_until(lambda: bool(service.relocations_at(worker)), PATIENCE)
    lost = [one["parameters"]["request"]["source"]["name"] for one in service.relocations_at(worker)]
    kill(worker)
    service.restart_prefect()
    assert wait_until(lambda: service.done(run) >= 6, PATIENCE)
    service.database.restart("immediate")
    rows = service.wait_for(run)

    assert_as_expected(azure, rows)
    assert {name for name, row in rows.items() if row["attempts"] > 1} >= set(lost)
    assert azure.stats()["throttled"] <= HANDFUL
    assert wait_until(lambda: not service.runs("relocate", "import-shard", state={"type": {"any_": ["RUNNING"]}}), 60)
