"""The end of the source: the last evidence, and the deletion."""

from prefect import task

from acr_relocate.azure.changes import source_deletion
from acr_relocate.core.checks import Unknown
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.removal import Detached, RegistryPull, how_it_ended
from acr_relocate.core.request.identity import PLAN_TAG, relocation_id
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.connection import azure
from tasks.inventory import find_registry, target_ref
from tasks.retry_policies import READ, WRITE
from tasks.runs.queries import reports_of
from tasks.runs.registry_lock import lock_names
from tasks.runs.restore_records import delete_record, save_record


@task(name="look-for-pulls", task_run_name="look-for-pulls-from-{registry.name}", **READ)
async def look_for_pulls(
    registry: Registry, workspaces: tuple[str, ...], request: RelocationRequest, ourselves: tuple[str, ...]
) -> tuple[RegistryPull, ...] | Unknown:
    """Who pulled from the registry in the soak period, or why that is not known. Only reads."""
    async with azure() as connection:
        ignored = (*ourselves, *request.not_consumers)
        return await source_deletion.pulls(connection, registry, workspaces, request.soak_days, ignored)


@task(name="who-we-are", **READ)
async def who_we_are() -> tuple[str, ...]:
    """The ids of the identity that runs this. Only reads."""
    async with azure() as connection:
        return await connection.own_ids()


async def retire(request: RelocationRequest, registry: Registry, taken: Detached, contents: dict[str, str]) -> None:
    """The registry is gone for good; or it is there, with all that was taken from it given back.

    After a kill, the next run that writes gives it back.
    """
    record = await save_record(request, taken)
    try:
        await delete_registry(registry, taken, contents)
    except BaseException:
        await give_back(taken)
        await delete_record(record)
        raise
    await delete_record(record)


@task(name="delete-registry", task_run_name="delete-{registry.name}-for-good", **WRITE)
async def delete_registry(registry: Registry, taken: Detached, contents: dict[str, str]) -> None:
    """The registry is gone for good, and nothing else is.

    Again: it is looked once more whether both registries hold exactly what was approved. On failure: some of what is
    taken from it first may be; the record of all of it is at the Prefect server.
    """
    async with azure() as connection:
        await source_deletion.retire(connection, registry, taken, contents)


@task(name="give-back", **WRITE)
async def give_back(taken: Detached) -> None:
    """A registry that has not gone has what was taken from it before.

    Again: nothing is left to do. On failure: the record stays, and the next run tries again.
    """
    async with azure() as connection:
        await source_deletion.give_back(connection, taken)


async def finished_before(request: RelocationRequest) -> str:
    """In words, that the relocation was finished by deleting its source; empty while there is something to relocate.

    Raises NotFound if the source is gone and the target is this relocation's, but nobody remembers the deletion.
    """
    if await find_registry(request.source) is not None:
        return ""
    target = await find_registry(target_ref(request))
    if target is None or target.tags.get(PLAN_TAG) != relocation_id(request):
        return ""
    return how_it_ended(request, await reports_of(lock_names(request)))
