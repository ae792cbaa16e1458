"""Deployments and their operations as they are kept and shown.

A deployment is a resource; its template and its operations are hidden, and have routes of their own.
"""

import hashlib
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from local_azure.arm.authorization import check_locks
from local_azure.deployments.lag import remember
from local_azure.deployments.preflight import Checked
from local_azure.deployments.request import TYPE, DeploymentRequest
from local_azure.state.errors import AzureError, JsonObject, conflict
from local_azure.state.store import Resource, parse_id
from local_azure.template import Planned, TemplateError
from local_azure.template.context import Context
from local_azure.template.evaluation import resolve

if TYPE_CHECKING:
    from local_azure.state.world import World

HISTORY_LIMIT = 800
UNFINISHED = frozenset({"Accepted", "Running"})


def open_record(world: "World", checked: Checked, correlation_id: str) -> Resource:
    """Add the deployment to the history. Raises AzureError if it is running already or the history is full."""
    request = checked.request
    existing = world.resources.get(request.id)
    if existing is None:
        _make_room(world, request)
    elif existing.properties.get("provisioningState") in UNFINISHED:
        raise conflict(
            "DeploymentActive",
            f"Unable to edit or replace deployment '{request.name}': previous deployment from "
            f"'{existing.properties['timestamp']}' is still active. Please see https://aka.ms/arm-deploy "
            "for usage details.",
            gateway=True,
        )
    properties = describe(world, checked, correlation_id) | {"provisioningState": "Accepted"}
    body: JsonObject = {"properties": properties, **({"location": request.location} if request.location else {})}
    body |= {"tags": dict(request.tags)} if request.tags else {}
    opened = world.add(request.id, body, {"template": request.template, "operations": []})
    remember(world, opened.id)
    return opened


def _make_room(world: "World", request: DeploymentRequest) -> None:
    """Remove the oldest deployments, as Azure does, unless a lock forbids it."""
    history = world.resources.children(request.scope, TYPE)
    if len(history) < HISTORY_LIMIT:
        return
    oldest = min(history, key=lambda one: one.created)
    try:
        check_locks(world, "DELETE", oldest.id)
    except AzureError as locked:
        raise conflict(
            "DeploymentQuotaExceeded",
            f"Creating the deployment '{request.name}' would exceed the quota of '{HISTORY_LIMIT}'. The current "
            f"deployment count is '{len(history)}'. Please delete some deployments before creating a new one, or see "
            "https://aka.ms/800LimitFix for information on managing deployment limits.",
            gateway=True,
        ) from locked
    world.resources.delete(oldest.id)


def describe(world: "World", checked: Checked, correlation_id: str) -> JsonObject:
    """Return the properties that a deployment and a validation show alike; secure parameters without values."""
    resources = checked.expansion.resources
    # Azure writes the names with a small first letter, however the template spells them.
    parameters = {name[:1].lower() + name[1:]: one for name, one in checked.expansion.parameters().items()}
    return {
        "templateHash": checked.request.template_hash,
        **({"parameters": parameters} if "parameters" in checked.request.template else {}),
        "mode": checked.request.mode,
        "timestamp": world.clock.iso(),
        "duration": "PT0S",
        "correlationId": correlation_id,
        "providers": _providers(resources, checked.expansion.context),
        "dependencies": _dependencies(resources),
    }


def _providers(resources: list[Planned], context: Context) -> list[JsonObject]:
    locations: dict[str, dict[str, set[str]]] = {}
    for resource in resources:
        namespace, _, kind = resource.type.partition("/")
        locations.setdefault(namespace, {}).setdefault(kind, set()).update(_location(resource, context))
    return [
        {
            "namespace": namespace,
            "resourceTypes": [
                {"resourceType": kind, "locations": sorted(places) or [None]} for kind, places in kinds.items()
            ],
        }
        for namespace, kinds in locations.items()
    ]


def _location(resource: Planned, context: Context) -> set[str]:
    """Return the region, unless it is known only when other resources are there."""
    try:
        region = resolve(resource.declaration.get("location"), context)
    except TemplateError:
        return set()
    return {region} if isinstance(region, str) else set()


def _dependencies(resources: list[Planned]) -> list[JsonObject]:
    by_key = {resource.key: resource for resource in resources}
    return [
        {"dependsOn": [_named(by_key[key]) for key in sorted(resource.dependencies)], **_named(resource)}
        for resource in resources
        if resource.dependencies
    ]


def _named(resource: Planned) -> JsonObject:
    return {"id": resource.id, "resourceType": resource.type, "resourceName": resource.name}


def close_record(world: "World", record: Resource, state: str, **properties: Any) -> None:
    """Record the end of the deployment and its duration."""
    started = datetime.fromisoformat(record.properties["timestamp"])
    seconds = world.clock.now() - started.timestamp()
    record.properties.update(
        provisioningState=state, duration=f"PT{max(seconds, 0):.7f}S", timestamp=world.clock.iso(), **properties
    )
    remember(world, record.id)


def add_operation(
    world: "World",
    record: Resource,
    target: str,
    error: AzureError | None,
    *,
    kind: str = "Create",
    created: bool = True,
    started: float | None = None,
) -> None:
    """Add an operation of the deployment: its resource, its start, and its result."""
    now = world.clock.now()
    number = len(record.hidden["operations"])
    operation_id = hashlib.sha256(f"{record.id}/{number}".encode()).hexdigest()[:16].upper()
    properties: JsonObject = {
        "provisioningOperation": kind,
        "provisioningState": "Failed" if error else "Succeeded",
        "timestamp": world.clock.iso(),
        "duration": f"PT{now - (started or now):.7f}S",
        "trackingId": world.guid(),
        "statusCode": status_name(error.status if error else 201 if created else 200),
    }
    if error is not None:
        properties["statusMessage"] = error.body
    if target:
        parsed = parse_id(target)
        properties["serviceRequestId"] = world.guid()
        properties["targetResource"] = {"id": parsed.text, "resourceType": parsed.type, "resourceName": parsed.name}
    record.hidden["operations"].append(
        {"id": f"{record.id}/operations/{operation_id}", "operationId": operation_id, "properties": properties}
    )


def status_name(status: int) -> str:
    """Return `BadRequest` for 400: operations show HTTP statuses in words."""
    return HTTPStatus(status).phrase.replace(" ", "")
