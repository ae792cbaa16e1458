"""Runbook: take a relocation back ("Discard"), as long as the source is there.

1. Find what it has made: by the plan's tag in Azure, and by the names that the cut-over gives.
2. Stop if the source is gone, if the target is somebody else's, or if anybody uses the target by now: the report then
   has the commands that point each of them at the source again. Stop if a right is missing that this takes.
3. Ask a person, who sees everything that is removed, and types the target's name.
4. Take back the cut-over, the last first; then remove what was deployed, and the resource group if it is empty.

The source was only read, but for what a killed last pass or deletion has taken from it: that is given back here.
Again: what is gone is gone. On failure: running again goes on.
"""

import asyncio

from prefect import flow

from acr_relocate.core import cut_over
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.dependencies import Surroundings
from acr_relocate.core.registry.inventory import Content, Registry
from acr_relocate.core.removal.required_actions import missing_removal_rights, rights_to_discard
from acr_relocate.core.removal.target import (
    RelocationTraces,
    actions_to_undo,
    discard_of,
    obstacles,
    remaining_resources,
    removals,
)
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection
from tasks.dependencies import read_surroundings
from tasks.deployment import read_edited_template
from tasks.discard import find_made, find_ours, remove, take_back
from tasks.evidence import read_permissions
from tasks.inventory import accept_request, find_registry, list_content, target_ref
from tasks.runs.approval import cancel_if_rejected
from tasks.runs.failure_report import report_refusal
from tasks.runs.run_report import RunReport, journey
from tasks.source_restore import restore_source

PHASES = ("look", "discard")


@flow(
    name="discard", flow_run_name="discard-{request.source.name}-to-{request.target.name}", on_failure=[report_refusal]
)
@cancel_if_rejected
async def discard_relocation(request: RelocationRequest) -> Report:
    """Everything that the relocation made is gone, and the source goes on as before.

    Args:
        request: The request of the relocation that is taken back.

    """
    request = await accept_request(request)
    async with journey(request, "discard", PHASES) as log:
        traces = await look_for_traces(request, log)
        log.found(await restore_source(request))
        log.leave_to_people(remaining_resources(traces))
        if removals(traces) or actions_to_undo(traces):
            await log.approval(discard_of(traces))
            await discard(traces, log)
        else:
            log.skip(("discard",), "there is nothing of it")
        return await log.conclude("discarded")


async def look_for_traces(request: RelocationRequest, log: RunReport) -> RelocationTraces:
    """What there is of the relocation. Raises NotRelocated if it may not be taken back."""
    async with log.phase("look"):
        source, target, made = await asyncio.gather(
            find_registry(request.source), find_registry(target_ref(request)), find_made(request)
        )
        held, kept = await asyncio.gather(list_all(source, request), list_all(target, request))
        traces = RelocationTraces(
            request=request,
            source=source,
            target=target,
            made=made,
            actions=await look_for_cut_over(source, request),
            around=await read_surroundings(target) if target else Surroundings(),
            held=held,
            kept=kept,
        )
        log.obstructed(obstacles(traces))
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


async def discard(traces: RelocationTraces, log: RunReport) -> None:
    """All of it is gone."""
    async with log.phase("discard"):
        taken_back = [await take_back(action, traces.request) for action in actions_to_undo(traces)]
        removed = [await remove(made) for made in removals(traces)]
        log.cut_over((*taken_back, *removed))
        log.say(f"{len(removed)} resources removed, {len(taken_back)} changes taken back")


async def list_all(registry: Registry | None, request: RelocationRequest) -> Content:
    """All that a registry holds, whatever was selected; nothing where there is none."""
    if registry is None:
        return Content(login_server="")
    everything = request.model_copy(update={"selection": Selection(), "content": True})
    return await list_content(registry.login_server, everything)
