"""The Azure actions that our calls need: one table for the checks, the custom roles and their documentation.

Each row names one action, its duty, the scope, the call that needs it, and the check that reports it as missing. A test
compares the table with the calls that the embedded Azure receives, so that the custom roles alone are enough.

Actions are spelt as in Azure's list of operations: Azure rejects a custom role with an unknown action
(InvalidActionOrNotAction). Exporting a template is not in that list: read access to the group is enough.
"""

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.access.rehearsal_actions import of_rehearsals
from acr_relocate.core.access.removal_actions import of_logs, of_removals, of_some_requests
from acr_relocate.core.access.roles import ACR, DEPLOYMENTS, GROUPS, NETWORKS, REPOSITORIES, ActionScope, Duty, Right

READS: Final = "reads_not_allowed"

_CHILDREN: Final = (
    "agentpools",
    "cacheRules",
    "connectedRegistries",
    "credentialSets",
    "exportPipelines",
    "importPipelines",
    "privateEndpointConnections",
    "replications",
    "scopeMaps",
    "tasks",
    "tokens",
    "webhooks",
)
DEPLOYED: Final = (
    "agentpools",
    "cacheRules",
    "credentialSets",
    "replications",
    "scopeMaps",
    "tasks",
    "tokens",
    "webhooks",
)

# Read through Azure Resource Graph for the dependency map. It omits resources without read access silently.
USERS: Final = (
    "Microsoft.App/containerApps",
    "Microsoft.App/jobs",
    "Microsoft.Batch/batchAccounts",
    "Microsoft.ContainerInstance/containerGroups",
    ACR,
    f"{ACR}/tasks",
    "Microsoft.ContainerService/managedClusters",
    "Microsoft.EventGrid/systemTopics",
    "Microsoft.KubernetesConfiguration/extensions",
    "Microsoft.KubernetesConfiguration/fluxConfigurations",
    "Microsoft.MachineLearningServices/workspaces",
    "Microsoft.ManagedIdentity/userAssignedIdentities",
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/privateDnsZones",
    "Microsoft.Network/privateEndpoints",
    NETWORKS,
    "Microsoft.KeyVault/vaults",
    "Microsoft.Web/sites",
    "Microsoft.Web/sites/slots",
)
# Then read in detail by the map and the checks.
DETAILS: Final = (
    "Microsoft.AlertsManagement/actionRules",
    "Microsoft.Authorization/locks",
    "Microsoft.Authorization/policyAssignments",
    "Microsoft.Authorization/policyDefinitions",
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Batch/batchAccounts/pools",
    f"{ACR}/cacheRules",
    "Microsoft.EventGrid/eventSubscriptions",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions",
    "Microsoft.EventHub/namespaces",
    "Microsoft.Insights/activityLogAlerts",
    "Microsoft.Insights/diagnosticSettings",
    "Microsoft.Insights/metricAlerts",
    "Microsoft.Insights/metrics",
    "Microsoft.Insights/scheduledQueryRules",
    "Microsoft.KeyVault/vaults/keys",
    "Microsoft.Network/privateDnsZones/A",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.OperationalInsights/workspaces/query",
    "Microsoft.OperationalInsights/workspaces/query/ContainerInventory",
    "Microsoft.Storage/storageAccounts",
    "Microsoft.Web/sites/config",
    "Microsoft.Web/sites/sitecontainers",
    "Microsoft.Web/sites/slots/config",
    "Microsoft.Web/sites/slots/sitecontainers",
)


