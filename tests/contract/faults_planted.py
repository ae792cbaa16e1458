"""For each check that can be planted in the embedded Azure: exactly that wrong, and nothing else.

`FAULTS`: the code of the check -> how to plant it, and what cannot but be found along with it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from acr_relocate.core.plan_id import PLAN_TAG, SOURCE_TAG, plan_id
from local_azure.settings import READER_OBJECT_ID
from tests.contract.planting import HERE, NET, NORTH, OLD_SUBNET, SOURCE_ID, SUBNET, WEST, Planting
from tests.contract.workshop import EMPTY, OCI_CONFIG, OCI_MANIFEST

Plant = Callable[[Planting], Awaitable[Any]]
OTHER: Final = "99999999-9999-9999-9999-999999999999"
IMPORTER: Final = "Container Registry Data Importer and Data Reader"
CONFIGURES: Final = "Container Registry Contributor and Data Access Configuration Administrator"
READS_ABAC: Final = "Contributor;Container Registry Repository Reader;Container Registry Repository Catalog Lister"
UNASKED: Final = "could_not_be_read"  # whether the template would be accepted, by who may not ask
SECRET: Final = {"type": "EncodedTask", "encodedTaskContent": "dmVyc2lvbjogdjEuMS4wCg=="}
PURGE: Final = base64.b64encode(b"version: v1.1.0\nsteps:\n  - cmd: acr purge --filter 'a:.*' --ago 9d\n").decode()
IDENTITY: Final = f"{NET}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/puller"
VAULT: Final = f"{NET}/providers/Microsoft.KeyVault/vaults/contosokeys"
KEY: Final = "https://contosokeys.vault.azure.net/keys/acr"
DECIDE: Final = "customer_managed_key_needs_decision"


class Fault(NamedTuple):
    """How to plant it, and what else it comes with."""

    plant: Plant
    also: tuple[str, ...] = ()


FAULTS: Final[dict[str, Fault]] = {}


def fault(code: str, *also: str) -> Callable[[Plant], Plant]:
    """The function plants what the check of this name finds."""

    def register(plant: Plant) -> Plant:
        FAULTS[code] = Fault(plant, also)
        return plant

    return register


# The target and its surroundings


@fault("target_holds_another_relocation")
async def _(p: Planting) -> None:
    await p.put(p.request.target_id, "2025-11-01", location="northeurope", sku={"name": "Premium"})


@fault("name_taken")
async def _(p: Planting) -> None:
    taken = p.request.target_id.replace("contoso-north", "contoso-west")
    await p.put(taken, "2025-11-01", location="westeurope", sku={"name": "Basic"})


@fault("another_cloud", "region_lacks_registries", "template_not_validated")
async def _(p: Planting) -> None:
    p.target |= {"location": "chinanorth3", "resource_group": "not-there-yet"}


def _subscription(p: Planting, **body: Any) -> None:
    """Another subscription, in which both principals are what they are in the first."""
    p.force(f"/subscriptions/{OTHER}", **({"displayName": "Other", "state": "Enabled"} | body))
    [role] = [one for one in p.emulator.resources("Microsoft.Authorization/roleAssignments") if _is_owner(one)]
    properties = role["properties"] | {"scope": f"/subscriptions/{OTHER}"}
    p.force(f"/subscriptions/{OTHER}/providers/Microsoft.Authorization/roleAssignments/{OTHER}", properties=properties)
    p.force(f"/subscriptions/{OTHER}/resourceGroups/contoso-north", location="northeurope", properties={})
    p.target["subscription_id"] = OTHER


def _is_owner(assignment: dict[str, Any]) -> bool:
    return assignment["properties"]["principalId"] != READER_OBJECT_ID


@fault("another_tenant")
async def _(p: Planting) -> None:
    _subscription(p, tenantId=OTHER)


@fault("subscription_missing")
async def _(p: Planting) -> None:
    p.target["subscription_id"] = OTHER


@fault("subscription_not_enabled")
async def _(p: Planting) -> None:
    p.force(HERE, state="Disabled")


@fault("free_credit_pauses_tasks")
async def _(p: Planting) -> None:
    _subscription(p, subscriptionPolicies={"quotaId": "FreeTrial_2014-09-01"})
    await p.child("tasks/nightly", "westeurope", step=SECRET)


@fault("region_lacks_registries")
async def _(p: Planting) -> None:
    p.emulator.arm_fault("not-offered", type="registries", location="North Europe", times="always")


@fault("region_lacks_feature", "by_hand")
async def _(p: Planting) -> None:
    await p.child("agentPools/pool1", "westeurope", count=1)
    await p.group("contoso-uk", "uksouth")
    p.target |= {"location": "uksouth", "resource_group": "contoso-uk"}


@fault("region_lacks_zones")
async def _(p: Planting) -> None:
    await p.set(zoneRedundancy="Enabled")
    await p.group("contoso-chicago", "northcentralus")
    p.target |= {"location": "northcentralus", "resource_group": "contoso-chicago"}


@fault("same_region")
async def _(p: Planting) -> None:
    p.target |= {"location": "westeurope", "resource_group": "contoso-west"}


@fault("target_group_being_deleted")
async def _(p: Planting) -> None:
    p.force(NORTH, properties={"provisioningState": "Deleting"})


@fault("target_group_in_another_region")
async def _(p: Planting) -> None:
    p.target["resource_group"] = "contoso-west"


@fault("source_is_a_target")
async def _(p: Planting) -> None:
    p.force(tags={PLAN_TAG: "0123456789ab"})


@fault("registry_is_changing")
async def _(p: Planting) -> None:
    p.force(properties={"provisioningState": "Updating"})


# Rights and locks


@fault("provider_not_registered")
async def _(p: Planting) -> None:
    _subscription(p)
    path = f"/subscriptions/{OTHER}/providers/Microsoft.ContainerRegistry/unregister"
    await p.azure.arm.post(path, "2021-04-01", doing="Unregistering")


@fault("reads_not_allowed")
async def _(p: Planting) -> None:
    await p.as_custom("*", but="Microsoft.Web/*")


@fault("webhook_addresses_cannot_be_read", "webhook_calls_from_new_region")
async def _(p: Planting) -> None:
    await p.child("webhooks/hook1", "westeurope", serviceUri="https://hooks.example/", actions=["push"])
    await p.as_reader(north="Contributor")


@fault("template_not_validated")
async def _(p: Planting) -> None:
    p.target["resource_group"] = "not-there-yet"


@fault(
    "target_group_cannot_be_created", "target_cannot_be_deployed", "images_cannot_be_imported", "template_not_validated"
)
async def _(p: Planting) -> None:
    p.target["resource_group"] = "not-there-yet"
    await p.as_reader(west="Contributor")


@fault("target_cannot_be_deployed", UNASKED)
async def _(p: Planting) -> None:
    await p.as_reader(west="Contributor", north=IMPORTER)


@fault("images_cannot_be_imported")
async def _(p: Planting) -> None:
    await p.as_reader(west="Contributor", north=CONFIGURES)


@fault("locks_cannot_be_replayed")
async def _(p: Planting) -> None:
    await _attributes(p, "app/_tags/v1", deleteEnabled=False)
    await p.as_reader(west="Contributor", north=f"{CONFIGURES};{IMPORTER}")


@fault("index_cannot_be_pushed", "index_beyond_import_limit")
async def _(p: Planting) -> None:
    children = [await p.push.image("app", text=f"platform {number}") for number in range(51)]
    await p.push.index("app", children, "huge")
    await p.as_reader(west="Contributor", north=f"{CONFIGURES};{IMPORTER}")


@fault("catalogue_cannot_be_listed", "abac_mode", "listing_incomplete")
async def _(p: Planting) -> None:
    await p.set(roleAssignmentMode="AbacRepositoryPermissions")
    await p.as_reader(west="Contributor;Container Registry Repository Reader", north=READS_ABAC)


@fault("source_cannot_be_pulled", "abac_mode", "listing_incomplete")
async def _(p: Planting) -> None:
    await p.set(roleAssignmentMode="AbacRepositoryPermissions")
    await p.as_reader(west="Contributor;Container Registry Repository Catalog Lister", north=READS_ABAC)


@fault("subnet_cannot_be_joined")
async def _(p: Planting) -> None:
    await p.subnet()
    await p.as_reader(west="Contributor", north="Contributor")


@fault("identity_cannot_be_assigned", "template_refused")
async def _(p: Planting) -> None:
    await p.identity()
    await p.as_reader(west="Contributor", north="Contributor")


@fault("key_access_cannot_be_granted", "key_grant_missing", DECIDE)
async def _(p: Planting) -> None:
    await _encrypt(p, granted=False)
    await p.as_reader(west="Contributor", north="Contributor")
    await p.grant("Contributor", NET)


@fault("token_passwords_cannot_be_generated", "target_cannot_be_deployed", UNASKED)
async def _(p: Planting) -> None:
    await _token(p)
    await p.as_reader(west="Contributor", north=IMPORTER)


@fault("roles_cannot_be_assigned")
async def _(p: Planting) -> None:
    await p.as_reader(west="Contributor", north="Contributor", source="AcrPull")


@fault("diagnostics_cannot_be_set", "template_refused")
async def _(p: Planting) -> None:
    await _logs(p, "northeurope")
    await p.as_reader(west="Contributor", north=f"{CONFIGURES};{IMPORTER}")


@fault("private_endpoints_cannot_be_made", "by_hand")
async def _(p: Planting) -> None:
    _private_endpoint(p)
    await p.as_reader(west="Contributor", north=f"{CONFIGURES};{IMPORTER}")


@fault("tags_cannot_be_pruned")
async def _(p: Planting) -> None:
    p.fields["prune"] = True
    await p.as_reader(west="Contributor", north=f"{CONFIGURES};{IMPORTER}")


@fault("source_cannot_be_deleted")
async def _(p: Planting) -> None:
    p.fields["delete_source"] = True
    await p.as_reader(west="Contributor", north="Contributor")


@fault("read_only_lock")
async def _(p: Planting) -> None:
    await p.lock(NORTH, "ReadOnly")


@fault("delete_lock_on_source")
async def _(p: Planting) -> None:
    await p.lock(SOURCE_ID, "CanNotDelete")


@fault("delete_lock_on_target")
async def _(p: Planting) -> None:
    await p.lock(NORTH, "CanNotDelete")


@fault("deployment_history_nearly_full", "delete_lock_on_target")
async def _(p: Planting) -> None:
    for number in range(790):
        p.force(f"{NORTH}/providers/Microsoft.Resources/deployments/old{number}", properties={})
    await p.lock(NORTH, "CanNotDelete")


# Networks


@fault("virtual_network_rule_without_mapping")
async def _(p: Planting) -> None:
    await _let_in(p)


@fault("subnet_missing")
async def _(p: Planting) -> None:
    p.fields["subnets"] = {OLD_SUBNET: SUBNET}


async def _let_in(p: Planting) -> None:
    rule = {"action": "Allow", "virtualNetworkSubnetResourceId": OLD_SUBNET}
    await p.set(networkRuleSet={"defaultAction": "Allow", "virtualNetworkRules": [rule]})


@fault("subnet_lacks_service_endpoint")
async def _(p: Planting) -> None:
    await _let_in(p)
    await p.subnet(properties={"serviceEndpoints": []})


@fault("subnet_in_another_region")
async def _(p: Planting) -> None:
    await p.subnet(location="westeurope")


@fault("trusted_services_kept_out", "address_rules_name_the_old_region")
async def _(p: Planting) -> None:
    await _restrict(p, networkRuleBypassOptions="None")


@fault("tasks_kept_out", "address_rules_name_the_old_region", "task_identity_changes")
async def _(p: Planting) -> None:
    await _own_task(p)
    await _restrict(p)


@fault("address_rules_name_the_old_region")
async def _(p: Planting) -> None:
    await _restrict(p)


@fault("registry_out_of_reach")
async def _(p: Planting) -> None:
    await p.set(publicNetworkAccess="Disabled")


@fault("static_private_endpoint", "by_hand")
async def _(p: Planting) -> None:
    _private_endpoint(p, ipConfigurations=[{"name": "fixed", "properties": {"privateIPAddress": "10.0.0.9"}}])


@fault("static_address_missing")
async def _(p: Planting) -> None:
    await _fixed_endpoint(p)


@fault("static_address_unusable", "static_private_endpoint")
async def _(p: Planting) -> None:
    await _fixed_endpoint(p)
    given = {"registry": "10.20.0.3", "registry_data_northeurope": "10.20.0.51"}
    p.fields["static_addresses"] = {f"{WEST}/providers/Microsoft.Network/privateEndpoints/pe": given}


@fault("data_endpoint_hosts_change")
async def _(p: Planting) -> None:
    await p.set(dataEndpointEnabled=True)


@fault("regional_endpoint_hosts_change")
async def _(p: Planting) -> None:
    await p.set(regionalEndpoints="Enabled")


@fault("login_server_has_a_hash")
async def _(p: Planting) -> None:
    p.force(properties={"autoGeneratedDomainNameLabelScope": "TenantReuse"})


async def _restrict(p: Planting, **more: Any) -> None:
    """Only some addresses get in, ours among them."""
    rules = {"defaultAction": "Deny", "ipRules": [{"action": "Allow", "value": "203.0.113.0/24"}]}
    await p.set(networkRuleSet=rules, **more)


async def _fixed_endpoint(p: Planting) -> None:
    """A private endpoint with a fixed address in a subnet that the request maps."""
    await p.subnet()
    link = {"privateLinkServiceId": SOURCE_ID, "groupIds": ["registry"]}
    _private_endpoint(
        p,
        ipConfigurations=[{"name": "one", "properties": {"memberName": "registry", "privateIPAddress": "10.0.0.9"}}],
        privateLinkServiceConnections=[{"name": "pe", "properties": link}],
        subnet={"id": OLD_SUBNET},
    )


def _private_endpoint(p: Planting, **properties: Any) -> None:
    endpoint = f"{WEST}/providers/Microsoft.Network/privateEndpoints/pe"
    card = f"{WEST}/providers/Microsoft.Network/networkInterfaces/pe.nic"
    p.force(card, location="westeurope", properties={"ipConfigurations": []})
    made = {"networkInterfaces": [{"id": card}], "customDnsConfigs": [], "privateLinkServiceConnections": []}
    p.force(endpoint, location="westeurope", properties=made | properties)
    approved = {"privateLinkServiceConnectionState": {"status": "Approved"}}
    connection = {"privateEndpoint": {"id": endpoint}, "provisioningState": "Succeeded"} | approved
    p.force(f"{SOURCE_ID}/privateEndpointConnections/pe.1", properties=connection)


# Keys and identities


async def _encrypt(p: Planting, *, granted: bool = True, key: str = KEY, **vault: Any) -> dict[str, Any]:
    """The source has a customer-managed key, in a vault that is as it should be but for the changes."""
    identity = await p.identity()
    location = vault.pop("location", "northeurope")
    policy = {
        "objectId": identity["properties"]["principalId"],
        "permissions": {"keys": ["get", "wrapKey", "unwrapKey"]},
    }
    properties = {"enablePurgeProtection": True, "accessPolicies": [policy] if granted else []} | vault
    await p.put(VAULT, "2023-07-01", location=location, properties=properties)
    await p.put(f"{VAULT}/keys/acr", "2023-07-01", properties={"kty": "RSA", "attributes": {"enabled": True}})
    used = {"keyIdentifier": key, "identity": identity["properties"]["clientId"]}
    p.force(properties={"encryption": {"status": "enabled", "keyVaultProperties": used}})
    return used


@fault(DECIDE)
async def _(p: Planting) -> None:
    await _encrypt(p)


@fault("key_vault_missing", DECIDE)
async def _(p: Planting) -> None:
    await _encrypt(p, key=KEY.replace("contosokeys", "otherkeys"))


@fault("key_vault_lacks_purge_protection", DECIDE)
async def _(p: Planting) -> None:
    await _encrypt(p, enablePurgeProtection=False)


@fault("key_vault_keeps_trusted_services_out", DECIDE)
async def _(p: Planting) -> None:
    await _encrypt(p, networkAcls={"defaultAction": "Deny", "bypass": "None"})


@fault("key_unusable", DECIDE)
async def _(p: Planting) -> None:
    await _encrypt(p)
    p.force(f"{VAULT}/keys/acr", properties={"kty": "EC"})


@fault("key_grant_missing", DECIDE)
async def _(p: Planting) -> None:
    await _encrypt(p, granted=False, enableRbacAuthorization=True)


@fault("key_identity_not_user_assigned", DECIDE)
async def _(p: Planting) -> None:
    used = await _encrypt(p)
    p.force(properties={"encryption": {"status": "enabled", "keyVaultProperties": used | {"identity": OTHER}}})


@fault("key_version_is_pinned", DECIDE)
async def _(p: Planting) -> None:
    await _encrypt(p, key=f"{KEY}/0123456789abcdef0123456789abcdef")


@fault("key_vault_in_another_region", DECIDE)
async def _(p: Planting) -> None:
    await _encrypt(p, location="westeurope")


@fault("user_assigned_identity_missing")
async def _(p: Planting) -> None:
    p.force(identity={"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}})


@fault("identity_in_another_region")
async def _(p: Planting) -> None:
    await p.identity("westeurope")


@fault("system_identity_changes")
async def _(p: Planting) -> None:
    p.force(identity={"type": "SystemAssigned", "principalId": OTHER})


# Settings


@fault("export_disabled")
async def _(p: Planting) -> None:
    p.force_policy(exportPolicy="disabled")


@fault("retention_held_back")
async def _(p: Planting) -> None:
    await p.set(policies={"retentionPolicy": {"days": 30, "status": "enabled"}})


@fault("soft_deleted_stay_behind")
async def _(p: Planting) -> None:
    await p.set(policies={"softDeletePolicy": {"retentionDays": 30, "status": "enabled"}})


@fault("quarantine_held_back")
async def _(p: Planting) -> None:
    await p.set(policies={"quarantinePolicy": {"status": "enabled"}})


@fault("content_trust_cannot_be_enabled")
async def _(p: Planting) -> None:
    await p.set(policies={"trustPolicy": {"type": "Notary", "status": "enabled"}})


@fault("content_trust_with_customer_managed_key", "content_trust_cannot_be_enabled", DECIDE)
async def _(p: Planting) -> None:
    await _encrypt(p)
    p.force_policy(trustPolicy="enabled")


@fault("abac_mode")
async def _(p: Planting) -> None:
    await p.set(roleAssignmentMode="AbacRepositoryPermissions")
    await p.as_reader(west=READS_ABAC, north=READS_ABAC)


@fault("anonymous_pull")
async def _(p: Planting) -> None:
    await p.set(anonymousPullEnabled=True)


@fault("admin_passwords_change")
async def _(p: Planting) -> None:
    await p.set(adminUserEnabled=True)


@fault("not_premium")
async def _(p: Planting) -> None:
    p.force(sku={"name": "Standard", "tier": "Standard"})


@fault("classic_sku", "not_premium")
async def _(p: Planting) -> None:
    p.force(sku={"name": "Classic", "tier": "Classic"})


@fault("premium_needed", "not_premium")
async def _(p: Planting) -> None:
    p.force(sku={"name": "Standard", "tier": "Standard"}, properties={"dataEndpointEnabled": False})
    await p.subnet()


@fault("unknown_property")
async def _(p: Planting) -> None:
    await p.set(somethingNew="here")


# Limits


@fault("children_beyond_sku", "not_premium", "premium_needed", "old_home_has_no_replica")
async def _(p: Planting) -> None:
    _hooks(p, 11)
    p.force(sku={"name": "Standard", "tier": "Standard"})


@fault("network_rules_beyond_limit", "address_rules_name_the_old_region")
async def _(p: Planting) -> None:
    rules = [{"action": "Allow", "value": f"10.0.0.{number}"} for number in range(201)]
    p.force(properties={"networkRuleSet": {"defaultAction": "Allow", "ipRules": rules}})


@fault("scope_map_beyond_limit")
async def _(p: Planting) -> None:
    actions = [f"repositories/r{number}/*/content/read" for number in range(501)]
    await p.child("scopeMaps/large", actions=actions)


@fault("template_beyond_limit", "old_home_has_no_replica")
async def _(p: Planting) -> None:
    _hooks(p, 128)


@fault("by_hand_beyond_limit", "by_hand")
async def _(p: Planting) -> None:
    for number in range(51):
        p.force(f"{SOURCE_ID}/connectedRegistries/edge{number}", properties={"mode": "ReadOnly"})


def _hooks(p: Planting, count: int) -> None:
    """Webhooks at a replica: there they stay, so that there is nothing to say of them."""
    p.force(f"{SOURCE_ID}/replications/francecentral", location="francecentral", properties={})
    for number in range(count):
        hook = {"status": "enabled", "actions": ["push"], "scope": ""}
        p.force(f"{SOURCE_ID}/webhooks/hook{number}", location="francecentral", properties=hook)


# Content


async def _attributes(p: Planting, path: str, **attributes: Any) -> None:
    """Lock attributes, or what is kept with them."""
    name = path.partition("/_")[0]
    token = await p.plane._tokens.access(f"repository:{name}:metadata_read,metadata_write")
    reply = await p.plane._wire.send(
        "PATCH",
        f"/acr/v1/{path}",
        kind="writes",
        doing="Locking",
        headers={"Authorization": f"Bearer {token}"},
        json=attributes,
    )
    assert reply.status == 200


@fault("listing_incomplete")
async def _(p: Planting) -> None:
    digest = await p.push.image("app", text="hidden")
    await _attributes(p, f"app/_manifests/{digest}", listEnabled=False)


@fault("repository_hidden")
async def _(p: Planting) -> None:
    await p.push.image("secret/app", "v1")
    await p.child("scopeMaps/readers", actions=["repositories/secret/app/content/read"])
    await _attributes(p, "secret/app", listEnabled=False)


@fault("selection_matches_nothing")
async def _(p: Planting) -> None:
    p.fields["selection"] = {"repositories": ["team-b/*"]}


@fault("index_beyond_import_limit")
async def _(p: Planting) -> None:
    children = [await p.push.image("app", text=f"platform {number}") for number in range(51)]
    await p.push.index("app", children, "huge")


@fault("index_misses_manifests")
async def _(p: Planting) -> None:
    children = [await p.push.image("app", text=text) for text in ("kept", "lost")]
    await p.push.index("app", children, "half")
    token = await p.plane._tokens.access("repository:app:delete")
    headers = {"Authorization": f"Bearer {token}"}
    path = f"/acr/v1/app/_manifests/{children[1]}"
    assert (await p.plane._wire.send("DELETE", path, kind="writes", doing="Losing", headers=headers)).status == 202


@fault("foreign_layers")
async def _(p: Planting) -> None:
    config = await p.push._blob("app", json.dumps({"architecture": "amd64", "os": "windows"}).encode())
    layer = await p.push._blob("app", b"windows")
    foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    layers = [{"mediaType": foreign, "urls": ["https://mcr.microsoft.com/layer"], **layer}]
    body = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": {"mediaType": OCI_CONFIG, **config}}
    await p.push.manifest("app", body | {"layers": layers}, "ltsc")


@fault("quarantined")
async def _(p: Planting) -> None:
    digest = await p.push.image("app", "new", text="unchecked")
    await _attributes(p, f"app/_manifests/{digest}", quarantineState="Quarantined")


@fault("read_locked")
async def _(p: Planting) -> None:
    await _attributes(p, "app/_tags/v1", readEnabled=False)


@fault("tag_conflict")
async def _(p: Planting) -> None:
    tags = {PLAN_TAG: plan_id(p.request), SOURCE_TAG: SOURCE_ID}
    await p.put(p.request.target_id, "2025-11-01", location="northeurope", sku={"name": "Premium"}, tags=tags)
    await type(p.push)(p.azure.data_plane("contosoregistryne.azurecr.io")).image("app", "v1", text="another")


@fault("large_image")
async def _(p: Planting) -> None:
    config = await p.push._blob("app", b"{}")
    layer = await p.push._blob("app", b"large") | {"size": 60 * 2**30}
    body = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": {"mediaType": OCI_CONFIG, **config}}
    await p.push.manifest("app", body | {"layers": [{"mediaType": EMPTY, **layer}]}, "large")


@fault("referrer_without_subject")
async def _(p: Planting) -> None:
    await p.push.referrer("app", f"sha256:{'0' * 64}")


# Children and what is attached


@fault("cache_rule_collides")
async def _(p: Planting) -> None:
    await p.child("cacheRules/mirror", sourceRepository="mcr.microsoft.com/mirror", targetRepository="mirror")
    await p.push.image("mirror", "v1")


async def _token(p: Planting) -> str:
    token = f"{SOURCE_ID}/tokens/ci-token"
    await p.child("scopeMaps/readers", actions=["repositories/app/content/read"])
    await p.child("tokens/ci-token", scopeMapId=f"{SOURCE_ID}/scopeMaps/readers")
    return token


@fault("token_needs_new_credentials")
async def _(p: Planting) -> None:
    body = {"tokenId": await _token(p), "name": "password1"}
    await p.azure.arm.post(f"{SOURCE_ID}/generateCredentials", "2025-11-01", body, doing="Generating")


@fault("credential_set_needs_secret_access")
async def _(p: Planting) -> None:
    secrets = {"usernameSecretIdentifier": f"{KEY}/user", "passwordSecretIdentifier": f"{KEY}/password"}
    await p.put(
        f"{SOURCE_ID}/credentialSets/dockerhub",
        "2025-11-01",
        identity={"type": "SystemAssigned"},
        properties={"loginServer": "docker.io", "authCredentials": [{"name": "Credential1", **secrets}]},
    )


@fault("webhook_calls_from_new_region")
async def _(p: Planting) -> None:
    await p.child("webhooks/hook1", "westeurope", serviceUri="https://hooks.example/", actions=["push"])


@fault("replication_becomes_home", "old_home_has_no_replica")
async def _(p: Planting) -> None:
    await p.child("replications/northeurope", "northeurope")


@fault("old_home_has_no_replica")
async def _(p: Planting) -> None:
    await p.child("replications/francecentral", "francecentral")


@fault("task_needs_secrets", "by_hand")
async def _(p: Planting) -> None:
    values = [{"name": "KEY", "value": "secret", "isSecret": True}]
    await p.child("tasks/build", "westeurope", step=SECRET | {"values": values})


async def _own_task(p: Planting) -> None:
    path = f"{SOURCE_ID}/tasks/nightly"
    identity = {"type": "SystemAssigned"}
    await p.put(path, "2025-03-01-preview", location="westeurope", identity=identity, properties={"step": SECRET})


@fault("task_identity_changes")
async def _(p: Planting) -> None:
    await _own_task(p)


@fault("task_purges")
async def _(p: Planting) -> None:
    await p.child("tasks/purge", "westeurope", step={"type": "EncodedTask", "encodedTaskContent": PURGE})


@fault("agent_pool_in_old_network", "by_hand")
async def _(p: Planting) -> None:
    await p.child("agentPools/pool1", "westeurope", count=1, virtualNetworkSubnetResourceId=OLD_SUBNET)


@fault("by_hand")
async def _(p: Planting) -> None:
    p.force(f"{SOURCE_ID}/connectedRegistries/edge", properties={"mode": "ReadOnly"})


async def _logs(p: Planting, location: str) -> str:
    storage = f"{WEST}/providers/Microsoft.Storage/storageAccounts/contosologs"
    await p.put(storage, "2023-05-01", location=location, properties={})
    setting = f"{SOURCE_ID}/providers/Microsoft.Insights/diagnosticSettings/logs"
    p.force(setting, properties={"storageAccountId": storage, "logs": []})
    return storage


@fault("diagnostic_sink_in_another_region")
async def _(p: Planting) -> None:
    await _logs(p, "westeurope")


@fault("diagnostic_sink_missing")
async def _(p: Planting) -> None:
    storage = await _logs(p, "northeurope")
    await p.azure.arm.delete(storage, "2023-05-01", doing="Losing the logs")


@fault("event_subscription_lost")
async def _(p: Planting) -> None:
    path = f"{SOURCE_ID}/providers/Microsoft.EventGrid/eventSubscriptions/on-push"
    await p.put(path, "2022-06-15", properties={"destination": {"endpointType": "StorageQueue"}})


# What Azure says beforehand


@fault("policy_denies")
async def _(p: Planting) -> None:
    p.emulator.arm_fault("policy-denies", type="Microsoft.ContainerRegistry/registries", times="always")


@fault("template_refused", "address_rules_name_the_old_region")
async def _(p: Planting) -> None:
    p.force(properties={"networkRuleSet": {"defaultAction": "Allow", "ipRules": [{"value": "2001:db8::1"}]}})


@fault(UNASKED, "target_cannot_be_deployed", "images_cannot_be_imported")
async def _(p: Planting) -> None:
    await p.as_reader(west="Contributor")


SPOILT: Final = (
    *("network_rules_beyond_limit", "trusted_services_kept_out", "virtual_network_rule_without_mapping"),
    *("address_rules_name_the_old_region", "subnet_missing", "key_vault_lacks_purge_protection", "key_unusable"),
    *("key_vault_keeps_trusted_services_out", "key_grant_missing", "system_identity_changes", "export_disabled"),
    *("retention_held_back", "soft_deleted_stay_behind", "quarantine_held_back", "by_hand", "region_lacks_feature"),
    *("content_trust_cannot_be_enabled", "content_trust_with_customer_managed_key", "task_identity_changes"),
    *("identity_in_another_region", "key_vault_in_another_region", "unknown_property", DECIDE),
)


def spoil(p: Planting) -> None:
    """What is left of a registry that has a key and an identity is wrong as well: `SPOILT`."""
    addresses = [{"action": "Allow", "value": f"10.0.0.{number}"} for number in range(200)]
    rules = {
        "defaultAction": "Deny",
        "ipRules": [{"action": "Allow", "value": "203.0.113.0/24"}, *addresses],
        "virtualNetworkRules": [{"action": "Allow", "virtualNetworkSubnetResourceId": OLD_SUBNET}],
    }
    p.force(properties={"networkRuleSet": rules, "networkRuleBypassOptions": "None", "somethingNew": "here"})
    p.force(identity={"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {IDENTITY: {}}})
    closed = {"networkAcls": {"defaultAction": "Deny", "bypass": "None"}}
    p.force(VAULT, properties=closed | {"enablePurgeProtection": False, "accessPolicies": []})
    p.force(f"{VAULT}/keys/acr", properties={"kty": "EC"})
    p.force_policy(
        exportPolicy="disabled",
        retentionPolicy="enabled",
        softDeletePolicy="enabled",
        quarantinePolicy="enabled",
        trustPolicy="enabled",
    )
    p.fields["subnets"] = {f"{OLD_SUBNET}-2": SUBNET}
