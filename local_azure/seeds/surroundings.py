"""The demo registry as a resource, and everything in Azure that knows it: network, cluster, logs, tasks, roles."""

from typing import Any, Final

from local_azure.registry.admission import REGISTRY_TYPE, content_of
from local_azure.seeds import consumers
from local_azure.seeds.insert import GROUP, LOCATION, REGISTRY, group_id, put
from local_azure.services.logs import write_logs
from local_azure.state.content import RegistryContent
from local_azure.state.store import Resource
from local_azure.state.world import World

TARGET_NETWORK_GROUP: Final = "contoso-network-north"
TARGET_LOCATION: Final = "northeurope"
NETWORK: Final = "Microsoft.Network"
NETWORK_API: Final = "2025-05-01"
DNS_API: Final = "2024-06-01"
CLUSTER_API: Final = "2026-05-01"
WORKSPACE_API: Final = "2025-07-01"
TASKS_API: Final = "2019-06-01-preview"
CLUSTER_ID: Final = f"{group_id(GROUP)}/providers/Microsoft.ContainerService/managedClusters/contoso-aks"
LOGS_ID: Final = f"{group_id(GROUP)}/providers/Microsoft.OperationalInsights/workspaces/contoso-logs"
HELM: Final = {"app.kubernetes.io/managed-by": "Helm"}
RUNNING: Final = (
    (f"{REGISTRY}.azurecr.io", "contoso/shop/frontend", "1.4"),
    (f"{REGISTRY}.azurecr.io", "platform/gateway", "latest"),
    ("mcr.microsoft.com", "oss/kubernetes/pause", "3.9"),
)


def plant(world: World) -> RegistryContent:
    """Insert all of it; return the registry's content, still empty."""
    for group, location in ((GROUP, LOCATION), (TARGET_NETWORK_GROUP, TARGET_LOCATION)):
        world.add_group(group, location)
    west = _network(world, GROUP, "contoso-vnet", LOCATION, "10.10")
    _network(world, TARGET_NETWORK_GROUP, "contoso-vnet-north", TARGET_LOCATION, "10.20")
    registry = _registry(world, west)
    _children(world, registry)
    _private_endpoint(world, registry, west)
    _cluster(world, registry)
    _logs(world, registry)
    consumers.plant(world, registry)
    return content_of(world, registry)


def _network(world: World, group: str, name: str, location: str, prefix: str) -> Resource:
    """Return a virtual network: `apps` with the service endpoint for registries, `endpoints` for private endpoints."""
    service_endpoints = [{"service": "Microsoft.ContainerRegistry", "locations": ["*"]}]
    subnets = [
        {"name": "apps", "properties": {"addressPrefix": f"{prefix}.0.0/24", "serviceEndpoints": service_endpoints}},
        {"name": "endpoints", "properties": {"addressPrefix": f"{prefix}.1.0/24"}},
    ]
    properties = {"addressSpace": {"addressPrefixes": [f"{prefix}.0.0/16"]}, "subnets": subnets}
    body = {"location": location, "tags": {"env": "prod"}, "properties": properties}
    return put(world, f"{group_id(group)}/providers/{NETWORK}/virtualNetworks/{name}", body, NETWORK_API)


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
    """Plant a replica, webhooks in both regions, scope maps with their tokens, cache rules and tasks."""

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
    bootstrap = {"sourceRepository": "mcr.microsoft.com/*", "targetRepository": "aks-managed-repository/*"}
    child("cacheRules/aks-managed-mcr", bootstrap)
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
    """Plant a private endpoint in the registry's network, and the DNS zone with its addresses."""
    base = f"{group_id(GROUP)}/providers/{NETWORK}"
    link = {"privateLinkServiceId": registry.id, "groupIds": ["registry"]}
    properties = {
        "subnet": {"id": f"{network.id}/subnets/endpoints"},
        "privateLinkServiceConnections": [{"name": "contoso-acr-pe", "properties": link}],
    }
    body = {"location": LOCATION, "tags": {}, "properties": properties}
    endpoint = put(world, f"{base}/privateEndpoints/contoso-acr-pe", body, NETWORK_API)
    zone_id = f"{base}/privateDnsZones/privatelink.azurecr.io"
    zone = put(world, zone_id, {"location": "global", "properties": {}}, DNS_API)
    joined = {"virtualNetwork": {"id": network.id}, "registrationEnabled": False}
    put(world, f"{zone.id}/virtualNetworkLinks/contoso-vnet", {"location": "global", "properties": joined}, DNS_API)
    config = {"name": "privatelink-azurecr-io", "properties": {"privateDnsZoneId": zone.id}}
    group = {"properties": {"privateDnsZoneConfigs": [config]}}
    put(world, f"{endpoint.id}/privateDnsZoneGroups/default", group, NETWORK_API)


