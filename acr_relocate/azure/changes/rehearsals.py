"""The resources around the relocation of a rehearsal, and their removal: by the names in its record and no others."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.resources.deployment_notes import find_notes, write_note
from acr_relocate.azure.resources.deployments import ensure_resource_group
from acr_relocate.core.errors import (
    AlreadyExists,
    Failure,
    OutsideRehearsal,
    PolicyViolation,
    RelocationError,
    is_retryable,
)
from acr_relocate.core.outcomes import Outcome
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.rehearsal.rehearsal import (
    GROUP_PREFIX,
    RECORD_PREFIX,
    REHEARSAL_TAG,
    SOURCE_END,
    Rehearsal,
    read_rehearsal,
    unrecorded,
)

Json = dict[str, Any]

_GROUPS_API: Final = "2024-11-01"
_SUBSCRIPTIONS_API: Final = "2022-12-01"
_ROLES_API: Final = "2022-04-01"
_APIS: Final = {
    "registries": "2025-11-01",
    "userAssignedIdentities": "2023-01-31",
    "privateEndpoints": "2024-05-01",
    "diagnosticSettings": "2021-05-01-preview",
    "locks": "2020-05-01",
}
_NOT_OURS: Final = "it does not have the tag of the rehearsal"
_ACR_PULL: Final = "7f951dda-4ed3-4680-a7ca-43fe172d538d"


class RehearsalGate:
    """Let the writes of a rehearsal pass that stay within what it has made, and no others."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal

    async def admit(self, host: str, path: str) -> None:
        """Return if the write is to the rehearsal's own. Raises OutsideRehearsal; nothing was sent then."""
        if not self._rehearsal.holds(host, path):
            raise OutsideRehearsal(
                f"The rehearsal {self._rehearsal.id} would have changed what is not its own, so it did not",
                code="OutsideRehearsal",
                resource=path or host,
            )

    async def hold(self, registry_id: str) -> str:
        """Return no claim: nothing else has the registries of a rehearsal."""
        del registry_id
        return ""


async def record(azure: AzureConnection, rehearsal: Rehearsal, tags: Mapping[str, str]) -> None:
    """Make both groups, with the record in the first before there is anything else.

    They have these tags, the source's, because policies ask for such, and the rehearsal's own. Again: the same.
    Raises AlreadyExists for a group of that name that is not the rehearsal's, PolicyViolation.
    """
    await _make_group(azure, rehearsal.source_group, rehearsal.home, rehearsal, tags)
    await write_note(azure, rehearsal.source_group, rehearsal.record_name, [rehearsal.model_dump_json()])
    await _make_group(azure, rehearsal.target_group, rehearsal.location, rehearsal, tags)


async def _make_group(
    azure: AzureConnection, group_id: str, location: str, rehearsal: Rehearsal, tags: Mapping[str, str]
) -> None:
    subscription, name = ResourceId(group_id).subscription, ResourceId(group_id).name
    try:
        await ensure_resource_group(azure, subscription, name, location, {**tags, **rehearsal.tags})
    except PolicyViolation as error:
        error.remedy = (
            f"The groups of a rehearsal have the tags of {rehearsal.registry}. Add to those what the policy wants, or "
            f"have an exemption made for groups named {GROUP_PREFIX}*."
        )
        raise
    if not await _is_ours(azure, group_id, rehearsal):
        raise AlreadyExists(f"The resource group {name} is not of this rehearsal", resource=group_id)


async def make_consumer(azure: AzureConnection, rehearsal: Rehearsal) -> Outcome:
    """Make an identity that may pull from the small source; that it may not be made is an outcome, not an error."""
    subject = f"AcrPull of {ResourceId(rehearsal.consumer).name}"
    try:
        body = {"location": rehearsal.home, "tags": rehearsal.tags}
        made = await azure.arm.put(
            rehearsal.consumer, _APIS["userAssignedIdentities"], body, doing="Making the identity of the rehearsal"
        )
        subscription = f"/subscriptions/{rehearsal.subscription_id}"
        holder = {
            "roleDefinitionId": f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{_ACR_PULL}",
            "principalId": made["properties"]["principalId"],
            "principalType": "ServicePrincipal",
        }
        name = uuid5(NAMESPACE_URL, rehearsal.consumer)
        path = f"{rehearsal.small_source}/providers/Microsoft.Authorization/roleAssignments/{name}"
        await azure.arm.put(
            path, _ROLES_API, {"properties": holder}, doing="Giving the identity of the rehearsal a role"
        )
    except RelocationError as error:
        if is_retryable(error):
            raise
        return Outcome(kind="failed", subject=subject, failure=Failure.of(error))
    return Outcome(kind="created", subject=subject)


async def find_rehearsals(azure: AzureConnection) -> tuple[Rehearsal, ...]:
    """Find the records of all rehearsals of which a group is left, in every subscription that can be read."""
    doing = "Looking for what rehearsals have left"
    subscriptions = await azure.arm.list("/subscriptions", _SUBSCRIPTIONS_API, doing=doing)
    found: list[Rehearsal] = []
    for subscription in subscriptions:
        tag = f"$filter=tagName eq '{REHEARSAL_TAG}'".replace(" ", "%20")
        groups = await azure.arm.list(f"{subscription['id']}/resourceGroups", _GROUPS_API, doing=doing, query=tag)
        ours = [group for group in groups if str(group["name"]).startswith(GROUP_PREFIX)]
        found += [each for group in ours for each in await _recorded(azure, group)]
    return tuple(found)


