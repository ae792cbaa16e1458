"""Siblings of the recorded exchanges, from the same public recordings: other operations, states and api-versions."""

from typing import Any

import pytest

from local_azure.state.settings import READER_OBJECT_ID, SUBSCRIPTION_ID
from tests.emulator.replay.furniture import ACR, ACR_PULL, HERE, HOME, HOOK, NETWORK, PLACE, REGISTRY, RG
from tests.emulator.replay.stage import Stage, ask, body_of

TOPIC = f"{RG}/providers/Microsoft.EventGrid/systemTopics/fresh-topic"
EVENTS = "2022-06-15"
WATCHED: dict[str, Any] = {
    "location": PLACE, "properties": {
        "source": f"{ACR}/{REGISTRY}", "topicType": "Microsoft.ContainerRegistry.Registries"}}  # fmt: skip
INSIGHTS = f"{RG}/providers/Microsoft.Insights"
EXPORT: dict[str, Any] = {"resources": ["*"]}


async def test_a_system_topic_with_an_identity_takes_time(asked: Stage) -> None:
    """Created and changed by an operation; what the identity lacks is null."""
    made = await ask(asked, "PUT", TOPIC, EVENTS, WATCHED | {"identity": {"type": "None"}})
    await asked.at_once(asked.settled)
    changed = await ask(asked, "PATCH", TOPIC, EVENTS, {"identity": {"type": "SystemAssigned"}})

    assert (made.status, changed.status) == (201, 201)
    assert "/operationsStatus/" in made.headers["azure-asyncoperation"]
    unset = {"principalId": None, "tenantId": None, "userAssignedIdentities": None}
    assert body_of(made)["identity"] == {"type": "None", **unset}
    assert body_of(changed)["properties"]["provisioningState"] == "Updating"
    assert body_of(changed)["identity"]["principalId"]
    assert body_of(changed)["identity"]["userAssignedIdentities"] is None


async def test_a_subscription_has_the_events_of_its_source(asked: Stage) -> None:
    """A storage account's are filled in as a registry's are, and a group's."""
    store = f"{RG}/providers/Microsoft.Storage/storageAccounts/store"
    await asked.make(store, "2023-01-01", {"location": PLACE})
    filled = {}
    for above in (f"{HOME}/{REGISTRY}", store, RG):
        path = f"{above}/providers/Microsoft.EventGrid/eventSubscriptions/fresh"
        await asked.make(path, EVENTS, {"properties": {"destination": HOOK}})
        filled[above] = body_of(await ask(asked, "GET", path, EVENTS))["properties"]["filter"]

    kinds = [filled[above].get("includedEventTypes", [""])[0].rpartition(".")[0] for above in filled]
    assert kinds == ["Microsoft.ContainerRegistry", "Microsoft.Storage", "Microsoft.Resources"]


async def test_event_grid_of_2019(asked: Stage) -> None:
    """It has neither systemData nor batches, and its deletions show the result alone."""
    path = f"{HOME}/{REGISTRY}/providers/Microsoft.EventGrid/eventSubscriptions/known-subscription"

    shown = body_of(await ask(asked, "GET", path, "2019-06-01"))
    deleted = await ask(asked, "DELETE", path, "2019-06-01")
    pending = await asked.poll(deleted, done=False)

    assert not {"systemData", "eventDeliverySchema"} & (shown.keys() | shown["properties"].keys())
    assert "maxEventsPerBatch" not in shown["properties"]["destination"]["properties"]
    assert "azure-asyncoperation" not in deleted.headers
    assert (pending.status, pending.body, "location" in pending.headers) == (202, b"", True)


async def test_receivers_of_2017(asked: Stage) -> None:
    """Kinds of receivers that came later are not shown."""
    path = f"{INSIGHTS}/actionGroups/fresh"
    body = {"location": "Global", "properties": {"groupShortName": "fresh", "enabled": True, "armRoleReceivers": []}}

    shown = body_of(await ask(asked, "PUT", path, "2017-04-01", body))["properties"]

    receivers = {one for one in shown if one.endswith("Receivers")}
    assert receivers == {"emailReceivers", "smsReceivers", "webhookReceivers", "itsmReceivers", "azureAppPushReceivers"}


