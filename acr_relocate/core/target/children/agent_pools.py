"""Agent pools: dedicated machines for tasks, in some regions only."""

from typing import Final

from acr_relocate.core.registry.inventory import Child
from acr_relocate.core.registry.resource_ids import ResourceId
from acr_relocate.core.target.children.move import Move, Moved, carried, note

# The regions with agent pools (learn.microsoft.com/azure/container-registry/tasks-agent-pools).
_REGIONS: Final = frozenset(
    {
        "canadacentral", "centralus", "eastasia", "eastus", "eastus2", "germanywestcentral", "jioindiacentral",
        "jioindiawest", "northeurope", "southcentralus", "swedencentral", "switzerlandnorth", "usgovarizona",
        "usgovtexas", "usgovvirginia", "westeurope", "westus2", "westus3",
    }
)  # fmt: skip


def rewrite_agent_pool(child: Child, move: Move) -> Moved:
    """Return the pool in the target's region, if it is possible there."""
    if moves(child, move):
        return carried(child, location=move.location), ()
    if move.location not in _REGIONS:
        message = f"Agent pool {child.name} is not created: {move.location} has no agent pools."
        return None, (note("by_hand", "warning", child, message, "Let its tasks run without a pool."),)
    subnet = child.properties["virtualNetworkSubnetResourceId"]
    message = (
        f"Agent pool {child.name} is not created: its subnet {ResourceId(subnet).subnet_name} is in the source region."
    )
    remedy = f"# In the request:\nsubnets:\n  {subnet}: RESOURCE-ID-OF-THE-TARGET-SUBNET"
    return None, (note("agent_pool_in_old_network", "decision", child, message, remedy),)


def moves(child: Child, move: Move) -> bool:
    """Return whether the target's region has agent pools, and the pool's subnet, if any, is there."""
    subnet = child.properties.get("virtualNetworkSubnetResourceId")
    return move.location in _REGIONS and (not subnet or move.is_there(subnet))
