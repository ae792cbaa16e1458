from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.containerregistry import ContainerRegistryManagementClient

from local_azure.launcher import Emulator
from tests.emulator.conftest import DEMO, GROUP, OLD, PREVIEW, REGISTRIES, STABLE, MakeRegistry, Send

SUBNET = f"{REGISTRIES.rpartition('/providers/')[0]}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
DENY = {"defaultAction": "Deny", "ipRules": [{"value": "198.51.100.0/24", "action": "Allow"}]}


def properties(send: Send, name: str, api_version: str = STABLE) -> dict[str, Any]:
    shown: dict[str, Any] = send("GET", f"{REGISTRIES}/{name}", api_version).json()["properties"]
    return shown


def test_new_registry_comes_complete(acr: ContainerRegistryManagementClient, make_registry: MakeRegistry) -> None:
    """It has a login server, defaults, the system scope maps and the replica of its own region."""
    name = make_registry()
    registry = acr.registries.get(GROUP, name)
    assert registry.login_server == f"{name}.azurecr.io"
    assert registry.provisioning_state == "Succeeded"
    assert registry.network_rule_bypass_options == "AzureServices"
    assert acr.replications.get(GROUP, name, "northeurope").location == "northeurope"
    scope_maps = {scope_map.name: scope_map for scope_map in acr.scope_maps.list(GROUP, name)}
    assert scope_maps["_repositories_pull"].properties.type == "SystemDefined"


def test_creating_is_an_operation(start_emulator: Callable[..., Emulator], use_emulator: Any, send_to: Any) -> None:
    """While it lasts the registry is shown as being created; the operation ends and so does that."""
    held = use_emulator(start_emulator(seed="empty", operations="held"))
    send = send_to()
    body = {"location": "northeurope", "sku": {"name": "Basic"}}
    created = send("PUT", f"{REGISTRIES}/heldregistry", STABLE, body)
    assert created.status_code == 201
    assert created.json()["properties"]["provisioningState"] == "Creating"
    poll = created.headers["Azure-AsyncOperation"]
    assert send("GET", poll.partition("?")[0].removeprefix("https://management.azure.com")).json() == {
        "status": "Creating"
    }
    held.release()
    assert send("GET", f"{REGISTRIES}/heldregistry", STABLE).json()["properties"]["provisioningState"] == "Succeeded"


def test_virtual_network_rules_exist_only_in_some_versions(arm: Send, make_registry: MakeRegistry) -> None:
    """Each version shows them under its own name or not at all; a PUT at a version without them loses them."""
    name = make_registry()
    rules = DENY | {"virtualNetworkRules": [{"virtualNetworkSubnetResourceId": SUBNET, "action": "Allow"}]}
    arm("PATCH", f"{REGISTRIES}/{name}", PREVIEW, {"properties": {"networkRuleSet": rules}}).raise_for_status()

    assert properties(arm, name, PREVIEW)["networkRuleSet"] == rules
    old = properties(arm, name, OLD)["networkRuleSet"]["virtualNetworkRules"]
    assert old == [{"id": SUBNET, "action": "Allow"}]
    assert properties(arm, name)["networkRuleSet"] == DENY

    body = arm("GET", f"{REGISTRIES}/{name}", PREVIEW).json()
    arm("PUT", f"{REGISTRIES}/{name}", STABLE, body).raise_for_status()
    assert properties(arm, name, PREVIEW)["networkRuleSet"]["virtualNetworkRules"] == []


@pytest.mark.parametrize(
    ("property_name", "version_with", "version_without"),
    [
        ("roleAssignmentMode", STABLE, "2025-04-01"),
        ("metadataSearch", PREVIEW, STABLE),
        ("anonymousPullEnabled", "2025-04-01", "2023-07-01"),
        ("zoneRedundancy", "2021-09-01", "2019-05-01"),
        ("regionalEndpoints", "2026-01-01-preview", "2025-06-01-preview"),
    ],
)
def test_property_is_shown_only_where_it_exists(
    arm: Send, demo: Emulator, property_name: str, version_with: str, version_without: str
) -> None:
    """A version does not know of what came later or stayed a preview."""
    assert property_name in properties(arm, DEMO, version_with)
    assert property_name not in properties(arm, DEMO, version_without)


