"""Runbook: roll back a relocation ("Discard"), as long as the source exists.

1. Find its resources: those that its deployments name, and those that the cut-over marked. A tag alone is no proof.
2. Stop if the source is gone, if the target is another relocation's, if anything uses the target, or if the
   source lacks a part of an image that the target has. Stop if a permission for the rollback is missing.
3. Ask a person, who sees everything to remove, the content that only the target has and the resources of others, and
   types the target's name.
4. Lock every repository of the target, look for new ones, until no new one is found. Then look once more: the removals
   and losses must be those that were approved.
5. Switch dependents back that a cut-over has switched. Undo the cut-over, the last action first; then delete the
   deployed resources, and the resource group if empty.

If other sources have brought something to the target, only this one's part goes (flows/discard_part.py).
The source was only read, except by a killed final pass or deletion: its changes are restored here.
Again: deleted resources stay deleted. On failure: the target can be changed as before, and another run continues.
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
from acr_relocate.core.removal.target_blockers import discard_blockers, still_switched
from acr_relocate.core.removal.whole_copy import CopyCheck, require_whole_copy
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.relocation import RelocationRequest
from flows.discard_part import discard_part
from flows.switch import restore_all
from tasks.dependencies import read_surroundings
from tasks.deployment import read_edited_template
from tasks.discard import find_made, find_own_actions, has_other_parts, remove, take_back
from tasks.evidence import read_permissions
from tasks.inventory import accept_request, find_registry, list_everything
from tasks.kept_name import find_holder
from tasks.registry_rest import registry_at_rest
from tasks.runs.failure_report import report_refusal
from tasks.runs.final_state import says_verdict
from tasks.runs.run_names import keep_typed_name
from tasks.runs.run_report import RunReport, phased_run
from tasks.source_deletion import check_copy
from tasks.source_restore import restore_source
from tasks.switching import unchanged_switches

_PHASES = ("look", "discard")


@flow(
    name="discard",
    flow_run_name=keep_typed_name("discard-{request.source.name}-to-{request.target.name}"),
    on_failure=[report_refusal],
)
@says_verdict
async def discard_relocation(request: RelocationRequest) -> Report:
    """Remove everything that the relocation created; the source is not changed.

    Args:
        request: The request of the relocation to roll back.

    """
    request = await accept_request(request)
    async with phased_run(request, "discard", _PHASES) as log:
        if request.consolidation.sources and await has_other_parts(request):
            return await discard_part(request, log)
        traces = await look_for_traces(request, log)
        log.found(await restore_source(request))
        log.leave_to_people(remaining_resources(traces))
        if removals(traces) or actions_to_undo(traces) or traces.switched:
            await log.approval(discard_of(traces))
            await discard_at_rest(traces, log)
        else:
            log.skip(("discard",), "nothing of it exists")
        return await log.conclude("discarded")


async def look_for_traces(request: RelocationRequest, log: RunReport) -> RelocationTraces:
    """Return the traces of the relocation. Raises NotRelocated if a rollback is not allowed."""
    async with log.phase("look"):
        source, target, made = await asyncio.gather(
            find_holder(request), find_registry(target_ref(request)), find_made(request)
        )
        held, kept = await asyncio.gather(list_target(source, request), list_target(target, request))
        traces = RelocationTraces(
            request=request,
            source=source,
            target=target,
            made=made,
            actions=await look_for_cut_over(source, request),
            switched=tuple(one.former for one in await unchanged_switches(request)) if source else (),
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
    """Return the cut-over actions with remaining traces; unknown without a source."""
    if source is None:
        return ()
    around, edited = await asyncio.gather(read_surroundings(source), read_edited_template(request))
    drawn = cut_over.build_cut_over(source, around, request, edited)
    return await find_own_actions((*drawn.actions, *drawn.deferred), request)


async def discard_at_rest(approved: RelocationTraces, log: RunReport) -> None:
    """Remove everything, if it is what was approved while the target is locked."""
    if approved.target is None:
        await discard(approved, log)
        return
    async with registry_at_rest(approved.request, approved.target):
        traces = await look_for_traces(approved.request, log)
        require_unchanged(discard_of(approved), discard_of(traces))
        require_whole_copy(approved_target_loss(approved), traces.kept, traces.held, traces.copy_check)
        await discard(traces, log)


async def discard(traces: RelocationTraces, log: RunReport) -> None:
    """Remove everything, once no dependent is switched to it any more. Raises NotRelocated if one still is."""
    if traces.switched:
        await restore_all(traces.request, await unchanged_switches(traces.request), log)
        log.obstructed(still_switched(one.former for one in await unchanged_switches(traces.request)))
    async with log.phase("discard"):
        taken_back = [await take_back(action, traces.request) for action in actions_to_undo(traces)]
        removed = [await remove(made) for made in removals(traces)]
        log.cut_over((*taken_back, *removed))
        log.say(f"{len(removed)} resources removed, {len(taken_back)} changes undone")


async def list_target(registry: Registry | None, request: RelocationRequest) -> Content:
    """Return all content of a registry, of other sources too, regardless of the selection; empty without a registry."""
    if registry is None:
        return Content(login_server="")
    return await list_everything(registry.login_server, request.alone)