async def _recorded(azure: AzureConnection, group: Json) -> list[Rehearsal]:
    """Return the rehearsal whose first group this is, if it is one. Raises RecordBroken."""
    group_id = str(group["id"])
    if not group_id.endswith(SOURCE_END):
        return []
    notes = await find_notes(azure, group_id, RECORD_PREFIX)
    if notes:
        return [read_rehearsal(group_id, note.facts) for note in notes]
    known = unrecorded(group_id, str(group["location"]), group.get("tags") or {})
    return [known] if known else []


async def clean(azure: AzureConnection, rehearsal: Rehearsal) -> tuple[Outcome, ...]:
    """Remove what the rehearsal has made, by the names that follow from its id; its groups only if that was all.

    What cannot be removed is an outcome, and its group stays with the record. Again: only what is left.
    """
    removed = [await remove_one(azure, one, rehearsal) for one in (*rehearsal.extensions, *rehearsal.resources)]
    if not all(one.ok for one in removed):
        return tuple(removed)
    for group in (rehearsal.target_group, rehearsal.source_group):
        outcome = await _attempted(_remove_group(azure, group, rehearsal), ResourceId(group).name)
        removed.append(outcome)
        if outcome.failure:  # the source's group has the record of what could not be removed
            break
    return tuple(removed)


async def remove_one(azure: AzureConnection, resource_id: str, rehearsal: Rehearsal) -> Outcome:
    """Remove one of the rehearsal's resources, if it is there; that it cannot be removed is an outcome."""
    remove = _remove_extension if resource_id in rehearsal.extensions else _remove_resource
    return await _attempted(remove(azure, resource_id, rehearsal), ResourceId(resource_id).name)


async def _attempted(removal: Awaitable[Outcome], subject: str) -> Outcome:
    try:
        return await removal
    except RelocationError as error:
        return Outcome(kind="failed", subject=subject, failure=Failure.of(error))


async def _remove_resource(azure: AzureConnection, resource_id: str, rehearsal: Rehearsal) -> Outcome:
    """Remove the resource, if it has the rehearsal's tag: its name alone is no proof."""
    name, version = ResourceId(resource_id).name, _APIS[resource_id.split("/")[-2]]
    found = await azure.arm.find(resource_id, version, doing=f"Looking for {name}")
    if found is None:
        return Outcome(kind="already_there", subject=name, reason="it is not there")
    if not _has_tag(found, rehearsal):
        return Outcome(kind="skipped", subject=name, reason=_NOT_OURS)
    await azure.arm.delete(resource_id, version, doing=f"Removing {name}")
    return Outcome(kind="removed", subject=name)


async def _remove_extension(azure: AzureConnection, extension_id: str, rehearsal: Rehearsal) -> Outcome:
    """Remove a lock or a diagnostic setting, which have no tags: its name and the tag of its registry are the proof."""
    name, version = ResourceId(extension_id).name, _APIS[extension_id.split("/")[-2]]
    registry = extension_id.rpartition("/providers/")[0]
    holder = await azure.arm.find(registry, _APIS["registries"], doing=f"Looking for {ResourceId(registry).name}")
    if holder is None or await azure.arm.find(extension_id, version, doing=f"Looking for {name}") is None:
        return Outcome(kind="already_there", subject=name, reason="it is not there")
    if not _has_tag(holder, rehearsal):
        return Outcome(kind="skipped", subject=name, reason=_NOT_OURS)
    await azure.arm.delete(extension_id, version, doing=f"Removing {name}")
    return Outcome(kind="removed", subject=name)


async def _remove_group(azure: AzureConnection, group_id: str, rehearsal: Rehearsal) -> Outcome:
    """Remove the group, if it has the rehearsal's tag and nothing but what was removed just now is in it."""
    name, doing = ResourceId(group_id).name, f"Removing the resource group {ResourceId(group_id).name}"
    if await azure.arm.find(group_id, _GROUPS_API, doing=doing) is None:
        return Outcome(kind="already_there", subject=name, reason="it is not there")
    if not await _is_ours(azure, group_id, rehearsal):
        return Outcome(kind="skipped", subject=name, reason=_NOT_OURS)
    listed = await azure.arm.list(f"{group_id}/resources", _GROUPS_API, doing=doing)
    own = tuple(f"{one.lower()}/" for one in (*rehearsal.resources, *rehearsal.interfaces))
    others = [str(one["name"]) for one in listed if not f"{one['id']}/".lower().startswith(own)]
    if others:
        return Outcome(kind="skipped", subject=name, reason=f"it holds what others put there: {', '.join(others)}")
    await azure.arm.delete(group_id, _GROUPS_API, doing=doing)
    return Outcome(kind="removed", subject=name)


async def _is_ours(azure: AzureConnection, group_id: str, rehearsal: Rehearsal) -> bool:
    group = await azure.arm.find(group_id, _GROUPS_API, doing=f"Looking at {ResourceId(group_id).name}")
    return group is not None and _has_tag(group, rehearsal)


def _has_tag(found: Json, rehearsal: Rehearsal) -> bool:
    return (found.get("tags") or {}).get(REHEARSAL_TAG) == rehearsal.id
