"""Planted differences of the registry's settings and of its children."""

from __future__ import annotations

from tests.contract.differences import DIAGNOSTICS, LOGGED, child, missing, planted, policy, rules, setting
from tests.contract.relocated_pair import NORTH, TARGET, Relocated

setting("the admin user is enabled", "adminUserEnabled", {"adminUserEnabled": True})
setting("anybody may pull", "anonymousPullEnabled", {"anonymousPullEnabled": True})
setting("data endpoints are off", "dataEndpointEnabled", {"dataEndpointEnabled": False})
setting("trusted services are not allowed", "networkRuleBypassOptions", {"networkRuleBypassOptions": "None"})
setting(
    "tasks may bypass the network rules", "networkRuleBypassAllowedForTasks", {"networkRuleBypassAllowedForTasks": True}
)
setting("zone redundancy is off", "zoneRedundancy", {"zoneRedundancy": "Disabled"})
setting("roles hold for repositories", "roleAssignmentMode", {"roleAssignmentMode": "AbacRepositoryPermissions"})
setting("regional endpoints are on", "regionalEndpoints", {"regionalEndpoints": "Enabled"})
policy("retention is off", "retentionPolicy", status="disabled")
policy("retention has other days", "retentionPolicy", days=7)
policy("export is forbidden", "exportPolicy", status="disabled")
policy("images are quarantined", "quarantinePolicy", status="enabled")
policy("soft delete is on", "softDeletePolicy", status="enabled", retentionDays=7)
policy("ARM tokens are refused", "azureADAuthenticationAsArmPolicy", status="disabled")
rules("the firewall is open", "defaultAction", defaultAction="Allow")
rules("an address is not let in", "ipRules", ipRules=[{"action": "Allow", "value": "203.0.113.0/24"}])
rules("another address is let in", "ipRules", ipRules=[{"action": "Allow", "value": "203.0.0.0/16"}])
rules("a subnet is not let in", "virtualNetworkRules", virtualNetworkRules=[])


@planted("the tier is another", "setting", "sku")
def _(p: Relocated) -> None:
    p.emulator.plant(TARGET, sku={"name": "Standard", "tier": "Standard"})


@planted("it has no identity", "setting", "identity")
def _(p: Relocated) -> None:
    p.emulator.plant(TARGET, identity={"type": "None"})


@planted("a tag of the resource is lost", "setting", "tags.owner")
def _(p: Relocated) -> None:
    tags = p.resource(TARGET)["tags"]
    p.emulator.plant(TARGET, tags={name: value for name, value in tags.items() if name != "owner"})


@planted("a tag of the resource says something else", "setting", "tags.env")
def _(p: Relocated) -> None:
    p.emulator.plant(TARGET, tags=p.resource(TARGET)["tags"] | {"env": "test"})


missing("a replica is missing", "replications/francecentral")
child("a replica serves no pulls", "replications/francecentral", "regionEndpointEnabled", regionEndpointEnabled=False)
missing("a webhook is missing", "webhooks/deployfrontend")
child("a webhook is disabled", "webhooks/deployfrontend", "status", status="disabled")
child("a webhook hears of less", "webhooks/deployfrontend", "actions", actions=["push"])
child("a webhook hears of other repositories", "webhooks/deployfrontend", "scope", scope="contoso/shop/cart:*")
missing("a token is missing", "tokens/edge-site-1")
child("a token is disabled", "tokens/edge-site-1", "status", status="disabled")
child("a token has other rights", "tokens/edge-site-1", "scopeMapId", scopeMapId=f"{TARGET}/scopeMaps/ingest-ci")
child("a scope map allows less", "scopeMaps/shop-pull", "actions", actions=["repositories/contoso/shop/*/content/read"])
child(
    "a scope map allows more", "scopeMaps/shop-pull", "actions", actions=["repositories/contoso/shop/*/content/delete"]
)
missing("a cache rule is missing", "cacheRules/busybox")
child(
    "a cache rule caches something else",
    "cacheRules/busybox",
    "sourceRepository",
    sourceRepository="docker.io/library/busybox",
)
missing("a task is missing", "tasks/purge-sandbox")
child("a task that did not run runs", "tasks/purge-sandbox", "status", status="Enabled")
child("a task gives up sooner", "tasks/purge-sandbox", "timeout", timeout=600)


@planted("its logs go nowhere", "setting", LOGGED)
def _(p: Relocated) -> None:
    p.uproot(DIAGNOSTICS)


@planted("a category of its logs is off", "setting", f"{LOGGED}.logs")
def _(p: Relocated) -> None:
    p.force(DIAGNOSTICS, logs=[{"category": "ContainerRegistryRepositoryEvents", "enabled": True}])


@planted("its logs go elsewhere", "setting", f"{LOGGED}.workspaceId")
def _(p: Relocated) -> None:
    p.force(DIAGNOSTICS, workspaceId=f"{NORTH}/Microsoft.OperationalInsights/workspaces/other")
