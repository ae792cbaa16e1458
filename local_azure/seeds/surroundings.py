"""The demo registry as a resource, and everything in Azure that knows it: network, cluster, logs, tasks, roles."""

from typing import Any, Final

from local_azure.admission import REGISTRY_TYPE, content_of
from local_azure.content import RegistryContent
from local_azure.seeds.planting import GROUP, LOCATION, REGISTRY, group_id, put
from local_azure.store import Resource
from local_azure.world import World

TARGET_NETWORK_GROUP: Final = "contoso-network-north"
TARGET_LOCATION: Final = "northeurope"
NODE_GROUP: Final = "MC_contoso-west_contoso-aks_westeurope"
NETWORK: Final = "Microsoft.Network"
TASKS_API: Final = "2019-06-01-preview"
DONE: Final = {"provisioningState": "Succeeded"}
SERVICE_ENDPOINT: Final = {"service": "Microsoft.ContainerRegistry", "locations": ["*"], **DONE}


def plant(world: World) -> RegistryContent:
    """All of it; returns the registry's content, still empty."""
    for group, location in ((GROUP, LOCATION), (NODE_GROUP, LOCATION), (TARGET_NETWORK_GROUP, TARGET_LOCATION)):
        world.add_group(group, location)
    west = _network(world, GROUP, "contoso-vnet", LOCATION, "10.10")
    _network(world, TARGET_NETWORK_GROUP, "contoso-vnet-north", TARGET_LOCATION, "10.20")
    registry = _registry(world, west)
    _children(world, registry)
    _private_endpoint(world, registry, west)
    _cluster(world, registry)
    _logs(world, registry)
    return content_of(world, registry)


def _network(world: World, group: str, name: str, location: str, prefix: str) -> Resource:
    """A virtual network: `apps` with the service endpoint for registries, `endpoints` for private endpoints."""
    network_id = f"{group_id(group)}/providers/{NETWORK}/virtualNetworks/{name}"
    subnets = {"apps": True, "endpoints": False}
    listed = []
    for number, (subnet, with_registries) in enumerate(subnets.items()):
        properties = {
            "addressPrefix": f"{prefix}.{number}.0/24",
            "serviceEndpoints": [SERVICE_ENDPOINT] if with_registries else [],
            "delegations": [],
            "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
            **DONE,
        }
        made = world.add(f"{network_id}/subnets/{subnet}", {"properties": properties})
        listed.append(made.view())
    whole = {"addressSpace": {"addressPrefixes": [f"{prefix}.0.0/16"]}, "subnets": listed, **DONE}
    return world.add(network_id, {"location": location, "tags": {"env": "prod"}, "properties": whole})


def _registry(world: World, network: Resource) -> Resource:
    rules = {
        "defaultAction": "Deny",
        "ipRules": [{"action": "Allow", "value": "203.0.113.0/24"}, {"action": "Allow", "value": "198.51.100.7"}],
        "virtualNetworkRules": [{"action": "Allow", "virtualNetworkSubnetResourceId": f"{network.id}/subnets/apps"}],
    }
    body = {
        "location": LOCATION,
        "sku": {"name": "Premium"},
        "tags": {"env": "prod", "owner": "platform-team", "cost-center": "4711"},
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "dataEndpointEnabled": True,
            "networkRuleSet": rules,
            "zoneRedundancy": "Enabled",
            "policies": {"retentionPolicy": {"days": 30, "status": "enabled"}},
        },
    }
    return put(world, f"{group_id(GROUP)}/providers/{REGISTRY_TYPE}/{REGISTRY}", body)


