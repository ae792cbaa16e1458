"""Find and remove the resources of a relocation, by its tags in Azure and by its deployments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from acr_relocate.azure.changes import cut_over
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.client.task_group import together
from acr_relocate.azure.client.unknown import or_unknown
from acr_relocate.azure.resources import vault_secrets
from acr_relocate.core.checks import Unknown
from acr_relocate.core.cut_over import CutOverAction
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.removal.part import child_in_words
from acr_relocate.core.removal.target import DEPLOYMENT_TYPE, GROUP, REMOVABLE, OwnedResource
from acr_relocate.core.request.identity import PLAN_TAG, relocation_id, target_mark
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.children import api_version_of

_RESOURCES: Final = "2021-04-01"
OPERATIONS: Final = "2021-04-01"
OUR_NAME: Final = "acr-relocate-"


async def find_made(
    azure: AzureConnection, request: RelocationRequest, *, is_part: bool = False
) -> tuple[OwnedResource, ...]:
    """Return everything with the plan's tag: resources, the deployments in the target's group, and that group itself.

    Searches the subscriptions of both registries and of the target's subnets. `is_part`: without what several sources
    of the target share.
    """
    marks = {relocation_id(request), *(() if is_part else (target_mark(request),))}
    places = {request.source.subscription_id, request.target_subscription_id}
    places |= {ResourceId(subnet).subscription for subnet in request.subnets.values()}
    doing = "Looking for resources of this relocation"
    async with together() as group:
        reading = [
            group.create_task(
                azure.arm.list(f"/subscriptions/{place}/resources", _RESOURCES, doing=doing, query=_tagged(mark))
            )
            for place in sorted(places)
            for mark in sorted(marks)
        ]
    in_group = await _in_group(azure, request, marks, doing)
    named = await named_by(azure, [one for one in in_group if one.type == DEPLOYMENT_TYPE], doing)
    found = [
        OwnedResource(id=one["id"], type=str(one["type"]).lower(), named=str(one["id"]).lower() in named)
        for task in reading
        for one in task.result()
    ]
    return (*found, *in_group)


async def named_by(azure: AzureConnection, made: Iterable[OwnedResource], doing: str) -> frozenset[str]:
    """Return the ids, in lower case, of the resources in these deployments."""
    async with together() as group:
        reading = [group.create_task(azure.arm.list(f"{one.id}/operations", OPERATIONS, doing=doing)) for one in made]
    targets = [(one.get("properties") or {}).get("targetResource") or {} for task in reading for one in task.result()]
    return frozenset(str(target.get("id") or "").lower() for target in targets) - {""}


async def find_own_actions(
    azure: AzureConnection, actions: tuple[CutOverAction, ...], request: RelocationRequest
) -> tuple[CutOverAction, ...]:
    """Return the actions with something that this relocation made or changed; secrets also if that is unknown."""
    able = [action for action in actions if action.undo or action.secret]
    async with together() as group:
        looking = [group.create_task(_is_there(azure, action, request)) for action in able]
    return tuple(action for action, task in zip(able, looking, strict=True) if task.result() is not False)


async def _is_there(azure: AzureConnection, action: CutOverAction, request: RelocationRequest) -> bool | Unknown:
    if action.secret:
        return await or_unknown(vault_secrets.holds_secret(azure, action.secret))
    return await cut_over.is_owned(azure, action, request)


async def remove(azure: AzureConnection, made: OwnedResource) -> Outcome:
    """Delete the resource. A resource group only if it is empty: other content belongs to others."""
    if made.type == GROUP:
        rest = await azure.arm.list(f"{made.id}/resources", _RESOURCES, doing=f"Looking for the rest in {made.name}")
        if rest:
            names = ", ".join(str(one["name"]) for one in rest)
            return Outcome(kind="skipped", subject=made.name, reason=f"it holds resources of others: {names}")
    await azure.arm.delete(made.id, REMOVABLE[made.type], doing=f"Removing {made.name}")
    return Outcome(kind="removed", subject=made.name)


async def remove_child(azure: AzureConnection, path: str) -> Outcome:
    """Delete a child of the target. Again: it stays deleted."""
    said = child_in_words(path)
    await azure.arm.delete(path, api_version_of(said.partition("/")[0]), doing=f"Removing {said}")
    return Outcome(kind="removed", subject=said)


def _tagged(mark: str) -> str:
    return f"$filter=tagName eq '{PLAN_TAG}' and tagValue eq '{mark}'".replace(" ", "%20")


async def _in_group(
    azure: AzureConnection, request: RelocationRequest, marks: set[str], doing: str
) -> list[OwnedResource]:
    """Return the target's group and its deployments, if they have the plan's tag."""
    group_id = ResourceId(request.target_id).group_id
    group = await azure.arm.find(group_id, _RESOURCES, doing=doing)
    if group is None:
        return []
    history = await azure.arm.list(f"{group_id}/providers/Microsoft.Resources/deployments", _RESOURCES, doing=doing)
    ours = [
        OwnedResource(id=one["id"], type=DEPLOYMENT_TYPE, named=True)
        for one in history
        if _is_ours(one, marks) and str(one.get("name") or "").startswith(OUR_NAME)
    ]
    return [*ours, *([OwnedResource(id=group_id, type=GROUP, named=True)] if _is_ours(group, marks) else [])]


def _is_ours(entry: dict[str, Any], marks: set[str]) -> bool:
    return (entry.get("tags") or {}).get(PLAN_TAG) in marks
