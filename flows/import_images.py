"""Runbook: bring the target's content level with the source ("Import data").

1. List what both registries hold, to exhaustion.
2. Compare by digest. What the target lacks is one import for each digest, with all its tags; untagged manifests and
   referrers too, each after what it refers to. A tag that has moved since an earlier run brought it moves at the
   target too, unless somebody else has moved it there: that is a conflict for a person.
3. Lift the locks that an earlier run replayed at the target where they are in the way; put them back afterwards.
4. Import, many at once, at the pace that Azure and the Prefect server stand. Shards of 500 are child runs.
5. In the last pass, compare both while the source is frozen; then give its locks back, also on failure. After a kill
   the next run gives them back.
6. Report every failure and conflict. One bad artifact stops nothing. Tags that were deleted at the source since are
   reported and, where the request says so, taken away from the target.

Alone it is the delta sync before a cut-over. Again: only what is missing by then. On failure: what was imported stays.
"""

import asyncio

from prefect import flow

from acr_relocate.core import ledger as ledgers
from acr_relocate.core.attributes import in_the_way
from acr_relocate.core.inventory import Content
from acr_relocate.core.report import Report
from acr_relocate.core.request import RelocationRequest
from acr_relocate.core.verification import compare_arrived, unclean
from tasks.freezing import frozen, thaw_left_behind
from tasks.images import writable
from tasks.importing import ImportRun, current_imports
from tasks.inventory import accept_request, list_content, read_registry, target_ref
from tasks.journey import Journey, journey
from tasks.ledger import prune_all, read_ledger, write_down
from tasks.refusals import report_refusal
from tasks.reporting import metered


@flow(
    name="import-images",
    flow_run_name="import-{request.source.name}-to-{request.target.name}",
    on_failure=[report_refusal],
)
async def import_images(request: RelocationRequest, *, freeze: bool = False) -> Report:
    """The target holds all that is selected of the source's content.

    Args:
        request: The registries, and what to import.
        freeze: The last pass before a cut-over: nobody can push to the source meanwhile, and both sides are compared.

    """
    request = await accept_request(request)
    async with journey(request, "import-images", ("import", "verify") if freeze else ("import",)) as log:
        await thaw_left_behind(request)
        await (last_pass if freeze else bring_content)(request, log)
        return await log.conclude()


async def last_pass(request: RelocationRequest, log: Journey) -> None:
    """The target is level with a source that stood still; afterwards the source can be changed as before."""
    source, target = await asyncio.gather(read_registry(request.source), read_registry(target_ref(request)))
    async with frozen(request, source, await list_content(source.login_server, request)):
        await bring_content(request, log)
        async with log.phase("verify"):
            want, have = await asyncio.gather(
                list_content(source.login_server, request), list_content(target.login_server, request)
            )
            differences = compare_arrived(want, have, request.selection)
            log.compared(differences)
            log.say(f"{len(unclean(differences))} differences while nobody could push")


@flow(name="import-shard", flow_run_name="import-shard-{number}-to-{target}")
async def import_shard(target: str, number: int, images: int) -> None:  # noqa: ARG001 - a person reads them in the UI
    """A part of an import: at most 500 task runs, one for each digest.

    Its images are in the memory of the run around it: Prefect holds at most 512 KB of parameters.
    """
    await current_imports().bring(number)


async def bring_content(request: RelocationRequest, log: Journey) -> Content:
    """The target holds what it lacked; what could not be imported is in the report. Returns the source's content."""
    async with log.phase("import"):
        source, target = await asyncio.gather(read_registry(request.source), read_registry(target_ref(request)))
        want, have = await asyncio.gather(
            list_content(source.login_server, request), list_content(target.login_server, request)
        )
        known = await read_ledger(request)
        plan = ledgers.needed_by(request, want, have, known)
        deleted = ledgers.deleted_at_source(want, have, known)
        locks = in_the_way(plan.items, have)
        await write_down(request, ledgers.to_come(plan.items))
        async with metered("import", len(plan.items)) as meter, writable(target.login_server, locks):
            run = ImportRun(request, target.login_server, plan.items, meter)
            await run.all_shards(import_shard)
        await write_down(request, ledgers.settled(outcome.item for outcome in run.outcomes if outcome.ok))
        pruned = await prune_all(request, source.login_server, target.login_server, deleted)
        log.imported(plan, run.outcomes, meter.progress)
        log.deleted_since(deleted, pruned)
    return want
