"""A whole relocation by somebody who holds the custom roles and nothing else, each where docs/roles.md says."""

from typing import Any

import pytest

from acr_relocate.azure.client.session import connection
from acr_relocate.azure.resources.deployments import ensure_resource_group
from acr_relocate.core.access.required_actions import RIGHTS_NEEDED
from acr_relocate.core.errors import NotRelocated
from flows.discard_target import discard_relocation
from flows.plan import plan_relocation
from flows.relocate import relocate_registry
from flows.verify import verify_relocation
from local_azure.seeds.surroundings import LOGS_ID
from tests.service.conftest import SUBSCRIPTION, Move, make_move
from tests.service.test_discard import discard
from tests.support.role_holders import OPERATOR, become, hire

HERE = f"/subscriptions/{SUBSCRIPTION}"
ACR = "Microsoft.ContainerRegistry/registries"
WEST, NORTH = f"{HERE}/resourceGroups/contoso-west", f"{HERE}/resourceGroups/contoso-network-north"
OLD_NETWORK = f"{WEST}/providers/Microsoft.Network/virtualNetworks/contoso-vnet"
CLUSTER = f"{WEST}/providers/Microsoft.ContainerService/managedClusters/contoso-aks"
NETWORK = f"{NORTH}/providers/Microsoft.Network/virtualNetworks/contoso-vnet-north"
SUBNETS = {f"{OLD_NETWORK}/subnets/{name}": f"{NETWORK}/subnets/{name}" for name in ("apps", "endpoints")}

# Rights of the table that this relocation does not ask for, and why they are needed all the same.
NOT_ASKED_FOR = {
    "Microsoft.Authorization/policyDefinitions/read": "no definition names the host",
    "Microsoft.Insights/metrics/read": "its logs tell who pulled",
    "Microsoft.KubernetesConfiguration/extensions/read": "no cluster has one",
    "Microsoft.KubernetesConfiguration/fluxConfigurations/read": "likewise",
    "Microsoft.Authorization/locks/delete": "no lock was made",
    "Microsoft.Authorization/roleAssignments/delete": "those at the target go with it, and there are no others",
    "Microsoft.EventGrid/eventSubscriptions/delete": "those of the topic go with it",
    "Microsoft.AlertsManagement/actionRules/delete": "no alert was made",
    "Microsoft.AlertsManagement/actionRules/read": "it has no alert",
    "Microsoft.AlertsManagement/actionRules/write": "likewise",
    "Microsoft.Insights/activityLogAlerts/delete": "no alert was made",
    "Microsoft.Insights/metricAlerts/delete": "likewise",
    "Microsoft.Insights/scheduledQueryRules/delete": "likewise",
    "Microsoft.Resources/subscriptions/resourceGroups/delete": "the group was there before",
    "Microsoft.Resources/subscriptions/resourceGroups/resources/read": "likewise",
    "Microsoft.Resources/subscriptions/resources/read": "the embedded Azure lists what one may read",
    f"{ACR}/agentpools/write": "the lifelike registry has no agent pool",
    f"{ACR}/credentialSets/write": "nor a credential set",
    f"{ACR}/operationStatuses/read": "the embedded Azure lets everybody ask how an operation goes",
    f"{ACR}/catalog/read": "data action: the lifelike registry is not in ABAC mode",
    f"{ACR}/repositories/content/read": "data action",
    f"{ACR}/repositories/content/write": "data action, and none of its indexes is beyond the import limit",
    f"{ACR}/repositories/metadata/read": "data action",
    f"{ACR}/repositories/metadata/write": "data action",
    f"{ACR}/generateCredentials/action": "its tokens have no passwords",
    "Microsoft.Authorization/locks/write": "it has no lock",
    "Microsoft.EventGrid/eventSubscriptions/getFullUrl/action": "its events go to a topic, not to a receiver",
    "Microsoft.EventGrid/eventSubscriptions/write": "likewise",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions/getFullUrl/action": "likewise",
    "Microsoft.Insights/actionGroups/read": "no alert rule tells anybody",
    "Microsoft.Insights/activityLogAlerts/read": "it has no alert",
    "Microsoft.Insights/activityLogAlerts/write": "likewise",
    "Microsoft.Insights/metricAlerts/read": "likewise",
    "Microsoft.Insights/metricAlerts/write": "likewise",
    "Microsoft.Insights/scheduledQueryRules/read": "likewise",
    "Microsoft.Insights/scheduledQueryRules/write": "likewise",
    "Microsoft.Network/virtualNetworks/checkIPAddressAvailability/read": "its private endpoint has no fixed address",
    "Microsoft.EventHub/namespaces/read": "its logs go to a workspace, not to an event hub",
    "Microsoft.KeyVault/vaults/keys/read": "it is not encrypted with a key of its own",
    "Microsoft.KeyVault/vaults/read": "likewise",
    "Microsoft.KeyVault/vaults/accessPolicies/write": "and no credential set has its secrets in a vault",
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action": "it has no user-assigned identity",
    "Microsoft.Storage/storageAccounts/read": "its logs go to a workspace, not to an account",
    "Microsoft.Storage/storageAccounts/listKeys/action": "likewise",
    "Microsoft.EventHub/namespaces/authorizationRules/listkeys/action": "nor to an event hub",
    "Microsoft.Resources/deployments/operationstatuses/read": "the embedded Azure lets everybody ask",
    "Microsoft.Resources/subscriptions/resourceGroups/write": "the group is there, because a role is assigned at it",
}


