"""The deletion of the source: the last evidence, and the deletion itself."""

from prefect import task

from acr_relocate.azure.changes import last_look, source_deletion
from acr_relocate.azure.client.write_gate import behind
from acr_relocate.azure.discovery import shared_target
from acr_relocate.core.checks import Unknown
from acr_relocate.core.content.selection import everything
from acr_relocate.core.errors import RelocationError
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.registry.restore_record import StoredRecord
from acr_relocate.core.removal import Detached, RegistryUse, finish_in_words
from acr_relocate.core.removal.whole_copy import ApprovedLoss, CopyCheck
from acr_relocate.core.request.identity import PLAN_TAG, target_mark, target_ref
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection
from tasks.connection import azure
from tasks.inventory import find_registry
from tasks.registry_rest import registry_at_rest
from tasks.retry_policies import READ, WRITE
from tasks.runs.cut_over_window import require_window_to_delete
from tasks.runs.queries import reports_of
from tasks.runs.registry_lock import lock_names
from tasks.runs.restore_records import delete_record, run_name, save_record
from tasks.source_freeze import run_uncancelled


@task(name="look-for-uses", task_run_name="look-for-uses-of-{registry.name}", **READ)
async def look_for_uses(
    registry: Registry, workspaces: tuple[str, ...], request: RelocationRequest, ourselves: tuple[str, ...]
) -> tuple[RegistryUse, ...] | Unknown:
    """Return the pulls and pushes of the soak period, or why they are unknown. Only reads."""
    async with azure() as connection:
        ignored = (*ourselves, *request.not_consumers)
        return await source_deletion.read_uses(connection, registry, workspaces, request.soak_days, ignored)


@task(name="find-unmoved-sources", task_run_name="find-unmoved-sources-of-{request.target.name}", **READ)
async def find_unmoved_sources(request: RelocationRequest) -> tuple[str, ...]:
    """Return the other sources of the target that have brought nothing to it yet. Only reads."""
    async with azure() as connection:
        return await shared_target.unmoved_sources(connection, request)


async def check_copy(going: Content, staying: Content) -> CopyCheck:
    """Check that the registry that stays has every manifest and blob that both list. Only reads.

    Not a task: the content of two registries is too much for a task's parameters.
    """
    async with azure() as connection:
        return await last_look.check_copy(connection, going, staying)


@task(name="find-own-identity", task_run_name="find-own-identity", **READ)
async def read_own_ids() -> tuple[str, ...]:
    """Return the ids of the running identity. Only reads."""
    async with azure() as connection:
        return await connection.own_ids()


async def retire(request: RelocationRequest, registry: Registry, taken: Detached, approved: ApprovedLoss) -> None:
    """Delete the registry for good; or leave it with all removed settings restored.

    It is locked from before the last look until it is gone. Settings that prevent the deletion are removed only then.
    After a kill, the next run that writes restores them. Where the name is kept, nothing is deleted after its window.
    """
    async with registry_at_rest(request, registry) as known:
        await check_copy_again(approved, everything(request.selection))
        require_window_to_delete(request)
        taken = taken.model_copy(update={"taken_by": await run_name()})
        record = await save_record(request, taken)
        try:
            await delete_registry(registry, taken, known)
        except BaseException as error:
            with behind(None):  # the source's settings are restored, with or without the lease
                await run_uncancelled(_give_back_after(error, record, taken, registry.id))
            raise
        await delete_record(record)


@task(name="look-once-more", task_run_name="look-once-more-at-{approved.going}", **READ)
async def check_copy_again(approved: ApprovedLoss, selection: Selection) -> CopyCheck:
    """Check that one verified whole copy exists, and that only approved content is lost. Only reads.

    The registry to delete is locked. Raises NotRelocated if either has other content than approved.
    """
    async with azure() as connection:
        return await last_look.look_at_rest(connection, approved, selection)


@task(name="delete-registry", task_run_name="delete-{registry.name}-for-good", **WRITE)
async def delete_registry(registry: Registry, taken: Detached, known: frozenset[str]) -> None:
    """Delete the registry for good, and nothing else.

    Again: removed settings stay removed. On failure: some of them may be; the record in Azure has all of them.
    """
    async with azure() as connection:
        await source_deletion.retire(connection, registry, taken, known)


async def restore_detached(taken: Detached, registry_id: str) -> tuple[str, ...]:
    """Restore the settings removed from a registry that was not deleted. Returns the restored ones.

    Not a task: it needs no Prefect server. Again: nothing is left to do. On failure: the record stays, and the
    next run tries again.
    """
    async with azure() as connection:
        return await source_deletion.restore_detached(connection, taken, registry_id)


async def _give_back_after(error: BaseException, record: StoredRecord, taken: Detached, registry_id: str) -> None:
    """Restore the removed settings, delete the record, and add that to the error's message."""
    given = await restore_detached(taken, registry_id)
    await delete_record(record)
    if isinstance(error, RelocationError) and given:
        error.message += f". Its removed settings were restored: {', '.join(given)}"


async def finished_before(request: RelocationRequest) -> str:
    """Return in words that the relocation was finished by deleting its source; empty while there is something to do.

    Raises NotFound if the source is gone and the target is this relocation's, but no report has the deletion.
    """
    if await find_registry(request.source) is not None:
        return ""
    target = await find_registry(target_ref(request))
    if target is None or target.tags.get(PLAN_TAG) != target_mark(request):
        return ""
    return finish_in_words(request, await reports_of(lock_names(request)))
