"""ACR Tasks: definitions with their secrets hidden, agent pools, and the history of runs (which is always empty)."""

import copy
from typing import Any, Final

from aiohttp import web

from local_azure.arm.resource_pipeline import Body
from local_azure.registry_types import schema
from local_azure.registry_types.common import check_name, compose, declare, identify, need_premium, registry_of, stamped
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError, bad_request
from local_azure.state.responses import answer
from local_azure.state.store import Resource, parse_id
from local_azure.state.world import World
from local_azure.wire.routing import Call

TASKS: Final = "registries/tasks"
_SECRETS: Final = frozenset({"contextaccesstoken", "token", "refreshtoken", "updatetriggertoken", "password"})
_AGENT_REGIONS: Final = frozenset(
    {"canadacentral", "centralus", "eastasia", "eastus", "eastus2", "germanywestcentral", "jioindiacentral"}
    | {"jioindiawest", "northeurope", "southcentralus", "swedencentral", "switzerlandnorth", "usgovarizona"}
    | {"usgovtexas", "usgovvirginia", "westeurope", "westus2", "westus3"}
)


def prepare_task(
    world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """A task. What is secret in it is kept apart, and never shown again."""
    del principal
    check_name(
        resource_id, "[a-zA-Z0-9_-]{5,50}", "Task names must contain 5 to 50 alphanumeric characters, '-' or '_'."
    )
    defaults = stamped(world, existing) | {"status": "Enabled", "timeout": 3600, "isSystemTask": False}
    task = compose(resource_id, body, existing, defaults)
    if not task.properties["isSystemTask"] and not task.properties.get("step"):
        raise bad_request("InvalidTask", "The request is invalid: the property 'properties.step' is required.")
    task.hidden["properties"] = copy.deepcopy(task.properties)
    task.body["properties"] = without_secrets(task.properties)
    return task


def without_secrets(value: Any) -> Any:
    """The same without tokens, passwords and the values of what is marked as secret."""
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    if not isinstance(value, dict):
        return value
    hidden = _SECRETS | ({"value"} if value.get("isSecret") or value.get("type") == "Opaque" else set())
    return {name: without_secrets(item) for name, item in value.items() if name.lower() not in hidden}


async def list_details(call: Call, task: Resource) -> web.Response:
    """As GET shows it: secrets are no detail."""
    view = task.view() | {"properties": schema.shown(TASKS, call.api_version.lower(), task.properties)}
    return answer(view)


def prepare_pool(
    world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """An agent pool, in a region that has them."""
    del principal
    registry = registry_of(world, resource_id)
    need_premium(registry, "An agent pool")
    if registry.location not in _AGENT_REGIONS:
        message = f"Agent pools are not available in the region '{registry.location}'."
        raise bad_request("LocationNotAvailableForResourceType", message)
    return compose(resource_id, body, existing, {"count": 1, "tier": "S1", "os": "Linux"})


async def queue_status(call: Call, pool: Resource) -> web.Response:
    """Nothing waits."""
    del call, pool
    return answer({"count": 0})


def refuse_run(world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None) -> Resource:
    """AzureError 501: nothing can be built here."""
    del world, principal, body, existing
    message = f"local-azure keeps tasks but does not run them ({parse_id(resource_id).name})."
    raise AzureError(501, "NotImplementedByLocalAzure", message, gateway=True)


declare(
    TASKS,
    prepare=prepare_task,
    after_put=identify,
    created_status=200,
    tracked=True,
    actions={"listdetails": list_details},
)
declare(
    "registries/agentPools",
    prepare=prepare_pool,
    create_seconds=5,
    update_seconds=2,
    delete_seconds=3,
    regions=_AGENT_REGIONS,
    tracked=True,
    actions={"listqueuestatus": queue_status},
)
declare("registries/taskRuns", prepare=refuse_run)
declare("registries/runs", prepare=refuse_run)
