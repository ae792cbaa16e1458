"""Which resources an export holds, and what it says of each."""

import copy
from typing import TYPE_CHECKING, Any

from local_azure.arm.resource_pipeline import show
from local_azure.arm.resource_types import TYPES
from local_azure.export.naming import Naming
from local_azure.state.errors import JsonObject
from local_azure.state.store import GROUP_TYPE, Resource

if TYPE_CHECKING:
    from local_azure.state.world import World

ACR = "microsoft.containerregistry/registries"

# Never in an export: deployments, and what belongs to the tasks family or exists in previews only.
NOT_EXPORTED = {
    "microsoft.resources/deployments",
    f"{ACR}/tasks",
    f"{ACR}/taskruns",
    f"{ACR}/runs",
    f"{ACR}/agentpools",
    f"{ACR}/exportpipelines",
    f"{ACR}/importpipelines",
    f"{ACR}/pipelineruns",
    f"{ACR}/packages/archives",
}

# What the export leaves out of `properties`. It is not everything that is read-only: the dates in the policies, the
# tier in the SKU and the state of private endpoint connections stay in.
DROPPED = {
    "": {"provisioningState", "etag", "creationDate"},
    ACR: {"loginServer", "status", "privateEndpointConnections", "dataEndpointHostNames", "regionalEndpointHostNames"},
    f"{ACR}/replications": {"status"},
    f"{ACR}/scopemaps": {"type"},
    "microsoft.managedidentity/userassignedidentities": {"principalId", "clientId", "tenantId"},
}
# In Microsoft.Network read-only values are at every depth.
NETWORK = "microsoft.network/"
NETWORK_DROPPED = {
    "provisioningState", "resourceGuid", "etag", "networkInterfaces", "customDnsConfigs", "privateEndpoints",
    "recordSets", "numberOfRecordSets", "numberOfVirtualNetworkLinks", "maxNumberOfRecordSets",
    "maxNumberOfVirtualNetworkLinks",
}  # fmt: skip
SECRETS = {f"{ACR}/webhooks": ("serviceUri",)}
FALLBACK_VERSION = "2024-05-01"  # for types of ours that take any api-version


def is_exported(resource: Resource) -> bool:
    """Return whether the export covers it: no extension resources, and not the types above."""
    extension = resource.id.lower().count("/providers/") > 1
    return not extension and resource.type != GROUP_TYPE and resource.type.lower() not in NOT_EXPORTED


def has_schema(resource: Resource) -> bool:
    """Return whether its type has a published schema: here, whether the type has rules."""
    return resource.type.lower() in TYPES


def stable_version(type_name: str) -> str:
    """Return the newest stable api-version of a type."""
    stable = [version for version in TYPES[type_name.lower()].api_versions if not version.endswith("-preview")]
    return max(stable, default=FALLBACK_VERSION)


def entry(world: "World", resource: Resource, naming: Naming) -> JsonObject:
    """Return the resource as the template declares it."""
    version = stable_version(resource.type)
    # Types that show only what a version knows are shown at the export's version: the rest is lost, as in Azure.
    view = copy.deepcopy(show(world, resource, version))
    written: JsonObject = {"type": resource.type, "apiVersion": version, "name": naming.resource_name(resource.id)}
    if naming.options.comments:
        written["comments"] = f"Generalized from resource: '{resource.id}'."
    depends_on = {resource.parent} if resource.parent.lower() in naming.exported else set()
    for key in ("location", "tags", "kind", "sku", "zones", "identity", "managedBy", "plan", "properties"):
        if view.get(key) not in (None, {}):
            value = _stripped(resource, key, view[key])
            depends_on |= naming.dependencies(value, resource.id)
            written[key] = naming.value(value)
    for name in SECRETS.get(resource.type.lower(), ()):
        written.setdefault("properties", {})[name] = naming.secret(resource.id, name)
    if depends_on:
        written["dependsOn"] = [naming.reference(one) for one in sorted(depends_on, key=str.lower)]
    return written


def _stripped(resource: Resource, key: str, value: Any) -> Any:
    if key == "identity":
        identities = value.get("userAssignedIdentities") or {}
        kept = {"type": value.get("type", "None")}
        return kept | ({"userAssignedIdentities": {one: {} for one in identities}} if identities else {})
    if key != "properties":
        return value
    if resource.type.lower() == f"{ACR}/privateendpointconnections":
        return value | {"privateEndpoint": {}}
    if resource.type.lower().startswith(NETWORK):
        used = {"ipConfigurations"} if "virtualnetworks" in resource.type.lower() else set()
        return _without(value, NETWORK_DROPPED | used)
    dropped = DROPPED[""] | DROPPED.get(resource.type.lower(), set())
    return {name: item for name, item in value.items() if name not in dropped}


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, list):
        return [_without(item, names) for item in value]
    if isinstance(value, dict):
        return {key: _without(item, names) for key, item in value.items() if key not in names}
    return value
