"""Recordings of whole sessions: changes of a registry and of its neighbours, beside the single exchanges."""

from typing import Any

import pytest

from local_azure.state.settings import READER_OBJECT_ID, SUBSCRIPTION_ID
from tests.emulator.replay.furniture import HOME, LINKED, NETWORK, PLACE, REGISTRY, RG, STANDARD
from tests.emulator.replay.stage import Stage, ask, body_of

OLD, NEW = "2022-02-01-preview", "2025-11-01"
ONE = f"{HOME}/{REGISTRY}"
VAULT = f"{RG}/providers/Microsoft.KeyVault/vaults/known-vault"
SECRETS = "https://known-vault.vault.azure.net"
PREMIUM = {"location": PLACE, "sku": {"name": "Premium"}, "properties": {}}


@pytest.mark.parametrize(
    ("method", "body", "status"),
    [
        ("PUT", PREMIUM, 201),
        ("PATCH", {"properties": {"anonymousPullEnabled": True}}, 201),
        ("PATCH", {"identity": {"type": "SystemAssigned"}}, 201),
        ("PATCH", {"properties": {"adminUserEnabled": True}}, 200),
    ],
)
async def test_changes_of_a_registry_that_take_time(asked: Stage, method: str, body: object, status: int) -> None:
    """A replacement, its identity and anonymous pull are operations; the rest is done at once."""
    answer = await ask(asked, method, ONE, OLD, body)

    assert answer.status == status
    assert ("azure-asyncoperation" in answer.headers) is (status == 201)
    assert body_of(answer)["properties"]["provisioningState"] == ("Updating" if status == 201 else "Succeeded")


@pytest.mark.parametrize(("zones", "status"), [("Disabled", 200), ("Enabled", 201)])
async def test_creations_of_2020(asked: Stage, zones: str, status: int) -> None:
    """They were done at once, unless the registry had zones."""
    body = PREMIUM | {"properties": {"zoneRedundancy": zones}}

    assert (await ask(asked, "PUT", f"{HOME}/oldregistry", "2020-11-01-preview", body)).status == status


async def test_an_identity_that_is_taken_away_is_not_shown(asked: Stage) -> None:
    """Neither by the registry nor by Azure Resource Manager."""
    await asked.make(ONE, NEW, {"identity": {"type": "SystemAssigned"}}, "PATCH")
    await asked.make(ONE, NEW, {"identity": {"type": "None"}}, "PATCH")

    listed = body_of(await ask(asked, "GET", f"{RG}/resources", "2022-09-01"))["value"]
    assert "identity" not in body_of(await ask(asked, "GET", ONE, NEW))
    [own] = [one for one in listed if one["name"] == REGISTRY]
    assert "identity" not in own
    assert own["systemData"]["createdAt"].endswith("Z")


async def test_2019_does_not_know_authors(asked: Stage) -> None:
    """The api-version has no systemData."""
    assert "systemData" not in body_of(await ask(asked, "GET", f"{HOME}/{STANDARD}", "2019-05-01"))


async def test_a_list_of_a_whole_subscription_is_put_together(asked: Stage) -> None:
    """It names the requests to the regions; that of a group does not."""
    path = "/providers/Microsoft.ContainerRegistry/registries"

    whole = await ask(asked, "GET", f"/subscriptions/{SUBSCRIPTION_ID}{path}", NEW)

    assert whole.headers["x-ms-original-request-ids"]
    assert "x-ms-original-request-ids" not in (await ask(asked, "GET", f"{RG}{path}", NEW)).headers


async def test_a_connection_shows_its_state_before_the_change(asked: Stage) -> None:
    """The answer to a PUT has the old state and its author; the last poll has no header."""
    [before] = body_of(await ask(asked, "GET", f"{HOME}/{LINKED}/privateEndpointConnections", NEW))["value"]
    path = before["id"]
    state = {"status": "Rejected", "description": "no"}
    body = {"properties": before["properties"] | {"privateLinkServiceConnectionState": state}}

    changed = await asked.arm("PUT", path, NEW, body)
    ended = await asked.poll(changed, done=True)

    shown = body_of(changed)
    assert (
        shown["properties"]["privateLinkServiceConnectionState"]
        == (before["properties"]["privateLinkServiceConnectionState"])
    )
    assert "systemData" in shown
    assert "azure-asyncoperation" not in ended.headers
    after = body_of(await asked.arm("GET", path, NEW))
    assert after["properties"]["privateLinkServiceConnectionState"]["status"] == "Rejected"
    assert "systemData" not in after


