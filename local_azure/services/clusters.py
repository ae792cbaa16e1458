"""Clusters (AKS): their identities and attachments; of what runs in them, only what a command pulls."""

from typing import TYPE_CHECKING, Final

from aiohttp import web

from local_azure.arm.operation_forms import AKS
from local_azure.arm.resource_types import Body, ResourceType
from local_azure.services.cluster_view import show_cluster
from local_azure.services.composing import compose, identify_principal
from local_azure.services.kubectl import run_command
from local_azure.services.light_types import IDENTITY
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError, UnwrappedError, bad_request
from local_azure.state.settings import TENANT_ID
from local_azure.state.store import Resource
from local_azure.wire.routing import Call

if TYPE_CHECKING:
    from local_azure.state.world import World

CLUSTER: Final = "Microsoft.ContainerService/managedClusters"


def prepare_cluster(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check a cluster, with Azure's defaults; its identities come when it is provisioned."""
    del principal
    before = existing.properties if existing else {}
    if existing:
        shown = show_cluster(existing, "", world)
        own_properties = _stored(body.get("properties") or {}, before, shown["properties"])
        body = _stored(body, existing.body, shown) | {"properties": own_properties}
    cluster = compose(resource_id, body, existing)
    computed = ("fqdn", "identityProfile", "currentKubernetesVersion")
    own = {name: before[name] for name in computed if name in before}
    defaults: Body = {
        "dnsPrefix": cluster.name,
        "fqdn": f"{cluster.name}-{cluster.subscription[:8]}.hcp.{cluster.location}.azmk8s.io",
        "nodeResourceGroup": f"MC_{cluster.group}_{cluster.name}_{cluster.location}",
        "servicePrincipalProfile": {"clientId": "msi"},
        "agentPoolProfiles": [],
        "enableRBAC": True,
        "powerState": {"code": "Running"},
    }
    cluster.body["properties"] = defaults | cluster.properties | own
    _check_bootstrap(world, cluster)
    for pool in cluster.properties["agentPoolProfiles"]:
        pool["powerState"] = {"code": "Running"}
    return cluster


def _stored(given: Body, before: Body, shown: Body) -> Body:
    """Return the values to store: what was shown and is written back leaves the stored value, or none, as it was."""
    stored: Body = {}
    for name, value in given.items():
        if value == shown.get(name):
            stored |= {name: before[name]} if name in before else {}
        elif name == "agentPoolProfiles":
            own, seen = ({one["name"]: one for one in side.get(name) or ()} for side in (before, shown))
            stored[name] = [_stored(one, own.get(one["name"], {}), seen.get(one["name"], {})) for one in value]
        else:
            stored[name] = value
    return stored


def _check_bootstrap(world: "World", cluster: Resource) -> None:
    """Raise AzureError 400 unless the registry that the nodes bootstrap from exists (aks/network-isolated)."""
    profile = cluster.properties.get("bootstrapProfile") or {}
    registry_id = profile.get("containerRegistryId")
    if registry_id and world.resources.get(registry_id) is None:
        message = f"The container registry '{registry_id}' of bootstrapProfile was not found."
        raise bad_request("InvalidParameter", message)


async def identify_cluster(world: "World", cluster: Resource) -> None:
    """Create the identities of the cluster and of its kubelets, unless it runs as a service principal."""
    properties, identity = cluster.properties, (cluster.body.get("identity") or {}).get("type", "None")
    is_principal = str((properties.get("servicePrincipalProfile") or {}).get("clientId", "msi")) != "msi"
    if is_principal and identity == "None":
        return
    identify_principal(world, cluster)
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


def identify_controls(world: "World", cluster: Resource) -> None:
    """Create the cluster's own identity, if it has one."""
    identify_principal(world, cluster)


def refuse_while_busy(cluster: Resource) -> None:
    """Raise AzureError 409 as long as another operation runs on the cluster."""
    if cluster.properties.get("provisioningState") in ("Creating", "Updating", "Deleting"):
        state = cluster.properties["provisioningState"]
        message = f"Operation is not allowed because there's an in progress {state.lower()} operation on the managed "
        message += f"cluster {cluster.name}. Please wait for it to finish before starting a new operation."
        raise UnwrappedError(409, "OperationNotAllowed", message)


async def refuse_credentials(call: Call, cluster: Resource) -> web.StreamResponse:
    """Refuse: there is no Kubernetes behind the clusters of the embedded Azure."""
    del call
    message = (
        f"The embedded Azure has no Kubernetes behind the cluster {cluster.name}, so it has no credentials to give."
    )
    raise AzureError(501, "NotImplementedByLocalAzure", message, gateway=True)


TYPES: Final = (
    ResourceType(
        CLUSTER,
        prepare=prepare_cluster,
        view=show_cluster,
        forms=AKS,
        charset=None,
        refuse_change=refuse_while_busy,
        accepted=identify_controls,
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
    ),
)
