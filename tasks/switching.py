"""Switch dependents, one per task run. The former value is in Azure before the change (tasks/runs/restore_records.py).

A dependent that fails is restored at once, and its record is deleted. One that is switched keeps its record, for
`switch-back`.
"""

import asyncio
from typing import NamedTuple

from prefect import task
from prefect.client.schemas.objects import State

from acr_relocate.azure.changes import switching
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.errors import Failure, RelocationError
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.registry.restore_record import StoredRecord
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.switching import SwitchedDependent, require_true_servers
from acr_relocate.core.switching.workloads import with_earlier
from tasks.connection import azure
from tasks.inventory import find_registry
from tasks.retry_policies import READ, WRITE
from tasks.runs.restore_records import delete_record, pending_restores, save_record


class RecordedSwitch(NamedTuple):
    """The former value of a dependent, with its record in Azure."""

    record: StoredRecord
    former: SwitchedDependent


async def recorded_switches(request: RelocationRequest) -> tuple[RecordedSwitch, ...]:
    """Return all dependents that this relocation has switched, or was about to. Only reads.

    A record is input: its hosts are those that Azure names for the two registries, and a cache rule that it says was
    deleted is one whose deletion Azure has logged. Otherwise RecordBroken is raised.
    """
    found = await pending_restores(request, SwitchedDependent)
    if found:
        source, target = await asyncio.gather(find_registry(request.source), find_registry(target_ref(request)))
        servers = [registry.login_server if registry else "" for registry in (source, target)]
        for record, former in found:
            require_true_servers(former, *servers)
            if former.rule:
                await require_deletion(former, record.since)
    return tuple(RecordedSwitch(record, former) for record, former in sorted(found, key=lambda one: one[0].since))


async def unchanged_switches(request: RelocationRequest) -> tuple[RecordedSwitch, ...]:
    """Return those that are still as the switch left them, and so can be switched back. Only reads."""
    recorded = await recorded_switches(request)
    return tuple([one for one in recorded if not await look_for_changes(one.former)])


async def switch_or_restore(request: RelocationRequest, action: CutOverAction, known: RecordedSwitch | None) -> Outcome:
    """Record the former value, switch the dependent, and restore it if that fails.

    Again: what is switched is left alone. On failure: it has its former value, or its record is still there.
    """
    if action.refused or action.former is None:
        return Outcome(kind="skipped", subject=action.subject, reason=action.refused)
    try:
        here = known if known and not await look_for_changes(known.former) else None
        here = await _extended(request, action.former, here) if here else None
        here = here or await _recorded(request, action.former, known)
    except RelocationError as error:
        return Outcome(kind="failed", subject=action.subject, failure=Failure.of(error))
    if here is None:
        return Outcome(kind="already_there", subject=action.subject, reason="it does not name the source any more")
    return await _switched(request, here)


async def finish_switch(request: RelocationRequest, here: RecordedSwitch) -> Outcome:
    """Finish a switch that a killed run has begun; what is switched, or has been changed since, is left alone."""
    if reason := await look_for_changes(here.former):
        return Outcome(
            kind="already_there", subject=here.former.name, reason=f"changed since it was switched: {reason}"
        )
    return await _switched(request, here)


async def restore_switched(request: RelocationRequest, here: RecordedSwitch) -> Outcome:
    """Give the dependent its former value again, and delete its record.

    Again: there is no record any more. On failure: it is as it was, or restored and not healthy; the record stays.
    """
    if here.former.rule and not await look_for_changes(here.former):
        here = await _replaced(request, here, here.former.settled(ended=False))
    outcome = await _ended(restore_dependent(here.former, request.switch.minutes, return_state=True), here.former)
    if outcome.ok:
        await delete_record(here.record)
    return outcome


@task(name="check-deleted-rule", task_run_name="check-record-of-{former.name}", **READ)
async def require_deletion(former: SwitchedDependent, since: str) -> None:
    """Raise RecordBroken for a record of a deleted cache rule whose deletion Azure has not logged. Only reads."""
    async with azure() as connection:
        await switching.require_deletion(connection, former, since)


@task(name="look-for-changes", task_run_name="look-for-changes-of-{former.name}", **READ)
async def look_for_changes(former: SwitchedDependent) -> str:
    """Return what others have changed of that which the switch changes, or an empty string. Only reads."""
    async with azure() as connection:
        return await switching.find_change(connection, former)


