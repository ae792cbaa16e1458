"""The HTTP side of deployments, at resource groups and at subscriptions."""

import hashlib
import re
import uuid
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from local_azure.arm.jobs import job, results_path
from local_azure.arm.resource_pipeline import show
from local_azure.arm.resource_types import ResourceType
from local_azure.deployments.lag import lagging, remember
from local_azure.deployments.preflight import check
from local_azure.deployments.records import UNFINISHED, describe, open_record
from local_azure.deployments.request import TYPE, read_request
from local_azure.deployments.running import Run
from local_azure.deployments.what_if import changes
from local_azure.state.errors import AzureError, JsonObject, conflict
from local_azure.state.operations import Form
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.template import type_label
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()


CORRELATED_SINCE: Final = "2020"  # the api-versions of a what-if that tell the id of its correlation
UNREQUESTED_SINCE: Final = "2022"
NEVER: Final = "0001-01-01T00:00:00Z"  # the time of a deployment that was only validated
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"
_SUBSCRIPTION = "/subscriptions/{subscription}"
_SCOPES = (_GROUP, _SUBSCRIPTION)
Handler = Callable[[Call], Awaitable[web.StreamResponse]]


def _route(methods: str, suffix: str) -> Callable[[Handler], Handler]:
    """Register a route at both scopes."""

    def registering(handler: Handler) -> Handler:
        for scope in _SCOPES:
            ROUTES.route(methods, f"{scope}/providers/{TYPE}{suffix}")(handler)
        return handler

    return registering


def _scope(call: Call) -> str:
    """Return the id of the group or subscription, which must exist."""
    group = call.params.get("group")
    path = f"/subscriptions/{call.params.subscription}" + (f"/resourceGroups/{group}" if group else "")
    return call.world.resources.require(path).id


def _record(call: Call) -> Resource:
    """Return the requested deployment, or raise the 404 that Azure answers."""
    found = call.world.resources.get(f"{_scope(call)}/providers/{TYPE}/{call.params.deployment}")
    if found is None:
        raise _not_found(call)
    return found


def _not_found(call: Call) -> AzureError:
    name = call.params.deployment
    return AzureError(404, "DeploymentNotFound", f"Deployment '{name}' could not be found.", gateway=True)


@_route("PUT", "/{deployment}")
async def create(call: Call) -> web.StreamResponse:
    """Check, accept and start a deployment."""
    request = read_request(_scope(call), call.params.deployment, await call.json())
    checked = await check(call.world, call.caller, request)
    again = call.world.resources.get(request.id) is not None
    record = open_record(call.world, checked, call.correlation_id)
    run = Run(call.world, call.caller, checked, record)
    return await call.world.operations.start(
        call,
        run.complete,
        Form(
            _poll_path(call, record),
            id=_ticket(record),
            header="azure-asyncoperation",
            status=200 if again else 201,
            pending="Running",
            reminds=False,
        ),
        seconds=0,
        body=_view(call, record),
    )


def _poll_path(call: Call, record: Resource) -> str:
    """Return the poll path beneath the deployment, spelt as the client wrote it."""
    return f"{call.path.rstrip('/')}/operationStatuses" if record.group else f"{record.id}/operationStatuses"


def _ticket(record: Resource) -> str:
    """Return the id of a deployment's operation: twenty digits, as those of ARM."""
    number = int(hashlib.sha256(f"{record.id}{uuid.uuid4()}".encode()).hexdigest()[:15], 16) % 10**15
    return f"08585{number:015}"


@_route("GET", "/{deployment}/operationStatuses/{operation}")
async def poll(call: Call) -> web.StreamResponse:
    """Answer with the state of a deployment."""
    return call.world.operations.poll(call.params.operation, call.path)


@_route("GET", "/{deployment}")
async def get(call: Call) -> web.StreamResponse:
    """Answer with one deployment."""
    name = call.params.deployment.lower()
    there = call.world.resources.get(f"{_scope(call)}/providers/{TYPE}/{name}")
    for seen in lagging(call.world, _scope(call), [_view(call, there)] if there else []):
        if seen["name"].lower() == name:
            return answer(seen)
    raise _not_found(call)


@_route("HEAD", "/{deployment}")
async def exists(call: Call) -> web.StreamResponse:
    """Answer 204 if the deployment is in the history, 404 if not."""
    found = call.world.resources.get(f"{_scope(call)}/providers/{TYPE}/{call.params.deployment}")
    return web.Response(status=204 if found else 404)


@_route("GET", "")
async def list_all(call: Call) -> web.StreamResponse:
    """List the history, newest first; `$filter=provisioningState eq 'Failed'` and `$top`."""
    records = call.world.resources.children(_scope(call), TYPE)
    state = re.fullmatch(r"\s*provisioningState\s+eq\s+'(\w+)'\s*", call.query.get("$filter", ""), re.IGNORECASE)
    if state:
        records = [one for one in records if one.properties["provisioningState"].lower() == state.group(1).lower()]
    records.sort(key=lambda one: one.created, reverse=True)
    top = call.query.get("$top", "")
    shown = lagging(call.world, _scope(call), [_view(call, one) for one in records])
    return answer({"value": shown[: int(top) if top.isdigit() else None]})


