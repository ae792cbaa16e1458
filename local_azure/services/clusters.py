"""What may use a registry: clusters, identities, logs, storage, vaults, apps. Light: they are found, not run."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from local_azure.arm.resource_pipeline import Body, ResourceType, register, show_everything
from local_azure.services.container_apps import APPS, app_type
from local_azure.services.kubectl import run_command
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError
from local_azure.state.responses import answer
from local_azure.state.settings import TENANT_ID
from local_azure.state.store import Resource
from local_azure.wire.routing import Call

if TYPE_CHECKING:
    from local_azure.state.world import World

CLUSTER: Final = "Microsoft.ContainerService/managedClusters"
IDENTITY: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
Computed = Callable[["World", Resource], Body]


def compose(resource_id: str, body: Body, existing: Resource | None) -> Resource:
    """A resource of a body; what Azure had computed for it survives."""
    kept = {key: value for key, value in body.items() if key not in ("id", "name", "type", "etag", "systemData")}
    resource = Resource(resource_id, kept, dict(existing.hidden) if existing else {})
    resource.body["properties"] = dict(body.get("properties") or {}) | {"provisioningState": "Succeeded"}
    return resource


def prepare_cluster(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """A cluster with the defaults of Azure; its identities come when it is provisioned."""
    del world, principal
    cluster = compose(resource_id, body, existing)
    before = existing.properties if existing else {}
    computed = ("fqdn", "identityProfile", "currentKubernetesVersion")
    own = {name: before[name] for name in computed if name in before}
    defaults: Body = {
        "kubernetesVersion": "1.33",
        "dnsPrefix": cluster.name,
        "fqdn": f"{cluster.name}-{cluster.subscription[:8]}.hcp.{cluster.location}.azmk8s.io",
        "nodeResourceGroup": f"MC_{cluster.group}_{cluster.name}_{cluster.location}",
        "networkProfile": {"networkPlugin": "azure", "loadBalancerSku": "standard", "outboundType": "loadBalancer"},
        "servicePrincipalProfile": {"clientId": "msi"},
        "agentPoolProfiles": [],
        "enableRBAC": True,
        "powerState": {"code": "Running"},
    }
    cluster.body["properties"] = defaults | cluster.properties | own
    for pool in cluster.properties["agentPoolProfiles"]:
        pool.update({"provisioningState": "Succeeded", "powerState": {"code": "Running"}})
    return cluster


async def identify_cluster(world: "World", cluster: Resource) -> None:
    """The cluster's own identity and that of its kubelets exist, unless it runs as a service principal."""
    properties = cluster.properties
    if str((properties.get("servicePrincipalProfile") or {}).get("clientId", "msi")) != "msi":
        return
    _identify(world, cluster)
    if "kubeletidentity" in (properties.get("identityProfile") or {}):
        return
    node_group = properties["nodeResourceGroup"]
    if world.resources.get(f"/subscriptions/{cluster.subscription}/resourceGroups/{node_group}") is None:
        world.add_group(node_group, cluster.location, cluster.subscription)
    kubelet = world.directory.add_identity(f"{cluster.name}-agentpool")
    identity_id = (
        f"/subscriptions/{cluster.subscription}/resourceGroups/{node_group}/providers/{IDENTITY}/{kubelet.name}"
    )
    ids = {"principalId": kubelet.object_id, "clientId": kubelet.client_id, "tenantId": TENANT_ID}
    world.add(identity_id, {"location": cluster.location, "tags": {}, "properties": ids})
    shown = {"resourceId": identity_id, "clientId": kubelet.client_id, "objectId": kubelet.object_id}
    properties["identityProfile"] = {"kubeletidentity": shown}


def _identify(world: "World", resource: Resource) -> None:
    """A system-assigned identity has a principal."""
    identity = resource.body.get("identity") or {}
    if "SystemAssigned" in identity.get("type", ""):
        found = resource.hidden.get("principalId") or world.directory.add_identity(resource.name).object_id
        resource.hidden["principalId"] = found
        resource.body["identity"] = identity | {"principalId": found, "tenantId": TENANT_ID}


async def refuse_credentials(call: Call, cluster: Resource) -> web.StreamResponse:
    """There is no Kubernetes behind the clusters of the embedded Azure."""
    del call
    message = (
        f"The embedded Azure has no Kubernetes behind the cluster {cluster.name}, so it has no credentials to give."
    )
    raise AzureError(501, "NotImplementedByLocalAzure", message, gateway=True)


