"""Common parts of all types of Microsoft.ContainerRegistry: api-versions, hidden properties, the registry, its SKU."""

import re
from collections.abc import Mapping
from typing import Any, Final

from local_azure.arm.operation_forms import ACR
from local_azure.arm.resource_types import Body, ResourceType
from local_azure.arm.system_data import system_data
from local_azure.registry_types import schema
from local_azure.state.errors import AzureError, bad_request
from local_azure.state.settings import TENANT_ID
from local_azure.state.store import Resource, parse_id
from local_azure.state.world import World, with_offset

PROVIDER: Final = "Microsoft.ContainerRegistry"
REGISTRY: Final = f"{PROVIDER}/registries"
LAST_WITHOUT_AUTHOR: Final = "2019-05-01"  # an api-version
NOT_IN_BODY: Final = ("id", "name", "type", "systemData")
LETTERS_AND_DIGITS: Final = re.compile(r"[a-zA-Z0-9]{5,50}")

# Stable and preview api-versions that have each type (same source as properties.tsv).
_VERSIONS: Final = {
    "registries": ("2017-03-01..", "2019-12-01-preview.."),
    "registries/replications": ("2017-10-01..", "2019-12-01-preview.."),
    "registries/webhooks": ("2017-10-01..", "2019-12-01-preview.."),
    "registries/scopeMaps": ("2022-12-01..", "2019-05-01-preview,2020-11-01-preview.."),
    "registries/tokens": ("2022-12-01..", "2019-05-01-preview,2020-11-01-preview.."),
    "registries/exportPipelines": ("-", "2019-12-01-preview.."),
    "registries/importPipelines": ("-", "2019-12-01-preview.."),
    "registries/pipelineRuns": ("-", "2019-12-01-preview.."),
    "registries/privateEndpointConnections": ("2021-09-01..", "2019-12-01-preview.."),
    "registries/connectedRegistries": ("2025-04-01..", "2020-11-01-preview.."),
    "registries/cacheRules": ("2023-07-01..", "2023-01-01-preview.."),
    "registries/credentialSets": ("2023-07-01..", "2023-01-01-preview.."),
    "registries/packages/archives": ("-", "2023-06-01-preview.."),
    "registries/packages/archives/versions": ("-", "2023-06-01-preview.."),
    "registries/tasks": ("2018-09-01..", "2019-06-01-preview.."),
    "registries/runs": ("2018-09-01..", "2019-06-01-preview.."),
    "registries/agentPools": ("-", "2019-06-01-preview.."),
    "registries/taskRuns": ("-", "2019-06-01-preview.."),
}


def registry_type(name: str, **rules: Any) -> ResourceType:
    """Return the type `name`, such as `registries/webhooks`, with its api-versions and its property table applied."""

    def accept(api_version: str, body: Body) -> Body:
        properties = schema.accepted(name, api_version, body.get("properties") or {})
        left_out = NOT_IN_BODY if rules.get("tracked") else (*NOT_IN_BODY, "tags")  # a proxy resource has none
        return {key: value for key, value in body.items() if key not in left_out} | {"properties": properties}

    def view(resource: Resource, api_version: str, world: World) -> Body:
        shown = show_child(world, resource, schema.shown(name, api_version.lower(), resource.properties))
        return with_author(shown, api_version)

    versions = schema.versions_of(name, *_VERSIONS[name])
    known: dict[str, Any] = {"accept": accept, "view": view, "forms": ACR, "accepted": identify}
    known["headers"] = {"api-supported-versions": ", ".join(versions)}
    if not rules.get("tracked"):
        known["missing"] = lambda resource_id: missing(resource_id, known["headers"])
    return ResourceType(f"{PROVIDER}/{name}", versions, **(known | rules))


def missing(resource_id: str, headers: Mapping[str, str]) -> AzureError:
    """Return the provider's own 404, for resources that ARM does not track (scopeMap.get.notFound)."""
    message = f"The resource {parse_id(resource_id).name} could not be found."
    return AzureError(404, "ResourceNotFound", message, headers=headers)


def show_child(world: World, resource: Resource, properties: Body) -> Body:
    """Return a resource beneath a registry, with its author and the provider's format of times."""
    view = resource.view() | {"properties": with_offsets(properties)}
    if "identity" in view:
        view["identity"] = lowered(view["identity"])
    return view | {"systemData": system_data(world, resource)}


