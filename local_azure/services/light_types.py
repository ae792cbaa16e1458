"""Resources that may use a registry or keep its logs: identities, vaults, storage, apps. They are found, not run."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from local_azure.arm.operation_forms import BY_STATE
from local_azure.arm.resource_types import Body, ResourceType, show_everything
from local_azure.arm.system_data import system_data
from local_azure.arm.vault_access import VAULT
from local_azure.network.versioning import etag
from local_azure.services.app_revisions import REVISIONS
from local_azure.services.composing import compose, identify_principal
from local_azure.services.container_apps import APPS, app_type
from local_azure.services.sites import PARTS, SITE, SLOT, configure_site, show_site, swap
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError
from local_azure.state.settings import TENANT_ID
from local_azure.state.store import Resource

if TYPE_CHECKING:
    from local_azure.state.world import World

IDENTITY: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
Computed = Callable[["World", Resource], Body]


def prepare_identity(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Return an identity that keeps its principal."""
    del world, principal
    identity = compose(resource_id, body, existing)
    identity.body["properties"] = dict(existing.properties) if existing else {}
    return identity


async def identify(world: "World", identity: Resource) -> None:
    """Give the identity a principal of its own."""
    if "principalId" not in identity.properties:
        principal = world.directory.add_identity(identity.name)
        ids = {"principalId": principal.object_id, "clientId": principal.client_id, "tenantId": TENANT_ID}
        identity.properties.update(ids)
        identity.hidden["principalId"] = principal.object_id  # which goes with it


async def add_root_key(world: "World", namespace: Resource) -> None:
    """Give every event hub namespace this rule; diagnostic settings name it."""
    rule = f"{namespace.id}/authorizationRules/RootManageSharedAccessKey"
    world.add(rule, {"properties": {"rights": ["Listen", "Manage", "Send"]}})


def _stable_guid(world: "World", resource: Resource, name: str) -> str:
    """Return the same GUID for every version of a resource."""
    value: str = resource.hidden.setdefault(name, world.guid())
    return value


LOGS: Final = "Microsoft.OperationalInsights/workspaces"
WORKSPACE: Final = "Microsoft.MachineLearningServices/workspaces"
LIGHT_TYPES: Final[dict[str, Computed]] = {
    LOGS: lambda world, one: {
        "customerId": _stable_guid(world, one, "customerId"),
        "sku": {"name": "PerGB2018"},
        "retentionInDays": 30,
        "features": {"legacy": 0, "searchVersion": 1, "enableLogAccessUsingOnlyResourcePermissions": True},
        "publicNetworkAccessForIngestion": "Enabled",
        "publicNetworkAccessForQuery": "Enabled",
    },
    "Microsoft.Storage/storageAccounts": lambda _, one: {
        "primaryEndpoints": {"blob": f"https://{one.name}.blob.core.windows.net/"},
        "primaryLocation": one.location,
        "statusOfPrimary": "available",
    },
    "Microsoft.EventHub/namespaces": lambda _, one: {
        "serviceBusEndpoint": f"https://{one.name}.servicebus.windows.net:443/",
        "status": "Active",
    },
    "Microsoft.KeyVault/vaults": lambda _, one: {
        "sku": {"family": "A", "name": "standard"},
        "vaultUri": f"https://{one.name}.vault.azure.net/",
        "tenantId": TENANT_ID,
        "accessPolicies": [],
        "enabledForDeployment": False,
        "enableSoftDelete": True,
    },
    "Microsoft.Web/serverfarms": lambda _, __: {"status": "Ready"},
    "Microsoft.Web/sites": lambda _, one: {
        "state": "Running",
        "availabilityState": "Normal",
        "sku": "PremiumV3",
        "defaultHostName": f"{one.name}.azurewebsites.net",
    },
    "Microsoft.Web/sites/slots": lambda _, one: {
        "state": "Running",
        "availabilityState": "Normal",
        "defaultHostName": f"{one.name}.azurewebsites.net",
    },
    "Microsoft.Kubernetes/connectedClusters": lambda _, __: {"connectivityStatus": "Connected"},
    "Microsoft.App/managedEnvironments": lambda _, one: {
        "defaultDomain": f"{one.name}.{one.location}.azurecontainerapps.io"
    },
    "Microsoft.App/containerApps": lambda _, __: {"runningStatus": "Running"},
    "Microsoft.App/jobs": lambda _, __: {},
    WORKSPACE: lambda world, one: {"workspaceId": _stable_guid(world, one, "workspaceId")},
    "Microsoft.Batch/batchAccounts": lambda _, one: {"accountEndpoint": f"{one.name}.{one.location}.batch.azure.com"},
    "Microsoft.ContainerInstance/containerGroups": lambda _, __: {"instanceView": {"state": "Running"}},
}


