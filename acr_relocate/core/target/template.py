"""The template that deploys the target registry. It contains no secret, and every used parameter is declared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import Field

from acr_relocate.core.errors import InvalidTemplate
from acr_relocate.core.findings import Finding
from acr_relocate.core.model import FrozenModel
from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.registry.resource_types import REGISTRIES
from acr_relocate.core.request.identity import SOURCE_TAG
from acr_relocate.core.request.relocation import RelocationRequest
from acr_relocate.core.target.children import api_version
from acr_relocate.core.target.design import design
from acr_relocate.core.target.exported_template import missing_children

SCHEMA: Final = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
NAME: Final = "registryName"
ENDPOINTS: Final = "Microsoft.Network/privateEndpoints"
SECRET_PROPERTIES: Final = frozenset({"serviceUri", "customHeaders"})
DIAGNOSTICS: Final = "Microsoft.Insights/diagnosticSettings"


class WebhookParameters(FrozenModel):
    """The secure parameters of one webhook, by its name at the source. Their values come from getCallbackConfig."""

    webhook: str
    service_uri: str
    custom_headers: str


class TargetTemplate(FrozenModel):
    """A template for the target registry.

    `webhooks`: the parameters that a deployment must pass; their values are in no template, plan or state.
    `deferred`: registry properties deferred until the content is verified, such as the retention policy, and the
    subnets that the cut-over allows. `notes`: changes and omissions, so that nothing is lost silently.
    """

    template: dict[str, Any]
    webhooks: tuple[WebhookParameters, ...] = ()
    deferred: dict[str, Any] = Field(default_factory=dict)
    notes: tuple[Finding, ...] = ()


def build_template(exported: Mapping[str, Any] | None, source: Registry, request: RelocationRequest) -> TargetTemplate:
    """Return the target's template, built from the source's settings and checked against the exported template.

    `exported` is the `template` of exportTemplate's answer, which may be partial, or None. Children that only it
    has are added, so neither an incomplete export nor an incomplete read loses one. Raises InvalidTemplate if the
    result could not be deployed.
    """
    target = design(source, request, missing_children(exported, source) if exported else ())
    webhooks = tuple(_webhook_parameters(child.name) for child in target.registry.children_of("webhooks"))
    resources = list(_resources(target.registry))
    if not request.consolidation.is_first(source.name):
        resources = _beside_the_registry(resources)
    template = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": _parameters(target.registry, webhooks),
        "resources": resources,
    }
    undeclared = unresolved_parameters(template)
    if undeclared:
        raise InvalidTemplate(f"The template uses parameters that it does not declare: {', '.join(undeclared)}")
    return TargetTemplate(
        template=template,
        webhooks=webhooks,
        deferred=target.deferred,
        notes=(*target.notes, *target.mappings, *_references_to(source, template)),
    )


def unresolved_parameters(template: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the parameters that the template uses without declaring them, as the article's own example does."""
    used = {name for text in _texts(template) if text.startswith("[") for name in _PARAMETER.findall(text)}
    return tuple(sorted(used - template.get("parameters", {}).keys()))


_PARAMETER: Final = re.compile(r"parameters\('([^']+)'\)")


def _registry(registry: Registry) -> dict[str, Any]:
    return _resource(
        {
            "type": REGISTRIES,
            "apiVersion": registry.api_versions.to_write(registry.properties),
            "name": f"[parameters('{NAME}')]",
            "location": registry.location,
            "tags": _literal(registry.tags, registry.id),
            "sku": {"name": registry.sku},
            "identity": _literal(registry.identity, registry.id),
            "properties": _literal(registry.properties, registry.id),
        }
    )


def _resources(target: Registry) -> Iterator[dict[str, Any]]:
    """Yield the registry and all its resources."""
    yield _registry(target)
    for child in target.children:
        if child.kind == "privateEndpoints":
            yield from _private_endpoint(child, target)
        elif child.kind == "diagnosticSettings":
            yield _extension(child, target)
        else:
            yield _child(child, target)


