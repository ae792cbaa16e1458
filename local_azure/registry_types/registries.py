"""Microsoft.ContainerRegistry/registries: create, change, show, delete, and its credentials."""

import copy
import hashlib
from dataclasses import replace
from typing import Any, Final

from local_azure.arm.operation_forms import ACR, Change, OperationForms
from local_azure.arm.resource_types import Body
from local_azure.registry.imports import import_image
from local_azure.registry_types import linked_access, rules, schema
from local_azure.registry_types.access_tokens import generate_credentials
from local_azure.registry_types.admin_user import credentials, list_credentials, regenerate_credential
from local_azure.registry_types.common import (
    LETTERS_AND_DIGITS,
    NOT_IN_BODY,
    REGISTRY,
    compose,
    registry_type,
    show_child,
    sku_of,
    stamped,
    with_author,
)
from local_azure.registry_types.hosts import data_endpoints, login_server, refuse_taken_name, regional_endpoints
from local_azure.registry_types.usages import list_usages
from local_azure.state.content import RegistryContent
from local_azure.state.directory import Principal
from local_azure.state.errors import bad_request
from local_azure.state.operations import Form
from local_azure.state.store import Resource, parse_id
from local_azure.state.world import World

SYSTEM_SCOPE_MAPS: Final = {
    "_repositories_admin": (
        "Can perform all read, write and delete operations on the registry",
        ("content/read", "content/write", "content/delete", "metadata/read", "metadata/write"),
    ),
    "_repositories_pull": ("Can pull any repository of the registry", ("content/read",)),
    "_repositories_pull_metadata_read": (
        "Can perform all read operations on the registry",
        ("content/read", "metadata/read"),
    ),
    "_repositories_push": ("Can push to any repository of the registry", ("content/read", "content/write")),
    "_repositories_push_metadata_write": (
        "Can perform all read and write operations on the registry",
        ("content/read", "content/write", "metadata/read", "metadata/write"),
    ),
}


def prepare(world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None) -> Resource:
    """Check a registry by PUT: omitted properties get their defaults."""
    if not (body.get("sku") or {}).get("name"):
        raise bad_request("SkuRequired", "The request is invalid: the property 'sku.name' is required.")
    name = parse_id(resource_id).name
    if not LETTERS_AND_DIGITS.fullmatch(name):
        message = f"Invalid resource name: '{name}'. Resource names must contain only 5 to 50 alphanumeric characters."
        raise bad_request("ResourceNameInvalid", message)
    registry = compose(resource_id, body, existing, defaults(world, body, existing), credentials(world, existing))
    _complete(world, registry, existing)
    if existing is None:
        refuse_taken_name(world, registry)
    rules.check(world, registry)
    linked_access.authorize(world, principal, registry)
    return registry


def patch(world: World, principal: Principal, existing: Resource, body: Body) -> Resource:
    """Merge a registry by PATCH: properties, policies and networkRuleSet merge; a list of rules is replaced."""
    merged = copy.deepcopy(existing.body)
    merged.update({key: value for key, value in body.items() if key not in (*NOT_IN_BODY, "location", "properties")})
    changes = dict(body.get("properties", {}))
    policies = merged["properties"].get("policies", {}) | (changes.pop("policies", None) or {})
    rules = (merged["properties"].get("networkRuleSet") or {}) | (changes.get("networkRuleSet") or {})
    changes |= {"networkRuleSet": rules} if "networkRuleSet" in changes else {}
    merged["properties"] |= {key: value for key, value in changes.items() if value is not None} | {"policies": policies}
    return prepare(world, principal, existing.id, merged, existing)


def view(resource: Resource, api_version: str, world: World) -> Body:
    """Return the body that GET shows at an api-version, with the parts that follow from other resources."""
    connections = world.resources.children(resource.id, f"{REGISTRY}/privateEndpointConnections")
    properties = resource.properties | {
        "privateEndpointConnections": [connection.view() for connection in connections],
        "dataEndpointHostNames": data_endpoints(world, resource),
        "regionalEndpointHostNames": regional_endpoints(world, resource),
    }
    shown = schema.shown("registries", api_version.lower(), properties)
    created = shown.get("creationDate")  # the one time of the provider that ends in Z
    view = with_author(show_child(world, resource, shown), api_version)
    return view | {"properties": view["properties"] | ({"creationDate": created} if created else {})}


