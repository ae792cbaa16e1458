"""The one way in which every resource is created, changed, shown and removed."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from local_azure.arm.authorization import guard
from local_azure.arm.limits import check_body
from local_azure.arm.resource_types import Body, ResourceType, check_version, type_of
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError, bad_request, conflict
from local_azure.state.locations import is_location
from local_azure.state.store import GROUP_TYPE, SUBSCRIPTION_TYPE, Resource, ResourceId, parse_id

if TYPE_CHECKING:
    from local_azure.state.world import World

SPELT_OUT: Final = "Microsoft.Web/"  # which shows a region as it is displayed, or as it was sent


@dataclass
class AcceptedChange:
    """A PUT or PATCH that has been accepted: `finish` completes it after `seconds`."""

    resource: Resource
    created: bool
    seconds: float
    finish: Callable[[], Awaitable[None]]


async def put_resource(
    world: "World", principal: Principal, resource_id: str, api_version: str, body: Body
) -> Resource:
    """Return the resource, provisioned, after authorization, locks, registration and the type's own rules."""
    guard(world, principal, "PUT", resource_id)
    change = await begin_put(world, principal, resource_id, api_version, body)
    if change.seconds and world.settings.operations != "immediate":
        await asyncio.sleep(world.settings.duration(change.seconds))
    await change.finish()
    return change.resource


async def begin_put(
    world: "World", principal: Principal, resource_id: str, api_version: str, body: Body
) -> AcceptedChange:
    """Store the resource, perhaps still being provisioned. The caller has passed the guard."""
    _check_parent(world, parse_id(resource_id))
    existing = world.resources.get(resource_id)
    resource = await prepared(world, principal, resource_id, api_version, body, existing)
    return _store(world, Asked("PUT", principal, api_version, body), resource, existing)


async def prepared(
    world: "World", principal: Principal, resource_id: str, api_version: str, body: Body, existing: Resource | None
) -> Resource:
    """Return the resource that a PUT would store: checked and completed, without a change. Its parent may be absent."""
    parsed = parse_id(resource_id)
    kind = type_of(parsed.type)
    check_version(kind, api_version, str(body.get("location", "")))
    check_body(resource_id, body, is_new=existing is None)
    body = kind.accept(api_version.lower(), body) if kind.accept else body
    _check_location(kind, parsed, body, existing)
    if kind.tracked and not kind.type.startswith(SPELT_OUT):
        body = body | {"location": str(body["location"]).replace(" ", "").lower()}
    if existing is not None and kind.refuse_change is not None:
        kind.refuse_change(existing)
    canonical = existing.id if existing else _canonical_id(world, kind, parsed)
    return await _maybe(kind.prepare(world, principal, canonical, body, existing))


async def begin_patch(
    world: "World", principal: Principal, existing: Resource, api_version: str, body: Body
) -> AcceptedChange:
    """Change the resource, perhaps still being provisioned. The caller has passed the guard."""
    kind = type_of(existing.type)
    check_version(kind, api_version)
    check_body(existing.id, body, is_new=False)
    body = kind.accept(api_version.lower(), body) if kind.accept else body
    if kind.refuse_change is not None:
        kind.refuse_change(existing)
    if kind.patch is not None:
        resource = await _maybe(kind.patch(world, principal, existing, body))
    else:
        resource = await _maybe(kind.prepare(world, principal, existing.id, merged(existing.body, body), existing))
    return _store(world, Asked("PATCH", principal, api_version, body), resource, existing)


def merged(old: Body, new: Body) -> Body:
    """Merge as PATCH does: properties one level deep, everything else is replaced, None keeps its meaning."""
    result = {**old, **{key: value for key, value in new.items() if key not in ("id", "name", "type")}}
    if "properties" in new:
        result["properties"] = {**old.get("properties", {}), **(new["properties"] or {})}
    return result


@dataclass(frozen=True)
class Asked:
    """The caller of a change, the method and the body."""

    method: str
    principal: Principal
    api_version: str
    body: Body


def _store(world: "World", asked: Asked, resource: Resource, existing: Resource | None) -> AcceptedChange:
    kind = type_of(resource.type)
    resource.changed, resource.editor = world.clock.now(), asked.principal.client_id
    resource.created = existing.created if existing else resource.changed
    resource.author = existing.author if existing else resource.editor
    if kind.accepted is not None:
        kind.accepted(world, resource)
    seconds = _seconds(world, kind, asked, resource, is_new=existing is None)
    if seconds:
        state = kind.changing if existing else kind.creating
        if existing and kind.is_light is not None and kind.is_light(existing, resource):
            state = "Succeeded"
        resource.properties["provisioningState"] = state
    world.resources.put(resource)

    async def finish() -> None:
        facts = {"type": kind.type, "resource": resource.id}
        if world.faults.take("change-hangs", **facts):
            resource.properties["provisioningState"] = kind.changing
            return
        if seconds:
            resource.properties["provisioningState"] = "Succeeded"
        try:
            _fail_if_told(world, facts)
            if kind.after_put is not None:
                await kind.after_put(world, resource)
        except AzureError:
            resource.properties["provisioningState"] = "Failed"
            raise

    return AcceptedChange(resource, existing is None, seconds, finish)


