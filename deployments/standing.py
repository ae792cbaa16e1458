"""Read the stage of a relocation. Only reads, and needs no Prefect server."""

from datetime import UTC, datetime

from acr_relocate.azure.changes import cut_over as actions
from acr_relocate.azure.client.session import AzureConnection, connection
from acr_relocate.azure.content import listing
from acr_relocate.azure.content.pull_log import mark_pulls
from acr_relocate.azure.content.target_names import read_target_names
from acr_relocate.azure.discovery import dependents, find_registry, shared_target
from acr_relocate.azure.resources import registries
from acr_relocate.core import cut_over
from acr_relocate.core.content.import_plan import needed
from acr_relocate.core.dependencies.consumers import consumers
from acr_relocate.core.errors import NotFound, RelocationError
from acr_relocate.core.plan.in_place import is_in_place
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.report.report import Report
from acr_relocate.core.report.standing import Standing
from acr_relocate.core.request.identity import PLAN_TAG, target_mark, target_ref
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.switching import SwitchedDependent
from tasks.runs.restore_records import pending_restores, read_pending_restores


async def read_standing(request: RelocationRequest, last: Report | None, *, planned: bool = True) -> Standing:
    """Return the stage of the relocation. `last`: the report of the run that relocated it, if known."""
    async with connection() as azure:
        try:
            request = await find_registry.resolve_request(azure, request)
            source = await registries.find_registry(azure, request.source)
        except NotFound:
            source = None
        target = await registries.find_registry(azure, target_ref(request))
        found = Standing(
            source=request.source.name,
            target=request.target.name,
            source_exists=source is not None,
            target_exists=target is not None,
            is_ours=target is not None and target.tags.get(PLAN_TAG) == target_mark(request),
            soak_days=request.soak_days,
            is_planned=planned,
            relocated_at=datetime.fromisoformat(last.ended_at) if last and last.ended_at else None,
            owed=await _owed(request) if source else (),
            now=datetime.now(UTC),
        )
        if source is None or target is None or not found.is_ours:
            return found
        source = await shared_target.read_source(azure, request) if request.consolidation.sources else source
        return await _compared(azure, request, source, target, found)


async def _owed(request: RelocationRequest) -> tuple[str, ...]:
    """Return what was not given back, or why that cannot be told."""
    try:
        return (await read_pending_restores(request)).messages
    except RelocationError as error:
        return (error.message,)


async def _compared(
    azure: AzureConnection, request: RelocationRequest, source: Registry, target: Registry, found: Standing
) -> Standing:
    missing, there = 0, 0
    if request.content:
        names = await read_target_names(azure, request)
        want = await listing.list_content(azure.data_plane(source.login_server), request.selection)
        want = await mark_pulls(azure, request, want)
        have = await listing.list_content(azure.data_plane(target.login_server, names), request.selection)
        plan = needed(want, have, request.selection)
        missing, there = len(plan.items) + len(plan.blocked), plan.already_there
    around = await dependents.read_surroundings(azure, source)
    drawn = cut_over.build_cut_over(source, around, request)
    to_do = await actions.pending_actions(azure, (*drawn.actions, *drawn.deferred))
    facts = {
        "present": there,
        "total": there + missing,
        "to_do": len(to_do),
        "users": tuple(entry.name for entry in consumers(source, around, request)),
        "switched": len(await pending_restores(request, SwitchedDependent)),
    }
    return found.model_copy(update=facts | {"in_place": is_in_place(target, source, request)})
