"""Runbook: import the content that the target lacks ("Import data").

1. List the whole content of both registries.
2. Compare by digest. Each digest that the target lacks is one import, with all its tags; untagged manifests and
   referrers too, each after its subject. A tag that has moved since an earlier run imported it moves at the
   target too, unless somebody else has moved it there: that is a conflict for a person.
3. Lift locks that an earlier run replayed at the target and that block imports; restore them afterwards.
4. If the request wants several workers: divide the missing images by repository among runs of their own, and wait for
   them. Then compare again; images that they could not import are imported here.
5. Import concurrently, at the rate that Azure and the Prefect server allow. Shards of 500 are child runs.
6. In the final pass, replay the source's locks and compare both while the source is frozen; then release it,
   also on failure. After a kill the next run releases it. Earlier passes replay no locks: locked content at the target
   would have to be unlocked for the next pass, two writes each, while the target is not in use yet.
7. Report every failure and conflict. One bad artifact stops nothing. Tags that were deleted at the source since are
   reported and, if the request says so, deleted at the target.
8. If the request says so, delete the tags of earlier runs that the selection leaves out by now, after an approval.

Alone it is the delta sync before a cut-over. Again: only missing content is imported. On failure: imports stay.
"""

import asyncio
from uuid import UUID

from prefect import flow

from acr_relocate.core.approval.subjects import pruning_of
from acr_relocate.core.checks.pushing import PushContent
from acr_relocate.core.content import import_ledger
from acr_relocate.core.content.locks import blocking_locks, lock_changes
from acr_relocate.core.content.partition import divided
from acr_relocate.core.content.renamed import find_unusable_selection
from acr_relocate.core.content.small_artifacts import with_pushes
from acr_relocate.core.content.source_freeze import as_before, own_state
from acr_relocate.core.registry.inventory import Content
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.verification import compare, unclean
from tasks.images import set_attributes, unlocked_for_import
from tasks.imports.ledger import prune_all, read_ledger, save_ledger_page
from tasks.imports.scheduler import ImportRun, current_imports
from tasks.imports.workers import import_by_workers, require_workers, share_lease
from tasks.inventory import accept_request, catch_up, list_content, list_everything, read_registry
from tasks.runs.artifacts import metered
from tasks.runs.failure_report import report_refusal
from tasks.runs.final_state import says_verdict
from tasks.runs.registry_lock import current_lease
from tasks.runs.run_names import keep_typed_name
from tasks.runs.run_report import RunReport, phased_run
from tasks.small_artifacts import pushes_allowed
from tasks.source_freeze import frozen
from tasks.source_replica import near_source
from tasks.source_restore import restore_source

_PHASES = ("import",)
LAST_PASS = (*_PHASES, "locks", "verify")


@flow(
    name="sync",
    flow_run_name=keep_typed_name("import-{request.source.name}-to-{request.target.name}"),
    on_failure=[report_refusal],
)
@says_verdict
async def import_images(request: RelocationRequest, *, freeze: bool = False) -> Report:
    """Import all selected content of the source into the target.

    Args:
        request: The registries, and the selection.
        freeze: The final pass before a cut-over: pushes to the source are blocked meanwhile; its locks are
            replayed at the target, and both sides are compared.

    """
    await require_workers(request)
    request = await accept_request(request)
    async with phased_run(request, "sync", LAST_PASS if freeze else _PHASES) as log:
        log.found(await restore_source(request, keep_replica=request.via_replica and not freeze))
        if freeze:
            await last_pass(request, log)
        else:
            async with near_source(request, log):
                await bring_content(request, log)
        await prune_unselected(request, log)
        return await log.conclude(None)


async def last_pass(request: RelocationRequest, log: RunReport) -> None:
    """Import the rest while the source is frozen, and compare; release the source afterwards."""
    source, target = await asyncio.gather(read_registry(request.source), read_registry(target_ref(request)))
    held = await list_content(source.login_server, request)
    log.obstructed(find_unusable_selection(held, request))
    async with frozen(request, source, held) as freeze:
        content = await bring_content(request, log)
        await replay_locks(request, as_before(content, freeze), log)
        async with log.phase("verify"):
            want, have = await asyncio.gather(
                list_content(source.login_server, request), list_content(target.login_server, request)
            )
            have = await catch_up(request, want, have)
            differences = compare(own_state(want, (freeze,), have), have, request.selection, request.accept_broken)
            log.compared(differences)
            log.say(f"{len(unclean(differences))} differences while pushes were blocked")


