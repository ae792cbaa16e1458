"""Clusters, identities and the other light types."""

from typing import Any

import pytest
from azure.mgmt.resource.resources import ResourceManagementClient

from local_azure.launcher import Emulator
from tests.emulator.conftest import SUBSCRIPTION, Send

CLUSTER = "Microsoft.ContainerService/managedClusters"


@pytest.fixture
def base(resources: ResourceManagementClient, group_name: str) -> str:
    """The provider path of a resource group of its own."""
    resources.resource_groups.create_or_update(group_name, {"location": "westeurope"})
    return f"{SUBSCRIPTION}/resourceGroups/{group_name}/providers"


def put(send: Send, resource_id: str, body: dict[str, Any], api_version: str = "2024-01-01") -> dict[str, Any]:
    """GET of a resource that was put."""
    response = send("PUT", resource_id, api_version, body)
    assert response.status_code in (200, 201), response.text()
    shown: dict[str, Any] = send("GET", resource_id, api_version).json()
    return shown


def test_a_cluster_has_a_kubelet_identity_that_can_be_given_a_role(send: Send, base: str) -> None:
    """Attaching a registry needs the object id of the kubelets, a network profile and `msi`."""
    body = {"location": "westeurope", "identity": {"type": "SystemAssigned"}, "properties": {"dnsPrefix": "aks"}}
    cluster = put(send, f"{base}/{CLUSTER}/aks", body)
    kubelet = cluster["properties"]["identityProfile"]["kubeletidentity"]
    assert cluster["properties"]["servicePrincipalProfile"] == {"clientId": "msi"}
    assert cluster["properties"]["networkProfile"]["networkPlugin"] == "azure"
    assert cluster["identity"]["principalId"]
    identity = send("GET", kubelet["resourceId"], "2024-11-30").json()
    assert identity["properties"]["principalId"] == kubelet["objectId"]
    role = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"
    assignment = (
        f"{base}/{CLUSTER}/aks/providers/Microsoft.Authorization/roleAssignments/{'1' * 8}-1111-1111-1111-{'1' * 12}"
    )
    granted = send(
        "PUT", assignment, "2022-04-01", {"properties": {"roleDefinitionId": role, "principalId": kubelet["objectId"]}}
    )
    assert granted.status_code == 201, granted.text()


def test_a_cluster_keeps_its_identities_when_it_is_put_again(send: Send, base: str) -> None:
    """An update with the document that was read, as the Azure CLI does."""
    first = put(send, f"{base}/{CLUSTER}/aks", {"location": "westeurope", "identity": {"type": "SystemAssigned"}})
    again = put(send, f"{base}/{CLUSTER}/aks", first)
    assert again["properties"]["identityProfile"] == first["properties"]["identityProfile"]
    assert again["identity"] == first["identity"]


def test_a_cluster_of_a_service_principal_has_no_kubelet_identity(send: Send, base: str) -> None:
    """The older kind of cluster."""
    properties = {"servicePrincipalProfile": {"clientId": "33333333-3333-3333-3333-333333333333"}}
    cluster = put(send, f"{base}/{CLUSTER}/aks", {"location": "westeurope", "properties": properties})
    assert "identityProfile" not in cluster["properties"]


def test_cluster_credentials_are_refused_clearly(send: Send, base: str) -> None:
    """There is no Kubernetes to connect to."""
    put(send, f"{base}/{CLUSTER}/aks", {"location": "westeurope"})
    refused = send("POST", f"{base}/{CLUSTER}/aks/listClusterUserCredential", "2024-01-01")
    assert refused.status_code == 501
    assert "no Kubernetes behind the cluster aks" in refused.json()["error"]["message"]


def test_an_identity_keeps_its_principal(send: Send, base: str) -> None:
    """Put twice, one principal."""
    identity = f"{base}/Microsoft.ManagedIdentity/userAssignedIdentities/puller"
    first = put(send, identity, {"location": "westeurope"})
    again = put(send, identity, {"location": "westeurope", "tags": {"a": "b"}})
    assert again["properties"] == first["properties"]
    assert set(first["properties"]) >= {"principalId", "clientId", "tenantId"}


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("Microsoft.OperationalInsights/workspaces/logs", "retentionInDays", 30),
        ("Microsoft.Storage/storageAccounts/contosologs", "primaryLocation", "westeurope"),
        ("Microsoft.EventHub/namespaces/events", "serviceBusEndpoint", "https://events.servicebus.windows.net:443/"),
        ("Microsoft.KeyVault/vaults/keys", "vaultUri", "https://keys.vault.azure.net/"),
        ("Microsoft.Web/sites/shop", "defaultHostName", "shop.azurewebsites.net"),
        ("Microsoft.App/containerApps/api", "runningStatus", "Running"),
    ],
)
def test_light_types_have_what_azure_computes(send: Send, base: str, path: str, name: str, value: object) -> None:
    """And they keep what they were sent."""
    shown = put(send, f"{base}/{path}", {"location": "westeurope", "properties": {"odd": 1}})
    assert shown["properties"][name] == value
    assert shown["properties"]["odd"] == 1


def test_light_types_need_a_region_of_azure(emulator: Emulator, send: Send, base: str) -> None:
    """An impossible region is refused like everywhere."""
    refused = send("PUT", f"{base}/Microsoft.KeyVault/vaults/keys", "2024-01-01", {"location": "atlantis"})
    assert refused.json()["error"]["code"] == "LocationNotAvailableForResourceType"


def test_a_command_in_a_cluster_only_pulls_images(send: Send, base: str) -> None:
    """As its kubelets' identity: a registry that is not there is told in the result, anything else is not done."""
    cluster = f"{base}/{CLUSTER}/aks"
    put(send, cluster, {"location": "westeurope", "identity": {"type": "SystemAssigned"}})

    command = {"command": "kubectl run p --image=no.azurecr.io/a:1"}
    started = send("POST", f"{cluster}/runCommand", "2025-05-01", command)
    ended = send("GET", started.headers["Location"].partition("?")[0].partition("azure.com")[2], "2025-05-01")

    assert started.status_code == 202
    assert ended.json()["properties"]["exitCode"] == 1
    assert "no such host" in ended.json()["properties"]["logs"]
    refused = send("POST", f"{cluster}/runCommand", "2025-05-01", {"command": "kubectl get secrets"})
    assert refused.status_code == 501
