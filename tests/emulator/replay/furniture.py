"""Resources that exist before an exchange is asked again: one of everything, in one resource group."""

from typing import Any, Final

from local_azure.seeds.images import RepositoryBuilder
from local_azure.state.settings import OWNER_OBJECT_ID, SUBSCRIPTION_ID, TENANT_ID
from local_azure.state.world import World

GROUP: Final = "recorded-group"
REGISTRY: Final = "recordedregistry"
PLACE: Final = "westus"
STANDARD, RULED, LINKED = "standardregistry", "ruledregistry", "linkedregistry"
RG: Final = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}"
HOME: Final = f"{RG}/providers/Microsoft.ContainerRegistry/registries"
NETWORK: Final = f"{RG}/providers/Microsoft.Network"
ACR_VERSION: Final = "2025-11-01"
IDENTITY: Final = f"{RG}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/known-identity"
HERE: Final = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{GROUP}"
ACR: Final = f"{HERE}/providers/Microsoft.ContainerRegistry/registries"
USER: Final = f"{HERE}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/known-identity"
SUBNET: Final = f"{HERE}/providers/Microsoft.Network/virtualNetworks/known-network/subnets/default"
WORKSPACE: Final = f"{HERE}/providers/Microsoft.OperationalInsights/workspaces/known-workspace"
RULES: Final = {"defaultAction": "Deny", "ipRules": [{"value": "198.51.100.0/24"}]}
VAULT_POLICY: Final = {"tenantId": TENANT_ID, "objectId": OWNER_OBJECT_ID, "permissions": {"secrets": ["all"]}}
ACR_PULL: Final = (
    f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/"
    "7f951dda-4ed3-4680-a7ca-43fe172d538d"
)
ASSIGNMENT: Final = "roleAssignments/aaaaaaaa-0000-0000-0000-000000000001"
HOOK: Final = {"endpointType": "WebHook", "properties": {"endpointUrl": "https://hooks.example/all"}}
PEOPLE: Final = f"{HERE}/providers/microsoft.insights/actionGroups/known-people"
CREDENTIAL: Final = {
    "name": "Credential1",
    "usernameSecretIdentifier": "https://known-vault.vault.azure.net/secrets/absent-user",
    "passwordSecretIdentifier": "https://known-vault.vault.azure.net/secrets/absent-word",
}
CREDENTIALS: Final = {
    "identity": {"type": "SystemAssigned"},
    "properties": {"loginServer": "docker.io", "authCredentials": [CREDENTIAL]},
}
CONNECTION: Final = {
    "name": "known-connection",
    "properties": {"privateLinkServiceId": f"{ACR}/{LINKED}", "groupIds": ["registry"]},
}
DOCKER_TASK: Final = {
    "location": PLACE,
    "identity": {"type": "SystemAssigned"},
    "properties": {
        "platform": {"os": "linux", "architecture": "amd64"},
        "agentConfiguration": {"cpu": 2},
        "credentials": {},
        "step": {
            "type": "Docker", "imageNames": ["app:{{.Run.ID}}"], "isPushEnabled": True, "noCache": False,
            "dockerFilePath": "Dockerfile", "arguments": [], "contextPath": "https://example.org/app.git",
        },
        "trigger": {
            "baseImageTrigger": {"baseImageTriggerType": "Runtime", "status": "Enabled", "name": "base"},
        },
    },
}  # fmt: skip
ENCODED_TASK: Final = {
    "location": PLACE,
    "properties": {
        "platform": {"os": "linux", "architecture": "amd64"},
        "agentConfiguration": {"cpu": 2},
        "step": {"type": "EncodedTask", "encodedTaskContent": "c3RlcHM6IFtd", "values": []},
        "trigger": {
            "baseImageTrigger": {"baseImageTriggerType": "Runtime", "status": "Enabled", "name": "base"},
        },
    },
}


def registry(sku: str = "Premium", **properties: Any) -> dict[str, Any]:
    """Return the body of a registry."""
    return {"location": PLACE, "sku": {"name": sku}, "properties": properties}


