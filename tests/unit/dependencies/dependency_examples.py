"""One of everything that Azure can show around a registry, and inside it, with what the map makes of it."""

import base64
from typing import Any

from acr_relocate.core.checks import Lock
from acr_relocate.core.registry.inventory import Registry
from tests.support.builders import child, registry
from tests.support.surroundings import GROUP, HERE, NETWORK, SERVER, SUBNET, assignment, cluster, resource

ENDPOINT = resource(
    "Microsoft.Network/privateEndpoints",
    "pe",
    {"subnet": {"id": SUBNET}},
    privateDnsZoneGroups=[
        {
            "id": f"{NETWORK}/privateEndpoints/pe/privateDnsZoneGroups/default",
            "name": "default",
            "properties": {
                "privateDnsZoneConfigs": [
                    {"properties": {"privateDnsZoneId": f"{NETWORK}/privateDnsZones/privatelink.azurecr.io"}}
                ]
            },
        }
    ],
    interfaces=[
        resource(
            "Microsoft.Network/networkInterfaces",
            "nic",
            {"ipConfigurations": [{"properties": {"privateIPAddress": "10.0.0.4"}}]},
        )
    ],
)
ZONE = resource("Microsoft.Network/privateDnsZones", "privatelink.azurecr.io") | {
    "A": [],
    "virtualNetworkLinks": [
        {"id": "/l", "name": "link", "properties": {"virtualNetwork": {"id": SUBNET.partition("/subnets")[0]}}}
    ],
}
POOL = {
    "id": f"{GROUP}/providers/Microsoft.Batch/batchAccounts/account/pools/pool",
    "name": "pool",
    "properties": {
        "deploymentConfiguration": {
            "virtualMachineConfiguration": {
                "containerConfiguration": {"containerRegistries": [{"registryServer": SERVER}]}
            }
        }
    },
}
SINK = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/logs"
SETTING = {"id": "/d", "name": "to-storage", "properties": {"storageAccountId": SINK, "logs": []}}
TELLING = {"scopes": [HERE.id], "actions": [{"actionGroupId": "/g"}]}
SUBSCRIBED = {"id": "/e", "name": "pushes", "properties": {"destination": {"endpointType": "WebHook"}}}
POLICY = {"id": f"{HERE.id}/providers/Microsoft.Authorization/policyAssignments/p", "name": "p", "properties": {}}
COMPOSE = base64.b64encode(f"services:\n  web:\n    image: {SERVER}/a:1\n".encode()).decode()
FLUX = resource("Microsoft.KubernetesConfiguration/fluxConfigurations", "apps") | {
    "id": f"{GROUP}/providers/Microsoft.Kubernetes/connectedClusters/edge/providers/"
    "Microsoft.KubernetesConfiguration/FluxConfigurations/apps",
    "properties": {"SourceKind": "OCIRepository", "OciRepository": {"Url": f"oci://{SERVER}/deploy/apps"}},
}
OTHERS = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/edge"
FILLED = {"sourceRepository": f"{SERVER}/base/*", "targetRepository": "base/*"}
ALLOWED = {"allowedContainerImagesRegex": {"value": "^(contosoregistry|other)\\.azurecr\\.io/.+$"}}
APP = {"template": {"containers": [{"image": f"{SERVER}/shop:1"}]}, "configuration": {}}