@task(name="find-former", task_run_name="find-former-value-of-{planned.name}", **READ)
async def find_former(planned: SwitchedDependent, names: RenameMap) -> SwitchedDependent | None:
    """Return the former value as it is now; None if the dependent does not name the source. Only reads."""
    async with azure() as connection:
        return await switching.find_former(connection, planned, names)


@task(name="switch-dependent", task_run_name="switch-{former.name}", **WRITE)
async def switch_dependent(former: SwitchedDependent, minutes: int, steps: list[int]) -> Outcome:
    """Let the dependent run the target's images, and see it healthy.

    Again: a switched one is left alone. On failure: it may be half done; its record in Azure restores it.
    """
    async with azure() as connection:
        return await switching.switch(connection, former, minutes * 60, steps)


@task(name="restore-dependent", task_run_name="restore-{former.name}", **WRITE)
async def restore_dependent(former: SwitchedDependent, minutes: int) -> Outcome:
    """Give the dependent its former value again. Again: it has it. On failure: its record stays in Azure."""
    async with azure() as connection:
        return await switching.restore(connection, former, minutes * 60)


async def _recorded(
    request: RelocationRequest, planned: SwitchedDependent, outdated: RecordedSwitch | None
) -> RecordedSwitch | None:
    """Record the former value, if it is the announced one; a record of an earlier value goes."""
    former = await find_former(planned, request.names)
    if former is None:
        return None
    if (former.images, former.entry) != (planned.images, planned.entry):
        raise RelocationError(
            f"{planned.name} has changed since its switch was announced: {former.in_words}",
            code="ChangedSince",
            resource=planned.dependent_id,
            remedy="Run again: the present value is announced then.",
        )
    here = RecordedSwitch(await save_record(request, former), former)
    if outdated and outdated.record.ids != here.record.ids:
        await delete_record(outdated.record)
    return here


async def _extended(request: RelocationRequest, planned: SwitchedDependent, here: RecordedSwitch) -> RecordedSwitch:
    """Return the record with what else of the dependent names the source by now: of a cluster, further workloads."""
    more = await find_former(planned, request.names) if planned.kind == "cluster" else None
    if more is None:
        return here
    return await _replaced(request, here, with_earlier(more, here.former))


async def _replaced(request: RelocationRequest, here: RecordedSwitch, facts: SwitchedDependent) -> RecordedSwitch:
    """Return the record of these facts, which replaces the other one; the same if nothing is new."""
    if facts == here.former:
        return here
    replacing = RecordedSwitch(await save_record(request, facts), facts)
    if replacing.record.ids != here.record.ids:
        await delete_record(here.record)
    return replacing


async def _switched(request: RelocationRequest, here: RecordedSwitch) -> Outcome:
    if here.former.rule and await find_former(here.former, request.names):
        here = await _replaced(request, here, here.former.settled(ended=False))
    how, former = request.switch, here.former
    outcome = await _ended(switch_dependent(former, how.minutes, how.traffic_steps, return_state=True), former)
    if outcome.ok or outcome.failure is None:
        await _replaced(request, here, former.settled())
        return outcome
    back = await restore_switched(request, here)
    return outcome.model_copy(update={"failure": _told(outcome.failure, back)})


def _told(failure: Failure, back: Outcome) -> Failure:
    """Return the failure, with the result of restoring the dependent in its message."""
    if back.ok:
        return failure.model_copy(update={"message": f"{failure.message}. It has its former value"})
    why = back.failure.message if back.failure else back.reason
    return failure.model_copy(
        update={
            "message": f"{failure.message}. It could not be restored: {why}",
            "remedy": "Its former value is recorded in Azure. To restore it: acr-relocate switch-back REQUEST",
        }
    )


async def _ended(running: State[Outcome], former: SwitchedDependent) -> Outcome:
    """Return the outcome of a task run; a failure of any kind is one."""
    state = await running  # type: ignore[misc] # Prefect's overload omits that it is awaitable
    outcome = await state.aresult(raise_on_failure=False)
    if isinstance(outcome, Outcome):
        return outcome
    return Outcome(kind="failed", subject=former.name, failure=Failure.of(outcome))