async def test_a_refusal_of_azure_monitor_is_bare(asked: Stage) -> None:
    """Code and message are the body itself, of a metric alert as of a diagnostic setting."""
    criteria = {"odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", "allOf": []}
    properties = {"scopes": [HERE, f"{ACR}/{REGISTRY}"], "criteria": criteria}

    refused = await ask(asked, "PUT", f"{INSIGHTS}/metricAlerts/wide", "2018-03-01", {"properties": properties})

    setting = f"{HOME}/{REGISTRY}/providers/Microsoft.Insights/diagnosticSettings/fresh"
    nowhere = await ask(asked, "PUT", setting, "2021-05-01-preview", {"properties": {"logs": []}})

    assert (refused.status, nowhere.status) == (400, 400)
    assert body_of(refused).keys() == body_of(nowhere).keys() == {"code", "message"}
    assert "api-supported-versions" in refused.headers


@pytest.mark.parametrize(("version", "newer"), [("2020-05-01-preview", False), ("2021-08-01", True)])
async def test_query_rules(asked: Stage, version: str, newer: bool) -> None:
    """Empty actions are left out; a newer api-version tells the author, and the version that made the rule."""
    path = f"{INSIGHTS}/scheduledQueryRules/fresh"
    properties = {"scopes": [f"{ACR}/{REGISTRY}"], "actions": {"actionGroups": [], "customProperties": {}}}

    shown = body_of(await ask(asked, "PUT", path, version, {"location": PLACE, "properties": properties}))

    assert ("systemData" in shown, "createdWithApiVersion" in shown["properties"]) == (newer, newer)
    assert "actions" not in shown["properties"]


@pytest.mark.parametrize(("version", "status"), [("2021-04-01", 200), ("2022-09-01", 202)])
async def test_exports_became_operations(asked: Stage, version: str, status: int) -> None:
    """An older api-version answers with the template itself."""
    assert (await ask(asked, "POST", f"{RG}/exportTemplate", version, EXPORT)).status == status


async def test_a_registry_that_had_replicas_takes_time_to_be_deleted(asked: Stage) -> None:
    """Also after the last of them is gone (recorded from 2019 to 2024)."""
    replica = f"{HOME}/{REGISTRY}/replications/eastus"
    await asked.at_once(lambda: ask(asked, "DELETE", replica, "2023-11-01-preview"))

    deleted = await ask(asked, "DELETE", f"{HOME}/{REGISTRY}", "2023-11-01-preview")

    assert (deleted.status, body_of(deleted)["properties"]["provisioningState"]) == (202, "Deleting")


async def test_replicas_of_2019_have_no_author(asked: Stage) -> None:
    """As their registry."""
    shown = await ask(asked, "GET", f"{HOME}/{REGISTRY}/replications/eastus", "2019-05-01")

    assert "systemData" not in body_of(shown)


@pytest.mark.parametrize(("version", "shown"), [("2021-04-01-preview", False), ("2021-06-01-preview", True)])
async def test_vaults_tell_their_reach_since_2021(asked: Stage, version: str, shown: bool) -> None:
    """publicNetworkAccess came after systemData."""
    vault = body_of(await ask(asked, "GET", f"{RG}/providers/Microsoft.KeyVault/vaults/known-vault", version))

    assert ("publicNetworkAccess" in vault["properties"], "systemData" in vault) == (shown, True)


@pytest.mark.parametrize(("version", "shown"), [("2018-09-01-preview", False), ("2022-04-01", True)])
async def test_assignments_have_conditions_since_2020(asked: Stage, version: str, shown: bool) -> None:
    """An older api-version leaves them out, instead of null."""
    path = f"{RG}/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-0000-0000-000000000009"
    properties = {"roleDefinitionId": ACR_PULL, "principalId": READER_OBJECT_ID}

    made = body_of(await ask(asked, "PUT", path, version, {"properties": properties}))["properties"]

    assert ("condition" in made, "description" in made) == (shown, shown)


async def test_a_new_role_has_no_author_yet(asked: Stage) -> None:
    """The answer to the PUT says null, as that of an assignment."""
    role = "aaaaaaaa-0000-0000-0000-000000000010"
    path = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    scopes = [f"/subscriptions/{SUBSCRIPTION_ID}"]
    permissions = [{"actions": ["Microsoft.ContainerRegistry/*/read"], "notActions": []}]
    properties = {"roleName": "fresh", "type": "CustomRole", "assignableScopes": scopes, "permissions": permissions}

    made = await ask(asked, "PUT", path, "2022-04-01", {"properties": properties})

    assert (made.status, body_of(made)["properties"]["createdBy"]) == (201, None)
    assert body_of(await ask(asked, "GET", path, "2022-04-01"))["properties"]["createdBy"]