OPEN: Final = {"bypass": "AzureServices", "defaultAction": "Allow"}  # what a vault without rules is, too
AUTHORS_SINCE: Final = "2021"  # the api-versions that tell who made a vault
REACH_SINCE: Final = "2021-06"  # and from where it can be reached
VAULT_HEADERS: Final = {"x-ms-keyvault-service-version": "1.5.1361.0"}


def show_vault(resource: Resource, api_version: str, world: "World") -> Body:
    """Return the vault; until its host is registered, its address lacks the last slash."""
    properties = dict(resource.properties)
    if properties.get("provisioningState") == "RegisteringDns":
        properties["vaultUri"] = str(properties["vaultUri"]).rstrip("/")
    if properties.get("networkAcls") == OPEN:
        del properties["networkAcls"]
    elif given := properties.get("networkAcls"):
        properties["networkAcls"] = {"ipRules": [], "virtualNetworkRules": []} | given
    newer: Body = {}
    if api_version >= REACH_SINCE:
        properties.setdefault("publicNetworkAccess", "Enabled")
    if api_version >= AUTHORS_SINCE:
        newer = {"systemData": system_data(world, resource, offset=False)}
    return resource.view() | newer | {"tags": resource.tags, "properties": properties}


def show_logs(resource: Resource, api_version: str, world: "World") -> Body:
    """Return a workspace of logs with its dates and its cap (recorded at 2023-09-01)."""
    del api_version
    made, changed = world.clock.iso(resource.created), world.clock.iso(resource.changed or resource.created)
    capping = {"dailyQuotaGb": -1.0, "quotaNextResetTime": made, "dataIngestionStatus": "RespectQuota"}
    own = {"workspaceCapping": capping, "createdDate": made, "modifiedDate": changed}
    sku = {"lastSkuUpdate": made} | resource.properties.get("sku", {})
    properties = own | resource.properties | {"sku": sku}
    return resource.view() | {"properties": properties, "etag": f'"{etag(resource)}"'}


def _light_type(name: str, computed: Computed) -> ResourceType:
    def prepare(
        world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
    ) -> Resource:
        """Return a resource as it was sent, with its computed properties."""
        del principal
        resource = compose(resource_id, body, existing)
        given: dict[str, Any] = resource.properties
        resource.body["properties"] = computed(world, resource) | given
        return resource

    async def after_put(world: "World", resource: Resource) -> None:
        """Create its identity, and the parts of its type."""
        identify_principal(world, resource)
        if name == "Microsoft.EventHub/namespaces":
            await add_root_key(world, resource)
        if name == WORKSPACE and world.faults.take("workspace-fails", workspace=resource.name):
            raise AzureError(400, "BadRequest", f"The container registry of {resource.name} cannot be used.")
        if name in (SITE, SLOT):
            configure_site(world, resource)

    if name in APPS:
        return app_type(name, prepare, after_put)
    if name == VAULT:
        return ResourceType(
            name, prepare=prepare, view=show_vault, accepted=identify_principal, after_put=after_put, tracked=True,
            create_seconds=5, creating="RegisteringDns", forms=BY_STATE, headers=VAULT_HEADERS, created_status=200,
        )  # fmt: skip
    view = show_logs if name == LOGS else show_site if name in (SITE, SLOT) else show_everything
    actions = {"slotsswap": swap} if name == SITE else {}
    return ResourceType(name, prepare=prepare, view=view, after_put=after_put, actions=actions, tracked=True)


def show_identity(resource: Resource, api_version: str, world: "World") -> Body:
    """Return an identity, whose id has its resource group in small letters (identity.create)."""
    del api_version, world
    return resource.view() | {"id": resource.id.replace("/resourceGroups/", "/resourcegroups/"), "tags": resource.tags}


TYPES: Final = (
    *(_light_type(name, computed) for name, computed in LIGHT_TYPES.items()),
    *(ResourceType(f"Microsoft.EventHub/namespaces/{child}") for child in ("eventhubs", "authorizationRules")),
    *PARTS,
    REVISIONS,
    ResourceType(
        IDENTITY, prepare=prepare_identity, view=show_identity, after_put=identify, tracked=True, tells_location=True
    ),
)
