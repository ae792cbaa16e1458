"""GET, PUT, PATCH, DELETE and POST on any resource, and lists of any type; and how operations are asked about."""

from dataclasses import replace

from aiohttp import web

from local_azure.arm.authorization import readable
from local_azure.arm.operation_forms import Change, location_of
from local_azure.arm.resource_pipeline import (
    AcceptedChange,
    begin_patch,
    begin_put,
    delete_seconds,
    found,
    remove,
    show,
)
from local_azure.arm.resource_types import Body, ResourceType, check_version, missing_version, type_of
from local_azure.state.errors import AzureError, BareError, bad_request
from local_azure.state.operations import NO_BODY, Form
from local_azure.state.responses import answer
from local_azure.state.store import Resource, parse_id
from local_azure.wire.routing import Call, Routes

ANY_RESOURCE_ROUTES = Routes()
ROUTES = Routes()


@ROUTES.route("GET", "/{scope:path}/operationResults/{operation}")
@ROUTES.route("GET", "/{scope:path}/agentPoolsOperationResults/{operation}/status")
@ROUTES.route("GET", "/{scope:path}/operationStatuses/{operation}")
@ROUTES.route("GET", "/{scope:path}/operationsStatus/{operation}")
@ROUTES.route("GET", "/{scope:path}/privateDnsOperationStatuses/{operation}")
@ROUTES.route("GET", "/{scope:path}/privateDnsOperationResults/{operation}")
@ROUTES.route("GET", "/subscriptions/{subscription}/providers/{namespace}/locations/{location}/operations/{operation}")
async def poll(call: Call) -> web.Response:
    """Answer with the state of an operation."""
    return call.world.operations.poll(call.params.operation, call.path)


@ANY_RESOURCE_ROUTES.route("GET", "/subscriptions/{resource:path}")
async def get_or_list(call: Call) -> web.Response:
    """Answer with one resource, or all of a type beneath a parent or a scope."""
    if _is_collection(call.path):
        return _list(call)
    kind = type_of(_parse(call.path))
    resource = found(call.world, kind, call.path)
    check_version(kind, call.api_version, resource.location)
    view = show(call.world, resource, call.api_version)
    return answer(view, 200, _headers(call, kind, view), kind.charset)


@ANY_RESOURCE_ROUTES.route("HEAD", "/subscriptions/{resource:path}")
async def exists(call: Call) -> web.Response:
    """Answer 204 if the resource exists, 404 if not."""
    if call.world.resources.get(call.path):
        return web.Response(status=204)
    return web.Response(status=404, headers=call.world.resources.missing(call.path).headers)


@ANY_RESOURCE_ROUTES.route("PUT", "/subscriptions/{resource:path}")
async def put(call: Call) -> web.Response:
    """Create or update: 201 if new, 200 if it existed, with an operation if that takes time."""
    kind = type_of(_parse(call.path))
    existing = call.world.resources.get(call.path)
    if (refused := _unmet(call, kind, existing)) and existing:
        return await _refused_later(call, kind, existing, refused)
    change = await begin_put(call.world, call.caller, call.path, call.api_version, await call.json())
    return await _changed(call, kind, change)


@ANY_RESOURCE_ROUTES.route("PATCH", "/subscriptions/{resource:path}")
async def patch(call: Call) -> web.Response:
    """Change the resource."""
    kind = type_of(_parse(call.path))
    existing = found(call.world, kind, call.path)
    if refused := _unmet(call, kind, existing):
        return await _refused_later(call, kind, existing, refused)
    change = await begin_patch(call.world, call.caller, existing, call.api_version, await call.json())
    return await _changed(call, kind, change)


def _unmet(call: Call, kind: ResourceType, existing: Resource | None) -> AzureError | None:
    """Return the 412 of a condition on the version that does not hold; raise it where that is told at once."""
    if not kind.conditional:
        return None
    version = str(show(call.world, existing, call.api_version)["etag"]).strip('"') if existing else ""
    wanted, unwanted = (call.request.headers.get(name, "").strip('"') for name in ("If-Match", "If-None-Match"))
    named = f"The {kind.conditional} {call.path.rstrip('/').rpartition('/')[2]}"
    refused: AzureError | None = None
    if unwanted == "*" and existing is not None:
        refused = BareError(412, "PreconditionFailed", f"{named} exists already and hence cannot be created again.")
    if wanted and (existing is None or wanted not in ("*", version)):
        refused = BareError(412, "PreconditionFailed", f"{named} has been modified (etag mismatch).")
    if refused is not None and not (kind.refuses_later and existing):
        raise refused
    return refused


async def _refused_later(call: Call, kind: ResourceType, existing: Resource, refused: AzureError) -> web.Response:
    """Accept what an operation then refuses."""

    async def work() -> None:
        raise refused

    location = location_of(call.world.resources, existing)
    about = Change(existing, location, api_version=call.api_version.lower())
    form = (kind.forms.delete if call.method == "DELETE" else kind.forms.change)(about)
    body = _first_body(form, show(call.world, existing, call.api_version))
    return await call.world.operations.start(call, work, form, seconds=kind.update_seconds, body=body)