def defaults(world: World, body: Body, existing: Resource | None) -> dict[str, Any]:
    """Return Azure's defaults."""
    premium = (body.get("sku") or {}).get("name") == "Premium"
    return stamped(world, existing) | {
        "adminUserEnabled": False,
        "anonymousPullEnabled": False,
        "autoGeneratedDomainNameLabelScope": "Unsecure",
        "dataEndpointEnabled": False,
        "encryption": {"status": "disabled"},
        "endpointProtocol": "IPv4",
        "metadataSearch": "Disabled",
        "networkRuleBypassAllowedForTasks": False,
        "networkRuleBypassOptions": "AzureServices",
        "publicNetworkAccess": "Enabled",
        "regionalEndpoints": "Disabled",
        "roleAssignmentMode": "LegacyRegistryPermissions",
        "writableCacheRepos": "Disabled",
        "zoneRedundancy": "Disabled",
        "policies": {},
        **({"networkRuleSet": {}} if premium else {}),
    }


def _complete(world: World, registry: Resource, existing: Resource | None) -> None:
    now = world.clock.iso()
    properties = registry.properties
    policies: dict[str, Body] = {
        "quarantinePolicy": {"status": "disabled"},
        "trustPolicy": {"type": "Notary", "status": "disabled"},
        "retentionPolicy": {"days": 7, "lastUpdatedTime": now, "status": "disabled"},
        "exportPolicy": {"status": "enabled"},
        "azureADAuthenticationAsArmPolicy": {"status": "enabled"},
        "softDeletePolicy": {"retentionDays": 7, "lastUpdatedTime": now, "status": "disabled"},
    }
    given = properties.get("policies") or {}
    properties["policies"] = {name: standard | (given.get(name) or {}) for name, standard in policies.items()}
    properties["loginServer"] = existing.properties["loginServer"] if existing else login_server(registry)
    registry.body["sku"] = {"name": sku_of(registry), "tier": sku_of(registry)}
    registry.body.setdefault("tags", {})
    if (rules := properties.get("networkRuleSet")) is not None:
        properties["networkRuleSet"] = _with_actions(
            {"defaultAction": "Allow", "virtualNetworkRules": [], "ipRules": []} | rules
        )
    if key := (properties.get("encryption") or {}).get("keyVaultProperties"):
        rotated = _rotated(key, existing, world.clock.offset())
        properties["encryption"]["keyVaultProperties"] = key | _version_of(key) | rotated
    if (identity := registry.body.pop("identity", None)) and str(identity.get("type") or "None") != "None":
        registry.body["identity"] = _with_user_identities(world, identity)


def _with_actions(rules: Body) -> Body:
    """Give every rule its action, also if it was not sent."""
    for kind in ("virtualNetworkRules", "ipRules"):
        rules[kind] = [{"action": "Allow"} | one for one in rules[kind] or ()]
    return rules


def _rotated(key: Body, existing: Resource | None, now: str) -> Body:
    """Return the time at which another key or version took over, if one has."""
    encryption = (existing.properties.get("encryption") or {}) if existing else {}
    before = encryption.get("keyVaultProperties")
    if not before or before.get("keyIdentifier") == key.get("keyIdentifier"):
        kept = (before or {}).get("lastKeyRotationTimestamp")
        return {"lastKeyRotationTimestamp": kept} if kept else {}
    return {"lastKeyRotationTimestamp": now}


def _version_of(key: Body) -> Body:
    """Show the version in use beside a key without one, which rotates automatically."""
    named = str(key.get("keyIdentifier") or "").rstrip("/")
    rotates = len(named.split("/")) < 6
    version = hashlib.sha256(named.encode()).hexdigest()[:32]
    shown: Body = {"versionedKeyIdentifier": f"{named}/{version}" if rotates else named, "keyRotationEnabled": rotates}
    return shown


