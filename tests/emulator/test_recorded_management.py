"""Management of groups, deployments, policies, monitoring and subnets, as recorded sessions of az show it."""

from typing import Any, Final

import pytest

from tests.emulator.replay.furniture import HERE, NETWORK, PLACE, RG
from tests.emulator.replay.stage import Stage, ask, body_of

VERSION: Final = "2022-09-01"
DEPLOYMENT: Final = f"{RG}/providers/Microsoft.Resources/deployments/fresh"
TEMPLATE: Final[dict[str, Any]] = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"place": {"type": "string", "defaultValue": "here"}, "word": {"type": "securestring"}},
    "resources": [],
    "outputs": {"Place": {"type": "string", "value": "[parameters('place')]"}},
}
DEPLOYED: Final = {
    "properties": {"mode": "Incremental", "template": TEMPLATE, "parameters": {"word": {"value": "secret"}}}
}
POLICY: Final = f"{RG}/providers/Microsoft.Authorization/policyAssignments/fresh"
INSIGHTS: Final = f"{RG}/providers/Microsoft.Insights"


async def test_a_deployment_is_replaced_exported_and_deleted(asked: Stage) -> None:
    """A second PUT is a 200; types are written with a capital; the deletion is an operation that ends with 204."""
    first = await asked.make(DEPLOYMENT, VERSION, DEPLOYED)
    again = await asked.make(DEPLOYMENT, VERSION, DEPLOYED)
    template = body_of(await ask(asked, "POST", f"{DEPLOYMENT}/exportTemplate", VERSION))["template"]
    deleted = await ask(asked, "DELETE", DEPLOYMENT, VERSION)
    ended = await asked.poll(deleted, done=True)
    gone = await ask(asked, "GET", DEPLOYMENT, VERSION)

    assert (first.status, again.status) == (201, 200)
    assert len(first.headers["azure-asyncoperation"].partition("?")[0].rpartition("/")[2]) == 20
    assert [one["type"] for one in template["parameters"].values()] == ["String", "SecureString"]
    assert template["outputs"]["Place"]["type"] == "String"
    assert (deleted.status, deleted.body, "/operationresults/" in deleted.headers["location"]) == (202, b"", True)
    assert (ended.status, ended.body, gone.status) == (204, b"", 404)


async def test_a_validation_has_no_time_and_the_region_of_a_subscription(asked: Stage) -> None:
    """However the region is written."""
    path = "/subscriptions/{subscriptionId}/providers/Microsoft.Resources/deployments/fresh/validate"

    told = body_of(await ask(asked, "POST", path, VERSION, DEPLOYED | {"location": "West US"}))

    assert (told["location"], told["properties"]["timestamp"]) == ("westus", "0001-01-01T00:00:00Z")


async def test_a_nested_deployment_needs_its_group(asked: Stage) -> None:
    """A group that no resource of the template makes is missing at the validation."""
    nested = {"type": "Microsoft.Resources/deployments", "apiVersion": VERSION, "name": "in", "resourceGroup": "none"}
    inside = nested | {"properties": {"mode": "Incremental", "template": TEMPLATE | {"parameters": {}, "outputs": {}}}}
    body = {"properties": {"mode": "Incremental", "template": TEMPLATE | {"parameters": {}, "resources": [inside]}}}
    body["properties"]["template"]["outputs"] = {}

    refused = await ask(asked, "POST", f"{DEPLOYMENT}/validate", VERSION, body)

    assert (refused.status, body_of(refused)["error"]["code"]) == (404, "ResourceGroupNotFound")


async def test_a_cancelled_deployment_stays_cancelled(asked: Stage) -> None:
    """Also when its operation goes on."""
    await ask(asked, "PUT", DEPLOYMENT, VERSION, DEPLOYED)
    cancelled = await ask(asked, "POST", f"{DEPLOYMENT}/cancel", VERSION)
    await asked.at_once(asked.settled)

    properties = body_of(await ask(asked, "GET", DEPLOYMENT, VERSION))["properties"]
    assert (cancelled.status, properties["provisioningState"]) == (204, "Canceled")
    assert "outputResources" not in properties