async def test_an_agent_pool_is_deleted_in_its_own_way(asked: Stage) -> None:
    """202 with the pool, `null` while it goes, 204 in the end."""
    path = f"{HOME}/poolregistry"
    await asked.make(path, NEW, PREMIUM | {"location": "eastus"})
    await asked.make(f"{path}/agentPools/known-pool", "2019-06-01-preview", {"location": "eastus", "properties": {}})

    deleted = await ask(asked, "DELETE", f"{path}/agentPools/known-pool", "2019-06-01-preview")
    pending, ended = await asked.poll(deleted, done=False), await asked.poll(deleted, done=True)

    assert (deleted.status, body_of(deleted)["properties"]["provisioningState"]) == (202, "Deleting")
    assert (pending.status, pending.body, ended.status, ended.body) == (202, b"null", 204, b"")


async def test_a_key_that_is_rotated_tells_when(asked: Stage) -> None:
    """Another version of the key; the first one tells nothing."""

    def encrypted(version: str) -> dict[str, Any]:
        key = {"keyIdentifier": f"{SECRETS}/keys/key/{version}", "identity": "one"}
        return PREMIUM | {"properties": {"encryption": {"status": "enabled", "keyVaultProperties": key}}}

    first = await asked.make(f"{HOME}/keyregistry", NEW, encrypted("a"))
    second = await asked.make(f"{HOME}/keyregistry", NEW, encrypted("b"), "PATCH")

    told = [body_of(one)["properties"]["encryption"]["keyVaultProperties"] for one in (first, second)]
    assert ["lastKeyRotationTimestamp" in one for one in told] == [False, True]


async def test_a_run_tells_who_changed_it_last(asked: Stage) -> None:
    """And no more."""
    asked_for = {"type": "TaskRunRequest", "taskId": asked.fill(f"{ONE}/tasks/docker-task")}
    run = body_of(await ask(asked, "POST", f"{ONE}/scheduleRun", "2019-06-01-preview", asked_for))

    shown = body_of(await asked.arm("GET", run["id"], "2019-06-01-preview"))

    assert run["type"] == "Microsoft.ContainerRegistry/registries/runs"
    assert {key[:12] for key in shown["systemData"]} == {"lastModified"}


async def test_names_of_parameters_begin_small(asked: Stage) -> None:
    """However the template spells them."""
    template = {"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"}
    template |= {"contentVersion": "1.0.0.0", "parameters": {"Name": {"type": "string"}}, "resources": []}
    properties = {"mode": "Incremental", "template": template, "parameters": {"name": {"value": "one"}}}
    path = f"{RG}/providers/Microsoft.Resources/deployments/spelling"

    made = body_of(await ask(asked, "PUT", path, "2022-09-01", {"properties": properties}))

    assert made["properties"]["parameters"] == {"name": {"type": "String", "value": "one"}}


async def test_a_task_is_merged_at_every_depth(asked: Stage) -> None:
    """Parts of a step that a PATCH does not name stay."""
    before = body_of(await ask(asked, "GET", f"{ONE}/tasks/docker-task", "2019-06-01-preview"))["properties"]["step"]
    change = {"properties": {"step": {"type": "Docker", "noCache": True}}}

    after = body_of(await ask(asked, "PATCH", f"{ONE}/tasks/docker-task", "2019-06-01-preview", change))

    assert after["properties"]["step"] == before | {"noCache": True}


async def test_what_was_sent_to_a_webhook_is_told(asked: Stage) -> None:
    """Method, address and headers beside the content."""
    await ask(asked, "POST", f"{ONE}/webhooks/knownhook/ping", NEW)

    [event] = body_of(await ask(asked, "POST", f"{ONE}/webhooks/knownhook/listEvents", NEW))["value"]

    assert event["eventRequestMessage"].keys() == {"content", "headers", "method", "requestUri", "version"}