def _plan() -> Iterator[Right]:
    """Yield the rights of a plan. All are reads, and none shows a secret."""
    subscription = "Microsoft.Resources/subscriptions/read"
    yield Right(subscription, "plan", "source subscription", READS, "read the subscription")
    yield Right(f"{GROUPS}/read", "plan", "source group", READS, "export the template of the source")
    yield Right(f"{ACR}/read", "plan", "source", READS, "read the source registry")
    yield Right(f"{ACR}/listUsages/read", "plan", "source", READS, "read what the source uses of its quotas")
    for kind in _CHILDREN:
        yield Right(f"{ACR}/{kind}/read", "plan", "source", READS, "read the children of the source")
    yield Right(f"{ACR}/pull/read", "plan", "source", "source_cannot_be_pulled", "list the content of the source")
    for area in ("content", "metadata"):
        action, call = f"{REPOSITORIES}/{area}/read", "list the content of a source in ABAC mode"
        yield Right(action, "plan", "source", "source_cannot_be_pulled", call, data=True)
    call = "list the repositories of a source in ABAC mode"
    yield Right(f"{ACR}/catalog/read", "plan", "source", "catalogue_cannot_be_listed", call, data=True)
    for kind in USERS:
        yield Right(f"{kind}/read", "plan", "source subscription", READS, "find who uses the source")
    for kind in DETAILS:
        yield Right(f"{kind}/read", "plan", "source subscription", READS, "read how they use it")
    yield from _plan_of_the_target()


def _plan_of_the_target() -> Iterator[Right]:
    place: ActionScope = "target subscription"
    yield Right("Microsoft.Authorization/permissions/read", "plan", place, READS, "read what we may do")
    yield Right("Microsoft.Resources/subscriptions/providers/read", "plan", place, READS, "read what a region offers")
    name = "Microsoft.ContainerRegistry/checkNameAvailability/read"
    yield Right(name, "plan", place, READS, "ask whether the target's name is free")
    yield Right(f"{DEPLOYMENTS}/read", "plan", place, READS, "count the deployments of the target's group")
    for action in (f"{NETWORKS}/read", f"{NETWORKS}/subnets/read", f"{NETWORKS}/usages/read"):
        yield Right(action, "plan", "subnets", READS, "read the subnets of the request and their room")
    action = f"{NETWORKS}/checkIpAddressAvailability/read"
    yield Right(action, "plan", "subnets", READS, "ask whether an address of the request is free")


def _relocate() -> Iterator[Right]:
    """Yield the rights of a relocation: at the target, at the source, and in the target's networks."""
    deploy = "target_cannot_be_deployed"
    call = "create the target's resource group"
    yield Right(f"{GROUPS}/write", "relocate", "target subscription", "target_group_cannot_be_created", call)
    for verb in ("write", "delete", "validate/action", "whatIf/action", "operations/read", "operationstatuses/read"):
        yield Right(
            f"{DEPLOYMENTS}/{verb}", "relocate", "target group", deploy, "validate, foretell and deploy the target"
        )
    yield Right(f"{ACR}/write", "relocate", "target group", deploy, "deploy the target")
    yield Right(f"{ACR}/operationStatuses/read", "relocate", "target group", deploy, "wait for the target")
    for kind in DEPLOYED:
        yield Right(f"{ACR}/{kind}/write", "relocate", "target group", deploy, "deploy the children of the target")
    yield Right(
        "Microsoft.Insights/diagnosticSettings/write",
        "relocate",
        "target group",
        "diagnostics_cannot_be_set",
        "send the target's logs on",
    )
    yield from of_logs()
    endpoints, call = "private_endpoints_cannot_be_made", "make private endpoints to the target"
    for action in (
        "Microsoft.Network/privateEndpoints/write",
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups/write",
        f"{ACR}/privateEndpointConnectionsApproval/action",
    ):
        yield Right(action, "relocate", "target group", endpoints, call)
    yield from _import_and_lock()
    yield from _join()


