"""Rollback: find and remove the resources of a relocation, one per task run."""

from prefect import task

from acr_relocate.azure.changes import cut_over, discard, part_removal
from acr_relocate.azure.discovery import shared_target
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.registry.rename_map import RenameMap
from acr_relocate.core.removal.part import ContentRemoval
from acr_relocate.core.removal.target import OwnedResource
from acr_relocate.core.request.identity import relocation_id
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.connection import azure
from tasks.retry_policies import READ, WRITE


@task(name="find-what-was-made", task_run_name="find-what-was-made-for-{request.target.name}", **READ)
async def find_made(request: RelocationRequest, *, is_part: bool = False) -> tuple[OwnedResource, ...]:
    """Return everything in Azure with the plan's tag. Only reads.

    `is_part`: without what several sources of the target share.
    """
    async with azure() as connection:
        return await discard.find_made(connection, request, is_part=is_part)


@task(name="find-parts", task_run_name="find-parts-of-{request.target.name}", **READ)
async def has_other_parts(request: RelocationRequest) -> bool:
    """Return whether other sources have brought something to the target. Only reads."""
    async with azure() as connection:
        return bool(await shared_target.read_parts(connection, request) - {relocation_id(request)})


@task(name="find-children", task_run_name="find-children-of-{request.source.name}-at-{request.target.name}", **READ)
async def find_brought_children(request: RelocationRequest) -> tuple[str, ...]:
    """Return the ids, in lower case, of what this source alone has deployed at the target. Only reads."""
    async with azure() as connection:
        return await part_removal.find_brought_children(connection, request)


@task(name="remove-content", task_run_name="remove-{removal.repository}", **WRITE)
async def remove_content(login_server: str, names: RenameMap, removal: ContentRemoval) -> Outcome:
    """Delete a source's images of one repository of the target (at `login_server`).

    Again: it stays deleted. On failure: the rest still exists; another run deletes it.
    """
    async with azure() as connection:
        return await part_removal.remove_content(connection.data_plane(login_server, names), removal)


@task(name="remove-child", task_run_name="remove-child-{path}", **WRITE)
async def remove_child(path: str) -> Outcome:
    """Delete a child of the target. Again: it stays deleted. On failure: it still exists; another run deletes it."""
    async with azure() as connection:
        return await discard.remove_child(connection, path)


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