# What Azure shows, the kind that it becomes, its strategy, and how the command for it begins; "" where none is needed.
PLANTED: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "cluster": (
        {"clusters": (cluster(),), "role_assignments": (assignment("kubelet-1"),)},
        "cluster",
        "re-wired",
        "az aks update",
    ),
    "isolated cluster": (
        {"clusters": (cluster(bootstrapProfile={"artifactSource": "Cache", "containerRegistryId": HERE.id.upper()}),)},
        "bootstrap_registry",
        "re-wired",
        "az aks update",
    ),
    "app": (
        {"naming": (resource("Microsoft.App/containerApps", "app", APP),)},
        "container_app",
        "re-wired",
        "az containerapp registry set",
    ),
    "job": (
        {"naming": (resource("Microsoft.App/jobs", "job", APP),)},
        "container_app_job",
        "re-wired",
        "az containerapp job registry set",
    ),
    "site": (
        {
            "sites": (
                resource("Microsoft.Web/sites", "web", {"siteConfig": {"linuxFxVersion": f"DOCKER|{SERVER}/a:1"}}),
            )
        },
        "web_app",
        "re-wired",
        "az webapp config container set",
    ),
    "function": (
        {
            "sites": (
                resource(
                    "Microsoft.Web/sites",
                    "fn",
                    {"siteConfig": {"linuxFxVersion": f"DOCKER|{SERVER}/a:1"}},
                    kind="functionapp,linux,container",
                ),
            )
        },
        "function_app",
        "re-wired",
        "az functionapp config container set",
    ),
    "slot": (
        {
            "sites": (
                resource(
                    "Microsoft.Web/sites", "web/slots/next", {"siteConfig": {"linuxFxVersion": f"COMPOSE|{COMPOSE}"}}
                ),
            )
        },
        "web_app",
        "re-wired",
        "az webapp config show",
    ),
    "sidecar": (
        {
            "sites": (
                resource(
                    "Microsoft.Web/sites",
                    "web",
                    sitecontainers=[{"name": "proxy", "properties": {"image": f"{SERVER}/proxy:2"}}],
                ),
            )
        },
        "web_app",
        "re-wired",
        "az webapp sitecontainers update",
    ),
    "flux": ({"naming": (FLUX,)}, "flux_configuration", "re-wired", "az k8s-configuration flux update"),
    "cache rule elsewhere": (
        {"downstream": ({"id": f"{OTHERS}/cacheRules/base", "name": "base", "properties": FILLED},)},
        "downstream_rule",
        "re-created",
        "az acr cache delete",
    ),
    "task elsewhere": (
        {"downstream": ({"id": f"{OTHERS}/tasks/nightly", "name": "nightly", "properties": {}},)},
        "downstream_task",
        "manual",
        "az acr task show",
    ),
    "container group": (
        {"naming": (resource("Microsoft.ContainerInstance/containerGroups", "aci"),)},
        "container_group",
        "re-created",
        "az container export",
    ),
    "workspace": (
        {"naming": (resource("Microsoft.MachineLearningServices/workspaces", "ml"),)},
        "ml_workspace",
        "re-wired",
        "az ml workspace update",
    ),
    "pool": ({"batch_pools": (POOL,)}, "batch_pool", "re-created", "az batch account login"),
    "anything else": (
        {"naming": (resource("Microsoft.Logic/workflows", "flow"),)},
        "other_user",
        "manual",
        "az resource show",
    ),
    "assignment": (
        {"role_assignments": (assignment("p"),)},
        "role_assignment",
        "re-created",
        "az role assignment create",
    ),
    "principal": ({"role_assignments": (assignment("p"),)}, "principal", "shared", ""),
    "endpoint": ({"endpoints": (ENDPOINT,)}, "private_endpoint", "re-created", "az network private-endpoint create"),
    "interface": ({"endpoints": (ENDPOINT,)}, "network_interface", "follows", ""),
    "zone group": (
        {"endpoints": (ENDPOINT,)},
        "dns_zone_group",
        "re-created",
        "az network private-endpoint dns-zone-group create",
    ),
    "network": ({"endpoints": (ENDPOINT,)}, "virtual_network", "shared", ""),
    "zone": ({"zones": (ZONE,)}, "dns_zone", "shared", ""),
    "link": ({"zones": (ZONE,)}, "dns_zone_link", "shared", ""),
    "diagnostics": (
        {"diagnostic_settings": (SETTING,)},
        "diagnostic_setting",
        "re-created",
        "az monitor diagnostic-settings create",
    ),
    "regional sink": ({"diagnostic_settings": (SETTING,)}, "log_sink", "manual", "# make a Microsoft.Storage"),
    "topic": (
        {"naming": (resource("Microsoft.EventGrid/systemTopics", "topic"),)},
        "event_topic",
        "re-created",
        "az eventgrid system-topic create",
    ),
    "subscription": (
        {"event_subscriptions": (SUBSCRIBED,)},
        "event_subscription",
        "re-created",
        "az eventgrid event-subscription create",
    ),
    "alert rule": (
        {"alerts": (resource("Microsoft.Insights/metricAlerts", "full", {"scopes": [HERE.id]}),)},
        "alert_rule",
        "re-created",
        "az resource show",
    ),
    "action group": (
        {"alerts": (resource("Microsoft.Insights/metricAlerts", "full", TELLING),)},
        "action_group",
        "shared",
        "",
    ),
    "grant": ({"granted": (assignment("own", scope=SINK),)}, "grant", "re-created", "az role assignment create"),
    "lock": (
        {"locks": (Lock(scope=HERE.id, name="keep", level="CanNotDelete"),)},
        "lock",
        "re-created",
        "az lock create",
    ),
    "allow-list": (
        {
            "host_rules": (
                {
                    "id": f"{GROUP}/providers/Microsoft.Authorization/policyAssignments/images",
                    "name": "images",
                    "properties": {"parameters": ALLOWED},
                },
            )
        },
        "host_rule",
        "re-wired",
        "az policy assignment show",
    ),
    "policy": ({"policies": (POLICY,)}, "policy", "manual", "az policy assignment create"),
}

