"""Resources that a registry may name only if its writer may also use them: subnets and identities (facts: F19, F25)."""

from typing import TYPE_CHECKING, Final

from local_azure.arm.authorization import authorize_linked
from local_azure.state.directory import Principal
from local_azure.state.store import Resource

if TYPE_CHECKING:
    from local_azure.state.world import World

JOIN: Final = "Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action"
ASSIGN: Final = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"


def authorize(world: "World", principal: Principal, registry: Resource) -> None:
    """Raise AzureError 403 LinkedAuthorizationFailed for a subnet or identity that the caller may not use."""
    rules = (registry.properties.get("networkRuleSet") or {}).get("virtualNetworkRules") or ()
    subnets = [str(rule.get("virtualNetworkSubnetResourceId") or rule.get("id") or "") for rule in rules]
    identities = (registry.body.get("identity") or {}).get("userAssignedIdentities") or {}
    for action, linked in (*((JOIN, one) for one in subnets), *((ASSIGN, one) for one in identities)):
        authorize_linked(world, principal, f"{registry.type}/write", registry.id, (action, linked))
