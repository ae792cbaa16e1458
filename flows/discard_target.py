"""Runbook: take a relocation back ("Discard"), as long as the source is there.

1. Find what it has made: what its deployments name, and what the cut-over marks. A tag alone is no proof.
2. Stop if the source is gone, if the target is another relocation's, if anything uses the target by now, or if the
   source lacks a part of an image that the target has. Stop if a right is missing that this takes.
3. Ask a person, who sees everything that is removed, what only the target has and what others made there, and types
   the target's name.
4. Put the target to rest: lock every repository, look for new ones, until there are none. Then look once more: what
   would be removed, and lost, has to be what was approved.
5. Take back the cut-over, the last first; then remove what was deployed, and the resource group if it is empty.

The source was only read, but for what a killed last pass or deletion has taken from it: that is given back here.
Again: what is gone is gone. On failure: the target can be changed as before, and running again goes on.
"""

import asyncio

from prefect import flow

from acr_relocate.core import cut_over
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.removal.required_actions import missing_removal_rights, rights_to_discard
from acr_relocate.core.removal.target import RelocationTraces, actions_to_undo, remaining_resources, removals
from acr_relocate.core.removal.target_approval import approved_target_loss, discard_of, require_unchanged
from acr_relocate.core.removal.target_blockers import discard_blockers
from acr_relocate.core.removal.whole_copy import CopyCheck, require_whole_copy
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.relocation import RelocationRequest
from tasks.dependencies import read_surroundings
from tasks.deployment import read_edited_template
from tasks.discard import find_made, find_ours, remove, take_back
from tasks.evidence import read_permissions
from tasks.inventory import accept_request, find_registry, list_content
from tasks.registry_rest import everything, registry_at_rest
from tasks.runs.failure_report import report_refusal
from tasks.runs.final_state import says_verdict
from tasks.runs.run_report import RunReport, journey
from tasks.source_deletion import check_copy
from tasks.source_restore import restore_source

_PHASES = ("look", "discard")


@flow(
    name="discard", flow_run_name="discard-{request.source.name}-to-{request.target.name}", on_failure=[report_refusal]
)
@says_verdict
async def discard_relocation(request: RelocationRequest) -> Report:
    """Everything that the relocation made is gone, and the source goes on as before.

    Args:
        request: The request of the relocation that is taken back.

    """
    request = await accept_request(request)
    async with journey(request, "discard", _PHASES) as log:
        traces = await look_for_traces(request, log)
        log.found(await restore_source(request))
        log.leave_to_people(remaining_resources(traces))
        if removals(traces) or actions_to_undo(traces):
            await log.approval(discard_of(traces))
            await discard_at_rest(traces, log)
        else:
            log.skip(("discard",), "there is nothing of it")
        return await log.conclude("discarded")


async def look_for_traces(request: RelocationRequest, log: RunReport) -> RelocationTraces:
    """What there is of the relocation. Raises NotRelocated if it may not be taken back."""
    async with log.phase("look"):
        source, target, made = await asyncio.gather(
            find_registry(request.source), find_registry(target_ref(request)), find_made(request)
        )
        held, kept = await asyncio.gather(list_target(source, request), list_target(target, request))
        traces = RelocationTraces(
            request=request,
            source=source,
            target=target,
            made=made,
            actions=await look_for_cut_over(source, request),
            around=await read_surroundings(target) if target else Surroundings(),
            held=held,
            kept=kept,
            copy_check=await check_copy(kept, held) if source and target else CopyCheck(),
        )
        log.obstructed(discard_blockers(traces))
        needed = rights_to_discard(traces)
        log.obstructed(missing_removal_rights(needed, await read_permissions(tuple(needed), request), "discard"))
        log.say(f"{len(removals(traces))} resources, {len(actions_to_undo(traces))} changes elsewhere")
    return traces


async def look_for_cut_over(source: Registry | None, request: RelocationRequest) -> tuple[CutOverAction, ...]:
    """What the cut-over has done and what is still there of it; without a source there is no telling."""
    if source is None:
        return ()
    around, edited = await asyncio.gather(read_surroundings(source), read_edited_template(request))
    drawn = cut_over.build_cut_over(source, around, request, edited)
    return await find_ours((*drawn.actions, *drawn.held_back), request)


async def discard_at_rest(approved: RelocationTraces, log: RunReport) -> None:
    """All of it is gone, if it is what was approved while the target is at rest."""
    if approved.target is None:
        await discard(approved, log)
        return
    async with registry_at_rest(approved.request, approved.target):
        traces = await look_for_traces(approved.request, log)
        require_unchanged(discard_of(approved), discard_of(traces))
        require_whole_copy(approved_target_loss(approved), traces.kept, traces.held, traces.copy_check)
        await discard(traces, log)


async def discard(traces: RelocationTraces, log: RunReport) -> None:
    """All of it is gone."""
    async with log.phase("discard"):
        taken_back = [await take_back(action, traces.request) for action in actions_to_undo(traces)]
        removed = [await remove(made) for made in removals(traces)]
        log.cut_over((*taken_back, *removed))
        log.say(f"{len(removed)} resources removed, {len(taken_back)} changes taken back")


async def list_target(registry: Registry | None, request: RelocationRequest) -> Content:
    """All that a registry holds, whatever was selected; nothing where there is none."""
    if registry is None:
        return Content(login_server="")
    whole = request.model_copy(update={"selection": everything(request), "content": True})
    return await list_content(registry.login_server, whole)
