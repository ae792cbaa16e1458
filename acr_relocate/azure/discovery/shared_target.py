"""Read what several sources have in common: their settings, and which of them have brought their part to the target."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.azure.resources import registries
from acr_relocate.core.consolidation.shares import refs_beside, with_share
from acr_relocate.core.evidence.unknown import Unknown
from acr_relocate.core.registry.inventory import Registry
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.request.identity import PART_TAG, PLAN_TAG, relocation_id, target_mark
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.request.relocation import RelocationRequest

_RESOURCES: Final = "2021-04-01"


async def read_source(azure: AzureConnection, request: RelocationRequest) -> Registry:
    """Return the source with its children and, of several sources of one target, its share. Raises NotFound."""
    source = await registries.read_registry(azure, request.source)
    if not request.consolidation.sources:
        return source
    found = await _find(azure, (ref for ref in refs_beside(request) if ref.is_located))
    known = {source.name: source} | {name: one for name, one in found.items() if isinstance(one, Registry)}
    unread = tuple(name for name in request.consolidation.names if name not in known)
    return with_share(request, known, unread)


async def read_parts(azure: AzureConnection, request: RelocationRequest) -> frozenset[str]:
    """Return the relocations whose deployments in the target's group say that they brought a part of the target."""
    records = await part_records(azure, request) if request.consolidation.sources else []
    return frozenset(one["tags"][PLAN_TAG] for one in records)


async def unmoved_sources(azure: AzureConnection, request: RelocationRequest) -> tuple[str, ...]:
    """Return the other sources of the target that exist and have brought nothing to it yet, by name."""
    parts = await read_parts(azure, request)
    beside = (ref for ref in refs_beside(request) if ref.is_located)
    lacking = [ref for ref in beside if relocation_id(request.model_copy(update={"source": ref})) not in parts]
    return tuple(name for name, found in (await _find(azure, lacking)).items() if found is not None)


async def _find(azure: AzureConnection, refs: Iterable[RegistryRef]) -> dict[str, Registry | Unknown | None]:
    """Return these registries by name; None for one that does not exist."""
    async with together() as group:
        reading = {
            ref.name: group.create_task(or_unknown(registries.find_registry(azure, ref), f"the source {ref.name}"))
            for ref in refs
        }
    return {name: task.result() for name, task in reading.items()}


async def part_records(azure: AzureConnection, request: RelocationRequest) -> list[dict[str, Any]]:
    """Return the deployments that are the records of the parts of the target."""
    group_id, doing = ResourceId(request.target_id).group_id, f"Looking for what was brought to {request.target.name}"
    if await azure.arm.find(group_id, _RESOURCES, doing=doing) is None:
        return []
    path = f"{group_id}/providers/Microsoft.Resources/deployments"
    history = await azure.arm.list(path, _RESOURCES, doing=doing)
    mark = target_mark(request)
    return [one for one in history if (tags := one.get("tags") or {}).get(PART_TAG) == mark and PLAN_TAG in tags]