@_route("DELETE", "/{deployment}")
async def delete(call: Call) -> web.StreamResponse:
    """Delete a deployment from the history, when the operation is done; its resources stay."""
    record = _record(call)
    if record.properties["provisioningState"] in UNFINISHED:
        raise conflict(
            "DeploymentActive", f"The deployment '{record.name}' is active and cannot be deleted.", gateway=True
        )

    async def work() -> None:
        remember(call.world, record.id)
        call.world.resources.delete(record.id)
        remember(call.world, record.id)

    id_ = job("DeploymentDeletionJob-GNS-", record.name, "westus")
    form = Form(results_path(call), id=id_, pending=None, ended=204, wait=0, poll_wait=0)
    return await call.world.operations.start(call, work, form, seconds=0)


@_route("POST", "/{deployment}/cancel")
async def cancel(call: Call) -> web.StreamResponse:
    """Cancel: no further resource is deployed."""
    record = _record(call)
    if record.properties["provisioningState"] not in UNFINISHED:
        message = f"The deployment '{record.name}' cannot be cancelled, because it is not running."
        raise conflict("DeploymentCannotBeCancelled", message, gateway=True)
    record.properties["provisioningState"] = "Canceled"
    return web.Response(status=204)


@_route("POST", "/{deployment}/exportTemplate")
async def export(call: Call) -> web.StreamResponse:
    """Answer with the deployed template."""
    return answer({"template": _written(_record(call).hidden["template"])})


def _written(template: JsonObject) -> JsonObject:
    """Return a template with the types of its parameters and outputs as ARM writes them."""
    parts = {name: template[name] for name in ("parameters", "outputs") if name in template}
    return template | {
        name: {key: one | {"type": type_label(one)} for key, one in part.items()} for name, part in parts.items()
    }


@_route("POST", "/{deployment}/validate")
async def validate(call: Call) -> web.StreamResponse:
    """Validate a deployment: its description, or its errors; nothing is written."""
    request = read_request(_scope(call), call.params.deployment, await call.json())
    checked = await check(call.world, call.caller, request)
    properties: JsonObject = describe(call.world, checked, call.correlation_id) | {
        "provisioningState": "Succeeded",
        "timestamp": NEVER,
        "validatedResources": [{"id": resource.id} for resource in checked.all_resources],
    }
    place = {"location": request.location} if request.location else {}
    return answer({"id": request.id, "name": request.name, "type": TYPE, **place, "properties": properties})


@_route("POST", "/{deployment}/whatIf")
async def what_if(call: Call) -> web.StreamResponse:
    """Answer with the changes that a deployment would make."""
    body = await call.json()
    request = read_request(_scope(call), call.params.deployment, body)
    settings = body["properties"].get("whatIfSettings") or {}
    ids_only = str(settings.get("resultFormat", "")).lower() == "resourceidonly"

    async def compare() -> JsonObject:
        checked = await check(call.world, call.caller, request)
        found = {"changes": changes(call.world, checked, ids_only=ids_only)}
        told = {"correlationId": call.correlation_id} if call.api_version >= CORRELATED_SINCE else {}
        return {"status": "Succeeded", "properties": told | found}

    form = Form(results_path(call), id=job("DeploymentWhatIfJob-", request.name, "westus"))
    return await call.world.operations.start(call, compare, form, seconds=1)


@ROUTES.route("GET", f"{_GROUP}/deployments/{{deployment}}/operations")
@_route("GET", "/{deployment}/operations")
async def operations(call: Call) -> web.StreamResponse:
    """List the operations of a deployment; failures with the error of the resource provider.

    A newer list in a group leaves out the ids that providers gave to the requests (recorded in 2023).
    """
    shown = _record(call).hidden["operations"]
    if "group" in call.params and call.api_version >= UNREQUESTED_SINCE:
        left = "serviceRequestId"
        shown = [one | {"properties": {k: v for k, v in one["properties"].items() if k != left}} for one in shown]
    return answer({"value": shown})


@ROUTES.route("GET", f"{_GROUP}/deployments/{{deployment}}/operations/{{operation}}")
@_route("GET", "/{deployment}/operations/{operation}")
async def operation(call: Call) -> web.StreamResponse:
    """Answer with one operation."""
    for one in _record(call).hidden["operations"]:
        if one["operationId"].lower() == call.params.operation.lower():
            return answer(one)
    message = f"The deployment operation '{call.params.operation}' could not be found."
    raise AzureError(404, "DeploymentOperationNotFound", message, gateway=True)


def _view(call: Call, record: Resource) -> JsonObject:
    return show(call.world, record, call.api_version)


TYPES: Final = (ResourceType(TYPE),)