FURNITURE: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    (RG, "2021-04-01", {"location": PLACE}),
    (RG.replace("{resourceGroup}", "other-group"), "2021-04-01", {"location": PLACE}),
    (IDENTITY, "2023-01-31", {"location": PLACE}),
    (f"{HOME}/{REGISTRY}", ACR_VERSION, registry()),
    (f"{HOME}/{STANDARD}", ACR_VERSION, registry("Standard")),
    (f"{HOME}/{RULED}", ACR_VERSION, registry(networkRuleSet=RULES)),
    (f"{HOME}/{LINKED}", ACR_VERSION, registry()),
    (f"{HOME}/{REGISTRY}/replications/eastus", ACR_VERSION, {"location": "eastus"}),
    (f"{HOME}/{REGISTRY}/webhooks/knownhook", ACR_VERSION, {
        "location": PLACE, "properties": {"serviceUri": "https://hooks.example", "actions": ["Push", "Delete"]}}),
    (f"{HOME}/{REGISTRY}/scopeMaps/known-map", ACR_VERSION, {
        "properties": {"actions": ["repositories/app/content/read"]}}),
    (f"{HOME}/{REGISTRY}/tokens/known-token", ACR_VERSION, {
        "properties": {"scopeMapId": f"{ACR}/{REGISTRY}/scopeMaps/known-map", "status": "enabled"}}),
    (f"{RG}/providers/Microsoft.KeyVault/vaults/known-vault", "2023-07-01", {
        "location": PLACE, "properties": {
            "sku": {"family": "A", "name": "standard"}, "tenantId": TENANT_ID, "accessPolicies": [VAULT_POLICY]}}),
    (f"{RG}/providers/Microsoft.KeyVault/vaults/role-vault", "2023-07-01", {
        "location": PLACE, "properties": {
            "sku": {"family": "A", "name": "standard"}, "tenantId": TENANT_ID, "enableRbacAuthorization": True}}),
    (f"{HOME}/{REGISTRY}/credentialSets/known-set", ACR_VERSION, CREDENTIALS),
    (f"{HOME}/{REGISTRY}/cacheRules/known-rule", ACR_VERSION, {"properties": {
        "sourceRepository": "docker.io/library/busybox", "targetRepository": "hub/busybox",
        "credentialSetResourceId": f"{ACR}/{REGISTRY}/credentialSets/known-set"}}),
    (f"{HOME}/{REGISTRY}/connectedRegistries/edgesite", ACR_VERSION, {"properties": {
        "mode": "ReadWrite", "parent": {"syncProperties": {
            "tokenId": f"{ACR}/{REGISTRY}/tokens/known-token", "schedule": "* * * * *", "messageTtl": "P2D"}}}}),
    (f"{HOME}/{REGISTRY}/importPipelines/knownpipe", "2023-01-01-preview", {
        "identity": {"type": "SystemAssigned"}, "properties": {
            "source": {"type": "AzureStorageBlobContainer", "uri": "https://store.blob.core.windows.net/images",
                       "keyVaultUri": "https://known-vault.vault.azure.net/secrets/sas"},
            "trigger": {"sourceTrigger": {"status": "Enabled"}}}}),
    (f"{HOME}/{REGISTRY}/tasks/docker-task", "2019-06-01-preview", DOCKER_TASK),
    (f"{HOME}/{REGISTRY}/tasks/encoded-task", "2019-06-01-preview", ENCODED_TASK),
    (f"{NETWORK}/virtualNetworks/known-network", "2024-05-01", {"location": PLACE, "properties": {
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        "subnets": [{"name": "default", "properties": {"addressPrefix": "10.0.0.0/24"}}]}}),
    (f"{NETWORK}/privateEndpoints/known-endpoint", "2024-05-01", {"location": PLACE, "properties": {
        "subnet": {"id": SUBNET}, "manualPrivateLinkServiceConnections": [CONNECTION]}}),
    (f"{NETWORK}/privateDnsZones/privatelink.azurecr.io", "2018-09-01", {"location": "global"}),
    (f"{NETWORK}/privateDnsZones/privatelink.azurecr.io/A/empty", "2018-09-01", {"properties": {"ttl": 3600}}),
    (f"{NETWORK}/privateEndpoints/known-endpoint/privateDnsZoneGroups/default", "2024-05-01", {"properties": {
        "privateDnsZoneConfigs": [{"name": "one", "properties": {
            "privateDnsZoneId": f"{HERE}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"}}]}}),
    (f"{RG}/providers/Microsoft.OperationalInsights/workspaces/known-workspace", "2023-09-01", {"location": PLACE}),
    (f"{HOME}/{REGISTRY}/providers/Microsoft.Insights/diagnosticSettings/known-setting", "2021-05-01-preview", {
        "properties": {"workspaceId": WORKSPACE,
            "logs": [{"category": "ContainerRegistryLoginEvents", "enabled": True}],
            "metrics": [{"category": "AllMetrics", "enabled": True}]}}),
    (f"{RG}/providers/Microsoft.EventGrid/systemTopics/known-topic", "2022-06-15", {
        "location": PLACE, "properties": {
            "source": f"{ACR}/{REGISTRY}", "topicType": "Microsoft.ContainerRegistry.Registries"}}),
    (f"{HOME}/{REGISTRY}/providers/Microsoft.EventGrid/eventSubscriptions/known-subscription", "2022-06-15", {
        "properties": {"destination": HOOK}}),
    (f"{RG}/providers/microsoft.insights/activityLogAlerts/known-alert", "2017-04-01", {
        "location": "Global", "properties": {
            "scopes": [f"{ACR}/{REGISTRY}"], "enabled": True,
            "condition": {"allOf": [{"field": "category", "equals": "ServiceHealth"}]},
            "actions": {"actionGroups": [{"actionGroupId": PEOPLE}]}}}),
    (f"{RG}/providers/Microsoft.ContainerService/managedClusters/known-cluster", "2024-05-01", {
        "location": PLACE, "identity": {"type": "SystemAssigned"}, "properties": {"dnsPrefix": "known"}}),
    (f"{HOME}/{REGISTRY}/providers/Microsoft.Authorization/{ASSIGNMENT}", "2022-04-01", {
        "properties": {
            "principalId": OWNER_OBJECT_ID, "principalType": "ServicePrincipal", "roleDefinitionId": ACR_PULL}}),
)  # fmt: skip


def furnish_content(world: World) -> None:
    """Put three repositories into the registry, one of them beneath `library/`."""
    for name in ("app", "library/base", "team/tool"):
        builder = RepositoryBuilder(
            world.content[REGISTRY].repository(name, world.clock.now()), world.clock.now() - 3600
        )
        builder.tag(builder.image(name), "v1")