def test_put_resets_what_it_leaves_out(
    acr: ContainerRegistryManagementClient, arm: Send, make_registry: MakeRegistry
) -> None:
    """PUT is not PATCH: whatever the body does not say has its default again."""
    name = make_registry(adminUserEnabled=True, networkRuleSet=DENY)
    acr.registries.begin_create(GROUP, name, {"location": "northeurope", "sku": {"name": "Premium"}}).result()
    assert properties(arm, name)["adminUserEnabled"] is False
    assert properties(arm, name)["networkRuleSet"] == {"defaultAction": "Allow", "ipRules": []}


def test_patch_merges_policies_and_network_rules(arm: Send, make_registry: MakeRegistry) -> None:
    """A policy or a list of rules that is not named stays (recorded: az acr update --default-action Allow)."""
    name = make_registry(networkRuleSet=DENY, policies={"retentionPolicy": {"days": 30, "status": "enabled"}})
    patch = {"policies": {"quarantinePolicy": {"status": "enabled"}}, "networkRuleSet": {"defaultAction": "Allow"}}
    arm("PATCH", f"{REGISTRIES}/{name}", STABLE, {"properties": patch, "tags": {"a": "b"}}).raise_for_status()
    shown = properties(arm, name)
    assert shown["policies"]["retentionPolicy"]["days"] == 30
    assert shown["policies"]["quarantinePolicy"]["status"] == "enabled"
    assert shown["networkRuleSet"] == {"defaultAction": "Allow", "ipRules": DENY["ipRules"]}


def test_read_only_properties_cannot_be_set(arm: Send, make_registry: MakeRegistry) -> None:
    """They are ignored, as in Azure."""
    name = make_registry(loginServer="elsewhere.azurecr.io", creationDate="2001-01-01T00:00:00Z")
    assert properties(arm, name)["loginServer"] == f"{name}.azurecr.io"
    assert not properties(arm, name)["creationDate"].startswith("2001")


@pytest.mark.parametrize(
    "premium",
    [
        {"networkRuleSet": DENY},
        {"publicNetworkAccess": "Disabled"},
        {"dataEndpointEnabled": True},
        {"policies": {"retentionPolicy": {"status": "enabled", "days": 3}}},
        {"encryption": {"status": "enabled"}},
    ],
)
def test_premium_features_need_premium(make_registry: MakeRegistry, premium: dict[str, Any]) -> None:
    """Each is refused for Standard with its name in the message."""
    with pytest.raises(HttpResponseError) as caught:
        make_registry("Standard", **premium)
    assert caught.value.error.code == "SkuNotSupported"
    assert "'Standard'" in caught.value.error.message


def test_combinations_are_refused(make_registry: MakeRegistry) -> None:
    """Export cannot be disabled while the public network is open; an encrypted registry cannot have content trust."""
    with pytest.raises(HttpResponseError) as caught:
        make_registry(policies={"exportPolicy": {"status": "disabled"}})
    assert caught.value.error.code == "ExportPolicyDisableNotAllowed"
    with pytest.raises(HttpResponseError) as caught:
        make_registry(encryption={"status": "enabled"}, policies={"trustPolicy": {"status": "enabled"}})
    assert caught.value.error.code == "BlockedForEncryptionEnabledRegistry"