def _import_and_lock() -> Iterator[Right]:
    imports, locks = "images_cannot_be_imported", "locks_cannot_be_replayed"
    yield Right(f"{ACR}/importImage/action", "relocate", "target group", imports, "import an image")
    yield Right(f"{ACR}/pull/read", "relocate", "target group", imports, "list the content of the target")
    yield Right(f"{ACR}/push/write", "relocate", "target group", locks, "replay lock attributes")
    for area in ("content", "metadata"):
        action, call = f"{REPOSITORIES}/{area}/read", "list the content of a target in ABAC mode"
        yield Right(action, "relocate", "target group", imports, call, data=True)
    yield Right(f"{ACR}/catalog/read", "relocate", "target group", imports, "list a target in ABAC mode", data=True)
    push, call = "index_cannot_be_pushed", "push an index of more manifests than an import takes"
    yield Right(f"{ACR}/push/write", "relocate", "target group", push, call)
    yield Right(f"{REPOSITORIES}/content/write", "relocate", "target group", push, f"{call}, in ABAC mode", data=True)
    push, call = "small_artifacts_cannot_be_pushed", "push missing tags and small artifacts"
    yield Right(f"{ACR}/push/write", "relocate", "target group", push, call)
    yield Right(f"{REPOSITORIES}/content/write", "relocate", "target group", push, f"{call}, in ABAC mode", data=True)
    call = "replay lock attributes in ABAC mode"
    yield Right(f"{REPOSITORIES}/metadata/write", "relocate", "target group", locks, call, data=True)
    call = "read where the webhooks call, which is a secret"
    action = f"{ACR}/webhooks/getCallbackConfig/action"
    yield Right(action, "relocate-source", "source", "webhook_addresses_cannot_be_read", call)


def _join() -> Iterator[Right]:
    """Yield the rights that let the target use existing subnets and identities."""
    action = f"{NETWORKS}/subnets/joinViaServiceEndpoint/action"
    yield Right(action, "relocate-network", "subnets", "subnet_cannot_be_joined", "allow the subnet at the target")
    action = f"{NETWORKS}/subnets/join/action"
    call = "put private endpoints into the subnet"
    yield Right(action, "relocate-network", "subnets", "private_endpoints_cannot_be_made", call)
    action = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
    call = "give the source's identities to the target"
    yield Right(action, "relocate-network", "identities", "identity_cannot_be_assigned", call)


def _cut_over() -> Iterator[Right]:
    """Yield the rights of the cut-over, each at the scope of its planned actions."""
    assign, call = "Microsoft.Authorization/roleAssignments/write", "give roles at the target"
    yield Right(assign, "cut-over", "target group", "roles_cannot_be_assigned", call)
    call = "generate the passwords of tokens"
    password = f"{ACR}/generateCredentials/action"
    yield Right(password, "cut-over", "target group", "token_passwords_cannot_be_generated", call)
    for action, call in CUT_OVER.items():
        yield Right(action, "cut-over", "dependents", "cut_over_not_allowed", call)
    for action, call in SWITCHING.items():
        yield Right(action, "switch", "dependents", "cut_over_not_allowed", call)
    for verb in ("read", "write", "delete"):
        call = "record the former value of a dependent in Azure"
        yield Right(f"{DEPLOYMENTS}/{verb}", "switch", "dependents", "cut_over_not_allowed", call)