def prepare_identity(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """An identity that keeps its principal."""
    del world, principal
    identity = compose(resource_id, body, existing)
    identity.body["properties"] = dict(existing.properties) if existing else {}
    return identity


async def identify(world: "World", identity: Resource) -> None:
    """The identity has a principal of its own."""
    if "principalId" not in identity.properties:
        principal = world.directory.add_identity(identity.name)
        ids = {"principalId": principal.object_id, "clientId": principal.client_id, "tenantId": TENANT_ID}
        identity.properties.update(ids)


async def add_root_key(world: "World", namespace: Resource) -> None:
    """Every event hub namespace has this rule; diagnostic settings name it."""
    rule = f"{namespace.id}/authorizationRules/RootManageSharedAccessKey"
    world.add(rule, {"properties": {"rights": ["Listen", "Manage", "Send"]}})


def _stable_guid(world: "World", resource: Resource, name: str) -> str:
    """The same GUID for every version of a resource."""
    value: str = resource.hidden.setdefault(name, world.guid())
    return value


LIGHT_TYPES: Final[dict[str, Computed]] = {
    "Microsoft.OperationalInsights/workspaces": lambda world, one: {
        "customerId": _stable_guid(world, one, "customerId"),
        "sku": {"name": "PerGB2018"},
        "retentionInDays": 30,
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
        "vaultUri": f"https://{one.name}.vault.azure.net/",
        "tenantId": TENANT_ID,
        "accessPolicies": [],
        "enableSoftDelete": True,
    },
    "Microsoft.Web/serverfarms": lambda _, __: {"status": "Ready"},
    "Microsoft.Web/sites": lambda _, one: {
        "state": "Running",
        "sku": "PremiumV3",
        "defaultHostName": f"{one.name}.azurewebsites.net",
    },
    "Microsoft.App/managedEnvironments": lambda _, one: {
        "defaultDomain": f"{one.name}.{one.location}.azurecontainerapps.io"
    },
    "Microsoft.App/containerApps": lambda _, __: {"runningStatus": "Running"},
    "Microsoft.App/jobs": lambda _, __: {},
    "Microsoft.MachineLearningServices/workspaces": lambda world, one: {
        "workspaceId": _stable_guid(world, one, "workspaceId")
    },
    "Microsoft.Batch/batchAccounts": lambda _, one: {"accountEndpoint": f"{one.name}.{one.location}.batch.azure.com"},
    "Microsoft.EventGrid/systemTopics": lambda world, one: {
        "metricResourceId": _stable_guid(world, one, "metricResourceId")
    },
    "Microsoft.ContainerInstance/containerGroups": lambda _, __: {"instanceView": {"state": "Running"}},
}


SITE: Final = "Microsoft.Web/sites"


def show_site(resource: Resource, api_version: str, world: "World") -> Body:
    """The site without its configuration: that is a resource of its own, and neither GET nor Resource Graph tells it.

    Source: Web Apps - Get (siteConfig is null but for a few fields), Get Configuration (`config/web`).
    """
    del api_version, world
    return resource.view() | {"properties": resource.properties | {"siteConfig": None}}


def _configure(world: "World", site: Resource) -> None:
    """The site's configuration is `config/web`; beside it are its environment, and what of that keeps to a slot."""
    for name in ("appsettings", "slotConfigNames"):
        if world.resources.get(f"{site.id}/config/{name}") is None:
            world.add(f"{site.id}/config/{name}", {"location": site.location, "properties": {}})
    config = site.properties.pop("siteConfig", None)
    if config is not None or world.resources.get(f"{site.id}/config/web") is None:
        world.add(f"{site.id}/config/web", {"location": site.location, "properties": config or {}})


async def list_settings(call: Call, settings: Resource) -> web.Response:
    """The site's settings, which GET does not show (Web Apps - List Application Settings)."""
    del call
    return answer(settings.view())


def _register_light(name: str, computed: Computed) -> None:
    def prepare(
        world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
    ) -> Resource:
        """A resource as it was sent, with what Azure computes for it."""
        del principal
        resource = compose(resource_id, body, existing)
        given: dict[str, Any] = resource.properties
        resource.body["properties"] = computed(world, resource) | given
        return resource

    async def after_put(world: "World", resource: Resource) -> None:
        """Its identity exists, and what comes with its type."""
        _identify(world, resource)
        if name == "Microsoft.EventHub/namespaces":
            await add_root_key(world, resource)
        if name == SITE:
            _configure(world, resource)

    if name in APPS:
        register(app_type(name, prepare, after_put))
    else:
        view = show_site if name == SITE else show_everything
        register(ResourceType(name, prepare=prepare, view=view, after_put=after_put, tracked=True))


for _name, _computed in LIGHT_TYPES.items():
    _register_light(_name, _computed)
register(ResourceType(f"{SITE}/config", actions={"list": list_settings}))
for _child in ("eventhubs", "authorizationRules"):
    register(ResourceType(f"Microsoft.EventHub/namespaces/{_child}"))
register(ResourceType(IDENTITY, prepare=prepare_identity, after_put=identify, tracked=True))
register(
    ResourceType(
        CLUSTER,
        prepare=prepare_cluster,
        after_put=identify_cluster,
        actions={
            "listclusterusercredential": refuse_credentials,
            "listclusteradmincredential": refuse_credentials,
            "runcommand": run_command,
        },
        create_seconds=30,
        update_seconds=10,
        delete_seconds=20,
        tracked=True,
    )
)