def test_names_are_global(acr: ContainerRegistryManagementClient, arm: Send, demo: Emulator) -> None:
    """A taken name is reported as such, and refused in every group."""
    kind = "Microsoft.ContainerRegistry/registries"
    taken = acr.registries.check_name_availability({"name": DEMO.upper(), "type": kind})
    assert (taken.name_available, taken.reason) == (False, "AlreadyExists")
    assert acr.registries.check_name_availability({"name": "freename", "type": kind}).name_available
    assert not acr.registries.check_name_availability({"name": "not-a-name", "type": kind}).name_available
    body = {"location": "northeurope", "sku": {"name": "Basic"}}
    elsewhere = f"{REGISTRIES.replace(GROUP, 'contoso-network-north')}/{DEMO}"
    for scope in ({}, {"autoGeneratedDomainNameLabelScope": "ResourceGroupReuse"}):
        refused = arm("PUT", elsewhere, PREVIEW, body | {"properties": scope})
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "RegistryNameAlreadyInUse")


def test_illegal_name_is_refused(arm: Send) -> None:
    """Letters and digits only, and at least five."""
    body = {"location": "northeurope", "sku": {"name": "Basic"}}
    refused = arm("PUT", f"{REGISTRIES}/no-hyphens", STABLE, body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "ResourceNameInvalid")


def test_domain_name_label_scope_puts_a_hash_in_the_login_server(arm: Send) -> None:
    """A login server cannot be computed from a name."""
    body = {
        "location": "northeurope",
        "sku": {"name": "Premium"},
        "properties": {"autoGeneratedDomainNameLabelScope": "ResourceGroupReuse"},
    }
    arm("PUT", f"{REGISTRIES}/scopedname", PREVIEW, body).raise_for_status()
    server = properties(arm, "scopedname")["loginServer"]
    assert server.startswith("scopedname-")
    assert server != "scopedname.azurecr.io"


def test_admin_credentials(acr: ContainerRegistryManagementClient, make_registry: MakeRegistry) -> None:
    """They need an admin user; each of the two passwords can be regenerated."""
    without = make_registry()
    with pytest.raises(HttpResponseError) as caught:
        acr.registries.list_credentials(GROUP, without)
    assert caught.value.error.code == "UnAuthorizedForCredentialOperations"
    name = make_registry(adminUserEnabled=True)
    before = acr.registries.list_credentials(GROUP, name)
    after = acr.registries.regenerate_credential(GROUP, name, {"name": "password2"})
    assert before.username == name
    kept = [old.value == new.value for old, new in zip(before.passwords, after.passwords, strict=True)]
    assert kept == [True, False]


def test_usages_count_what_is_there(acr: ContainerRegistryManagementClient, demo: Emulator) -> None:
    """The counters of the demo registry; the limit of the size is what Premium includes."""
    usages = {usage.name: usage for usage in acr.registries.list_usages(GROUP, DEMO).value}
    assert usages["Size"].limit == 500 * 2**30
    assert usages["Size"].current_value > 0
    assert usages["Webhooks"].current_value == 2
    assert usages["VNetRules"].current_value == 1


def test_deleted_registry_takes_everything_with_it(
    demo: Emulator, acr: ContainerRegistryManagementClient, make_registry: MakeRegistry
) -> None:
    """Content and children are gone, the implicit replica too, and the name is free again."""
    name = make_registry()
    acr.registries.begin_delete(GROUP, name).result()
    with pytest.raises(ResourceNotFoundError):
        acr.registries.get(GROUP, name)
    kind = "Microsoft.ContainerRegistry/registries"
    assert acr.registries.check_name_availability({"name": name, "type": kind}).name_available
    assert not [one for one in demo.resources() if f"/{name}/" in one["id"]]


def test_registry_cannot_change_its_region(acr: ContainerRegistryManagementClient, make_registry: MakeRegistry) -> None:
    """That is why relocations exist."""
    name = make_registry()
    with pytest.raises(ResourceExistsError) as caught:
        acr.registries.begin_create(GROUP, name, {"location": "westeurope", "sku": {"name": "Premium"}}).result()
    assert caught.value.error.code == "InvalidResourceLocation"