# thorough/test_consolidation.py,
# test_delete_source.py, contract/test_data_roles.py, test_rehearse.py, test_switching.py
OF_OTHER_TESTS = ("discard-part", "switch", "retire", "prune", "passwords", "rehearse")


@pytest.fixture(name="hired")
async def _hired(emulator: Any, monkeypatch: pytest.MonkeyPatch) -> Move:
    """A relocation of locked content with all that depends on it, by the operator."""
    move = make_move(emulator, ("legacy/*",), subnets=SUBNETS, via_replica=True)
    starts_from = {"artifactSource": "Cache", "containerRegistryId": move.request.source.resource_id}
    emulator.plant(CLUSTER, properties={"bootstrapProfile": starts_from})  # another test may have moved it away
    target_group = f"{HERE}/resourceGroups/{move.request.target.resource_group}"
    async with connection() as azure:
        await ensure_resource_group(azure, SUBSCRIPTION, move.request.target.resource_group, "northeurope")
        await hire(azure, "plan", HERE)
        await hire(azure, "relocate", target_group)
        await hire(azure, "relocate-source", move.request.source.resource_id)
        await hire(azure, "relocate-replica", f"{HERE}/resourceGroups/{move.request.source.resource_group}")
        await hire(azure, "relocate-network", *SUBNETS.values())
        await hire(azure, "relocate-logs", LOGS_ID)
        zones = [one["id"] for one in emulator.resources("Microsoft.Network/privateDnsZones")]
        await hire(azure, "cut-over", target_group, move.request.source.resource_id, WEST, NETWORK, *zones)
    become(OPERATOR, monkeypatch)
    emulator.reset_stats()
    return move


async def refused_to_discard(move: Move) -> str:
    """Return the message without the right to roll back; nothing was written, no question asked."""
    before = move.emulator.stats()["writes"]
    with pytest.raises(NotRelocated) as refused:
        await discard_relocation(move.request)
    assert move.emulator.stats()["writes"] == before
    return str(refused.value)


async def test_the_custom_roles_are_enough_and_no_more_than_is_asked_for(
    hired: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planned, relocated, verified, taken back; every action that Azure was asked for is in the table, and vice versa.

    Where this fails on a new call of ours: give the call a row in acr_relocate/core/access_rights.py, with the check
    that is to name it when it is missing, then run `python -m deployments.role_files`.
    """
    plan = await plan_relocation(hired.request)
    await relocate_registry(hired.request)
    report = await verify_relocation(hired.request)
    refused = await refused_to_discard(hired)
    needs = hired.emulator.stats()["needs"]
    become(hired.emulator.env, monkeypatch)
    async with connection() as azure:
        await hire(azure, "discard", HERE)
    become(OPERATOR, monkeypatch)
    hired.emulator.reset_stats()

    assert (await discard(hired)).verdict == "discarded"
    assert f"lacks {ACR}/delete at {hired.request.target_id}." in refused
    asked = {action.lower() for action in (*needs, *hired.emulator.stats()["needs"])}
    table = {right.action.lower() for right in RIGHTS_NEEDED if right.duty not in OF_OTHER_TESTS}
    lacks = [one for one in plan.findings if "identity lacks" in one.message and one.severity != "decision"]
    assert lacks == []
    assert report.verdict == "equal"
    assert asked - table == set(), "calls without a row in acr_relocate/core/access_rights.py"
    assert table - asked == {action.lower() for action in NOT_ASKED_FOR}, "rows without a call, or no longer without"
