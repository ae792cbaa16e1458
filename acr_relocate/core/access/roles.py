"""The custom roles: each duty, its purpose and its scope; and the model of a right."""

from typing import Final, Literal, NamedTuple

Duty = Literal[
    "plan", "relocate", "relocate-source", "relocate-replica", "relocate-network", "relocate-logs", "cut-over",
    "switch", "passwords", "prune", "discard", "discard-part", "retire", "rehearse",
]  # fmt: skip

ActionScope = Literal[
    "source",
    "source group",
    "source subscription",
    "target group",
    "target subscription",
    "subnets",
    "identities",
    "log workspaces",
    "log storage accounts",
    "log event hubs",
    "dependents",
    "rehearsal",
]


class Role(NamedTuple):
    """A custom role: its purpose, and the scope at which to assign it."""

    duty: Duty
    purpose: str
    where: str

    @property
    def name(self) -> str:
        """Return its name in Azure, which must be unique in the tenant."""
        return f"acr-relocate {self.duty}"


class Right(NamedTuple):
    """One action that a call needs. `data`: it is a data action, as ABAC mode requires."""

    action: str
    duty: Duty
    place: ActionScope
    found_by: str
    call: str
    data: bool = False


ACR: Final = "Microsoft.ContainerRegistry/registries"
REPOSITORIES: Final = f"{ACR}/repositories"
GROUPS: Final = "Microsoft.Resources/subscriptions/resourceGroups"
DEPLOYMENTS: Final = "Microsoft.Resources/deployments"
NETWORKS: Final = "Microsoft.Network/virtualNetworks"


class LogDestination(NamedTuple):
    """A kind of destination of logs, and the action at it without which Azure makes no diagnostic setting there.

    Source: MicrosoftDocs/azure-docs#80159; Azure answers LinkedAuthorizationFailed.
    """

    place: ActionScope
    keys: str


LOG_DESTINATIONS: Final = {
    "workspaceId": LogDestination("log workspaces", "Microsoft.OperationalInsights/workspaces/sharedKeys/action"),
    "storageAccountId": LogDestination("log storage accounts", "Microsoft.Storage/storageAccounts/listKeys/action"),
    "eventHubAuthorizationRuleId": LogDestination(
        "log event hubs", "Microsoft.EventHub/namespaces/authorizationRules/listkeys/action"
    ),
}
"""The destinations, by the property of a diagnostic setting that names one."""


ROLES: Final = (
    Role(
        "plan",
        "Reads what a plan shows and what a verification compares. Changes nothing and sees no secret.",
        "the subscriptions of the source, of the target and of the target's subnets",
    ),
    Role(
        "relocate",
        "Deploys the target registry with what belongs to it, imports images into it and locks them as the source's.",
        "the target's resource group, or its subscription if the group is still to be made",
    ),
    Role(
        "relocate-source",
        "Reads where webhooks call, addresses and headers being secrets. Changes nothing.",
        "the source registry; and the target, for a verification to compare where its webhooks call",
    ),
    Role(
        "relocate-replica",
        "Makes a replica of the source for the imports and removes it, where a request has `via_replica`.",
        "the source's resource group, where the replica is recorded",
    ),
    Role(
        "relocate-network",
        "Lets the target use subnets and managed identities that are there already. Changes none of them.",
        "the subnets that the request names, and the user-assigned identities of the source",
    ),
    Role(
        "relocate-logs",
        "Lets diagnostic settings of the target send logs to where the source's go, for which Azure wants the right to "
        "read the keys of these destinations. They are not read.",
        "the workspaces, storage accounts and event hubs that the logs go to",
    ),
    Role(
        "cut-over",
        "Gives what depends on the source the same at the target: roles, events, alerts, names in the network, locks.",
        "the target's resource group, the source registry, and the scopes of the resources to create: the groups of "
        "alert rules, private DNS zones with their networks, clusters, and what the source's own identity has roles at",
    ),
    Role(
        "switch",
        "Points dependents at the target and back, and records their former values. It may read the settings of sites, "
        "because Azure replaces them as a whole.",
        "the resource groups of the dependents to switch, and the source's resource group for the records",
    ),
    Role(
        "passwords",
        "Writes new token passwords into a key vault with role-based access; sees that they exist, cannot read them.",
        "the key vault that the request names",
    ),
    Role(
        "prune",
        "Takes tags away from the target that were deleted at the source, where a request says so.",
        "the target's resource group",
    ),
    Role(
        "discard",
        "Removes what a relocation has made, as long as the source is there.",
        "where the roles for relocating and for the cut-over are, beside them",
    ),
    Role(
        "discard-part",
        "Removes the images and the child resources of one of several sources from their target, beside discard.",
        "the target's resource group",
    ),
    Role(
        "retire",
        "Deletes the source registry for good, after its locks, its consumers' roles and diagnostic settings.",
        "the source's resource group, and the workspaces, storage accounts and event hubs that its logs go to; at the "
        "registry itself it would be a role like any other, which the cut-over gives at the target, too",
    ),
    Role(
        "rehearse",
        "Makes, relocates and removes the small registries of a rehearsal, in resource groups of its own.",
        "the subscriptions of the source and of the target; where there are such, also at the subnets that its network "
        "rules allow, those of the request, its user-assigned identities, and what its logs go to",
    ),
)