async def _changed(call: Call, kind: ResourceType, change: AcceptedChange) -> web.Response:
    """Answer a PUT or PATCH: at once, or with an operation."""
    if not change.seconds:
        await change.finish()
        view = _answered(call, kind, change)
        headers = _headers(call, kind, view)
        if change.created and kind.tells_location:
            headers["Location"] = str(view["id"])
        return answer(view, kind.created_status if change.created else kind.changed_status, headers, kind.charset)

    async def work() -> None:
        await change.finish()

    location = location_of(call.world.resources, change.resource)
    about = Change(change.resource, location, change.created, call.api_version.lower())
    form, view = replace(kind.forms.change(about), told=_headers(call, kind, {})), _answered(call, kind, change)
    started = await call.world.operations.start(call, work, form, seconds=change.seconds, body=_first_body(form, view))
    started.headers.update(_headers(call, kind, view if form.shows == "resource" else {}))
    return started


def _answered(call: Call, kind: ResourceType, change: AcceptedChange) -> Body:
    return (kind.answered or kind.view)(change.resource, call.api_version, call.world)


def _first_body(form: Form, view: Body) -> object:
    return {"resource": view, "null": None, "empty": {}, "nothing": NO_BODY}[form.shows]


def _headers(call: Call, kind: ResourceType, view: Body) -> dict[str, str]:
    """Return a provider's headers for every resource, and the version of this one if it is shown as a header."""
    etag = {"ETag": str(view["etag"])} if call.method in kind.tells_etag and "etag" in view else {}
    return {name: value.replace("{request}", call.request_id) for name, value in kind.headers.items()} | etag


@ANY_RESOURCE_ROUTES.route("DELETE", "/subscriptions/{resource:path}")
async def delete(call: Call) -> web.Response:
    """Delete: 204 if it did not exist, 200 at once, or 202 with an operation."""
    kind = type_of(_parse(call.path))
    resource = call.world.resources.get(call.path)
    check_version(kind, call.api_version, resource.location if resource else "")
    if resource is None:
        missing = call.world.resources.missing(call.path)
        if missing.code != "ResourceNotFound":
            raise missing
        return web.Response(status=204)
    if refused := _unmet(call, kind, resource):
        return await _refused_later(call, kind, resource, refused)
    if not delete_seconds(call.world, kind, call.api_version, resource):
        gone = show(call.world, resource, call.api_version) if kind.shows_deleted else NO_BODY
        await remove(call.world, resource)
        headers = _headers(call, kind, {})
        return web.Response(status=200, headers=headers) if gone is NO_BODY else answer(gone, 200, headers)
    location = location_of(call.world.resources, resource)
    if kind.refuse_change is not None:
        kind.refuse_change(resource)
    form = kind.forms.delete(Change(resource, location, api_version=call.api_version.lower()))
    form = replace(form, told=_headers(call, kind, {}))
    if kind.check_delete is not None:
        kind.check_delete(call.world, resource)
    resource.properties["provisioningState"] = "Deleting"
    world = call.world

    async def work() -> None:
        await remove(world, resource)

    body = _first_body(form, show(world, resource, call.api_version))
    started = await world.operations.start(call, work, form, seconds=kind.delete_seconds, body=body)
    started.headers.update(_headers(call, kind, {}))
    return started


@ANY_RESOURCE_ROUTES.route("POST", "/subscriptions/{resource:path}")
async def act(call: Call) -> web.StreamResponse:
    """Run an action of a resource's type; 501 if the type is known here and the action is not."""
    resource_path, _, action = call.path.rstrip("/").rpartition("/")
    kind = type_of(_parse(resource_path))
    handler = kind.actions.get(action.lower())
    if handler is None:
        message = f"local-azure does not know the action {action} of {kind.type}."
        raise AzureError(501, "NotImplementedByLocalAzure", message, gateway=True)
    resource = found(call.world, kind, resource_path)
    check_version(kind, call.api_version, resource.location)
    answered = await handler(call, resource)
    answered.headers.update(_headers(call, kind, {}))
    return answered


def _list(call: Call) -> web.Response:
    if not call.api_version:
        raise missing_version()
    scope, namespace, rest = _split_collection(call.path)
    if not rest:
        raise bad_request("InvalidResourceType", f"The path {call.path} names no resource type.", gateway=True)
    wanted = "/".join([namespace, *rest[::2]])
    kind = type_of(wanted)
    check_version(kind, call.api_version)
    parent = "/".join([scope, "providers", namespace, *rest[:-1]]) if len(rest) > 1 else scope
    call.world.resources.require(parent)
    listed = call.world.resources.children(parent, wanted) if len(rest) > 1 else _in_scope(call, scope, wanted)
    if kind.listed is not None:
        listed = kind.listed(call.world, listed)
    shown = readable(call.world, call.caller, listed)
    value = [show(call.world, one, call.api_version) for one in shown]
    # What every region answers for its own part is put together for a subscription.
    together = {"x-ms-original-request-ids": call.request_id} if kind.tracked and scope.count("/") == 2 else {}
    return answer({"value": value}, 200, _headers(call, kind, {}) | together, kind.charset)


def _in_scope(call: Call, scope: str, wanted: str) -> list[Resource]:
    """Return the resources of a type in a subscription (all groups), a group, or on a resource (extensions)."""
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
