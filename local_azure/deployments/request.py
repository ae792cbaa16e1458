"""The request of a deployment: template, parameters, scope."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local_azure.state.errors import AzureError, JsonObject, bad_request
from local_azure.state.settings import TENANT_ID
from local_azure.state.store import Resource, parse_id
from local_azure.template import Expansion, Scope, TemplateError, expand

if TYPE_CHECKING:
    from local_azure.state.world import World

TYPE = "Microsoft.Resources/deployments"
MODES = {"incremental": "Incremental", "complete": "Complete"}
ENVIRONMENT = {
    "name": "AzureCloud",
    "resourceManager": "https://management.azure.com/",
    "authentication": {"loginEndpoint": "https://login.microsoftonline.com/", "tenant": "common"},
    "suffixes": {"acrLoginServer": ".azurecr.io", "keyvaultDns": ".vault.azure.net", "storage": "core.windows.net"},
}


class InvalidTemplate(AzureError):
    """400 for a template that cannot be deployed, with the place where it is wrong."""

    def __init__(self, refused: TemplateError) -> None:
        quoted = f"Deployment template validation failed: '{refused.message}'."
        evaluated = refused.message.startswith("Unable to process template language expressions")
        super().__init__(400, "InvalidTemplate", refused.message if evaluated else quoted, gateway=True)
        self.path = refused.path

    @property
    def error(self) -> JsonObject:
        """Return the inner object, with Azure's `additionalInfo`."""
        place = {"lineNumber": 1, "linePosition": 1, "path": self.path}
        return super().error | {"additionalInfo": [{"type": "TemplateViolation", "info": place}]}


@dataclass(frozen=True)
class DeploymentRequest:
    """A deployment to a resource group or a subscription, as asked for.

    scope: id of the resource group or subscription.  parameters: `{name: {"value": ...}}`.
    """

    scope: str
    name: str
    template: Any
    parameters: Mapping[str, Any]
    mode: str = "Incremental"
    location: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Return the id of the deployment."""
        return f"{self.scope}/providers/{TYPE}/{self.name}"

    @property
    def template_hash(self) -> str:
        """Return a number that is unique for the template."""
        text = json.dumps(self.template, sort_keys=True, default=str)
        return str(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


def read_request(scope: str, name: str, body: Mapping[str, Any]) -> DeploymentRequest:
    """Return the request in a body. Raises AzureError for missing or unsupported parts."""
    properties = body.get("properties")
    if not isinstance(properties, dict):
        raise _invalid("The request content was invalid: the 'properties' of the deployment are required.")
    for unsupported in ("templateLink", "parametersLink", "onErrorDeployment"):
        if properties.get(unsupported):
            raise _invalid(f"The deployment property '{unsupported}' is not supported by the embedded Azure.")
    mode = str(properties.get("mode", ""))
    if mode.lower() not in MODES:
        raise _invalid(f"The deployment mode '{mode}' is not valid: it must be 'Incremental' or 'Complete'.")
    location = str(body.get("location") or "").replace(" ", "").lower()
    if not parse_id(scope).group:
        _check_subscription_level(mode, location)
    parameters = properties.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise _invalid("The request content was invalid: the 'parameters' of the deployment must be an object.")
    # A parameters file has its parameters one level deeper; the Azure CLI unwraps it, other clients may not.
    parameters = parameters["parameters"] if {"$schema", "parameters"} <= set(parameters) else parameters
    return DeploymentRequest(
        scope, name, properties.get("template"), parameters, MODES[mode.lower()], location, body.get("tags") or {}
    )


def _check_subscription_level(mode: str, location: str) -> None:
    if not location:
        raise bad_request("LocationRequired", "The location property is required for this definition.", gateway=True)
    if mode.lower() != "incremental":
        raise _invalid(f"The deployment mode '{mode}' is not supported for deployments to a subscription.")


def _invalid(message: str) -> AzureError:
    return bad_request("InvalidRequestContent", message, gateway=True)


def in_scope(world: "World", scope: str) -> list[Resource]:
    """Return the resources of the target group; empty for a subscription."""
    parsed = parse_id(scope)
    return world.resources.select(subscription=parsed.subscription, group=parsed.group) if parsed.group else []


def expand_request(world: "World", request: DeploymentRequest) -> Expansion:
    """Return the resources of the request's template. Raises InvalidTemplate."""
    try:
        return expand(request.template, request.parameters, _scope(world, request))
    except TemplateError as refused:
        raise InvalidTemplate(refused) from refused


def _scope(world: "World", request: DeploymentRequest) -> Scope:
    parsed = parse_id(request.scope)
    subscription = world.resources.require(f"/subscriptions/{parsed.subscription}")
    group = world.resources.require(request.scope).view() if parsed.group else {}
    shown = ("id", "name", "type", "location", "tags", "properties")
    properties = {"template": request.template, "parameters": dict(request.parameters), "mode": request.mode}
    return Scope(
        subscription={
            "id": subscription.id,
            "subscriptionId": subscription.subscription,
            "tenantId": TENANT_ID,
            "displayName": subscription.body.get("displayName", ""),
        },
        resource_group={key: group[key] for key in shown if key in group} or None,
        deployment={"name": request.name, "location": request.location, "properties": properties},
        tenant={"tenantId": TENANT_ID, "displayName": "Embedded Azure"},
        environment=ENVIRONMENT,
    )
