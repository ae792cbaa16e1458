"""The neighbours of a registry in Azure Resource Manager: network, DNS, vaults, events, alerts, roles, deployments."""

from typing import Final

from local_azure.state.settings import OWNER_OBJECT_ID, READER_OBJECT_ID, SUBSCRIPTION_ID
from tests.emulator.replay.comparison import Answer, Exchange
from tests.emulator.replay.furniture import ACR, LINKED, NETWORK, PLACE, REGISTRY, RG, SUBNET
from tests.emulator.replay.scenes import ask, poll, scene, starting
from tests.emulator.replay.stage import Stage

DEFINITIONS: Final = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions"
READER: Final = f"{DEFINITIONS}/acdd72a7-3385-48ef-bd42-f606fba81ae7"
ROLE: Final = {
    "properties": {
        "roleDefinitionId": READER,
        "principalId": READER_OBJECT_ID,
        "principalType": "ServicePrincipal",
    }
}
CLUSTER: Final = f"{RG}/providers/Microsoft.ContainerService/managedClusters/known-cluster"
CLUSTER_BODY: Final = {
    "location": PLACE, "identity": {"type": "SystemAssigned"}, "properties": {"dnsPrefix": "known"},
}  # fmt: skip
ZONE: Final = "privatelink.azurecr.io"
GRAPH: Final = "https://management.azure.com/providers/Microsoft.ResourceGraph/resources"
TEMPLATE: Final = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "resources": [],
}
IDENTITY: Final = {
    "type": "Microsoft.ManagedIdentity/userAssignedIdentities", "apiVersion": "2023-01-31", "name": "fresh-identity",
    "location": PLACE,
}  # fmt: skip

ask(
    "network.privateEndpoint.create",
    {
        "location": PLACE,
        "properties": {
            "subnet": {
                "id": SUBNET,
                "properties": {
                    "privateEndpointNetworkPolicies": "Disabled",
                    "privateLinkServiceNetworkPolicies": "Enabled",
                },
            },
            "manualPrivateLinkServiceConnections": [
                {
                    "name": "fresh-connection",
                    "properties": {"privateLinkServiceId": f"{ACR}/{LINKED}", "groupIds": ["registry"]},
                }
            ],
        },
    },
    privateEndpoint="fresh-endpoint",
)
ask("roleAssignment.create", ROLE, uuid="aaaaaaaa-0000-0000-0000-000000000003")
ask("lock.create", {"properties": {"level": "CanNotDelete"}}, lock="fresh-lock")
ask("spec.permissions.list")
ask("privateDnsZone.create", {"location": "global"}, zone="fresh.example")
poll(
    "privateDnsZone.create.poll.done",
    starting("PUT", f"{NETWORK}/privateDnsZones/fresh.example", {"location": "global"}),
    header="azure-asyncoperation",
)
ask("privateDnsZone.get.notFound", zone="no-such.zone")
ask("privateDnsRecord.get", zone=ZONE, record="empty")
ask(
    "virtualNetwork.create",
    {
        "location": PLACE,
        "tags": {},
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.1.0.0/16"]},
            "dhcpOptions": {},
            "subnets": [{"name": "one", "properties": {"addressPrefix": "10.1.0.0/24"}}],
        },
    },
    network="fresh-network",
)
ask("virtualNetwork.get", network="known-network")
ask("vault.get", vault="known-vault")
ask("systemTopic.get", topic="known-topic")
ask("spec.eventSubscription.list")
ask("activityLogAlert.get.notFound", alert="no-such-alert")
ask("activityLogAlert.list")
ask(
    "metricAlert.create",
    {
        "location": "global",
        "properties": {
            "description": "storage",
            "severity": 3,
            "enabled": True,
            "scopes": [f"{ACR}/{REGISTRY}"],
            "evaluationFrequency": "PT5M",
            "windowSize": "PT1H",
            "targetResourceRegion": PLACE,
            "criteria": {
                "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                "allOf": [
                    {
                        "threshold": 1.5,
                        "name": "one",
                        "metricNamespace": "Microsoft.ContainerRegistry/registries",
                        "metricName": "StorageUsed",
                        "operator": "GreaterThan",
                        "timeAggregation": "Average",
                        "dimensions": [],
                        "skipMetricValidation": False,
                        "criterionType": "StaticThresholdCriterion",
                    }
                ],
            },
        },
    },
    alert="fresh-alert",
)
ask(
    "alertProcessingRule.create",
    {
        "location": "Global",
        "properties": {
            "scopes": [f"{ACR}/{REGISTRY}"],
            "enabled": True,
            "actions": [{"actionType": "RemoveAllActionGroups"}],
            "conditions": [{"field": "Severity", "operator": "Equals", "values": ["Sev0"]}],
            "schedule": {
                "effectiveFrom": "2026-01-01T00:00:00",
                "effectiveUntil": "2027-01-01T00:00:00",
                "timeZone": "UTC",
                "recurrences": [{"recurrenceType": "Daily", "startTime": "20:00:00", "endTime": "21:00:00"}],
            },
        },
    },
    rule="fresh-rule",
)
ask("identity.create", {"location": PLACE}, identity="fresh-identity")
poll("managedCluster.poll.pending", starting("PUT", CLUSTER, CLUSTER_BODY), header="azure-asyncoperation")
poll(
    "eventGrid.operation.poll.done",
    starting(
        "PUT",
        f"{RG}/providers/Microsoft.ContainerRegistry/registries/{REGISTRY}/providers/Microsoft.EventGrid/"
        "eventSubscriptions/fresh-subscription",
        {
            "properties": {
                "destination": {"endpointType": "WebHook", "properties": {"endpointUrl": "https://hooks.example/all"}}
            }
        },
    ),
)
ask(
    "deployment.create",
    {"properties": {"parameters": {}, "mode": "Incremental", "template": TEMPLATE}},
    deployment="fresh-deployment",
)