@flow(name="import-shard", flow_run_name="import-shard-{number}-to-{target}")
async def import_shard(target: str, number: int, images: int) -> None:  # noqa: ARG001 - a person reads them in the UI
    """Run part of an import: at most 500 task runs, one for each digest.

    Its images are in the memory of the parent run: Prefect takes at most 512 KB of parameters.
    """
    await current_imports().bring(number)


@flow(
    name="import-part",
    flow_run_name="import-part-{number}-of-{request.source.name}-to-{request.target.name}",
    on_failure=[report_refusal],
)
@says_verdict
async def import_part(request: RelocationRequest, number: int, turn: UUID, claim: str) -> Report:  # noqa: ARG001 - in its name
    """Import all selected content of some repositories. Started only by a divided import.

    Args:
        request: The registries, and the repositories of this part.
        number: The number of this part.
        turn: The lease of the parent import on its registries.
        claim: The claim of the parent import in Azure; empty if it has none.

    """
    async with phased_run(request, "import-part", ("import",), turn=share_lease(request, turn, claim)) as log:
        await bring_content(request, log)
        return await log.conclude(None)


async def import_in_parts(request: RelocationRequest, log: RunReport) -> None:
    """Import missing content by other workers, if the request wants that."""
    turn = current_lease()
    if request.workers == 1 or turn is None:
        return
    async with log.phase("parts"):
        source, target = await asyncio.gather(read_registry(request.source), read_registry(target_ref(request)))
        want, have = await asyncio.gather(
            list_content(source.login_server, request), list_content(target.login_server, request)
        )
        parts = divided(request, import_ledger.needed_by(request, want, have, await read_ledger(request)).items)
        log.brought_in_parts(await import_by_workers(parts, turn) if parts else ())
        log.say(f"{len(parts)} worker runs", nothing_to_do=not parts)


async def bring_content(request: RelocationRequest, log: RunReport) -> Content:
    """Import the missing content; failures are in the report. Return the source's content."""
    await import_in_parts(request, log)
    async with log.phase("import"):
        source, target = await asyncio.gather(read_registry(request.source), read_registry(target_ref(request)))
        want, have = await asyncio.gather(
            list_content(source.login_server, request), list_content(target.login_server, request)
        )
        log.obstructed(find_unusable_selection(want, request))
        known = await read_ledger(request)
        allowed = await pushes_allowed(request, source, target, PushContent(want, have, known))
        plan = with_pushes(import_ledger.needed_by(request, want, have, known), request, allowed=allowed)
        deleted = import_ledger.deleted_at_source(want, have, known)
        locks = blocking_locks(plan.items, have)
        await save_ledger_page(request, import_ledger.records_before(plan.items))
        unlocked = unlocked_for_import(target.login_server, request.names, locks)
        async with metered("import", len(plan.items), plan.size_bytes) as meter, unlocked:
            run = ImportRun(request, plan, target.login_server, meter, want)
            await run.all_shards(import_shard)
        await save_ledger_page(request, import_ledger.settled(outcome.item for outcome in run.outcomes if outcome.ok))
        pruned = await prune_all(request, source.login_server, target.login_server, deleted)
        log.imported(plan, run.outcomes, meter.progress)
        log.deleted_since(deleted, pruned)
    return want


async def prune_unselected(request: RelocationRequest, log: RunReport) -> None:
    """Delete the tags that the selection leaves out by now, if the request says so and a person approves."""
    if not request.prune_unselected:
        return
    source, target = await asyncio.gather(read_registry(request.source), read_registry(target_ref(request)))
    want, have = await asyncio.gather(
        list_content(source.login_server, request), list_everything(target.login_server, request)
    )
    tags = import_ledger.left_out_by_selection(want, have, await read_ledger(request), request)
    if tags:
        await log.approval(pruning_of(tags, request))
    async with log.phase("prune"):
        pruned = await prune_all(request, source.login_server, target.login_server, tags)
        log.deleted_since(tags, pruned)
        log.say(f"{len(tags)} tags no longer selected", nothing_to_do=not tags)


async def replay_locks(request: RelocationRequest, content: Content, log: RunReport) -> None:
    """Set the source's lock attributes on the target's content."""
    async with log.phase("locks"):
        target = await read_registry(target_ref(request))
        have = await catch_up(request, content, await list_content(target.login_server, request))
        changes = lock_changes(own_state(content, (), have), have)
        for change in changes:
            await set_attributes(have.login_server, request.names, change)
        log.say(f"{len(changes)} set" if changes else "all as at the source", nothing_to_do=not changes)