def _children(world: World, registry: Resource) -> None:
    """A replica, webhooks in both regions, scope maps with their tokens, a cache rule and tasks."""

    def child(path: str, properties: dict[str, Any], location: str = "", api_version: str = "") -> Resource:
        body = {"properties": properties} | ({"location": location} if location else {})
        return put(world, f"{registry.id}/{path}", body, *([api_version] if api_version else []))

    child("replications/francecentral", {"regionEndpointEnabled": True, "zoneRedundancy": "Disabled"}, "francecentral")
    hook = {"actions": ["push", "delete"], "scope": "contoso/shop/frontend:*", "status": "enabled"}
    secret = {"customHeaders": {"X-Deploy-Token": "not-a-real-secret"}}
    child(
        "webhooks/deployfrontend", hook | {"serviceUri": "https://deploy.contoso.com/hooks/frontend"} | secret, LOCATION
    )
    scan = {"actions": ["push"], "scope": "", "serviceUri": "https://scan.contoso.com/acr?code=not-a-real-secret"}
    child("webhooks/scanfrance", scan | {"status": "disabled"}, "francecentral")
    pull = ["repositories/contoso/shop/*/content/read", "repositories/contoso/shop/*/metadata/read"]
    child("scopeMaps/shop-pull", {"description": "Edge sites pull the shop", "actions": pull})
    push = [f"repositories/contoso/data/ingest/{verb}" for verb in ("content/read", "content/write", "metadata/read")]
    child("scopeMaps/ingest-ci", {"description": "The build of ingest", "actions": push})
    for token, scope_map, status in (
        ("edge-site-1", "shop-pull", "enabled"),
        ("ingest-ci", "ingest-ci", "enabled"),
        ("auditor", "_repositories_pull_metadata_read", "disabled"),
    ):
        child(f"tokens/{token}", {"scopeMapId": f"{registry.id}/scopeMaps/{scope_map}", "status": status})
    rule = {"sourceRepository": "mcr.microsoft.com/oss/busybox", "targetRepository": "cache/busybox"}
    child("cacheRules/busybox", rule)
    child("tasks/build-frontend", _build_task(), LOCATION, TASKS_API)
    child("tasks/purge-sandbox", _purge_task(), LOCATION, TASKS_API)


def _build_task() -> dict[str, Any]:
    step = {
        "type": "Docker",
        "contextPath": "https://github.com/contoso/shop.git#main:frontend",
        "contextAccessToken": "not-a-real-secret",
        "dockerFilePath": "Dockerfile",
        "imageNames": ["contoso/shop/frontend:{{.Run.ID}}"],
        "isPushEnabled": True,
        "noCache": False,
        "arguments": [{"name": "NPM_TOKEN", "value": "not-a-real-secret", "isSecret": True}],
    }
    base = {"name": "defaultBaseimageTriggerName", "baseImageTriggerType": "Runtime", "status": "Enabled"}
    return {
        "platform": {"os": "Linux", "architecture": "amd64"},
        "agentConfiguration": {"cpu": 2},
        "step": step,
        "trigger": {"baseImageTrigger": base},
    }


def _purge_task() -> dict[str, Any]:
    step = {"type": "EncodedTask", "encodedTaskContent": "dmVyc2lvbjogdjEuMS4wCg=="}
    timer = {"name": "weekly", "schedule": "0 3 * * 0", "status": "Enabled"}
    return {"platform": {"os": "Linux"}, "step": step, "status": "Disabled", "trigger": {"timerTriggers": [timer]}}


def _private_endpoint(world: World, registry: Resource, network: Resource) -> None:
    """A private endpoint with its network interface, its side of the registry, and the DNS zone that names it."""
    base = f"{group_id(GROUP)}/providers/{NETWORK}"
    endpoint_id, zone_id = f"{base}/privateEndpoints/contoso-acr-pe", f"{base}/privateDnsZones/privatelink.azurecr.io"
    members = {
        f"registry_data_{LOCATION}": (f"{REGISTRY}.{LOCATION}.data", "10.10.1.4"),
        "registry_data_francecentral": (f"{REGISTRY}.francecentral.data", "10.10.1.5"),
        "registry": (REGISTRY, "10.10.1.6"),
    }
    nic_id = f"{base}/networkInterfaces/contoso-acr-pe.nic"
    world.add(nic_id, _interface(nic_id, network, endpoint_id, members))
    world.add(endpoint_id, _endpoint(registry, network, nic_id))
    connection = {"status": "Approved", "description": "Auto-Approved", "actionsRequired": "None"}
    properties = {"privateEndpoint": {"id": endpoint_id}, "privateLinkServiceConnectionState": connection, **DONE}
    world.add(f"{registry.id}/privateEndpointConnections/contoso-acr-pe.{world.guid()}", {"properties": properties})
    _zone(world, zone_id, network, members)
    config = {"name": "privatelink-azurecr-io", "properties": {"privateDnsZoneId": zone_id, "recordSets": []}}
    world.add(
        f"{endpoint_id}/privateDnsZoneGroups/default", {"properties": {"privateDnsZoneConfigs": [config], **DONE}}
    )


def _endpoint(registry: Resource, network: Resource, nic_id: str) -> dict[str, Any]:
    state = {"status": "Approved", "description": "Auto-Approved", "actionsRequired": "None"}
    link = {"privateLinkServiceId": registry.id, "groupIds": ["registry"], "privateLinkServiceConnectionState": state}
    properties = {
        "subnet": {"id": f"{network.id}/subnets/endpoints"},
        "privateLinkServiceConnections": [{"name": "contoso-acr-pe", "properties": link | DONE}],
        "manualPrivateLinkServiceConnections": [],
        "networkInterfaces": [{"id": nic_id}],
        "customDnsConfigs": [],
        "ipConfigurations": [],
        **DONE,
    }
    return {"location": LOCATION, "tags": {}, "properties": properties}