def _cluster(world: World, registry: Resource) -> None:
    """Plant a network-isolated cluster: kubelets pull from the registry by a role, nodes bootstrap from it."""
    pool = {"name": "nodepool1", "count": 3, "vmSize": "Standard_D4s_v5", "mode": "System", "osType": "Linux"}
    body = {
        "location": LOCATION,
        "tags": {"env": "prod"},
        "sku": {"name": "Base", "tier": "Standard"},
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "dnsPrefix": "contoso-aks",
            "kubernetesVersion": "1.33",
            "agentPoolProfiles": [pool],
            "networkProfile": {"networkPlugin": "azure", "outboundType": "none"},
            "bootstrapProfile": {"artifactSource": "Cache", "containerRegistryId": registry.id},
            "addonProfiles": {"omsagent": {"enabled": True, "config": {"logAnalyticsWorkspaceResourceID": LOGS_ID}}},
        },
    }
    cluster = put(world, CLUSTER_ID, body, CLUSTER_API)
    cluster.hidden["workloads"] = [
        _workload("Deployment", "shop", "frontend", "contoso/shop/frontend:1.4"),
        _workload("Deployment", "platform", "gateway", "platform/gateway:latest", HELM),
    ]
    kubelet = cluster.properties["identityProfile"]["kubeletidentity"]["objectId"]
    world.assign(kubelet, "AcrPull", registry.id)


def _workload(kind: str, namespace: str, name: str, image: str, labels: dict[str, str] | None = None) -> dict[str, Any]:
    """Return a workload that is rolled out."""
    pod = {"spec": {"containers": [{"name": "main", "image": f"{REGISTRY}.azurecr.io/{image}"}]}}
    told = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1}
    metadata = {"namespace": namespace, "name": name, "generation": 1, "labels": labels or {}}
    return {"kind": kind, "metadata": metadata, "spec": {"replicas": 1, "template": pod}, "status": told}


def _logs(world: World, registry: Resource) -> None:
    """Plant a workspace with the cluster's images, and the diagnostic setting that sends the registry's logs there."""
    properties = {"sku": {"name": "PerGB2018"}, "retentionInDays": 30}
    body = {"location": LOCATION, "tags": {}, "properties": properties}
    workspace = put(world, LOGS_ID, body, WORKSPACE_API)
    write_logs(workspace, "ContainerInventory", [_container(world, *image) for image in RUNNING])
    categories = ("ContainerRegistryRepositoryEvents", "ContainerRegistryLoginEvents")
    setting = {
        "workspaceId": LOGS_ID,
        "logs": [{"category": category, "enabled": True} for category in categories],
        "metrics": [{"category": "AllMetrics", "enabled": True}],
    }
    setting_id = f"{registry.id}/providers/Microsoft.Insights/diagnosticSettings/{REGISTRY}-diagnostic-settings"
    put(world, setting_id, {"properties": setting}, "2021-05-01-preview")


def _container(world: World, repository: str, image: str, tag: str) -> dict[str, Any]:
    """Return a row of Container insights: the registry's name is the repository (its agent cuts at the first slash)."""
    names = {"Repository": repository, "Image": image, "ImageTag": tag, "ContainerState": "Running"}
    return {"TimeGenerated": world.clock.iso(), "_ResourceId": CLUSTER_ID.lower(), **names}
