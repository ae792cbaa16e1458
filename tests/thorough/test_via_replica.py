"""Import by way of a replica of the source: made before the imports, removed after them, whatever happens."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from acr_relocate.core.plan.plan import Plan
from acr_relocate.core.plan.steps import REPLICATE
from flows.import_images import import_images
from flows.plan import plan_relocation
from flows.relocate import relocate_registry
from tasks.source_replica import REPLICA_PHASE
from tests.service.conftest import FEW, _emulator, _move, _shared_emulator, make_move

if TYPE_CHECKING:
    from local_azure.launcher import Emulator
    from tests.service.conftest import Move

__all__ = ["_emulator", "_move", "_shared_emulator"]


@pytest.fixture
def via_replica(emulator: "Emulator") -> "Move":
    """A relocation of a few repositories that wants a replica."""
    return make_move(emulator, FEW, via_replica=True)


def replicas(move: "Move") -> set[str]:
    """Return the ids of the source's replicas, by the emulator's own books."""
    prefix = f"{move.request.source.resource_id}/replications/".lower()
    return {one["id"] for one in move.emulator.resources() if one["id"].lower().startswith(prefix)}


def records(move: "Move") -> list[str]:
    """Return the names of the records of replicas in Azure."""
    ids = [str(one["id"]) for one in move.emulator.resources()]
    return [one for one in ids if "/deployments/acr-relocate-replica-" in one]


def replica_calls(move: "Move") -> list[str]:
    """Return the methods of the writes to replicas of the source."""
    return [one.split(" ")[0] for one in move.emulator.stats()["writes"] if "/replications/" in one.lower()]


def step(plan: Plan) -> list[str]:
    """Return the change that the plan announces for the replica, if it has such a step."""
    return [one.change for one in plan.steps if one.title == REPLICATE]


async def test_it_is_there_for_the_imports_alone(via_replica: "Move") -> None:
    """Announced, followed while Azure shows it as Syncing, removed; a second run makes none."""
    before = replicas(via_replica)
    planned = await plan_relocation(via_replica.request)
    via_replica.emulator.arm_fault("replica-syncs", times=2)
    via_replica.emulator.reset_stats()

    report = await relocate_registry(via_replica.request)
    calls = replica_calls(via_replica)
    via_replica.emulator.reset_stats()
    again = await relocate_registry(via_replica.request)

    assert (step(planned), step(await plan_relocation(via_replica.request))) == (["create"], ["nothing"])
    assert (report.verdict, again.verdict) == ("relocated", "relocated")
    assert calls == ["PUT", "DELETE"]
    assert replica_calls(via_replica) == []
    assert (replicas(via_replica), records(via_replica)) == (before, [])
    [phase] = [one for one in report.phases if one.name == REPLICA_PHASE]
    assert phase.status == "done"


async def test_a_refusal_stops_no_import(via_replica: "Move") -> None:
    """The reason is in the report; all arrives, and nothing is left at the source."""
    before = replicas(via_replica)
    via_replica.emulator.arm_fault("deny-assignment", path="/replications/", times=1)

    report = await relocate_registry(via_replica.request)

    assert report.verdict == "relocated"
    assert "replica_refused" in {finding.code for finding in report.findings}
    assert (replicas(via_replica), records(via_replica)) == (before, [])


async def test_a_cancelled_import_removes_it(via_replica: "Move") -> None:
    """Ctrl-C while an import hangs: the replica goes with the run."""
    before = replicas(via_replica)
    via_replica.emulator.arm_fault("import-hangs", times="always")

    running = asyncio.ensure_future(relocate_registry(via_replica.request))
    while "PUT" not in replica_calls(via_replica) or not via_replica.emulator.stats()["import_calls"]:
        assert not running.done()
        await asyncio.sleep(0.2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert (replicas(via_replica), records(via_replica)) == (before, [])


async def test_a_sync_removes_what_a_killed_run_left(via_replica: "Move", monkeypatch: pytest.MonkeyPatch) -> None:
    """The record in Azure tells every command of it; the next import uses the replica, and then removes it."""
    before = replicas(via_replica)

    async def killed(*_: object) -> None:
        """Do nothing, as a process does that was killed before its clean-up."""

    with monkeypatch.context() as dead:
        dead.setattr("tasks.source_replica.undo_replica", killed)
        await relocate_registry(via_replica.request)
    left = replicas(via_replica)
    planned = await plan_relocation(via_replica.request)
    await import_images(via_replica.request)

    assert len(left - before) == 1
    assert "replica_not_removed" in {finding.code for finding in planned.findings}
    assert (replicas(via_replica), records(via_replica)) == (before, [])