@scene("lock.get", "lock.list.subscription")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    path = f"{RG}/providers/Microsoft.Authorization/locks/known-lock"
    await stage.make(path, "2016-09-01", {"properties": {"level": "CanNotDelete"}})
    return await stage.arm("GET", stage.fill(exchange["path"], lock="known-lock"), exchange["api_version"])


@scene("roleAssignment.list.ofPrincipal")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    path = stage.fill(exchange["path"]) + f"?$filter=principalId%20eq%20'{OWNER_OBJECT_ID}'"
    return await stage.arm("GET", path, exchange["api_version"])


@scene("spec.privateDnsZoneGroup.create.again")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    path = stage.fill(exchange["path"], privateEndpoint="known-endpoint", group="default")
    known = stage.world.resources.require(path)
    return await stage.arm("PUT", path, exchange["api_version"], {"properties": known.properties})


@scene("managedCluster.busy")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    await starting("PUT", CLUSTER, CLUSTER_BODY)(stage, exchange)
    return await starting("PUT", CLUSTER, CLUSTER_BODY)(stage, exchange)


@scene("managedCluster.commandResult.done")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    image = f"{REGISTRY}.azurecr.io/app:v1"
    start = await starting("POST", f"{CLUSTER}/runCommand", {"command": f"kubectl run one --image={image}"})(
        stage, exchange
    )
    kubelet = stage.world.resources.require(stage.fill(CLUSTER)).properties["identityProfile"]["kubeletidentity"]
    stage.world.assign(kubelet["objectId"], "AcrPull", f"{ACR}/{REGISTRY}")
    return await stage.poll(start, done=True)


@scene("logs.query.semanticError")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    path = stage.fill(exchange["path"], workspace="known-workspace") + "?query=NoSuchTable"
    return await stage.arm("GET", path, exchange["api_version"])


@scene("graph.query.page")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    options = {"resultFormat": "objectArray", "$top": 1, "allowPartialScopes": False}
    body = {"subscriptions": [SUBSCRIPTION_ID], "query": "resources | project id", "options": options}
    first = await stage.arm("POST", GRAPH, exchange["api_version"], body)
    assert first.status == 200
    return first


@scene("graph.query.invalid")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    body = {"subscriptions": [SUBSCRIPTION_ID], "query": "resources | where"}
    return await stage.arm("POST", GRAPH, exchange["api_version"], body)


async def _deploy(stage: Stage, resources: list[object]) -> None:
    properties = {"parameters": {}, "mode": "Incremental", "template": TEMPLATE | {"resources": resources}}
    path = f"{RG}/providers/Microsoft.Resources/deployments/known-deployment"
    await stage.make(path, "2020-06-01", {"properties": properties})


@scene("deployment.get")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    await _deploy(stage, [])
    return await stage.arm("GET", stage.fill(exchange["path"], deployment="known-deployment"), exchange["api_version"])


@scene("deployment.whatIf.poll.done")
async def _(stage: Stage, exchange: Exchange) -> Answer:
    stage.world.add_group("empty-group", PLACE)
    properties = {
        "mode": "Incremental",
        "template": TEMPLATE | {"resources": [IDENTITY]},
        "whatIfSettings": {"resultFormat": "ResourceIdOnly"},
    }
    path = f"{RG}/providers/Microsoft.Resources/deployments/one/whatIf"
    start = await stage.arm(
        "POST", stage.fill(path, resourceGroup="empty-group"), exchange["api_version"], {"properties": properties}
    )
    return await stage.poll(start, done=True)
