"""Readers that lag: deployments as they were a moment ago, which no reader of Azure can be sure not to see."""

import copy
from typing import TYPE_CHECKING

from local_azure.state.errors import JsonObject
from local_azure.state.store import parse_id

if TYPE_CHECKING:
    from local_azure.state.world import World

REMEMBERED = 200


def remember(world: "World", deployment_id: str) -> None:
    """Keep what the deployment is now, or that it is gone; only while the fault `reads-lag` is armed."""
    if world.faults.peek("reads-lag") is None:
        return
    now = world.resources.get(deployment_id)
    states = world.past_deployments.setdefault(deployment_id.lower(), [])
    states.append((world.clock.now(), copy.deepcopy(now.view()) if now else None))
    del states[:-REMEMBERED]


def lagging(world: "World", scope: str, current: list[JsonObject]) -> list[JsonObject]:
    """Return the deployments of a scope that a reader sees: each read lags by its own time."""
    fault = world.faults.take("reads-lag")
    if fault is None:
        return current
    at = world.clock.now() - world.random.uniform(0, fault.number("seconds", 0.2))
    seen = {str(one["id"]).lower(): one for one in current}
    for deployment_id, states in world.past_deployments.items():
        if parse_id(deployment_id).parent.lower() != scope.lower():
            continue
        then = [view for moment, view in states if moment <= at]
        seen.pop(deployment_id, None)
        if then and then[-1] is not None:
            seen[deployment_id] = then[-1]
    return list(seen.values())
