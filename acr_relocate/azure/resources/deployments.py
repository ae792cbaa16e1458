"""Resource groups and ARM templates: export, validate, what-if, deploy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from acr_relocate.azure.client.errors import of_answer
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.resources.children import without_secrets
from acr_relocate.azure.resources.registries import Callback, webhook_callback
from acr_relocate.core.errors import (
    DeploymentFailed,
    Failure,
    PolicyViolation,
    RelocationError,
    TemporaryFailure,
    is_retryable,
)
from acr_relocate.core.request.registry_refs import RegistryRef
from acr_relocate.core.target.template import TargetTemplate

Json = dict[str, Any]

_API: Final = "2025-04-01"
DEPLOYMENT_ACTIVE: Final = "deploymentactive"
# How many active deployments under our name to wait for before giving up for now.
FOLLOWED: Final = 3
# Keep names and defaults, so that the template can be rewritten as data.
EXPORT_OPTIONS: Final = "IncludeParameterDefaultValue,SkipResourceNameParameterization"
# Replaces the callbacks in validation: what-if would show them.
_PLACEHOLDERS: Final[defaultdict[str, Callback]] = defaultdict(
    lambda: Callback(service_uri="https://placeholder.invalid/")
)


@dataclass(frozen=True)
class Export:
    """An exported template, and the parts that Azure could not export. Neither alone shows whether it is complete."""

    template: Json
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeploymentScope:
    """The scope, the name and the tags of a deployment."""

    subscription_id: str
    resource_group: str
    name: str
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def resource_id(self) -> str:
        """Return the deployment's Azure resource id."""
        group = f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
        return f"{group}/providers/Microsoft.Resources/deployments/{self.name}"


async def has_resource_group(azure: AzureConnection, subscription_id: str, name: str) -> bool:
    """Return whether the resource group exists."""
    group = _group(subscription_id, name)
    found = await azure.arm.find(group, _API, doing=f"Looking for the resource group {name}") is not None
    if found:
        azure.arm.made.note_seen(group)  # a later 404 comes from a front end that lags
    return found


async def ensure_resource_group(
    azure: AzureConnection, subscription_id: str, name: str, location: str, tags: Mapping[str, str] | None = None
) -> Literal["created", "already_there"]:
    """Create the resource group with the tags, unless it exists; an existing one is not changed, in any region."""
    if await has_resource_group(azure, subscription_id, name):
        return "already_there"
    body, group = {"location": location, "tags": dict(tags or {})}, _group(subscription_id, name)
    try:
        await azure.arm.put(group, _API, body, doing=f"Creating the resource group {name}")
    except PolicyViolation as error:
        create = f"az group create --name {name} --location {location} --subscription {subscription_id}"
        raise PolicyViolation(
            error.message,
            code=error.code,
            resource=group,
            correlation_id=error.correlation_id,
            remedy=f"Create the group yourself as the policy requires, then run again: {create} --tags KEY=VALUE",
        ) from None
    return "created"


def _group(subscription_id: str, name: str) -> str:
    return f"/subscriptions/{subscription_id}/resourceGroups/{name}"


async def export_template(azure: AzureConnection, ref: RegistryRef) -> Export:
    """Return Azure's export of the registry's template, with the problems that it reports (with status 200)."""
    path = f"{_group(ref.subscription_id, ref.resource_group)}/exportTemplate"
    what = {"resources": [ref.resource_id], "options": EXPORT_OPTIONS}
    result = await azure.arm.post(path, _API, what, doing=f"Exporting the template of {ref.name}")
    error = result.get("error") or {}
    details = [f"{detail.get('code')}: {detail.get('message')}" for detail in error.get("details") or ()]
    problems = details or ([f"{error.get('code')}: {error.get('message')}"] if error else [])
    return Export(template=without_secrets(result.get("template") or {}), problems=tuple(problems))


async def validate(azure: AzureConnection, place: DeploymentScope, target: TargetTemplate) -> None:
    """Validate the template at Azure. Raises InvalidTemplate, PolicyViolation, AccessDenied and the like."""
    doing = f"Validating the template for {place.resource_group}"
    body = {"properties": _properties(target, _PLACEHOLDERS)}
    result = await azure.arm.post(f"{place.resource_id}/validate", _API, body, doing=doing)
    if result.get("error"):
        raise of_answer(400, {}, result, doing, place.resource_id)


