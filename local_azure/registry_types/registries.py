"""Microsoft.ContainerRegistry/registries: create, change, show, delete, and its credentials."""

import copy
import hashlib
from typing import Any, Final

from aiohttp import web

from local_azure.arm.resource_pipeline import Body
from local_azure.registry.imports import import_image
from local_azure.registry_types import linked_access, rules, schema
from local_azure.registry_types.access_tokens import generate_credentials
from local_azure.registry_types.common import (
    LETTERS_AND_DIGITS,
    NOT_IN_BODY,
    REGISTRY,
    compose,
    declare,
    identify,
    password,
    sku_of,
    stamped,
)
from local_azure.registry_types.usages import list_usages
from local_azure.state import locations
from local_azure.state.content import RegistryContent
from local_azure.state.directory import Principal
from local_azure.state.errors import bad_request, conflict
from local_azure.state.responses import answer
from local_azure.state.store import Resource, parse_id
from local_azure.state.world import World
from local_azure.wire.routing import Call

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
DOMAIN_SCOPES: Final = {"TenantReuse", "SubscriptionReuse", "ResourceGroupReuse", "NoReuse"}


def prepare(world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None) -> Resource:
    """A registry as PUT means it: what the body leaves out has its default again."""
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
    """A registry as PATCH means it: properties merge and so do policies, networkRuleSet is replaced as a whole."""
    merged = copy.deepcopy(existing.body)
    merged.update({key: value for key, value in body.items() if key not in (*NOT_IN_BODY, "location", "properties")})
    changes = dict(body.get("properties", {}))
    policies = merged["properties"].get("policies", {}) | (changes.pop("policies", None) or {})
    merged["properties"] |= {key: value for key, value in changes.items() if value is not None} | {"policies": policies}
    return prepare(world, principal, existing.id, merged, existing)


def view(resource: Resource, api_version: str, world: World) -> Body:
    """What GET shows at an api-version; the parts that follow from other resources are put in."""
    connections = world.resources.children(resource.id, f"{REGISTRY}/privateEndpointConnections")
    properties = resource.properties | {
        "privateEndpointConnections": [connection.view() for connection in connections],
        "dataEndpointHostNames": data_endpoints(world, resource),
        "regionalEndpointHostNames": [],
    }
    system_data = {"createdAt": world.clock.iso(resource.created), "createdByType": "Application"}
    shown = {"properties": schema.shown("registries", api_version.lower(), properties), "systemData": system_data}
    return resource.view() | shown


def data_endpoints(world: World, registry: Resource) -> list[str]:
    """The dedicated data endpoints: one per region, if they are enabled or a private endpoint needs them."""
    private = world.resources.children(registry.id, f"{REGISTRY}/privateEndpointConnections")
    if not registry.properties.get("dataEndpointEnabled") and not private:
        return []
    replicas = world.resources.children(registry.id, f"{REGISTRY}/replications")
    regions = sorted({registry.location, *(replica.location for replica in replicas)})
    label, _, suffix = registry.properties["loginServer"].partition(".")
    return [f"{label}.{region}.data.{suffix}" for region in regions]


def defaults(world: World, body: Body, existing: Resource | None) -> dict[str, Any]:
    """What Azure fills in."""
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
        "zoneRedundancy": "Disabled",
        "policies": {},
        **({"networkRuleSet": {"defaultAction": "Allow", "ipRules": []}} if premium else {}),
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
    if identity := registry.body.get("identity"):
        registry.body["identity"] = _with_user_identities(world, identity)


def _with_user_identities(world: World, identity: Body) -> Body:
    """The identity with what Azure looks up; a principal of the registry's own comes when it is provisioned."""
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


def login_server(registry: Resource) -> str:
    """The registry's host; with a hash in it if its name is scoped to tenant, subscription or group."""
    suffix = (
        "cn" if registry.location in locations.CHINA else "us" if registry.location in locations.US_GOVERNMENT else "io"
    )
    scope = registry.properties.get("autoGeneratedDomainNameLabelScope", "Unsecure")
    part = {"ResourceGroupReuse": registry.group, "SubscriptionReuse": registry.subscription, "NoReuse": registry.id}
    label = registry.name.lower()
    if scope in DOMAIN_SCOPES:
        seed = f"{label}/{registry.subscription}/{part.get(scope, 'tenant')}".lower()
        label = f"{label}-{hashlib.sha256(seed.encode()).hexdigest()[:16]}"
    return f"{label}.azurecr.{suffix}"


def refuse_taken_name(world: World, registry: Resource) -> None:
    """AzureError 409 if another registry of all subscriptions has the login server."""
    server = registry.properties["loginServer"]
    if any(other.properties["loginServer"].lower() == server for other in world.resources.select(REGISTRY)):
        raise conflict(
            "AlreadyInUse",
            f"The registry DNS name {server} is already in use. You can check if the name is already claimed using "
            "following API: https://docs.microsoft.com/rest/api/containerregistry/registries/checknameavailability",
        )


def credentials(world: World, existing: Resource | None) -> dict[str, Any]:
    """The admin's two passwords, made once."""
    if existing:
        return {}
    return {"adminPasswords": {"password": password(world), "password2": password(world)}}


async def after_put(world: World, registry: Resource) -> None:
    """What comes with every registry: room for content, the system scope maps and the home replica."""
    world.content.setdefault(registry.name.lower(), RegistryContent())
    await identify(world, registry)
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
    """The properties of a replica that works."""
    ready = {"displayStatus": "Ready", "message": None, "timestamp": world.clock.iso()}
    zones = registry.properties["zoneRedundancy"]
    return {"provisioningState": "Succeeded", "status": ready, "regionEndpointEnabled": True, "zoneRedundancy": zones}


async def before_delete(world: World, registry: Resource) -> None:
    """The content goes with the registry."""
    world.content.pop(registry.name.lower(), None)


async def list_credentials(call: Call, registry: Resource) -> web.Response:
    """The admin user's name and passwords, if there is an admin user."""
    del call
    _need_admin(registry)
    return answer(_shown_credentials(registry))


async def regenerate_credential(call: Call, registry: Resource) -> web.Response:
    """One of the admin's passwords is new."""
    _need_admin(registry)
    which = (await call.json()).get("name", "")
    if which not in ("password", "password2"):
        raise bad_request("InvalidPasswordName", f"The password name '{which}' is not one of password, password2.")
    registry.hidden["adminPasswords"][which] = password(call.world)
    return answer(_shown_credentials(registry))


def _need_admin(registry: Resource) -> None:
    if not registry.properties.get("adminUserEnabled"):
        raise bad_request(
            "UnAuthorizedForCredentialOperations",
            f"Cannot perform credential operations for {registry.id} as admin user is disabled. Kindly enable the "
            "admin user as per docs: https://docs.microsoft.com/en-us/azure/container-registry/container-registry-authentication#admin-account",
        )


def _shown_credentials(registry: Resource) -> Body:
    passwords = [{"name": name, "value": value} for name, value in registry.hidden["adminPasswords"].items()]
    return {"username": registry.name, "passwords": passwords}


declare(
    "registries",
    prepare=prepare,
    patch=patch,
    view=view,
    after_put=after_put,
    before_delete=before_delete,
    create_seconds=8,
    delete_seconds=5,
    tracked=True,
    actions={
        "listcredentials": list_credentials,
        "regeneratecredential": regenerate_credential,
        "generatecredentials": generate_credentials,
        "listusages": list_usages,
        "importimage": import_image,
    },
)
