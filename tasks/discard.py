"""The way back: what a relocation has made is found and removed, one thing a task run."""

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
    """Everything in Azure that carries the plan's tag. Only reads."""
    async with azure() as connection:
        return await discard.find_made(connection, request)


@task(name="find-what-was-cut-over", task_run_name="find-what-was-cut-over-to-{request.target.name}", **READ)
async def find_ours(actions: tuple[CutOverAction, ...], request: RelocationRequest) -> tuple[CutOverAction, ...]:
    """The actions of the cut-over of which something is there that is ours. Only reads."""
    async with azure() as connection:
        return await discard.find_ours(connection, actions, request)


@task(name="take-back", task_run_name="take-back-{action.subject}", **WRITE)
async def take_back(action: CutOverAction, request: RelocationRequest) -> Outcome:
    """What the action made is gone, or as it was before. Again: nothing is ours any more. On failure: it is there."""
    async with azure() as connection:
        return await cut_over.undo(connection, action, request)


@task(name="remove", task_run_name="remove-{made.name}", **WRITE)
async def remove(made: OwnedResource) -> Outcome:
    """The resource is gone. Again: it stays gone. On failure: it is there, and running again removes it."""
    async with azure() as connection:
        return await discard.remove(connection, made)