async def test_a_newer_list_of_operations_has_no_request_ids(asked: Stage) -> None:
    """The list in a group; one operation has them, and so has an older list."""
    made = {"type": "Microsoft.ManagedIdentity/userAssignedIdentities", "apiVersion": "2023-01-31", "name": "one"}
    template = TEMPLATE | {"parameters": {}, "outputs": {}, "resources": [made | {"location": PLACE}]}
    await asked.make(DEPLOYMENT, VERSION, {"properties": {"mode": "Incremental", "template": template}})
    listing = f"{RG}/deployments/fresh/operations"

    new, old = [body_of(await ask(asked, "GET", listing, version))["value"][0] for version in (VERSION, "2020-10-01")]
    single = body_of(await ask(asked, "GET", f"{listing}/{new['operationId']}", VERSION))

    assert ["serviceRequestId" in one["properties"] for one in (new, old, single)] == [False, True, True]


async def test_a_request_may_have_lines_inside_of_a_text_beside_bare_keys(asked: Stage) -> None:
    """As az sends a template with a text of several lines; a body that is no object is refused by the gateway."""
    path = asked.fill(f"{RG}?api-version={VERSION}")
    text = '{location: "westus", "tags": {"note": "one\nline\\"more"}} // a comment'
    token = asked.world.directory.access_token(asked.owner, "https://management.azure.com", 60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    kept = await asked.raw("PUT", f"https://management.azure.com{path}", headers=headers, data=text.encode())
    refused = await asked.raw("PUT", f"https://management.azure.com{path}", headers=headers, data=b"[[")

    assert body_of(kept)["tags"] == {"note": 'one\nline"more'}
    assert (refused.status, refused.headers["x-ms-failure-cause"]) == (400, "gateway")
    assert "status" not in body_of(refused)


async def test_a_group_keeps_its_manager(asked: Stage) -> None:
    """Its 404 without a body has a content type in older api-versions; an empty one is exported at once."""
    group = "/subscriptions/{subscriptionId}/resourceGroups/fresh-group"

    missing = [await ask(asked, "HEAD", group, version) for version in ("2020-10-01", VERSION)]
    made = body_of(await ask(asked, "PUT", group, VERSION, {"location": PLACE, "managedBy": "somebody"}))
    exported = await ask(asked, "POST", f"{group}/exportTemplate", VERSION, {"resources": ["*"]})

    assert ["content-type" in one.headers for one in missing] == [True, False]
    assert made["managedBy"] == "somebody"
    assert (exported.status, body_of(exported)["template"]["resources"]) == (200, [])


async def test_a_policy_assignment_tells_its_scope_and_authors(asked: Stage) -> None:
    """Each PUT is a 201; its metadata say who made and changed it; a deletion answers with what is gone."""
    version, body = "2021-06-01", {"properties": {"policyDefinitionId": "/providers/x/policyDefinitions/one"}}
    missing = await ask(asked, "GET", POLICY, version)

    made, changed = [await ask(asked, "PUT", POLICY, version, body) for _ in range(2)]
    old = body_of(await ask(asked, "GET", POLICY, "2019-09-01"))
    deleted = await ask(asked, "DELETE", POLICY, version)

    assert (missing.status, body_of(missing)["error"]["code"]) == (404, "PolicyAssignmentNotFound")
    assert missing.headers["content-type"] == "application/json"
    assert (made.status, changed.status, deleted.status) == (201, 201, 200)
    properties = body_of(deleted)["properties"]
    assert (properties["scope"], properties["enforcementMode"]) == (HERE, "Default")
    assert (body_of(made)["properties"]["metadata"]["updatedBy"], bool(properties["metadata"]["updatedBy"])) == (
        None,
        True,
    )
    assert ("systemData" in body_of(made), "systemData" in old, old["sku"]["tier"]) == (True, False, "Free")


async def test_categories_of_logs_and_of_the_activity_log(asked: Stage) -> None:
    """One may be asked for; older api-versions do not group them. A subscription's setting is short."""
    above = f"{RG}/providers/Microsoft.Storage/storageAccounts/store"
    await asked.make(above, "2023-01-01", {"location": PLACE})
    path = f"{above}/providers/Microsoft.Insights/diagnosticSettingsCategories/AllMetrics"
    setting = "/subscriptions/{subscriptionId}/providers/Microsoft.Insights/diagnosticSettings/fresh"
    log = {"category": "Security", "enabled": True}
    wanted = {"storageAccountId": asked.fill(above), "logs": [log]}

    old, new = [body_of(await ask(asked, "GET", path, f"{year}-05-01-preview")) for year in (2017, 2021)]
    kept = body_of(await ask(asked, "PUT", setting, "2021-05-01-preview", {"properties": wanted}))
    whole = body_of(await ask(asked, "GET", "/providers/Microsoft.Insights/eventcategories", "2015-04-01"))["value"]

    assert (old["properties"], old["location"]) == ({"categoryType": "Metrics"}, None)
    assert ("location" in new, new["properties"]["categoryGroups"]) == (False, [])
    assert kept["properties"] == wanted | {"logs": [{"categoryGroup": None} | log]}
    assert (kept["location"], kept.keys()) == ("global", {"id", "name", "type", "location", "properties"})
    assert {"value": "ServiceHealth", "localizedValue": "Service Health"} in whole


@pytest.mark.parametrize(("version", "shows"), [("2021-09-01", True), ("2022-06-01", False)])
async def test_an_action_group_by_version(asked: Stage, version: str, shows: bool) -> None:
    """Receivers of text messages are enabled; a newer version leaves out kind and identity."""
    body = {"location": "global", "properties": {"groupShortName": "g", "smsReceivers": [{"name": "a"}]}}

    made = body_of(await ask(asked, "PUT", f"{INSIGHTS}/actionGroups/fresh", version, body))

    assert made["properties"]["smsReceivers"] == [{"name": "a", "status": "Enabled"}]
    assert ("kind" in made, "identity" in made) == (shows, shows)


async def test_errors_of_the_network_have_details(asked: Stage) -> None:
    """An empty list, and no status; a prefix that is no prefix has a code of its own."""
    body = {"location": "West US", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16 --no-wait"]}}}

    refused = body_of(await ask(asked, "PUT", f"{NETWORK}/virtualNetworks/fresh", "2022-01-01", body))

    assert (refused["error"]["code"], refused["error"]["details"]) == ("InvalidAddressPrefixFormat", [])
    assert refused.keys() == {"error"}


async def test_policies_of_a_subnet_are_changed_at_once(asked: Stage) -> None:
    """The operation is there all the same; a change of anything else is under way. Regions are written small."""
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    network, version = f"{NETWORK}/virtualNetworks/fresh", "2022-01-01"
    made = await asked.make(network, version, {"location": "West US", "properties": space})
    subnet, given = f"{network}/subnets/one", {"addressPrefix": "10.0.0.0/24"}
    await asked.make(subnet, version, {"properties": given})

    states = []
    for more in ({"privateEndpointNetworkPolicies": "Disabled"}, {"serviceEndpoints": [{"service": "Microsoft.Web"}]}):
        changed = await ask(asked, "PUT", subnet, version, {"properties": given | more})
        states.append(body_of(changed)["properties"]["provisioningState"])
        await asked.at_once(asked.settled)

    assert (states, "azure-asyncoperation" in changed.headers) == (["Succeeded", "Updating"], True)
    assert body_of(made)["location"] == "westus"
    old = body_of(await ask(asked, "GET", subnet, "2017-10-01"))
    assert "delegations" not in old["properties"]


async def test_a_cluster_shows_its_balancer_and_no_password(asked: Stage) -> None:
    """Given addresses go before the one of its own; a basic balancer is not described."""
    path, version = f"{RG}/providers/Microsoft.ContainerService/managedClusters/fresh", "2023-05-01"
    pools = [{"name": "one", "count": 1, "type": "AvailabilitySet"}]
    network = {"networkPlugin": "azure", "loadBalancerProfile": {"outboundIPs": {"publicIPs": []}}}
    login = {"adminUsername": "a", "adminPassword": "not shown"}
    properties = {
        "agentPoolProfiles": pools,
        "networkProfile": network,
        "windowsProfile": login,
        "aadProfile": {"a": 1},
    }
    properties |= {"servicePrincipalProfile": {"clientId": "one"}, "oidcIssuerProfile": {"enabled": True}}
    body = {"location": PLACE, "identity": {"type": "SystemAssigned"}, "properties": properties}

    made = body_of(await ask(asked, "PUT", path, version, body))
    await asked.at_once(asked.settled)
    basic = {"properties": properties | {"networkProfile": {"loadBalancerSku": "basic"}}}
    changed = body_of(await ask(asked, "PUT", path, version, body | basic))["properties"]

    shown = made["properties"]
    assert shown["networkProfile"]["loadBalancerProfile"] == {"outboundIPs": {"publicIPs": []}}
    assert shown["networkProfile"]["networkDataplane"] == "azure"
    assert (shown["windowsProfile"], "adminUsers" in shown["aadProfile"]) == (
        {"enableCSIProxy": True, "adminUsername": "a"},
        True,
    )
    assert shown["oidcIssuerProfile"]["issuerURL"].startswith("https://westus.oic.prod-aks.azure.com/")
    assert ("nodeImageVersion" in shown["agentPoolProfiles"][0], bool(made["identity"]["principalId"])) == (False, True)
    assert "loadBalancerProfile" not in changed["networkProfile"]


async def test_a_key_tells_its_times_and_how_it_is_recovered(asked: Stage) -> None:
    """As secrets do."""
    url = "https://known-vault.vault.azure.net/keys/one"
    vault = asked.world.resources.require(f"{HERE}/providers/Microsoft.KeyVault/vaults/known-vault")
    vault.properties["accessPolicies"][0]["permissions"]["keys"] = ["create"]

    made = body_of(await asked.ask("POST", f"{url}/create", "7.4", {"kty": "EC"}, audience="https://vault.azure.net"))

    told = {"enabled", "created", "updated", "recoveryLevel", "recoverableDays", "exportable"}
    assert made["attributes"].keys() == told


async def test_resources_are_moved_to_another_group(asked: Stage) -> None:
    """With what belongs to them, by an operation that ends with 204; a move may be checked before."""
    target, version = "/subscriptions/{subscriptionId}/resourceGroups/fresh-group", "2022-09-01"
    await asked.make(target, version, {"location": PLACE})
    network = f"{NETWORK}/virtualNetworks/moving"
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    subnets = {"subnets": [{"name": "one", "properties": {"addressPrefix": "10.0.0.0/24"}}]}
    await asked.make(network, "2022-01-01", {"location": PLACE, "properties": space | subnets})
    body = {"resources": [asked.fill(network)], "targetResourceGroup": asked.fill(target)}

    checked = await ask(asked, "POST", f"{RG}/validateMoveResources", version, body)
    moved = await ask(asked, "POST", f"{RG}/moveResources", version, body)
    ends = [await asked.poll(one, done=True) for one in (checked, moved)]
    there = f"{target}/providers/Microsoft.Network/virtualNetworks/moving"
    seen = [(await ask(asked, "GET", one, "2022-01-01")).status for one in (network, there, f"{there}/subnets/one")]
    missing = await ask(asked, "POST", f"{RG}/moveResources", version, body)

    assert (checked.status, moved.status, moved.body, [one.status for one in ends]) == (202, 202, b"", [204, 204])
    assert (seen, missing.status) == ([404, 200, 200], 404)
