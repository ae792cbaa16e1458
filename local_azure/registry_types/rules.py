"""Rules for a registry's settings: limits of the SKUs, and combinations that Azure refuses."""

import ipaddress
from typing import Any, Final

from local_azure.registry_types.common import sku_not_supported, sku_of
from local_azure.state.errors import bad_request
from local_azure.state.store import Resource
from local_azure.state.world import World

SKUS: Final = ("Basic", "Standard", "Premium", "Classic")
INCLUDED_BYTES: Final = {"Basic": 10 * 2**30, "Standard": 100 * 2**30, "Premium": 500 * 2**30}
WEBHOOKS: Final = {"Basic": 2, "Standard": 10, "Premium": 500}
MAX_IP_RULES: Final = 200
MAX_NETWORK_RULES: Final = 100


def check(world: World, registry: Resource) -> None:
    """Raise the AzureError 400 for the first rule that the registry breaks."""
    sku = sku_of(registry)
    if sku not in SKUS:
        raise bad_request("InvalidSku", f"The SKU '{sku}' is not one of {', '.join(SKUS)}.")
    _check_features(sku, registry.properties)
    _check_network(registry.properties.get("networkRuleSet") or {})
    _check_policies(registry.properties)
    _check_downgrade(world, registry, sku)


def status_of(properties: dict[str, Any], policy: str) -> str:
    """Return `enabled` or `disabled`: the status of a policy."""
    policies = properties.get("policies") or {}
    return str((policies.get(policy) or {}).get("status", "")).lower()


def _check_features(sku: str, properties: dict[str, Any]) -> None:
    rules = properties.get("networkRuleSet") or {}
    premium = {
        "Network rules": rules.get("defaultAction") == "Deny"
        or rules.get("ipRules")
        or rules.get("virtualNetworkRules"),
        "Disabled public network access": properties.get("publicNetworkAccess") == "Disabled",
        "A customer-managed key": (properties.get("encryption") or {}).get("status") == "enabled",
        "A dedicated data endpoint": properties.get("dataEndpointEnabled"),
        "The retention policy": status_of(properties, "retentionPolicy") == "enabled",
        "Content trust": status_of(properties, "trustPolicy") == "enabled",
        "The export policy": status_of(properties, "exportPolicy") == "disabled",
        "Regional endpoints": properties.get("regionalEndpoints") == "Enabled",
    }
    for feature, used in premium.items():
        if used and sku != "Premium":
            raise sku_not_supported(sku, feature)
    if properties.get("anonymousPullEnabled") and sku == "Basic":
        raise sku_not_supported(sku, "Anonymous pull")


def _check_network(rules: dict[str, Any]) -> None:
    if len(rules.get("ipRules") or ()) > MAX_IP_RULES:
        raise bad_request("NetworkRuleLimitExceeded", f"A registry can have at most {MAX_IP_RULES} IP rules.")
    if len(rules.get("virtualNetworkRules") or ()) > MAX_NETWORK_RULES:
        raise bad_request(
            "NetworkRuleLimitExceeded", f"A registry can have at most {MAX_NETWORK_RULES} virtual network rules."
        )
    for rule in rules.get("ipRules") or ():
        try:
            ipaddress.IPv4Network(rule.get("value", ""), strict=False)
        except ValueError as error:
            message = f"The IP rule '{rule.get('value')}' is not an IPv4 address or range."
            raise bad_request("InvalidNetworkRule", message) from error


def _check_policies(properties: dict[str, Any]) -> None:
    if status_of(properties, "exportPolicy") == "disabled" and properties.get("publicNetworkAccess") != "Disabled":
        message = "The export policy can be disabled only if public network access is disabled."
        raise bad_request("ExportPolicyDisableNotAllowed", message)
    encrypted = (properties.get("encryption") or {}).get("status") == "enabled"
    if encrypted and status_of(properties, "trustPolicy") == "enabled":
        message = "The operation is blocked because the registry is encryption enabled."
        raise bad_request("BlockedForEncryptionEnabledRegistry", message)


def _check_downgrade(world: World, registry: Resource, sku: str) -> None:
    """Refuse to leave Premium while there are replicas or connected registries."""
    children = world.resources.children(registry.id) if sku != "Premium" else []
    holding = [child for child in children if _needs_premium(child, registry)]
    if holding:
        raise sku_not_supported(sku, f"The existing {holding[0].type.rpartition('/')[2]} '{holding[0].name}'")


def _needs_premium(child: Resource, registry: Resource) -> bool:
    kind = child.type.rpartition("/")[2].lower()
    is_home = kind == "replications" and child.location == registry.location
    return not is_home and kind in ("replications", "connectedregistries", "privateendpointconnections")