async def test_a_network_says_its_version_when_it_is_read(asked: Stage) -> None:
    """As a header too; service endpoints are as far as their subnet; a deletion's result is a 204."""
    network = f"{NETWORK}/virtualNetworks/fresh-network"
    space = {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}, "enableVmProtection": False, "subnets": []}
    await asked.make(network, "2022-01-01", {"location": PLACE, "properties": space})
    service = {"addressPrefix": "10.9.0.0/24", "serviceEndpoints": [{"service": "Microsoft.ContainerRegistry"}]}

    made = await ask(asked, "PUT", f"{network}/subnets/one", "2022-01-01", {"properties": service})
    await asked.poll(made, done=True)
    read = await ask(asked, "GET", network, "2022-01-01")
    deleted = await ask(asked, "DELETE", network, "2022-01-01")
    await asked.poll(deleted, done=True)
    result = await asked.poll(deleted, done=True, header="location")

    assert body_of(made)["properties"]["serviceEndpoints"][0]["provisioningState"] == "Updating"
    assert read.headers["etag"] == body_of(read)["etag"]
    assert "enableVmProtection" not in body_of(read)["properties"]
    assert (result.status, result.headers["azure-asyncnotification"]) == (204, "Enabled")


async def test_a_zone_begins_with_its_authority(asked: Stage) -> None:
    """It is among the records; records of every type have names and versions; tags and newer settings are not shown."""
    await asked.make(f"{NETWORK}/privateDnsZones/fresh.example", "2018-09-01", {"location": "global"})
    zone = await ask(asked, "GET", f"{NETWORK}/privateDnsZones/fresh.example", "2018-09-01")
    text = {"properties": {"ttl": 60, "txtRecords": [{"value": ["word"]}]}}
    made = await ask(asked, "PUT", f"{NETWORK}/privateDnsZones/fresh.example/TXT/one", "2018-09-01", text)
    listed = body_of(await ask(asked, "GET", f"{NETWORK}/privateDnsZones/fresh.example/ALL", "2018-09-01"))["value"]

    assert "tags" not in body_of(zone)
    assert (made.status, made.headers["etag"]) == (201, body_of(made)["etag"])
    assert body_of(made)["properties"]["fqdn"] == "one.fresh.example."
    assert [one["type"].rpartition("/")[2] for one in listed] == ["TXT", "SOA"]
    assert listed[1]["properties"]["soaRecord"]["host"] == "azureprivatedns.net"


async def test_a_vault_tells_its_author_to_newer_versions(asked: Stage) -> None:
    """And leaves out network rules that let everybody in."""
    open_to_all = {"networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow"}}
    known = body_of(await ask(asked, "GET", VAULT, "2019-09-01"))
    await asked.make(VAULT, "2023-02-01", known | {"properties": known["properties"] | open_to_all})

    new = body_of(await ask(asked, "GET", VAULT, "2023-02-01"))

    assert "systemData" not in known
    assert new["systemData"]["createdAt"].endswith("Z")
    assert new["properties"]["publicNetworkAccess"] == "Enabled"
    assert "networkAcls" not in new["properties"]


async def test_a_secret_that_is_there_cannot_be_recovered(asked: Stage) -> None:
    """400 with its inner code; a page of another list is refused, too."""
    vault = {"audience": "https://vault.azure.net"}
    await asked.ask("PUT", f"{SECRETS}/secrets/there", "7.4", {"value": "word"}, **vault)

    recovered = await asked.ask("POST", f"{SECRETS}/deletedsecrets/there/recover", "7.4", **vault)
    page = await asked.ask("GET", f"{SECRETS}/secrets?$skiptoken=eyJOZXh0TWFya2VyIjoiMiJ9", "7.4", **vault)

    assert (recovered.status, body_of(recovered)["error"]["innererror"]) == (
        400, {"code": "RequestNotAllowedOnNonDeletedObject"},
    )  # fmt: skip
    assert (page.status, body_of(page)["error"]["code"]) == (400, "BadParameter")