def _with_user_identities(world: World, identity: Body) -> Body:
    """Return the identity with the principals that Azure looks up; the registry's own comes when it is provisioned."""
    shown: Body = {"type": identity.get("type", "None")}
    if assigned := identity.get("userAssignedIdentities"):
        shown["userAssignedIdentities"] = {one: _user_identity(world, one) for one in assigned}
    return shown


def _user_identity(world: World, resource_id: str) -> Body:
    identity = world.resources.get(resource_id)
    if identity is None:
        message = (
            f"The user assigned identity '{resource_id}' was not found or the registry does not have access to it."
        )
        raise bad_request("FailedIdentityOperation", message)
    return {name: identity.properties.get(name) for name in ("clientId", "principalId")}


async def after_put(world: World, registry: Resource) -> None:
    """Create the parts of every registry: room for content, the system scope maps and the home replica."""
    world.content.setdefault(registry.name.lower(), RegistryContent())
    for name, (description, verbs) in SYSTEM_SCOPE_MAPS.items():
        actions = [f"repositories/*/{verb}" for verb in verbs]
        body = {
            "type": "SystemDefined",
            "description": description,
            "actions": actions,
            "provisioningState": "Succeeded",
        }
        created = {"creationDate": registry.properties["creationDate"]}
        world.add(f"{registry.id}/scopeMaps/{name}", {"properties": body | created})
    if sku_of(registry) == "Premium":
        home = f"{registry.id}/replications/{registry.location}"
        if world.resources.get(home) is None:
            world.add(home, {"location": registry.location, "tags": {}, "properties": replica(world, registry)})


def replica(world: World, registry: Resource) -> dict[str, Any]:
    """Return the properties of a healthy replica."""
    ready = {"displayStatus": "Ready", "timestamp": world.clock.iso()}
    zones = registry.properties["zoneRedundancy"]
    return {"provisioningState": "Succeeded", "status": ready, "regionEndpointEnabled": True, "zoneRedundancy": zones}


async def before_delete(world: World, registry: Resource) -> None:
    """Delete the content with the registry."""
    world.content.pop(registry.name.lower(), None)


REPLICATED: Final = "replicated"  # hidden: it has, or had, replicas in other regions, and takes time to be deleted
SYNCHRONOUS_UNTIL: Final = "2021-06"  # creations without zones or a key; recorded from 2019 to 2021
SYNCHRONOUS_SINCE: Final = "2026-03"  # all creations, as recorded in April 2026


def _at_once(world: World, method: str, api_version: str, registry: Resource) -> bool:
    """Return whether a request takes no time: that changed over the years."""
    del world
    if method == "DELETE":
        return not registry.hidden.get(REPLICATED) and api_version < SYNCHRONOUS_SINCE
    if method == "PUT" and registry.created == registry.changed and api_version < SYNCHRONOUS_UNTIL:
        zones, key = registry.properties["zoneRedundancy"], registry.properties["encryption"]["status"]
        return bool(zones == "Disabled" and key == "disabled")
    return method == "PUT" and api_version >= SYNCHRONOUS_SINCE


def _rotation(body: Body) -> float:
    """Return 0 for a PATCH, but for one of the key, the identity or anonymous pull: 201 and an operation."""
    slow = "identity" in body or {"encryption", "anonymousPullEnabled"} & (body.get("properties") or {}).keys()
    return 5 if slow else 0


def _deletion(change: Change) -> Form:
    """Answer with the registry that is being deleted."""
    form = ACR.delete(change)
    prefix = f"delete-{change.resource.name.lower()}" if change.api_version >= SYNCHRONOUS_SINCE else form.prefix
    return replace(form, prefix=prefix, shows="resource")


TYPES: Final = (
    registry_type(
        "registries",
        prepare=prepare,
        patch=patch,
        view=view,
        after_put=after_put,
        before_delete=before_delete,
        create_seconds=8,
        update_seconds=5,
        delete_seconds=5,
        patch_seconds=_rotation,
        at_once=_at_once,
        created_status=200,
        forms=OperationForms(ACR.change, _deletion),
        tracked=True,
        actions={
            "listcredentials": list_credentials,
            "regeneratecredential": regenerate_credential,
            "generatecredentials": generate_credentials,
            "listusages": list_usages,
            "importimage": import_image,
        },
    ),
)