VAULTED = {"status": "enabled", "keyVaultProperties": {"keyIdentifier": "https://v.vault.azure.net/keys/k"}}
CREDENTIAL = {"authCredentials": [{"usernameSecretIdentifier": "https://v.vault.azure.net/secrets/user"}]}
INSIDE: dict[str, tuple[Registry, str, str, str]] = {
    "webhook": (registry("contosoregistry", child("webhooks", "hook")), "webhooks", "re-created", ""),
    "scope map": (registry("contosoregistry", child("scopeMaps", "team")), "scopeMaps", "re-created", ""),
    "token": (
        registry("contosoregistry", child("tokens", "edge")),
        "tokens",
        "re-created",
        "az acr token credential generate",
    ),
    "cache rule": (registry("contosoregistry", child("cacheRules", "rule")), "cacheRules", "re-created", ""),
    "credential set": (
        registry("contosoregistry", child("credentialSets", "hub", **CREDENTIAL)),
        "credentialSets",
        "re-created",
        "",
    ),
    "secret": (registry("contosoregistry", child("credentialSets", "hub", **CREDENTIAL)), "secret", "shared", ""),
    "vault": (
        registry("contosoregistry", child("credentialSets", "hub", **CREDENTIAL)),
        "key_vault",
        "shared",
        "az role assignment create",
    ),
    "key": (registry(properties={"encryption": VAULTED}), "encryption_key", "shared", ""),
    "own identity": (
        registry(identity={"type": "SystemAssigned", "principalId": "own"}),
        "managed_identity",
        "re-created",
        "",
    ),
    "connected": (
        registry("contosoregistry", child("connectedRegistries", "edge")),
        "connectedRegistries",
        "manual",
        "az acr connected-registry create",
    ),
    "pipeline": (
        registry("contosoregistry", child("exportPipelines", "out")),
        "exportPipelines",
        "re-created",
        "az acr export-pipeline create",
    ),
    "replica": (
        registry("contosoregistry", child("replications", "eastus", "eastus")),
        "replications",
        "re-created",
        "",
    ),
    "replica at the target": (
        registry("contosoregistry", child("replications", "northeurope", "northeurope")),
        "replications",
        "retired",
        "",
    ),
    "subnet rule": (
        registry(properties={"networkRuleSet": {"virtualNetworkRules": [{"virtualNetworkSubnetResourceId": SUBNET}]}}),
        "subnet_rule",
        "re-wired",
        "# in the request",
    ),
}
