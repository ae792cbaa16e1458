"""Surroundings of a registry as Azure shows them: for the tests of the map, of the cut-over and of its undoing."""

from typing import Any

from tests.support.builders import SUBSCRIPTION, registry, request

OTHER = "33333333-3333-3333-3333-333333333333"
HERE = registry()
SERVER = HERE.login_server
TARGET = request().target_id
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/apps"
ROLES = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
SUBNET = f"{NETWORK}/virtualNetworks/vnet/subnets/apps"


def resource(of: str, name: str, properties: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    identity = {"id": f"{GROUP}/providers/{of}/{name}", "name": name, "type": of.lower(), "location": "westeurope"}
    return identity | {"properties": properties or {}} | fields


def assignment(principal: str, scope: str = HERE.id, role: str = ACR_PULL, **properties: Any) -> dict[str, Any]:
    own = {"principalId": principal, "scope": scope, "roleDefinitionId": f"{ROLES}/{role}", **properties}
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{principal}",
        "name": "a",
        "properties": own,
    }


def cluster(principal: str = "kubelet-1", **properties: Any) -> dict[str, Any]:
    identity = {"identityProfile": {"kubeletidentity": {"objectId": principal}}}
    return resource("Microsoft.ContainerService/managedClusters", "aks", identity | properties)
