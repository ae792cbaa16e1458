"""Commands that only read name what killed runs left changed; those that write restore it."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from prefect import flow
from prefect.exceptions import CancelledRun

from acr_relocate.core.content.source_freeze import RESTORE_CODES, FrozenRepository, SourceFreeze
from acr_relocate.core.content.source_replica import SourceReplica
from acr_relocate.core.errors import RecordBroken, RelocationError
from acr_relocate.core.removal import Detached
from acr_relocate.core.report.report import Report
from acr_relocate.core.report.summary import preview_summary
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.switching import SwitchedDependent
from acr_relocate.core.switching.former_values import FormerImage
from deployments.proof import prove_move
from deployments.standing import read_standing
from flows.plan import plan_relocation
from flows.preview_imports import preview_imports
from flows.rehearse import rehearse_relocation
from flows.switch import switch_back
from flows.verify import verify_relocation
from local_azure.launcher import Emulator
from tasks.connection import azure
from tasks.runs.events import Event, observing
from tasks.runs.restore_records import read_pending_restores, save_record
from tasks.switching import recorded_switches
from tests.service.syncing import APP, Pair, synced


async def left_by_kills(pair: Pair) -> RelocationRequest:
    """The request of a relocation at whose registries kills left freezes, a deletion and a replica."""
    request = pair.request
    for registry_id, name in (
        (request.source.resource_id, request.source.name),
        (request.target_id, request.target.name),
    ):
        before = (FrozenRepository(repository=APP),)
        host = f"{name}.azurecr.io"
        await save_record(
            request, SourceFreeze(registry_id=registry_id.lower(), login_server=host, taken_by="a pass", before=before)
        )
    await save_record(request, Detached(registry_id=request.source.resource_id.lower(), taken_by="a deletion"))
    await save_record(request, SourceReplica(registry_id=request.source.resource_id.lower(), location="northeurope"))
    return request


async def codes_of(work: Callable[[], object]) -> set[str]:
    """The codes of the findings in the report of a run, however it ends."""
    seen: list[Event] = []
    with observing(seen.append), suppress(RelocationError, CancelledRun):
        await work()  # type: ignore[misc] # a flow is awaited
    return {found.code for one in seen if isinstance(one, Report) for found in one.findings}


async def test_every_command_that_reads_names_them(emulator: Emulator) -> None:
    """plan, sync --dry-run, verify, rehearse, prove and status; on the screen, too."""
    said: list[str] = []
    async with synced(emulator, "first") as pair, azure():
        request = await left_by_kills(pair)

        preview = await preview_imports(request)
        plan = await plan_relocation(request)
        verified = await codes_of(lambda: verify_relocation(request))
        rehearsed = await codes_of(lambda: rehearse_relocation(request))
        await prove_move(request, said.append)
        standing = await read_standing(request, None)

        left = set(RESTORE_CODES)
        assert {found.code for found in preview.findings} == left
        assert "Not restored: 4" in preview_summary(preview).splitlines()[0]
        assert {found.code for found in plan.findings} >= left
        assert verified >= left
        assert rehearsed >= left
        assert sum("acr-relocate thaw REQUEST" in line for line in said) == len(left)
        assert [label for label, _ in standing.lines].count("Owed") == len(left)


async def test_a_run_that_only_switches_back_restores_them(emulator: Emulator) -> None:
    """As every run that writes does."""
    async with synced(emulator, "first") as pair, azure():
        request = await left_by_kills(pair)

        with suppress(RelocationError):
            await switch_back(request)

        assert (await read_pending_restores(request)).messages == ()


async def test_a_record_of_a_switch_to_a_strangers_host_is_not_acted_on(emulator: Emulator) -> None:
    """A right to write deployments in a group could let apps run other images with it."""
    async with synced(emulator, "first") as pair, azure():
        request = pair.request
        apps = f"{request.source.resource_id.partition('/providers/')[0]}/providers/Microsoft.App/containerApps"
        forged = SwitchedDependent(
            registry_id=request.source.resource_id.lower(),
            kind="container_app",
            dependent_id=f"{apps}/shop",
            source_server=f"{request.source.name}.azurecr.io",
            target_server="evil.example",
            images=(FormerImage(container="main", image=f"{request.source.name}.azurecr.io/{APP}:first"),),
        )
        await save_record(request, forged)

        with pytest.raises(RecordBroken, match=r"names the host evil\.example"):
            await flow(recorded_switches)(request)
