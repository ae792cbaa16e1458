"""listUsages: what a registry uses of what its SKU includes."""

from aiohttp import web

from local_azure.registry.admission import content_of
from local_azure.registry_types.common import REGISTRY, sku_of
from local_azure.registry_types.rules import INCLUDED_BYTES, MAX_IP_RULES, MAX_NETWORK_RULES, WEBHOOKS
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.state.world import World
from local_azure.wire.routing import Call

UNLIMITED = -1


async def list_usages(call: Call, registry: Resource) -> web.Response:
    """List the counters, as Azure does."""
    return answer({"value": usages(call.world, registry)})


def usages(world: World, registry: Resource) -> list[dict[str, object]]:
    """Return size, webhooks, replicas, private endpoints, network rules, tokens and scope maps."""
    sku, rules = sku_of(registry), registry.properties.get("networkRuleSet") or {}
    premium = sku == "Premium"

    def children(kind: str) -> int:
        return len(world.resources.children(registry.id, f"{REGISTRY}/{kind}"))

    return [
        _usage("Size", content_of(world, registry).size(), INCLUDED_BYTES.get(sku, 0), "Bytes"),
        _usage("Webhooks", children("webhooks"), WEBHOOKS.get(sku, 0)),
        _usage("Geo-replications", children("replications"), UNLIMITED if premium else 0),
        _usage("IPRules", len(rules.get("ipRules") or ()), MAX_IP_RULES if premium else 0),
        _usage("VNetRules", len(rules.get("virtualNetworkRules") or ()), MAX_NETWORK_RULES if premium else 0),
        _usage("PrivateEndpointConnections", children("privateEndpointConnections"), 200 if premium else 0),
        _usage("ScopeMaps", children("scopeMaps"), {"Basic": 100, "Standard": 500}.get(sku, 50_000)),
        _usage("Tokens", children("tokens"), {"Basic": 100, "Standard": 500}.get(sku, 50_000)),
    ]


def _usage(name: str, current: int, limit: int, unit: str = "Count") -> dict[str, object]:
    return {"name": name, "limit": limit, "currentValue": current, "unit": unit}