SWITCHING: Final = {
    "Microsoft.App/containerApps/read": "see what a container app runs",
    "Microsoft.App/containerApps/revisions/read": "see whether its new revision is healthy",
    "Microsoft.App/containerApps/write": "point a container app at the target, and back",
    "Microsoft.App/jobs/read": "see what a Container Apps job runs",
    "Microsoft.App/jobs/write": "point a Container Apps job at the target, and back",
    **{
        f"{kind}/{action}": f"{call} {words}"
        for kind, words in (("Microsoft.Web/sites", "an app or function"), ("Microsoft.Web/sites/slots", "a slot"))
        for action, call in {
            "read": "see",
            "config/read": "see the image of",
            "config/write": "set the image and the registry setting of",
            "config/list/action": "read the settings, which are secrets and are replaced as a whole, of",
            "instances/read": "see the health of",
            "sitecontainers/read": "see the sidecars of",
            "sitecontainers/write": "set the image of a sidecar of",
        }.items()
    },
    f"{ACR}/read": "see the registry of a cache rule",
    f"{ACR}/pull/read": "see whether a cache rule of another registry has filled a repository",
    f"{ACR}/cacheRules/read": "see what a cache rule of another registry fills",
    f"{ACR}/cacheRules/delete": "take a cache rule away, which Azure cannot change",
    f"{ACR}/cacheRules/write": "make it again for the target, and back",
    "Microsoft.Insights/eventtypes/values/read": "see that a killed run has deleted a cache rule",
    f"{ACR}/tasks/read": "see what names the source in a task of another registry",
    f"{ACR}/tasks/write": "name the target there, and back",
    "Microsoft.ContainerService/managedClusters/read": "see a cluster",
    "Microsoft.ContainerService/managedClusters/runCommand/action": "list the workloads of a cluster, set their images",
    "Microsoft.ContainerService/managedClusters/commandResults/read": "see the workloads, and whether they run",
    "Microsoft.KubernetesConfiguration/fluxConfigurations/read": "see what a cluster fetches, and whether it complies",
    "Microsoft.KubernetesConfiguration/fluxConfigurations/write": "let a cluster fetch from the target, and back",
    "Microsoft.MachineLearningServices/workspaces/read": "see where a workspace keeps its environments",
    "Microsoft.MachineLearningServices/workspaces/write": "let a workspace use the target, and back",
    "Microsoft.Web/sites/slotsswap/action": "swap an app with its slot, where the request says so",
}
CUT_OVER: Final = {
    "Microsoft.AlertsManagement/actionRules/write": "watch the target as the source is",
    "Microsoft.Authorization/locks/write": "put locks on the target",
    f"{ACR}/webhooks/ping/action": "let webhooks call once",
    f"{ACR}/webhooks/write": "enable webhooks that were disabled while artifacts were pushed",
    f"{ACR}/webhooks/listEvents/action": "see whether they have called",
    "Microsoft.ContainerService/managedClusters/runCommand/action": "let a node of each cluster pull from the target",
    "Microsoft.ContainerService/managedClusters/commandResults/read": "see whether it has pulled",
    "Microsoft.ContainerService/managedClusters/write": "let the nodes of clusters start from the target",
    "Microsoft.EventGrid/eventSubscriptions/getFullUrl/action": "read the address of a receiver, which is a secret",
    "Microsoft.EventGrid/eventSubscriptions/write": "deliver the events of the target",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions/getFullUrl/action": "read the address of a receiver",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions/write": "deliver the events of the target's topic",
    "Microsoft.EventGrid/systemTopics/write": "carry the events of the target",
    "Microsoft.Insights/actionGroups/read": "let the target's alert rules tell the same people",
    "Microsoft.Insights/activityLogAlerts/write": "watch the target as the source is",
    "Microsoft.Insights/metricAlerts/write": "watch the target as the source is",
    "Microsoft.Insights/scheduledQueryRules/write": "watch the target as the source is",
    "Microsoft.KeyVault/vaults/accessPolicies/write": "give the target's identities access to vaults without roles",
    "Microsoft.Network/privateDnsZones/join/action": "let private endpoints write DNS records",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks/write": "let a network resolve the target's names",
    "Microsoft.Network/virtualNetworks/join/action": "let a network resolve the target's names",
}


RIGHTS_NEEDED: Final[tuple[Right, ...]] = (
    *_plan(),
    *_relocate(),
    *_cut_over(),
    *of_removals(),
    *of_some_requests(),
    *of_rehearsals(_relocate()),
)


def granted_by(duty: Duty, *, data: bool = False) -> tuple[str, ...]:
    """Return the actions of the custom role for a duty, or its data actions, in alphabetical order."""
    return tuple(sorted({right.action for right in RIGHTS_NEEDED if right.duty == duty and right.data == data}))


def actions_of(check: str, *, data: bool = False) -> tuple[str, ...]:
    """Return the actions whose absence the check reports."""
    return tuple(right.action for right in RIGHTS_NEEDED if right.found_by == check and right.data == data)
