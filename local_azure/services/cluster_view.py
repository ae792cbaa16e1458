"""Clusters as AKS shows them, with what it fills in (recorded at 2024-05-01: managedCluster.create, .get)."""

from typing import Any, Final

from local_azure.arm.resource_types import Body
from local_azure.state.settings import TENANT_ID
from local_azure.state.store import Resource

VERSION: Final = "1.33.5"
NETWORK: Final[Body] = {
    "networkPlugin": "azure",
    "loadBalancerSku": "standard",
    "outboundType": "loadBalancer",
    "serviceCidr": "10.0.0.0/16",
    "dnsServiceIP": "10.0.0.10",
    "serviceCidrs": ["10.0.0.0/16"],
    "ipFamilies": ["IPv4"],
}
FILLED_IN: Final[Body] = {
    "supportPlan": "KubernetesOfficial",
    "maxAgentPools": 100,
    "disableLocalAccounts": False,
    "securityProfile": {},
    "storageProfile": {name: {"enabled": True} for name in ("diskCSIDriver", "fileCSIDriver", "snapshotController")},
    "oidcIssuerProfile": {"enabled": False},
    "workloadAutoScalerProfile": {},
}
POOL: Final[Body] = {
    "osDiskSizeGB": 128,
    "osDiskType": "Managed",
    "kubeletDiskType": "OS",
    "maxPods": 110,
    "osSKU": "Ubuntu",
    "nodeImageVersion": "AKSUbuntu-2204gen2containerd-202510.19.0",
}
# Of spot pools alone; others do not show them.
UNIMAGED: Final = "AvailabilitySet"  # the type of pools that tell no image
OF_SPOT_POOLS: Final = frozenset({"scaleSetPriority", "scaleSetEvictionPolicy", "spotMaxPrice"})

OUTBOUND: Final = frozenset({"managedOutboundIPs", "outboundIPs", "outboundIPPrefixes"})


def show_cluster(resource: Resource, api_version: str, world: object) -> Body:
    """Return a cluster as AKS writes it: `resourcegroups` in its id, a capital in its type."""
    del api_version, world
    properties = {key: one for key, one in resource.properties.items() if one not in ("", {})}
    version = properties.get("kubernetesVersion") or VERSION
    fqdn, state = str(properties.get("fqdn", "")), properties.get("provisioningState")
    versions = {"kubernetesVersion": version, "currentKubernetesVersion": version}
    pools = [_pool(one, version, state) for one in properties.get("agentPoolProfiles") or ()]
    shown = FILLED_IN | properties | versions | {"azurePortalFQDN": fqdn.replace(".hcp.", ".portal.hcp.", 1)}
    shown |= {"agentPoolProfiles": pools, "networkProfile": _network(resource, properties)}
    shown["storageProfile"] = FILLED_IN["storageProfile"] | (properties.get("storageProfile") or {})
    if directory := properties.get("aadProfile"):
        shown["aadProfile"] = {"adminUsers": None, "tenantID": TENANT_ID} | directory
    if windows := properties.get("windowsProfile"):
        open_part = {key: one for key, one in windows.items() if key != "adminPassword"}
        shown["windowsProfile"] = {"enableCSIProxy": True} | open_part
    if (properties.get("oidcIssuerProfile") or {}).get("enabled"):
        issuer = f"https://{resource.location}.oic.prod-aks.azure.com/{TENANT_ID}/{resource.name}/"
        shown["oidcIssuerProfile"] = {"enabled": True, "issuerURL": issuer}
    principal = {key: one for key, one in (properties.get("servicePrincipalProfile") or {}).items() if key != "secret"}
    return resource.view() | {
        "id": resource.id.replace("/resourceGroups/", "/resourcegroups/"),
        "type": "Microsoft.ContainerService/ManagedClusters",
        "sku": {"name": "Base", "tier": "Free"} | (resource.body.get("sku") or {}),
        "properties": shown | {"servicePrincipalProfile": principal},
    }


def _pool(given: Body, version: Any, state: Any) -> Body:
    """Return a pool with what is not set left out, and its own state, which goes with that of the cluster."""
    unset = [key for key, one in given.items() if one in ("", []) or (key == "osDiskSizeGB" and not one)]
    kept = {key: one for key, one in given.items() if key not in (*unset, *OF_SPOT_POOLS)}
    spot = {key: given[key] for key in OF_SPOT_POOLS & given.keys() if given.get("scaleSetPriority") == "Spot"}
    versions = {"orchestratorVersion": version, "currentOrchestratorVersion": version}
    filled = {key: one for key, one in POOL.items() if key != "nodeImageVersion" or given.get("type") != UNIMAGED}
    return filled | versions | kept | spot | {"provisioningState": state}


def _network(cluster: Resource, properties: Body) -> Body:
    given = properties.get("networkProfile") or {}
    shown: Body = NETWORK | given
    if shown["outboundType"] == "loadBalancer" and str(shown["loadBalancerSku"]).lower() == "standard":
        shown["loadBalancerProfile"] = _balancer(cluster, properties, given.get("loadBalancerProfile") or {})
    if given.get("networkPlugin") == "azure":
        shown.setdefault("networkDataplane", "azure")
    return shown | ({"podCidrs": [given["podCidr"]]} if given.get("podCidr") else {})


def _balancer(cluster: Resource, properties: Body, given: Body) -> Body:
    """Return what goes out by the cluster's load balancer: one address of its own, unless others are given."""
    group = f"/subscriptions/{cluster.subscription}/resourceGroups/{properties.get('nodeResourceGroup')}"
    address = {"id": f"{group}/providers/Microsoft.Network/publicIPAddresses/{cluster.name}-outbound"}
    kept = {key: one for key, one in given.items() if one is not None}
    own: Body = {} if OUTBOUND & kept.keys() else {"managedOutboundIPs": {"count": 1}}
    ready = {} if properties.get("provisioningState") == "Creating" else {"effectiveOutboundIPs": [address]}
    return own | kept | ready