async def test_a_missing_group_has_the_type_of_its_error(asked: Stage) -> None:
    """HEAD says what GET would."""
    answer = await ask(asked, "HEAD", RG.replace("{resourceGroup}", "no-such-group"), "2021-04-01")

    assert (answer.status, answer.headers["content-type"]) == (404, "application/json; charset=utf-8")


async def test_a_cluster_is_filled_in(asked: Stage) -> None:
    """Its pools, its network and its parts are told; what is not set is not; the identity comes with the answer."""
    path = f"{RG}/providers/Microsoft.ContainerService/managedClusters/fresh-cluster"
    pool = {
        "name": "one",
        "count": 1,
        "osDiskSizeGB": 0,
        "enableFIPS": False,
        "scaleSetPriority": "Regular",
        "nodeTaints": [],
    }
    properties = {"dnsPrefix": "fresh", "kubernetesVersion": "", "agentPoolProfiles": [pool], "addonProfiles": {}}
    body = {"location": PLACE, "identity": {"type": "SystemAssigned"}, "properties": properties}

    made = body_of(await ask(asked, "PUT", path, "2024-05-01", body))
    await asked.at_once(asked.settled)
    shown = body_of(await ask(asked, "GET", path, "2024-05-01"))["properties"]

    assert made["identity"]["principalId"]
    assert made["sku"] == {"name": "Base", "tier": "Free"}
    [told] = made["properties"]["agentPoolProfiles"]
    assert told["provisioningState"] == "Creating"
    assert not {"scaleSetPriority", "nodeTaints"} & told.keys()
    assert (told["enableFIPS"], told["osDiskSizeGB"]) == (False, 128)
    assert told["currentOrchestratorVersion"] == made["properties"]["currentKubernetesVersion"]
    assert "addonProfiles" not in shown
    balanced = [one["networkProfile"]["loadBalancerProfile"].keys() for one in (made["properties"], shown)]
    assert balanced == [{"managedOutboundIPs"}, {"managedOutboundIPs", "effectiveOutboundIPs"}]


@pytest.mark.parametrize(
    ("path", "version", "told"),
    [
        ("virtualNetworks/known-network", "2021-02-01", False),
        ("virtualNetworks/known-network", "2021-03-01", True),
        ("virtualNetworks/known-network/subnets/default", "2021-08-01", False),
        ("virtualNetworks/known-network/subnets/default", "2022-01-01", True),
    ],
)
async def test_changes_of_a_network_tell_of_a_notification_later(
    asked: Stage, path: str, version: str, told: bool
) -> None:
    """Creations had the header before."""
    known = asked.world.resources.require(asked.fill(f"{NETWORK}/{path}"))

    changed = await ask(asked, "PUT", f"{NETWORK}/{path}", version, {"location": PLACE, "properties": known.properties})

    assert (changed.status, "azure-asyncnotification" in changed.headers) == (200, told)


async def test_a_zone_group_is_updated_with_its_parts(asked: Stage) -> None:
    """Every zone of it has the state of the whole."""
    path = f"{NETWORK}/privateEndpoints/known-endpoint/privateDnsZoneGroups/default"
    known = asked.world.resources.require(asked.fill(path))

    changed = body_of(await ask(asked, "PUT", path, "2022-01-01", {"properties": known.properties}))["properties"]

    assert changed["provisioningState"] == "Updating"
    assert [one["properties"]["provisioningState"] for one in changed["privateDnsZoneConfigs"]] == ["Updating"]


async def test_a_planted_registry_without_a_login_server_stops_no_other(asked: Stage) -> None:
    """Planted resources may have any form."""
    asked.world.add(f"{ACR}/planted", {"location": PLACE, "properties": {}})

    made = await ask(asked, "PUT", f"{HOME}/freshregistry", "2025-11-01", {"location": PLACE, "sku": {"name": "Basic"}})

    assert made.status == 201


async def test_a_task_run_tells_what_it_was_asked_for(asked: Stage) -> None:
    """Without logins and empty values, and with the default of what was not said."""
    request = {"type": "DockerBuildRequest", "imageNames": ["app:v9"], "isPushEnabled": True, "dockerFilePath": "D"}
    body = {"properties": {"runRequest": request | {"values": [], "credentials": {}}}}

    path = f"{HOME}/{REGISTRY}/taskRuns/freshrun"
    await asked.make(path, "2019-06-01-preview", body)

    shown = body_of(await ask(asked, "GET", path, "2019-06-01-preview"))["properties"]["runRequest"]
    assert shown == request | {"noCache": False}
