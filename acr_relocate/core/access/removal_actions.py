"""The rights for removals, and the rights that only some requests need: the last part of the table of rights."""

from collections.abc import Iterator
from typing import Final

from acr_relocate.core.access.roles import ACR, DEPLOYMENTS, GROUPS, LOG_DESTINATIONS, REPOSITORIES, Right
from acr_relocate.core.target.children import REWRITES

MADE: Final = (
    "Microsoft.AlertsManagement/actionRules",
    "Microsoft.Authorization/locks",
    "Microsoft.Authorization/roleAssignments",
    ACR,
    "Microsoft.EventGrid/eventSubscriptions",
    "Microsoft.EventGrid/systemTopics",
    "Microsoft.Insights/activityLogAlerts",
    "Microsoft.Insights/metricAlerts",
    "Microsoft.Insights/scheduledQueryRules",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
    "Microsoft.Network/privateEndpoints",
    DEPLOYMENTS,
    GROUPS,
)
RELEASED: Final = (
    "Microsoft.Authorization/locks",
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Insights/diagnosticSettings",
)


def of_removals() -> Iterator[Right]:
    """Yield the rights for a rollback and for deleting the source. Both check their rights before they ask a person.

    Searching for the plan's tag finds only resources that the identity may read. Without access to the logs, the
    approval says that recent pulls are unknown.
    """
    call = "remove what the relocation has made"
    for kind in MADE:
        yield Right(f"{kind}/delete", "discard", "dependents", "relocation_cannot_be_taken_back", call)
    call = "hold the lease of the target"
    yield Right(f"{DEPLOYMENTS}/write", "discard", "dependents", "relocation_cannot_be_taken_back", call)
    call = "find what has the plan's tag"
    yield Right("Microsoft.Resources/subscriptions/resources/read", "discard", "dependents", "AccessDenied", call)
    call = "see whether the group is empty"
    yield Right(f"{GROUPS}/resources/read", "discard", "dependents", "relocation_cannot_be_taken_back", call)
    yield from of_parts()
    found_by = "source_cannot_be_deleted"
    for kind in RELEASED:
        yield Right(f"{kind}/delete", "retire", "source", found_by, "take from the source what keeps it")
        yield Right(f"{kind}/write", "retire", "source", found_by, "give it back if the source does not go")
    for destination in LOG_DESTINATIONS.values():
        call = "give a diagnostic setting back that sends logs there"
        yield Right(destination.keys, "retire", "dependents", found_by, call)
    yield Right(f"{ACR}/delete", "retire", "source", found_by, "delete the source")
    call = "record in Azure what is taken from the source, and hold the lease"
    for verb in ("read", "write", "delete"):
        yield Right(f"{DEPLOYMENTS}/{verb}", "retire", "source group", found_by, call)
    call = "put the source's repositories to rest before the last look"
    yield Right(f"{ACR}/push/write", "retire", "source", found_by, call)
    action = f"{REPOSITORIES}/metadata/write"
    yield Right(action, "retire", "source", "AccessDenied", f"{call}, in ABAC mode", data=True)
    for table in ("", "/ContainerRegistryRepositoryEvents"):
        action, call = f"Microsoft.OperationalInsights/workspaces/query{table}/read", "see who has pulled lately"
        yield Right(action, "retire", "dependents", "the approval's question", call)


def of_logs() -> Iterator[Right]:
    """Yield the rights at the destinations of the logs, which only some requests need."""
    for place, keys in LOG_DESTINATIONS.values():
        call = "make a diagnostic setting that sends logs there"
        yield Right(keys, "relocate-logs", place, "diagnostics_cannot_be_set", call)


def of_parts() -> Iterator[Right]:
    """Yield the rights that only a rollback of one of several sources needs."""
    found_by, call = "relocation_cannot_be_taken_back", "remove the part of one of several sources"
    for kind in REWRITES:
        if kind in {"privateEndpoints", "diagnosticSettings"}:
            continue
        yield Right(f"{ACR}/{kind}/delete", "discard-part", "dependents", found_by, call)
    yield Right("Microsoft.Insights/diagnosticSettings/delete", "discard-part", "dependents", found_by, call)
    yield Right(f"{ACR}/artifacts/delete", "discard-part", "dependents", found_by, call)
    yield Right(f"{ACR}/push/write", "discard-part", "dependents", found_by, f"{call}: lift its locks")
    for action in ("content/delete", "metadata/write"):
        right, abac = f"{REPOSITORIES}/{action}", f"{call}, in ABAC mode"
        yield Right(right, "discard-part", "dependents", found_by, abac, data=True)


def of_some_requests() -> Iterator[Right]:
    """Yield the rights that only some requests need: `prune`, `via_replica`, a key vault for token passwords."""
    for verb in ("write", "delete"):
        call = "make a replica of the source, and remove it"
        yield Right(f"{ACR}/replications/{verb}", "relocate-replica", "source", "replica_cannot_be_made", call)
    for verb in ("read", "write", "delete"):
        call = "record the replica in Azure, and hold the lease of the source"
        yield Right(f"{DEPLOYMENTS}/{verb}", "relocate-replica", "source group", "replica_cannot_be_made", call)
    prune, call = "tags_cannot_be_pruned", "take a tag away that the source has no more"
    yield Right(f"{ACR}/artifacts/delete", "prune", "target group", prune, call)
    action = f"{REPOSITORIES}/content/delete"
    yield Right(action, "prune", "target group", prune, f"{call}, in ABAC mode", data=True)
    for action, call in (
        ("Microsoft.KeyVault/vaults/secrets/readMetadata/action", "see whether the vault has the password already"),
        ("Microsoft.KeyVault/vaults/secrets/setSecret/action", "put a token's password into the vault"),
    ):
        yield Right(action, "passwords", "dependents", "AccessDenied", call, data=True)
