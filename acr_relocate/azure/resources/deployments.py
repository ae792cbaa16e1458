"""Resource groups and ARM templates: export, validate, what-if, deploy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from azure.mgmt.resource.deployments.aio import DeploymentsMgmtClient
from azure.mgmt.resource.deployments.models import Deployment, DeploymentProperties, DeploymentWhatIf
from azure.mgmt.resource.deployments.models import DeploymentWhatIfProperties as WhatIfProperties
from azure.mgmt.resource.resources.aio import ResourceManagementClient
from azure.mgmt.resource.resources.models import ExportTemplateRequest, ResourceGroup

from acr_relocate.azure.client.errors import contact, of_answer
from acr_relocate.azure.client.session import AzureConnection
from acr_relocate.azure.resources.children import without_secrets
from acr_relocate.azure.resources.registries import Callback, webhook_callback
from acr_relocate.core.errors import DeploymentFailed, Failure, NotFound, RelocationError, is_retryable
from acr_relocate.core.request.relocation import RegistryRef
from acr_relocate.core.target.template import TargetTemplate

Json = dict[str, Any]

# Names stay as they are and defaults are present, so that rewriting the template is a matter of data.
EXPORT_OPTIONS: Final = "IncludeParameterDefaultValue,SkipResourceNameParameterization"
# Stands for the callbacks where Azure only checks the template: what-if would show them.
PLACEHOLDERS: Final[defaultdict[str, Callback]] = defaultdict(
    lambda: Callback(service_uri="https://placeholder.invalid/")
)


@dataclass(frozen=True)
class Export:
    """An exported template, and what Azure could not export. Neither alone tells whether it is complete."""

    template: Json
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeploymentScope:
    """Where a deployment goes, and under which name and with which tags Azure keeps it."""

    subscription_id: str
    resource_group: str
    name: str
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def resource_id(self) -> str:
        """The deployment's Azure resource id."""
        group = f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
        return f"{group}/providers/Microsoft.Resources/deployments/{self.name}"


async def has_resource_group(azure: AzureConnection, subscription_id: str, name: str) -> bool:
    """Whether the resource group exists."""
    client = azure.arm.typed(ResourceManagementClient, subscription_id)
    try:
        with contact(f"Looking for the resource group {name}", _group(subscription_id, name)):
            await client.resource_groups.get(name)
    except NotFound:
        return False
    return True


async def ensure_resource_group(
    azure: AzureConnection, subscription_id: str, name: str, location: str, tags: Mapping[str, str] | None = None
) -> Literal["created", "already_there"]:
    """The resource group exists, a new one with the tags; one that was there is left as it is, wherever it is."""
    if await has_resource_group(azure, subscription_id, name):
        return "already_there"
    client = azure.arm.typed(ResourceManagementClient, subscription_id)
    with contact(f"Creating the resource group {name}", _group(subscription_id, name)):
        await client.resource_groups.create_or_update(name, ResourceGroup(location=location, tags=dict(tags or {})))
    return "created"


def _group(subscription_id: str, name: str) -> str:
    return f"/subscriptions/{subscription_id}/resourceGroups/{name}"


async def export_template(azure: AzureConnection, ref: RegistryRef) -> Export:
    """The registry's template as Azure exports it, with the problems that it reports beside (and with status 200)."""
    client = azure.arm.typed(ResourceManagementClient, ref.subscription_id)
    what = ExportTemplateRequest(resources=[ref.resource_id], options=EXPORT_OPTIONS)
    with contact(f"Exporting the template of {ref.name}", ref.resource_id):
        poller = await client.resource_groups.begin_export_template(ref.resource_group, what)
        result = (await poller.result()).as_dict()
    error = result.get("error") or {}
    details = [f"{detail.get('code')}: {detail.get('message')}" for detail in error.get("details") or ()]
    problems = details or ([f"{error.get('code')}: {error.get('message')}"] if error else [])
    return Export(template=without_secrets(result.get("template") or {}), problems=tuple(problems))