async def test_a_role_assignment_is_answered_when_it_goes(asked: Stage) -> None:
    """200 with what is gone; roles are listed with their dates."""
    definitions = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions"
    role = {"roleDefinitionId": f"{definitions}/acdd72a7-3385-48ef-bd42-f606fba81ae7", "principalId": READER_OBJECT_ID}
    path = f"{RG}/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-0000-0000-000000000009"
    await asked.make(path, "2022-04-01", {"properties": role})

    gone = await ask(asked, "DELETE", path, "2022-04-01")
    roles = body_of(await asked.arm("GET", definitions, "2022-04-01"))["value"]

    assert (gone.status, body_of(gone)["properties"]["principalId"]) == (200, READER_OBJECT_ID)
    assert all({"createdOn", "updatedOn", "createdBy", "updatedBy"} <= one["properties"].keys() for one in roles)


async def test_a_metric_has_its_grain_in_the_answer_alone(asked: Stage) -> None:
    """A diagnostic setting: PT1M when it is written, nothing when it is read."""
    path = f"{ONE}/providers/Microsoft.Insights/diagnosticSettings/fresh"
    workspace = f"{RG}/providers/Microsoft.OperationalInsights/workspaces/known-workspace"
    metrics = {"metrics": [{"category": "AllMetrics", "enabled": True}], "workspaceId": asked.fill(workspace)}

    written = body_of(await ask(asked, "PUT", path, "2021-05-01-preview", {"properties": metrics}))
    read = body_of(await ask(asked, "GET", path, "2021-05-01-preview"))

    assert written["properties"]["metrics"][0]["timeGrain"] == "PT1M"
    assert "timeGrain" not in read["properties"]["metrics"][0]


async def test_an_event_subscription_is_completed_later(asked: Stage) -> None:
    """The answer to the PUT has few defaults, the subscription all; its deletion has both headers."""
    path = f"{ONE}/providers/Microsoft.EventGrid/eventSubscriptions/fresh"
    hook = {"endpointType": "WebHook", "properties": {"endpointUrl": "https://hooks.example/all"}}

    made = await ask(asked, "PUT", path, "2022-06-15", {"properties": {"destination": hook}})
    await asked.poll(made, done=True)
    read = body_of(await ask(asked, "GET", path, "2022-06-15"))["properties"]
    changed = await ask(asked, "PATCH", path, "2022-06-15", {"properties": {"labels": ["one"]}})
    await asked.poll(changed, done=True)
    deleted = await ask(asked, "DELETE", path, "2022-06-15")

    assert body_of(changed)["properties"]["eventDeliverySchema"] == "EventGridSchema"
    first = body_of(made)["properties"]
    assert (first["filter"].keys(), read["filter"].keys()) == (
        {"includedEventTypes"}, {"includedEventTypes", "subjectBeginsWith", "subjectEndsWith"},
    )  # fmt: skip
    assert ("eventDeliverySchema" in first, read["eventDeliverySchema"]) == (False, "EventGridSchema")
    assert deleted.status == 202
    assert {"azure-asyncoperation", "location"} <= deleted.headers.keys()


@pytest.mark.parametrize(
    ("version", "name"), [("2019-06-01", ""), ("2021-09-01", "eventhubReceivers"), ("2022-06-01", "eventHubReceivers")]
)
async def test_receivers_are_those_of_the_api_version(asked: Stage, version: str, name: str) -> None:
    """Event hubs came later, and were spelt in two ways; what has no tags says null, and has none in its properties."""
    path = f"{RG}/providers/Microsoft.Insights/actionGroups/fresh"
    body = {"location": "Global", "properties": {"groupShortName": "fresh", "enabled": True}}

    made = body_of(await ask(asked, "PUT", path, version, body))

    assert [one for one in made["properties"] if one.lower() == "eventhubreceivers"] == [one for one in [name] if one]
    assert made["tags"] is None
    assert "tags" not in made["properties"]
    assert ("identity" in made) == (version < "2022")