def _beside_the_registry(resources: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the resources for a registry that is there, and that another deployment made."""
    there = _resource_id()
    return [
        resource | {"dependsOn": [one for one in resource["dependsOn"] if one != there]}
        for resource in resources
        if resource["type"] != REGISTRIES
    ]


def _child(child: Child, registry: Registry) -> dict[str, Any]:
    properties = _literal(child.properties, registry.id)
    if child.kind == "webhooks":
        parameters = _webhook_parameters(child.name)
        properties |= {
            "serviceUri": f"[parameters('{parameters.service_uri}')]",
            "customHeaders": f"[parameters('{parameters.custom_headers}')]",
        }
    return _resource(
        {
            "type": f"{REGISTRIES}/{child.kind}",
            "apiVersion": api_version(child),
            "name": f"[format('{{0}}/{{1}}', parameters('{NAME}'), '{child.name}')]",
            "location": child.location,
            "tags": _literal(child.tags, registry.id) or None,
            "identity": _literal(child.identity, registry.id),
            "properties": properties,
            "dependsOn": [_resource_id(), *_siblings_first(child, registry)],
        }
    )


def _extension(child: Child, registry: Registry) -> dict[str, Any]:
    """Return an extension resource of the registry: the registry is its scope, and it has no parent."""
    return {
        "type": DIAGNOSTICS,
        "apiVersion": api_version(child),
        "scope": _resource_id(),
        "name": child.name,
        "properties": _literal(child.properties, registry.id),
        "dependsOn": [_resource_id()],
    }


def _private_endpoint(child: Child, registry: Registry) -> Iterator[dict[str, Any]]:
    """Yield the endpoint, created after all replications, and the zone groups that keep its names in DNS."""
    properties = _literal(child.properties, registry.id)
    groups = properties.pop("privateDnsZoneGroups", None) or ()
    replications = [_resource_id("replications", one.name) for one in registry.children_of("replications")]
    yield _resource(
        {
            "type": ENDPOINTS,
            "apiVersion": api_version(child),
            "name": child.name,
            "location": child.location,
            "tags": _literal(child.tags, registry.id) or None,
            "properties": properties,
            "dependsOn": [_resource_id(), *replications],
        }
    )
    for group in groups:
        yield {
            "type": f"{ENDPOINTS}/privateDnsZoneGroups",
            "apiVersion": api_version(child),
            "name": f"{child.name}/{group['name']}",
            "properties": group["properties"],
            "dependsOn": [f"[resourceId('{ENDPOINTS}', '{child.name}')]"],
        }


def _siblings_first(child: Child, registry: Registry) -> Iterator[str]:
    """Yield the dependencies of the child: resources that it names, and for a webhook the replication of its region."""
    for key, kind in (("scopeMapId", "scopeMaps"), ("credentialSetResourceId", "credentialSets")):
        name = ResourceId(str(child.properties.get(key) or "")).name
        if any(sibling.name.lower() == name.lower() for sibling in registry.children_of(kind)):
            yield _resource_id(kind, name)
    if child.kind == "tasks" and child.properties.get("agentPoolName"):
        yield _resource_id("agentPools", child.properties["agentPoolName"])
    if child.kind == "webhooks" and child.location != registry.location:
        yield from (
            _resource_id("replications", replication.name)
            for replication in registry.children_of("replications")
            if replication.location == child.location
        )


def _parameters(registry: Registry, webhooks: Iterable[WebhookParameters]) -> dict[str, Any]:
    parameters: dict[str, Any] = {NAME: {"type": "string", "defaultValue": registry.name}}
    for webhook in webhooks:
        parameters[webhook.service_uri] = {"type": "secureString"}
        parameters[webhook.custom_headers] = {"type": "secureObject"}
    return parameters


def _webhook_parameters(name: str) -> WebhookParameters:
    return WebhookParameters(
        webhook=name, service_uri=f"webhook_{name}_serviceUri", custom_headers=f"webhook_{name}_customHeaders"
    )


def _resource(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _literal(value: Any, registry_id: str) -> Any:
    """Return the value in template syntax: the target's ids as expressions, and text like an expression quoted."""
    if isinstance(value, dict):
        return {name: _literal(inner, registry_id) for name, inner in value.items()}
    if isinstance(value, list):
        return [_literal(inner, registry_id) for inner in value]
    if value == registry_id:
        return _resource_id()
    if isinstance(value, str) and value.startswith(f"{registry_id}/"):
        kind, name = value.split("/")[-2:]
        return _resource_id(kind, name)
    return f"[{value}" if isinstance(value, str) and value.startswith("[") and value.endswith("]") else value


def _resource_id(kind: str = "", name: str = "") -> str:
    if not kind:
        return f"[resourceId('{REGISTRIES}', parameters('{NAME}'))]"
    return f"[resourceId('{REGISTRIES}/{kind}', parameters('{NAME}'), '{name}')]"


def _references_to(source: Registry, template: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield a finding for each value that still names the source: the target would depend on it."""
    hosts = {source.id.lower(), source.login_server.lower()} - {""}
    for resource in template["resources"]:
        checked = resource | {"tags": {k: v for k, v in resource.get("tags", {}).items() if k != SOURCE_TAG}}
        for text in dict.fromkeys(_texts(checked)):
            if any(host in text.lower() for host in hosts):
                yield Finding(
                    code="template_refers_to_source",
                    severity="decision",
                    message=f"{resource['type']} would still refer to the source registry: {text}",
                    remedy="Change this at the source, or create this resource manually at the target.",
                    resource=source.id,
                )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