def _fail_if_told(world: "World", facts: dict[str, str]) -> None:
    if world.faults.take("change-fails", **facts):
        raise AzureError(400, "OperationFailed", f"The change of {facts['resource']} has failed.")


def _seconds(world: "World", kind: ResourceType, asked: Asked, resource: Resource, *, is_new: bool) -> float:
    if kind.at_once is not None and kind.at_once(world, asked.method, asked.api_version.lower(), resource):
        return 0
    if asked.method == "PATCH" and kind.patch_seconds is not None:
        return kind.patch_seconds(asked.body)
    return kind.create_seconds if is_new else kind.update_seconds


async def remove(world: "World", resource: Resource) -> None:
    """Delete the resource with everything beneath it, after each type's own clean-up."""
    check = type_of(resource.type).check_delete
    if check is not None:
        check(world, resource)
    for one in [*world.resources.beneath(resource.id), resource]:
        hook = type_of(one.type).before_delete
        if hook is not None and world.resources.get(one.id) is not None:
            await hook(world, one)
        # An identity lives and dies with its resource (entra/identity/managed-identities-azure-resources/overview).
        world.directory.remove(str(one.hidden.get("principalId", "")))
    world.resources.delete(resource.id)
    world.deletions.append((world.clock.now(), resource.id))


def delete_seconds(world: "World", kind: ResourceType, api_version: str, resource: Resource) -> float:
    """Return how long a deletion takes; 0: it is done at once."""
    at_once = kind.at_once is not None and kind.at_once(world, "DELETE", api_version.lower(), resource)
    return 0 if at_once else kind.delete_seconds


def found(world: "World", kind: ResourceType, resource_id: str) -> Resource:
    """Return the resource, or raise the 404 of ARM or, where only that knows, of its provider."""
    there = world.resources.get(resource_id)
    if there is not None:
        return there
    missing = world.resources.missing(resource_id)
    if missing.code == "ResourceNotFound" and kind.missing and world.resources.get(parse_id(resource_id).parent):
        raise kind.missing(resource_id)
    raise missing


def show(world: "World", resource: Resource, api_version: str) -> Body:
    """Return the body that GET shows."""
    return type_of(resource.type).view(resource, api_version, world)


def _check_parent(world: "World", parsed: ResourceId) -> None:
    if parsed.type in (GROUP_TYPE, SUBSCRIPTION_TYPE) or parsed.parent == "/":
        return
    if world.resources.get(parsed.parent) is not None:
        return
    above = world.resources.missing(parsed.parent)
    if above.code == "ResourceNotFound" and parsed.type.count("/") > 1:
        name = parsed.parent.rpartition("/")[2]
        message = f"Can not perform requested operation on nested resource. Parent resource '{name}' not found."
        raise AzureError(404, "ParentResourceNotFound", message, gateway=True)
    raise above


def _canonical_id(world: "World", kind: ResourceType, parsed: ResourceId) -> str:
    """Return the id as ARM writes it, in any case of the caller: the parent's own, then the type's."""
    if parsed.type == GROUP_TYPE:
        return parsed.text
    parent = world.resources.get(parsed.parent)
    above = parent.id if parent else parsed.parent
    if parse_id(above).type.lower() == parsed.type.rpartition("/")[0].lower():
        return f"{above}/{kind.type.rpartition('/')[2]}/{parsed.name}"
    return f"{above}/providers/{kind.type}/{parsed.name}"


def _check_location(kind: ResourceType, parsed: ResourceId, body: Body, existing: Resource | None) -> None:
    location = str(body.get("location") or "").replace(" ", "").lower()
    if not kind.tracked:
        return
    if not location:
        raise bad_request("LocationRequired", "The location property is required for this definition.", gateway=True)
    if not is_location(location):
        raise bad_request(
            "LocationNotAvailableForResourceType",
            f"The provided location '{location}' is not available for resource type '{parsed.type}'.",
            gateway=True,
        )
    if existing is not None and existing.location != location:
        raise conflict(
            "InvalidResourceLocation",
            f"The resource '{parsed.name}' already exists in location '{existing.location}' in resource group "
            f"'{parsed.group}'. A resource with the same name cannot be created in location '{location}'. "
            "Please select a new resource name.",
            gateway=True,
        )


async def _maybe(result: Resource | Awaitable[Resource]) -> Resource:
    return await result if inspect.isawaitable(result) else result