def with_author(view: Body, api_version: str) -> Body:
    """Return the same without `systemData` where the api-version does not have it."""
    return view if api_version > LAST_WITHOUT_AUTHOR else {key: view[key] for key in view if key != "systemData"}


def lowered(identity: Body) -> Body:
    """Return an identity as the provider spells its type, whatever was sent: `systemAssigned, userAssigned`."""
    kinds = [one.strip() for one in str(identity.get("type") or "None").split(",")]
    return identity | {"type": ", ".join(one[:1].lower() + one[1:] for one in kinds)}


def raised(identity: Body) -> Body:
    """Return an identity as ARM keeps it and lists it: `SystemAssigned, UserAssigned`; sent in any case."""
    known = {one.lower(): one for one in ("None", "SystemAssigned", "UserAssigned")}
    kinds = [one.strip() for one in str(identity.get("type") or "None").split(",")]
    return identity | {"type": ", ".join(known.get(one.lower(), one) for one in kinds)}


WRITTEN_WITH_OFFSET: Final = frozenset({"creationDate", "creationTime", "expiry", "lastUpdatedTime"})


def with_offsets(value: Any) -> Any:
    """Return the same with `+00:00` at the end of the provider's own times."""
    if isinstance(value, list):
        return [with_offsets(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: with_offset(one) if name in WRITTEN_WITH_OFFSET and isinstance(one, str) else with_offsets(one)
        for name, one in value.items()
    }


def compose(
    resource_id: str,
    body: Body,
    existing: Resource | None,
    defaults: dict[str, Any],
    hidden: dict[str, Any] | None = None,
) -> Resource:
    """Return the resource of a body: with defaults, read-only values kept from before, secrets apart."""
    kind = parse_id(resource_id).type.partition("/")[2]
    properties = defaults | {key: value for key, value in body.get("properties", {}).items() if value is not None}
    secrets = schema.write_only(kind, properties)
    shown = {key: value for key, value in properties.items() if key not in secrets}
    kept = {key: value for key, value in body.items() if key not in NOT_IN_BODY and value is not None}
    if kept.get("identity"):
        kept["identity"] = raised(kept["identity"])
    before = existing.hidden if existing else {}
    return Resource(
        resource_id,
        kept | {"properties": {"provisioningState": "Succeeded", **shown}},
        before | (hidden or {}) | secrets,
    )


def identify(world: World, resource: Resource) -> None:
    """Give a system-assigned identity its principal; a recreated resource gets another one."""
    identity = resource.body.get("identity") or {}
    if "systemassigned" in str(identity.get("type", "")).lower():
        if "principalId" not in resource.hidden:
            resource.hidden["principalId"] = world.directory.add_identity(resource.name).object_id
        resource.body["identity"] = identity | {"principalId": resource.hidden["principalId"], "tenantId": TENANT_ID}


def stamped(world: World, existing: Resource | None) -> dict[str, str]:
    """Return `creationDate`, which survives every change."""
    before = existing.properties.get("creationDate") if existing else None
    return {"creationDate": before or world.clock.iso()}


def registry_of(world: World, resource_id: str) -> Resource:
    """Return the registry that a child belongs to."""
    parts = resource_id.strip("/").split("/")
    return world.resources.require("/" + "/".join(parts[:8]))


def sku_of(registry: Resource) -> str:
    """Return Basic, Standard or Premium."""
    return str((registry.body.get("sku") or {}).get("name", "Basic"))


def need_premium(registry: Resource, what: str) -> None:
    """Raise AzureError 400 unless the registry is Premium."""
    if sku_of(registry) != "Premium":
        raise sku_not_supported(sku_of(registry), what)


def sku_not_supported(sku: str, what: str) -> AzureError:
    """Return the 400 for a feature that the SKU lacks."""
    message = f"{what} is not supported for the SKU '{sku}'. Please upgrade the registry to Premium. See https://aka.ms/acr/tiers."
    return bad_request("SkuNotSupported", message)


def password(world: World) -> str:
    """Return a new secret of the length and alphabet of ACR's."""
    return f"{world.random.getrandbits(256):064x}"[:48] + "+ACR"


def check_name(resource_id: str, pattern: str, words: str) -> str:
    """Return the name, or raise the 400 with the naming rule."""
    name = parse_id(resource_id).name
    if not re.fullmatch(pattern, name):
        raise bad_request("ResourceNameInvalid", f"Invalid resource name: '{name}'. {words}")
    return name
