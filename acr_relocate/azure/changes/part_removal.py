"""Remove what one of several sources brought to their target: its content and its children there."""

from __future__ import annotations

from acr_relocate.azure.changes.discard import named_by
from acr_relocate.azure.client.registry_api import DataPlane
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.content import listing
from acr_relocate.azure.discovery.shared_target import part_records
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.registry.inventory import UNLOCKED
from acr_relocate.core.removal.part import ContentRemoval, state_of
from acr_relocate.core.removal.target import DEPLOYMENT_TYPE, OwnedResource
from acr_relocate.core.request.identity import PLAN_TAG, relocation_id
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.request.selection import Selection


async def find_brought_children(azure: AzureConnection, request: RelocationRequest) -> tuple[str, ...]:
    """Return the ids, in lower case, that this source's deployments name, and no other source's."""
    own, theirs = list[OwnedResource](), list[OwnedResource]()
    for record in await part_records(azure, request):
        is_own = record["tags"][PLAN_TAG] == relocation_id(request)
        (own if is_own else theirs).append(OwnedResource(id=record["id"], type=DEPLOYMENT_TYPE))
    doing = f"Looking for what {request.source.name} brought to {request.target.name}"
    found = await named_by(azure, own, doing) - await named_by(azure, theirs, doing)
    return tuple(sorted(one for one in found if one.startswith(f"{request.target_id.lower()}/")))


async def remove_content(plane: DataPlane, removal: ContentRemoval) -> Outcome:
    """Delete these manifests with their tags, or the whole repository, unless it has changed since it was listed."""
    name = removal.repository
    found = (await listing.list_content(plane, Selection(repositories=[name]))).repositories
    if not found:
        return Outcome(kind="already_there", subject=name)
    if state_of(found[0]) != removal.seen:
        return Outcome(kind="skipped", subject=name, reason="it has changed since it was listed; run again")
    for reference in removal.locks:
        await plane.set_attributes(name, reference, UNLOCKED)
    if removal.whole:
        await plane.delete(name)
    else:
        for digest in removal.manifests:
            await plane.delete(name, digest)
    return Outcome(kind="removed", subject=name)