async def what_if(azure: AzureConnection, place: DeploymentScope, target: TargetTemplate) -> dict[str, str]:
    """Return the effects of a deployment: resource id -> Create, Modify, NoChange, ... Others are untouched."""
    doing = f"Asking what deploying to {place.resource_group} would change"
    body = {"properties": _properties(target, _PLACEHOLDERS)}
    result = await azure.arm.post(f"{place.resource_id}/whatIf", _API, body, doing=doing)
    if result.get("error"):
        raise of_answer(400, {}, result, doing, place.resource_id)
    changes = (result.get("properties") or {}).get("changes") or ()
    return {change["resourceId"]: change["changeType"] for change in changes if change["changeType"] != "Ignore"}


async def deploy(azure: AzureConnection, place: DeploymentScope, target: TargetTemplate, source_id: str) -> Json:
    """Deploy the template incrementally; webhooks get the source's addresses. Return its outputs.

    Raises DeploymentFailed with one failure per resource.
    """
    names = [parameters.webhook for parameters in target.webhooks]
    callbacks = {name: await webhook_callback(azure, source_id, name) for name in names}
    body = {"properties": _properties(target, callbacks), "tags": dict(place.tags)}
    try:
        result = await _deployed(azure, place, body)
    except RelocationError as error:
        if is_retryable(error):
            raise
        failures = await _failures(azure, place)
        if not failures:
            raise
        raise DeploymentFailed(
            error.message,
            failures=failures,
            code=error.code,
            resource=place.resource_id,
            correlation_id=error.correlation_id,
        ) from None
    properties = result.get("properties") or {}
    for made in properties.get("outputResources") or ():
        azure.arm.made.note(made["id"])
    outputs: Json = properties.get("outputs") or {}
    return outputs


async def _deployed(azure: AzureConnection, place: DeploymentScope, body: Json) -> Json:
    """Deploy, and return the deployment when it has ended.

    An active deployment under our name is ours: its answer was lost, or its process ended. Wait for its end, then send
    ours, which confirms the result.
    """
    doing = f"Deploying {place.name} to {place.resource_group}"
    for _ in range(FOLLOWED):
        try:
            return await azure.arm.put(place.resource_id, _API, body, doing=doing)
        except TemporaryFailure as error:
            if error.code.lower() != DEPLOYMENT_ACTIVE:
                raise
        with suppress(RelocationError):  # if it has failed, ours will fail too, with the reason
            await azure.arm.settled(place.resource_id, _API, doing=f"Following the active {place.name}")
    raise TemporaryFailure(f"{doing} failed: another of that name stays active", resource=place.resource_id)


async def _failures(azure: AzureConnection, place: DeploymentScope) -> tuple[Failure, ...]:
    """Return the failure of each resource; empty if the deployment was refused as a whole."""
    doing = f"Reading the result of {place.name}"
    try:
        operations = await azure.arm.list(f"{place.resource_id}/operations", _API, doing=doing)
    except RelocationError:
        return ()
    told = (operation.get("properties") or {} for operation in operations)
    return tuple(_failure(operation) for operation in told if operation.get("provisioningState") == "Failed")


def _failure(operation: Json) -> Failure:
    resource = operation.get("targetResource") or {}
    doing = f"Deploying {resource.get('resourceType', '')} {resource.get('resourceName', '')}".rstrip()
    return Failure.of(of_answer(None, {}, operation.get("statusMessage"), doing, resource.get("id", "")))


def _properties(target: TargetTemplate, callbacks: Mapping[str, Callback]) -> Json:
    """Return the properties. Incremental: a complete deployment would delete the home replication and fail."""
    parameters: Json = {}
    for webhook in target.webhooks:
        callback = callbacks[webhook.webhook]
        parameters[webhook.service_uri] = {"value": callback.service_uri}
        parameters[webhook.custom_headers] = {"value": callback.custom_headers}
    return {"mode": "Incremental", "template": target.template, "parameters": parameters}
