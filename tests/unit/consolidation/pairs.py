"""Two registries that move into one target, and the request of each."""

from typing import Any

from acr_relocate.core.registry.inventory import Child, Registry
from acr_relocate.core.request.relocation import RelocationRequest, parse_request
from tests.support.builders import DEFAULT_PROPERTIES, SUBSCRIPTION, child, registry

SHOP, BOOKS = "shopregistry", "booksregistry"


def both(**fields: Any) -> dict[str, Any]:
    """The sources of the consolidation, and its further fields."""
    sources = [
        {"registry": {"name": name, **place()}, "prefix": prefix} for name, prefix in ((SHOP, "shop"), (BOOKS, "books"))
    ]
    return {"sources": sources, **fields}


def place() -> dict[str, str]:
    """Where all of them are."""
    return {"subscription_id": SUBSCRIPTION, "resource_group": "contoso-north"}


def part(name: str, **fields: Any) -> RelocationRequest:
    """The request of one of the two. `decisions` are those of the consolidation."""
    decisions = fields.pop("decisions", {})
    return parse_request(
        {
            "source": {"name": name, **place()},
            "target": {"name": "allregistries", "location": "northeurope", "resource_group": "all"},
            "consolidation": both(decisions=decisions),
            **fields,
        }
    )


def shop(*children: Child, **fields: Any) -> Registry:
    """The first."""
    return registry(SHOP, *children, **fields)


def books(*children: Child, **fields: Any) -> Registry:
    """The second."""
    return registry(BOOKS, *children, **fields)


def with_policies(**changed: Any) -> dict[str, Any]:
    """The default policies, with changes."""
    return {"policies": {**DEFAULT_PROPERTIES["policies"], **changed}}


RETENTION = with_policies(retentionPolicy={"days": 30, "status": "enabled"})

TWENTY_OF_SHOP: dict[str, Any] = {
    "sku": "Premium",
    "tags": {"team": "shop", "cost": "1", "only-shop": "yes", "same": "same"},
    "identity": {"type": "SystemAssigned"},
}
TWENTY_OF_BOOKS: dict[str, Any] = {
    "sku": "Standard",
    "tags": {"team": "books", "cost": "2", "only-books": "yes", "same": "same"},
    "properties": {
        "adminUserEnabled": True,
        "anonymousPullEnabled": True,
        "dataEndpointEnabled": True,
        "publicNetworkAccess": "Disabled",
        "networkRuleBypassOptions": "None",
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"action": "Allow", "value": "203.0.113.0/24"}]},
        "roleAssignmentMode": "AbacRepositoryPermissions",
        "zoneRedundancy": "Enabled",
        **with_policies(
            retentionPolicy={"days": 30, "status": "enabled"},
            quarantinePolicy={"status": "enabled"},
            exportPolicy={"status": "disabled"},
            azureADAuthenticationAsArmPolicy={"status": "disabled"},
        ),
    },
}


def twenty() -> tuple[Registry, Registry]:
    """The two, which differ in twenty settings and children."""
    one = shop(
        child("scopeMaps", "ci", actions=["repositories/app/content/read"]),
        child("tokens", "ci", scopeMapId=_scope_map(SHOP), status="enabled"),
        child("webhooks", "deploy", "westeurope", scope="app:*", actions=["push"], status="enabled"),
        child("cacheRules", "mirror", sourceRepository="docker.io/library/nginx", targetRepository="nginx"),
        child("replications", "uksouth", "uksouth"),
        **TWENTY_OF_SHOP,
    )
    other = books(
        child("scopeMaps", "ci", actions=["repositories/app/content/write"]),
        child("tokens", "ci", scopeMapId=_scope_map(BOOKS), status="disabled"),
        child("webhooks", "deploy", "westeurope", scope="app:*", actions=["push"], status="enabled"),
        child("cacheRules", "mirror", sourceRepository="docker.io/library/redis", targetRepository="nginx"),
        child("replications", "uksouth", "uksouth"),
        **TWENTY_OF_BOOKS,
    )
    return one, other


CLASHES = {
    *("sku", "identity", "tags.team", "tags.cost"),
    *("adminUserEnabled", "anonymousPullEnabled", "dataEndpointEnabled", "publicNetworkAccess"),
    *("networkRuleBypassOptions", "networkRuleSet", "roleAssignmentMode", "zoneRedundancy"),
    *("policies.retentionPolicy", "policies.quarantinePolicy", "policies.exportPolicy"),
    "policies.azureADAuthenticationAsArmPolicy",
    *("scopeMaps/ci", "tokens/ci", "webhooks/deploy", "cacheRules/mirror"),
}


def _scope_map(name: str) -> str:
    return f"{registry(name).id}/scopeMaps/ci"
