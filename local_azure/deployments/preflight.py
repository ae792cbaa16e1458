"""Azure's checks before it deploys: template, permissions, api-versions, locations, the types' own rules."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_azure.arm.authorization import action_of, allowed
from local_azure.arm.resource_pipeline import prepared
from local_azure.deployments.request import DeploymentRequest, expand_request, read_request
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError, JsonObject, group_not_found
from local_azure.state.store import parse_id
from local_azure.template import Expansion, Planned, TemplateError

if TYPE_CHECKING:
    from local_azure.state.world import World


@dataclass(frozen=True)
class Checked:
    """A request that may be deployed: its own resources, and those of nested deployments too."""

    request: DeploymentRequest
    expansion: Expansion
    all_resources: tuple[Planned, ...]


async def check(world: "World", principal: Principal, request: DeploymentRequest) -> Checked:
    """Check a deployment without writing. Raises AzureError: InvalidTemplate, or InvalidTemplateDeployment."""
    expansion = expand_request(world, request)
    resources = tuple(_flattened(world, expansion))
    _check_permissions(world, principal, resources)
    errors = [error for resource in resources if (error := await _refusal(world, principal, resource))]
    if errors:
        raise AzureError(
            400,
            "InvalidTemplateDeployment",
            f"The template deployment '{request.name}' is not valid according to the validation procedure. The "
            f"tracking id is '{world.guid()}'. See inner errors for details.",
            details=errors,
            gateway=True,
        )
    return Checked(request, expansion, resources)


def active(expansion: Expansion) -> list[Planned]:
    """Return the resources to deploy."""
    return [resource for resource in expansion.resources if resource.condition and not resource.existing]


def nested_request(resource: Planned, body: JsonObject) -> DeploymentRequest:
    """Return the request in a nested deployment's evaluated body."""
    return read_request(resource.group, resource.name, body)


def _flattened(world: "World", expansion: Expansion) -> Iterator[Planned]:
    """Yield the resources, nested templates included as far as they are known before the deployment."""
    own = {resource.key for resource in active(expansion)}
    for resource in active(expansion):
        yield resource
        if not resource.is_deployment:
            continue
        body, there = known_body(resource), world.resources.get(resource.group) is not None
        if not there and resource.group.lower() not in own:
            raise group_not_found(parse_id(resource.group).name)
        if body is not None and there:
            yield from _flattened(world, expand_request(world, nested_request(resource, body)))


def known_body(resource: Planned) -> JsonObject | None:
    """Return the body, or None if it needs answers of other resources."""
    try:
        return resource.body(None)
    except TemplateError:
        return None


def _check_permissions(world: "World", principal: Principal, resources: tuple[Planned, ...]) -> None:
    refused = []
    for resource in resources:
        action, scope = action_of("PUT", resource.id)
        if not allowed(world, principal, action, scope):
            refused.append(
                f"'Authorization failed for template resource '{resource.name}' of type '{resource.type}'. The client "
                f"'{principal.client_id}' with object id '{principal.object_id}' does not have permission to perform "
                f"action '{action}' at scope '{scope}'.'"
            )
    if refused:
        message = f"Deployment failed with multiple errors: {':'.join(refused)}"
        raise AzureError(403, "InvalidTemplateDeployment", message, gateway=True)


async def _refusal(world: "World", principal: Principal, resource: Planned) -> JsonObject | None:
    """Return the type's objection to the resource, as a detail of the error; None without one.

    A resource that waits for others of the template is not asked about: it may need them.
    """
    if world.faults.take("policy-denies", type=resource.type):
        message = (
            f"Resource '{resource.name}' was disallowed by policy. Policy identifiers: '[{{\"policyAssignment\":"
            '{"name":"Keep it small"}}]\'.'
        )
        return AzureError(403, "RequestDisallowedByPolicy", message).error | {"target": resource.id}
    body = known_body(resource)
    if body is None or resource.dependencies or resource.is_deployment:
        return None
    existing = copy.deepcopy(world.resources.get(resource.id))
    try:
        await prepared(world, principal, resource.id, resource.api_version, copy.deepcopy(body), existing)
    except AzureError as error:
        return error.error | {"target": resource.id}
    return None