async def validate(azure: AzureConnection, place: DeploymentScope, target: TargetTemplate) -> None:
    """Azure would accept the template there. Raises InvalidTemplate, PolicyViolation, AccessDenied and the like."""
    client = azure.arm.typed(DeploymentsMgmtClient, place.subscription_id)
    deployment = Deployment(properties=_properties(target, PLACEHOLDERS))
    doing = f"Validating the template for {place.resource_group}"
    with contact(doing, place.resource_id):
        poller = await client.deployments.begin_validate(place.resource_group, place.name, deployment)
        result = (await poller.result()).as_dict()
    if result.get("error"):
        raise of_answer(400, {}, result, doing, place.resource_id)


async def what_if(azure: AzureConnection, place: DeploymentScope, target: TargetTemplate) -> dict[str, str]:
    """What deploying the template there would do: resource id -> Create, Modify, NoChange, ... Others are untouched."""
    client = azure.arm.typed(DeploymentsMgmtClient, place.subscription_id)
    properties = _properties(target, PLACEHOLDERS)
    deployment = DeploymentWhatIf(properties=WhatIfProperties(properties.as_dict()))
    with contact(f"Asking what deploying to {place.resource_group} would change", place.resource_id):
        poller = await client.deployments.begin_what_if(place.resource_group, place.name, deployment)
        result = (await poller.result()).as_dict()
    changes = (result.get("properties") or {}).get("changes") or ()
    return {change["resourceId"]: change["changeType"] for change in changes if change["changeType"] != "Ignore"}


async def deploy(azure: AzureConnection, place: DeploymentScope, target: TargetTemplate, source_id: str) -> Json:
    """The template is deployed, incrementally; the webhooks call where the source's do. Returns its outputs.

    Raises DeploymentFailed with one failure per resource.
    """
    names = [parameters.webhook for parameters in target.webhooks]
    callbacks = {name: await webhook_callback(azure, source_id, name) for name in names}
    client = azure.arm.typed(DeploymentsMgmtClient, place.subscription_id)
    deployment = Deployment(properties=_properties(target, callbacks), tags=dict(place.tags))
    try:
        with contact(f"Deploying {place.name} to {place.resource_group}", place.resource_id):
            poller = await client.deployments.begin_create_or_update(place.resource_group, place.name, deployment)
            result = (await poller.result()).as_dict()
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
    outputs: Json = (result.get("properties") or {}).get("outputs") or {}
    return outputs


async def _failures(azure: AzureConnection, place: DeploymentScope) -> tuple[Failure, ...]:
    """What went wrong with each resource; nothing if the deployment was refused as a whole."""
    client = azure.arm.typed(DeploymentsMgmtClient, place.subscription_id)
    try:
        with contact(f"Reading what became of {place.name}", place.resource_id):
            listing = client.deployment_operations.list(place.resource_group, place.name)
            operations = [(operation.as_dict().get("properties") or {}) async for operation in listing]
    except RelocationError:
        return ()
    return tuple(_failure(operation) for operation in operations if operation.get("provisioningState") == "Failed")


def _failure(operation: Json) -> Failure:
    resource = operation.get("targetResource") or {}
    doing = f"Deploying {resource.get('resourceType', '')} {resource.get('resourceName', '')}".rstrip()
    return Failure.of(of_answer(None, {}, operation.get("statusMessage"), doing, resource.get("id", "")))


def _properties(target: TargetTemplate, callbacks: Mapping[str, Callback]) -> DeploymentProperties:
    """Incremental: a complete deployment would delete the home region's own replication and fail."""
    parameters: Json = {}
    for webhook in target.webhooks:
        callback = callbacks[webhook.webhook]
        parameters[webhook.service_uri] = {"value": callback.service_uri}
        parameters[webhook.custom_headers] = {"value": callback.custom_headers}
    return DeploymentProperties({"mode": "Incremental", "template": target.template, "parameters": parameters})
