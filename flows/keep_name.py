"""Runbook: move a registry to another region under its own name, over an intermediate registry.

A step is found by Azure's facts alone: who has the name, and what the intermediate registry holds.

1. Relocate to the intermediate registry in the target's region: settings, children, access, all content
   (flows/relocate.py). The source goes on serving.
2. Outside of the maintenance window it ends here, prepared; each further run imports what is new.
3. In the window: the last pass, with pushes to the source blocked (flows/import_images.py).
4. Compare everything, ask the intermediate registry for every blob, and ask a person, who types the name. Then the
   last look at rest, and the deletion of the source (flows/delete_source.py): its users keep it from nothing.
5. Strike the records of the deleted source, and remove its private endpoints with their DNS records.
6. Wait until the name is free. Create the registry from the intermediate one, which has all that the source was.
7. Give access; import in the region, the images in use first; replay locks; compare (flows/verify.py).
8. Later: `discard` with this request removes the intermediate registry, if the name has all of its content.

Again: it goes on at the first unfinished step, on any machine. On failure: before the deletion the source serves, with
all that it had. After it, the intermediate registry has everything, verified, under a name that works.
"""

import asyncio
from collections.abc import Iterable

from prefect import flow

from acr_relocate.core.cut_over import before_pull_tests
from acr_relocate.core.report.report import LeftToPeople, Report
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.second_hop import at_any_time, second_hop
from flows.cut_over import carry_out_all, cut_over_verified, plan_cut_over
from flows.delete_source import delete_verified_source
from flows.import_images import bring_content, last_pass, replay_locks
from flows.plan import compute_plan
from flows.relocate import approve_deployment, redeploy
from tasks.dependencies import read_surroundings
from tasks.imports.workers import require_workers
from tasks.inventory import accept_request, list_content, read_registry
from tasks.kept_name import (
    find_name_stage,
    read_images_in_use,
    require_kept_name,
    settle_former,
    wait_for_name,
    with_way_back,
)
from tasks.runs.cut_over_window import cut_over_later
from tasks.runs.failure_report import report_refusal
from tasks.runs.final_state import says_verdict
from tasks.runs.run_names import keep_typed_name
from tasks.runs.run_report import RunReport, phased_run
from tasks.source_restore import restore_source

_COPY = ("inventory", "checks", "resource group", "validate", "deploy", "import", "locks", "cut over", "verify")
FREE_NAME = (*_COPY, "deferred settings", "consumers", "delete")
TAKE_NAME = ("name", *_COPY, "deferred settings")


@flow(name="keep-name", flow_run_name=keep_typed_name("keep-name-{request.source.name}"), on_failure=[report_refusal])
@says_verdict
async def keep_name(request: RelocationRequest) -> Report:
    """Move the registry to another region under its own name: its login server is the same afterwards.

    Args:
        request: The registry to move, and its target with the name `same`.

    """
    await require_workers(request)
    request = require_kept_name(await accept_request(request))
    stage = await find_name_stage(request)
    if stage == "finished":
        return await finish(request)
    if stage == "held":
        freed = await free_name(request)
        return freed if freed.verdict == "prepared" else await take_name(request, freed.left_to_people)
    return await take_name(request)


async def finish(request: RelocationRequest) -> Report:
    """Report that the name is back, and that the intermediate registry has been discarded."""
    async with phased_run(second_hop(request), "keep-name", TAKE_NAME) as log:
        log.skip(TAKE_NAME, f"{request.source.name} is in {request.target.location}; {request.target.name} is gone")
        return await log.conclude("relocated")


async def free_name(request: RelocationRequest) -> Report:
    """Bring everything to the intermediate registry; in the window, delete the source with a person's approval."""
    async with phased_run(request, "keep-name", FREE_NAME) as log:
        log.found(await restore_source(request))
        await fill_intermediate(at_any_time(request), log)
        later = cut_over_later(request)
        if later or not log.is_clean:
            log.skip(("consumers", "delete"), later)
            return await log.conclude("prepared")
        await last_pass(request, log)
        await delete_verified_source(request, log)
        return await log.conclude("deleted")


async def fill_intermediate(request: RelocationRequest, log: RunReport) -> None:
    """Relocate to the intermediate registry, with everything that depends on the source."""
    plan = await compute_plan(request, log)
    log.planned(plan)
    await approve_deployment(plan, log)
    await redeploy(plan, log)
    content = await bring_content(request, log)
    await replay_locks(request, content, log)
    await cut_over_verified(request, log)


async def take_name(request: RelocationRequest, left: Iterable[LeftToPeople] = ()) -> Report:
    """Create the registry with the freed name, from the intermediate one. `left`: manual steps of the first hop."""
    back = second_hop(request)
    async with phased_run(back, "keep-name", TAKE_NAME) as log, with_way_back(request):
        log.left_before(left)
        await free_from_former(request, log)
        log.found(await restore_source(back))
        plan = (await compute_plan(back, log)).with_users_as_they_are
        log.planned(plan)
        await redeploy(plan, log)
        await serve_images_in_use(request, log)
        content = await bring_content(back, log)
        await replay_locks(back, content, log)
        await cut_over_verified(back, log)
        return await log.conclude("relocated")


async def free_from_former(request: RelocationRequest, log: RunReport) -> None:
    """Remove what is left of the deleted source, and wait for its name; nothing if it is taken again already."""
    async with log.phase("name"):
        if await find_name_stage(request) != "free":
            log.say("taken again", nothing_to_do=True)
            return
        removed = await settle_former(request)
        await wait_for_name(request)
        log.say(f"{request.source.name} is free; private endpoints removed: {', '.join(removed) or 'none'}")


async def serve_images_in_use(request: RelocationRequest, log: RunReport) -> None:
    """Import the images in use before all others, and give access, so that they can be pulled again first."""
    back = second_hop(request)
    source = await read_registry(target_ref(request))
    around, held = await asyncio.gather(read_surroundings(source), list_content(source.login_server, back))
    if used := await read_images_in_use(request, around, held):
        await bring_content(back.model_copy(update={"only": used}), log)
    drawn = await plan_cut_over(back)
    async with log.phase("cut over"):
        await carry_out_all(before_pull_tests(drawn.actions), log)