def _interface(nic_id: str, network: Resource, endpoint_id: str, members: dict[str, tuple[str, str]]) -> dict[str, Any]:
    configurations = [
        {
            "id": f"{nic_id}/ipConfigurations/{member}",
            "name": member,
            "properties": {
                "privateIPAddress": address,
                "subnet": {"id": f"{network.id}/subnets/endpoints"},
                "privateLinkConnectionProperties": {
                    "groupId": "registry",
                    "requiredMemberName": member,
                    "fqdns": [f"{host}.azurecr.io"],
                },
            },
        }
        for member, (host, address) in members.items()
    ]
    properties = {"ipConfigurations": configurations, "privateEndpoint": {"id": endpoint_id}, **DONE}
    return {"location": LOCATION, "tags": {}, "properties": properties}


def _zone(world: World, zone_id: str, network: Resource, members: dict[str, tuple[str, str]]) -> None:
    world.add(
        zone_id, {"location": "global", "tags": {}, "properties": {"numberOfRecordSets": len(members) + 1, **DONE}}
    )
    link = {"virtualNetwork": {"id": network.id}, "registrationEnabled": False, "virtualNetworkLinkState": "Completed"}
    world.add(f"{zone_id}/virtualNetworkLinks/contoso-vnet", {"location": "global", "properties": link | DONE})
    for host, address in members.values():
        record = {"ttl": 10, "fqdn": f"{host}.privatelink.azurecr.io.", "aRecords": [{"ipv4Address": address}]}
        world.add(f"{zone_id}/A/{host}", {"properties": record})


def _cluster(world: World, registry: Resource) -> None:
    """A cluster whose kubelets pull from the registry: the role assignment is the only tie between the two."""
    kubelet = world.directory.add_identity("contoso-aks-agentpool", world.guid(), world.guid())
    identity_id = f"{group_id(NODE_GROUP)}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{kubelet.name}"
    ids = {"principalId": kubelet.object_id, "clientId": kubelet.client_id}
    tenant = {"tenantId": "11111111-1111-1111-1111-111111111111"}
    world.add(identity_id, {"location": LOCATION, "tags": {}, "properties": ids | tenant})
    kubelet_identity = {"resourceId": identity_id, "clientId": kubelet.client_id, "objectId": kubelet.object_id}
    pool = {"name": "nodepool1", "count": 3, "vmSize": "Standard_D4s_v5", "mode": "System", "osType": "Linux", **DONE}
    own = world.directory.add_identity("contoso-aks", world.guid(), world.guid())
    body = {
        "location": LOCATION,
        "tags": {"env": "prod"},
        "sku": {"name": "Base", "tier": "Standard"},
        "identity": {"type": "SystemAssigned", "principalId": own.object_id, **tenant},
        "properties": {
            "kubernetesVersion": "1.33",
            "dnsPrefix": "contoso-aks",
            "fqdn": "contoso-aks-2222.hcp.westeurope.azmk8s.io",
            "agentPoolProfiles": [pool],
            "servicePrincipalProfile": {"clientId": "msi"},
            "identityProfile": {"kubeletidentity": kubelet_identity},
            "networkProfile": {"networkPlugin": "azure", "loadBalancerSku": "standard", "outboundType": "loadBalancer"},
            "nodeResourceGroup": NODE_GROUP,
            "enableRBAC": True,
            "powerState": {"code": "Running"},
            **DONE,
        },
    }
    world.add(f"{group_id(GROUP)}/providers/Microsoft.ContainerService/managedClusters/contoso-aks", body)
    world.assign(kubelet, "AcrPull", registry.id)


def _logs(world: World, registry: Resource) -> None:
    """A workspace, and the diagnostic setting that sends the registry's logs there."""
    workspace_id = f"{group_id(GROUP)}/providers/Microsoft.OperationalInsights/workspaces/contoso-logs"
    properties = {"sku": {"name": "PerGB2018"}, "retentionInDays": 30, "customerId": world.guid(), **DONE}
    world.add(workspace_id, {"location": LOCATION, "tags": {}, "properties": properties})
    categories = ("ContainerRegistryRepositoryEvents", "ContainerRegistryLoginEvents")
    setting = {
        "workspaceId": workspace_id,
        "logs": [{"category": category, "enabled": True} for category in categories],
        "metrics": [{"category": "AllMetrics", "enabled": True}],
    }
    setting_id = f"{registry.id}/providers/Microsoft.Insights/diagnosticSettings/{REGISTRY}-diagnostic-settings"
    put(world, setting_id, {"properties": setting}, "2021-05-01-preview")
