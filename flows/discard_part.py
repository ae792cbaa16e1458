"""Runbook: take back what one of several sources brought to their target ("Discard"), as long as the source exists.

1. Find its part: the children that its deployments alone name, its resources and changes elsewhere, its repositories.
2. Stop if the source is gone, lacks a part of an image that the target has, or if something runs its images there.
3. Ask a person, who sees everything to remove, and types the target's name. Look again: it must be what was approved.
4. Switch dependents back; undo its cut-over, but for what the other sources need too; delete its images that the
   source has as well, its children, its resources, and last its deployments, which are the record of the part.

The settings of the registry stay: they are those of all sources. Images that only the target has stay, too.
Again: deleted resources stay deleted. On failure: the record is there, and another run continues.
"""

import asyncio

from acr_relocate.core import cut_over
from acr_relocate.core.consolidation.shares import part_request, refs_beside
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.removal.part import child_removals, content_removals, own_actions, staying_images
from acr_relocate.core.removal.required_actions import missing_removal_rights, rights_to_discard
from acr_relocate.core.removal.target import (
    DEPLOYMENT_TYPE,
    RelocationTraces,
    actions_to_undo,
    remaining_resources,
    removals,
)
from acr_relocate.core.removal.target_approval import discard_part_of, require_unchanged
from acr_relocate.core.removal.target_blockers import discard_blockers, still_switched
from acr_relocate.core.report.report import Report
from acr_relocate.core.request.identity import target_ref
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.wording import plural
from flows.switch import restore_all
from tasks.dependencies import read_surroundings
from tasks.discard import (
    find_brought_children,
    find_made,
    find_own_actions,
    remove,
    remove_child,
    remove_content,
    take_back,
)
from tasks.evidence import read_permissions
from tasks.inventory import find_registry, list_everything, read_registry, read_source
from tasks.runs.run_report import RunReport
from tasks.source_deletion import check_copy
from tasks.source_restore import restore_source
from tasks.switching import unchanged_switches


async def discard_part(request: RelocationRequest, log: RunReport) -> Report:
    """Remove what this source brought to the target; return the report."""
    approved = await look_for_part(request, log)
    log.found(await restore_source(request))
    log.leave_to_people(remaining_resources(approved))
    if not has_traces(approved):
        log.skip(("discard",), "nothing of it exists")
        return await log.conclude("discarded")
    await log.approval(discard_part_of(approved))
    traces = await look_for_part(request, log)
    require_unchanged(discard_part_of(approved), discard_part_of(traces))
    await remove_part(traces, log)
    return await log.conclude("discarded")


async def look_for_part(request: RelocationRequest, log: RunReport) -> RelocationTraces:
    """Return the part of the source, all read just now. Raises NotRelocated if it may not be removed."""
    async with log.phase("look"):
        source, target, made, brought = await asyncio.gather(
            read_source(request),
            read_registry(target_ref(request)),
            find_made(request, is_part=True),
            find_brought_children(request),
        )
        held, kept = await asyncio.gather(
            list_everything(source.login_server, request), list_everything(target.login_server, request)
        )
        traces = RelocationTraces(
            request=request,
            source=source,
            target=target,
            made=made,
            actions=await look_for_own_actions(source, request),
            switched=tuple(one.former for one in await unchanged_switches(request)),
            around=await read_surroundings(target),
            held=held,
            kept=kept,
            copy_check=await check_copy(kept, held),
            is_part=True,
            children=child_removals(target, brought),
        )
        log.obstructed(discard_blockers(traces))
        needed = rights_to_discard(traces)
        log.obstructed(missing_removal_rights(needed, await read_permissions(tuple(needed), request), "discard"))
        log.say(f"{plural(len(content_removals(kept, held)), 'repository')}, {len(traces.children)} children")
    return traces


async def look_for_own_actions(source: Registry, request: RelocationRequest) -> tuple[CutOverAction, ...]:
    """Return the traces of this source's cut-over that no other source needs."""
    around = await read_surroundings(source)
    drawn = cut_over.build_cut_over(source, around, request)
    theirs = [action for ref in refs_beside(request) for action in await read_actions(request, ref.name)]
    return await find_own_actions(own_actions((*drawn.actions, *drawn.deferred), theirs), request)


async def read_actions(request: RelocationRequest, name: str) -> tuple[CutOverAction, ...]:
    """Return the cut-over of another source of the target; nothing if that source is gone."""
    other = part_request(request, name)
    if await find_registry(other.source) is None:
        return ()
    source = await read_source(other)
    drawn = cut_over.build_cut_over(source, await read_surroundings(source), other)
    return (*drawn.actions, *drawn.deferred)


def has_traces(traces: RelocationTraces) -> bool:
    """Return whether anything of the part is left."""
    content = content_removals(traces.kept, traces.held)
    return bool(removals(traces) or actions_to_undo(traces) or traces.switched or traces.children or content)


async def remove_part(traces: RelocationTraces, log: RunReport) -> None:
    """Remove the part, its record last. Raises NotRelocated if a dependent is still switched to the target."""
    request, content = traces.request, content_removals(traces.kept, traces.held)
    if traces.switched:
        await restore_all(request, await unchanged_switches(request), log)
        log.obstructed(still_switched(one.former for one in await unchanged_switches(request)))
    async with log.phase("discard"):
        records = [made for made in removals(traces) if made.type == DEPLOYMENT_TYPE]
        outcomes = [await take_back(action, request) for action in actions_to_undo(traces)]
        server = traces.kept.login_server
        outcomes += [await remove_content(server, traces.kept.names, removal) for removal in content]
        outcomes += [await remove_child(path) for path in traces.children]
        outcomes += [await remove(made) for made in removals(traces) if made not in records]
        if all(outcome.ok for outcome in outcomes):
            outcomes += [await remove(made) for made in records]
        log.cut_over(outcomes)
        left = staying_images(traces.kept, content)
        log.say(f"{plural(len(content), 'repository')} removed, {len(left)} keep what others pushed")
