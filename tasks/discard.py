"""Rollback: find and remove the resources of a relocation, one per task run."""

from prefect import task

from acr_relocate.azure.changes import cut_over, discard
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.removal.target import OwnedResource
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.connection import azure
from tasks.retry_policies import READ, WRITE


@task(name="find-what-was-made", task_run_name="find-what-was-made-for-{request.target.name}", **READ)
async def find_made(request: RelocationRequest) -> tuple[OwnedResource, ...]:
    """Return everything in Azure with the plan's tag. Only reads."""
    async with azure() as connection:
        return await discard.find_made(connection, request)


@task(name="find-what-was-cut-over", task_run_name="find-what-was-cut-over-to-{request.target.name}", **READ)
async def find_own_actions(actions: tuple[CutOverAction, ...], request: RelocationRequest) -> tuple[CutOverAction, ...]:
    """Return the cut-over actions with a trace that is ours. Only reads."""
    async with azure() as connection:
        return await discard.find_own_actions(connection, actions, request)


@task(name="take-back", task_run_name="take-back-{action.subject}", **WRITE)
async def take_back(action: CutOverAction, request: RelocationRequest) -> Outcome:
    """Undo the action's changes. Again: nothing of ours is left. On failure: it is unchanged."""
    async with azure() as connection:
        return await cut_over.undo(connection, action, request)


@task(name="remove", task_run_name="remove-{made.name}", **WRITE)
async def remove(made: OwnedResource) -> Outcome:
    """Delete the resource. Again: it stays deleted. On failure: it still exists; another run deletes it."""
    async with azure() as connection:
        return await discard.remove(connection, made)
