"""Faults that Azure tells beforehand; and a registry with all that can be wrong at once."""

from __future__ import annotations

from typing import Final

from tests.contract.faults.planted import fault
from tests.contract.faults.scenes import DECIDE, IDENTITY, UNASKED, VAULT
from tests.contract.planting import OLD_SUBNET, SUBNET, Planting


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
    "service_endpoint_keeps_imports_out",
    *("address_rules_name_the_old_region", "subnet_missing", "key_vault_lacks_purge_protection", "key_unusable"),
    *("key_vault_keeps_trusted_services_out", "key_grant_missing", "system_identity_changes", "export_disabled"),
    *("retention_deferred", "soft_deleted_stay_behind", "quarantine_deferred", "by_hand", "region_lacks_feature"),
    *("content_trust_cannot_be_enabled", "content_trust_with_customer_managed_key", "task_identity_changes"),
    *("identity_in_another_region", "key_vault_in_another_region", "unknown_property", DECIDE),
)


def spoil(p: Planting) -> None:
    """The other faults of a registry that has a key and an identity: `SPOILT`."""
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
