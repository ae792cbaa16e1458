"""GET, PUT, PATCH, DELETE and POST on any resource, and lists of any type; and how operations are asked about."""

from aiohttp import web

from local_azure.arm.authorization import readable
from local_azure.arm.resource_pipeline import (
    AcceptedChange,
    ResourceType,
    begin_patch,
    begin_put,
    check_version,
    missing_version,
    remove,
    show,
    type_of,
)
from local_azure.state.errors import AzureError, bad_request
from local_azure.state.responses import answer
from local_azure.state.store import Resource, parse_id
from local_azure.wire.routing import Call, any_resource_routes, arm_routes


@arm_routes.route("GET", "/{scope:path}/operationResults/{operation}")
@arm_routes.route("GET", "/{scope:path}/operationStatuses/{operation}")
async def poll(call: Call) -> web.Response:
    """How an operation goes."""
    return call.world.operations.poll(call.params.operation)


@any_resource_routes.route("GET", "/subscriptions/{resource:path}")
async def get_or_list(call: Call) -> web.Response:
    """One resource, or all of a type beneath a parent or a scope."""
    if _is_collection(call.path):
        return _list(call)
    _parse(call.path)
    resource = call.world.resources.require(call.path)
    check_version(type_of(resource.type), call.api_version, resource.location)
    return answer(show(call.world, resource, call.api_version))


@any_resource_routes.route("HEAD", "/subscriptions/{resource:path}")
async def exists(call: Call) -> web.Response:
    """204 if it is there, 404 if not."""
    return web.Response(status=204 if call.world.resources.get(call.path) else 404)


@any_resource_routes.route("PUT", "/subscriptions/{resource:path}")
async def put(call: Call) -> web.Response:
    """There as asked: 201 if new, 200 if it was there, with an operation if that takes time."""
    kind = type_of(_parse(call.path))
    change = await begin_put(call.world, call.caller, call.path, call.api_version, await call.json())
    return await _changed(call, kind, change)


@any_resource_routes.route("PATCH", "/subscriptions/{resource:path}")
async def patch(call: Call) -> web.Response:
    """Changed as asked."""
    kind = type_of(_parse(call.path))
    existing = call.world.resources.require(call.path)
    change = await begin_patch(call.world, call.caller, existing, call.api_version, await call.json())
    return await _changed(call, kind, change)


async def _changed(call: Call, kind: ResourceType, change: AcceptedChange) -> web.Response:
    """The answer to a PUT or PATCH: at once, or with an operation."""
    if not change.seconds:
        await change.finish()
        view = show(call.world, change.resource, call.api_version)
        return answer(view, kind.created_status if change.created else 200)

    async def work() -> None:
        await change.finish()

    return await call.world.operations.start(
        call,
        work,
        seconds=change.seconds,
        at=f"{change.resource.id}/operationStatuses",
        prefix=_prefix(kind),
        header="azure-asyncoperation",
        status=201 if change.created else 200,
        body=show(call.world, change.resource, call.api_version),
        pending="Creating" if change.created else "Updating",
    )


@any_resource_routes.route("DELETE", "/subscriptions/{resource:path}")
async def delete(call: Call) -> web.Response:
    """Gone: 204 if it was not there, 200 at once, or 202 with an operation."""
    kind = type_of(_parse(call.path))
    resource = call.world.resources.get(call.path)
    check_version(kind, call.api_version, resource.location if resource else "")
    if resource is None:
        missing = call.world.resources.missing(call.path)
        if missing.code != "ResourceNotFound":
            raise missing
        return web.Response(status=204)
    if not kind.delete_seconds:
        await remove(call.world, resource)
        return web.Response(status=200)
    resource.properties["provisioningState"] = "Deleting"
    at = _results_path(resource)
    world = call.world

    async def work() -> None:
        await remove(world, resource)

    # The body of the 202 is the literal `null`, as recorded; the last poll has none.
    return await call.world.operations.start(
        call, work, seconds=kind.delete_seconds, at=at, prefix=_prefix(kind), body=None, pending="Deleting"
    )


@any_resource_routes.route("POST", "/subscriptions/{resource:path}")
async def act(call: Call) -> web.StreamResponse:
    """An action of a resource's type; 501 if the type is known here and the action is not."""
    resource_path, _, action = call.path.rstrip("/").rpartition("/")
    kind = type_of(_parse(resource_path))
    handler = kind.actions.get(action.lower())
    if handler is None:
        message = f"local-azure does not know the action {action} of {kind.type}."
        raise AzureError(501, "NotImplementedByLocalAzure", message, gateway=True)
    resource = call.world.resources.require(resource_path)
    check_version(kind, call.api_version, resource.location)
    return await handler(call, resource)


def _list(call: Call) -> web.Response:
    if not call.api_version:
        raise missing_version()
    scope, namespace, rest = _split_collection(call.path)
    if not rest:
        raise bad_request("InvalidResourceType", f"The path {call.path} names no resource type.", gateway=True)
    wanted = "/".join([namespace, *rest[::2]])
    check_version(type_of(wanted), call.api_version)
    parent = "/".join([scope, "providers", namespace, *rest[:-1]]) if len(rest) > 1 else scope
    call.world.resources.require(parent)
    found = call.world.resources.children(parent, wanted) if len(rest) > 1 else _in_scope(call, scope, wanted)
    shown = readable(call.world, call.caller, found)
    return answer({"value": [show(call.world, one, call.api_version) for one in shown]})


def _in_scope(call: Call, scope: str, wanted: str) -> list[Resource]:
    """Of a type directly in a subscription (all groups), a group, or on a resource (extensions)."""
    parts = scope.strip("/").split("/")
    if "providers" in (part.lower() for part in parts):
        return call.world.resources.children(scope, wanted)
    return call.world.resources.select(wanted, parts[1], parts[3] if len(parts) > 3 else None)


def _split_collection(path: str) -> tuple[str, str, list[str]]:
    parts = path.strip("/").split("/")
    lower = [part.lower() for part in parts]
    cut = len(lower) - 1 - lower[::-1].index("providers")
    return "/" + "/".join(parts[:cut]), parts[cut + 1] if len(parts) > cut + 1 else "", parts[cut + 2 :]


def _is_collection(path: str) -> bool:
    return "/providers/" in path.lower() and len(_split_collection(path)[2]) % 2 == 1


def _parse(path: str) -> str:
    try:
        return parse_id(path).type
    except ValueError as error:
        raise bad_request("InvalidResourceId", str(error), gateway=True) from error


def _prefix(kind: ResourceType) -> str:
    return kind.type.split("/")[-1].lower()


def _results_path(resource: Resource) -> str:
    namespace = resource.type.partition("/")[0]
    location = (resource.location or "global").upper()
    return f"/subscriptions/{resource.subscription}/providers/{namespace}/locations/{location}/operationResults"
