"""Resource types, and the one way in which every resource is created, changed, shown and removed."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from local_azure.arm.authorization import guard
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError, bad_request, conflict
from local_azure.state.locations import is_location
from local_azure.state.store import GROUP_TYPE, SUBSCRIPTION_TYPE, Resource, ResourceId, parse_id
from local_azure.wire.routing import Call

if TYPE_CHECKING:
    from local_azure.state.world import World

Body = dict[str, Any]
Prepare = Callable[["World", Principal, str, Body, Resource | None], Resource | Awaitable[Resource]]
Patch = Callable[["World", Principal, Resource, Body], Resource | Awaitable[Resource]]
View = Callable[[Resource, str, "World"], Body]
Accept = Callable[[str, Body], Body]
Check = Callable[["World", Resource], None]
Hook = Callable[["World", Resource], Awaitable[None]]
Action = Callable[[Call, Resource], Awaitable[web.StreamResponse]]


def keep_everything(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """A resource as it was sent: what types without opinions do. Unknown properties are kept."""
    del world, principal
    kept = {key: value for key, value in body.items() if key not in ("id", "name", "type")}
    kept.setdefault("properties", {})
    kept["properties"].setdefault("provisioningState", "Succeeded")
    return Resource(resource_id, kept, existing.hidden if existing else {})


def show_everything(resource: Resource, api_version: str, world: "World") -> Body:
    """The whole body, at any api-version."""
    del api_version, world
    return resource.view()


@dataclass(frozen=True)
class ResourceType:
    """What the pipeline must know about a type. All but the name have the defaults of a simple, synchronous type."""

    type: str
    api_versions: tuple[str, ...] = ()  # empty: any
    prepare: Prepare = keep_everything  # validates and completes a PUT's body; AzureError on bad input
    view: View = show_everything  # what GET shows at an api-version
    accept: Accept | None = None  # what an api-version understands of a PUT's or PATCH's body; None: everything
    patch: Patch | None = None  # None: merged as ARM does, then prepared
    after_put: Hook | None = None  # when provisioned
    check_delete: Check | None = (
        None  # AzureError if it must not be deleted by itself; goes with its parent all the same
    )
    before_delete: Hook | None = None
    actions: Mapping[str, Action] = field(default_factory=dict)  # POST <id>/<lower-case name>
    create_seconds: float = 0  # more than 0: 201 and an operation
    update_seconds: float = 0
    delete_seconds: float = 0  # more than 0: 202 and an operation
    created_status: int = 201  # what a new one answers when that takes no time; changes answer 200
    regions: frozenset[str] = frozenset()  # where it is offered; empty: everywhere
    tracked: bool = False  # has a location of its own, which must be one of Azure's


TYPES: dict[str, ResourceType] = {}


def register(kind: ResourceType) -> ResourceType:
    """Known from now on."""
    TYPES[kind.type.lower()] = kind
    return kind


def type_of(name: str) -> ResourceType:
    """The type; one without opinions if it is not known."""
    return TYPES.get(name.lower()) or ResourceType(name)


def check_version(kind: ResourceType, api_version: str, location: str = "") -> None:
    """Nothing, or the 400 for an api-version that is missing or not one of the type's."""
    if not api_version:
        raise missing_version()
    if kind.api_versions and api_version.lower() not in kind.api_versions:
        namespace, _, rest = kind.type.partition("/")
        raise bad_request(
            "NoRegisteredProviderFound",
            f"No registered resource provider found for location '{location}' and API version '{api_version}' for type "
            f"'{rest}'. The supported api-versions are '{', '.join(kind.api_versions)}'. The supported locations are "
            f"', westeurope, northeurope'. ({namespace})",
            gateway=True,
        )


def missing_version() -> AzureError:
    """The 400 for a request without api-version."""
    message = "The api-version query parameter (?api-version=) is required for all requests."
    return bad_request("MissingApiVersionParameter", message, gateway=True)


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
    """The resource, provisioned: authorization, locks, registration and the type's own rules included."""
    guard(world, principal, "PUT", resource_id)
    change = await begin_put(world, principal, resource_id, api_version, body)
    if change.seconds and world.settings.operations != "immediate":
        await asyncio.sleep(world.settings.duration(change.seconds))
    await change.finish()
    return change.resource


async def begin_put(
    world: "World", principal: Principal, resource_id: str, api_version: str, body: Body
) -> AcceptedChange:
    """Stored, perhaps still being provisioned. The caller has passed the guard."""
    _check_parent(world, parse_id(resource_id))
    existing = world.resources.get(resource_id)
    resource = await prepared(world, principal, resource_id, api_version, body, existing)
    return _store(world, type_of(resource.type), resource, existing)


async def prepared(
    world: "World", principal: Principal, resource_id: str, api_version: str, body: Body, existing: Resource | None
) -> Resource:
    """What a PUT would store: checked and completed, nothing changed. Its parent need not be there yet."""
    parsed = parse_id(resource_id)
    kind = type_of(parsed.type)
    check_version(kind, api_version, str(body.get("location", "")))
    body = kind.accept(api_version.lower(), body) if kind.accept else body
    _check_location(kind, parsed, body, existing)
    canonical = existing.id if existing else _canonical_id(world, kind, parsed)
    return await _maybe(kind.prepare(world, principal, canonical, body, existing))


async def begin_patch(
    world: "World", principal: Principal, existing: Resource, api_version: str, body: Body
) -> AcceptedChange:
    """Changed, perhaps still being provisioned. The caller has passed the guard."""
    kind = type_of(existing.type)
    check_version(kind, api_version)
    body = kind.accept(api_version.lower(), body) if kind.accept else body
    if kind.patch is not None:
        resource = await _maybe(kind.patch(world, principal, existing, body))
    else:
        resource = await _maybe(kind.prepare(world, principal, existing.id, merged(existing.body, body), existing))
    return _store(world, kind, resource, existing)


def merged(old: Body, new: Body) -> Body:
    """What PATCH means: properties merge one level deep, everything else is replaced, None keeps its meaning."""
    result = {**old, **{key: value for key, value in new.items() if key not in ("id", "name", "type")}}
    if "properties" in new:
        result["properties"] = {**old.get("properties", {}), **(new["properties"] or {})}
    return result


def _store(world: "World", kind: ResourceType, resource: Resource, existing: Resource | None) -> AcceptedChange:
    resource.created = existing.created if existing else world.clock.now()
    seconds = kind.update_seconds if existing else kind.create_seconds
    if seconds:
        resource.properties["provisioningState"] = "Updating" if existing else "Creating"
    world.resources.put(resource)

    async def finish() -> None:
        if seconds:
            resource.properties["provisioningState"] = "Succeeded"
        try:
            if kind.after_put is not None:
                await kind.after_put(world, resource)
        except AzureError:
            resource.properties["provisioningState"] = "Failed"
            raise

    return AcceptedChange(resource, existing is None, seconds, finish)


async def remove(world: "World", resource: Resource) -> None:
    """Gone with everything beneath it, after each one's own farewell."""
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


def show(world: "World", resource: Resource, api_version: str) -> Body:
    """What GET shows."""
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
    """The id as ARM writes it, whatever case the caller used: the parent's own, then the type's."""
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
