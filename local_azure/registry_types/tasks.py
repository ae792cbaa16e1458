"""ACR Tasks: definitions with their secrets hidden, and agent pools."""

import copy
from typing import Any, Final

from aiohttp import web

from local_azure.arm.resource_types import Body
from local_azure.registry_types import schema
from local_azure.registry_types.common import (
    check_name,
    compose,
    need_premium,
    registry_of,
    registry_type,
    show_child,
    stamped,
)
from local_azure.state.directory import Principal
from local_azure.state.errors import bad_request
from local_azure.state.responses import answer
from local_azure.state.store import Resource
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
    """Check a task. Its secrets are kept apart, and never shown again."""
    del principal
    check_name(
        resource_id, "[a-zA-Z0-9_-]{5,50}", "Task names must contain 5 to 50 alphanumeric characters, '-' or '_'."
    )
    defaults = stamped(world, existing) | {"status": "Enabled", "timeout": 3600, "isSystemTask": False}
    task = compose(resource_id, body, existing, defaults)
    if not task.properties["isSystemTask"] and not task.properties.get("step"):
        raise bad_request("InvalidTask", "The request is invalid: the property 'properties.step' is required.")
    task.hidden["properties"] = copy.deepcopy(task.properties)
    task.body["properties"] = _without_empty(without_secrets(task.properties))
    return task


def patch_task(world: World, principal: Principal, existing: Resource, body: Body) -> Resource:
    """Merge a task by PATCH at every depth, its hidden secrets too."""
    kept = existing.body | {"properties": existing.hidden.get("properties") or existing.properties}
    merged = _merged(kept, body)
    asked = ((body.get("properties") or {}).get("credentials") or {}).get("customRegistries") or {}
    logins = ((merged["properties"].get("credentials") or {}).get("customRegistries")) or {}
    for server in (one for one, login in asked.items() if login is None):
        logins.pop(server, None)  # `az acr task credential remove` sends null
    return prepare_task(world, principal, existing.id, merged, existing)


def _merged(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return copy.deepcopy(new)
    return copy.deepcopy(old) | {key: _merged(old.get(key), one) for key, one in new.items() if one is not None}


def _without_empty(properties: Body) -> Body:
    """Return a task without empty credentials, and with Azure's defaults for its triggers."""
    if properties.get("credentials") in ({}, None):
        properties.pop("credentials", None)
    logins = (properties.get("credentials") or {}).get("customRegistries") or {}
    for server, login in logins.items():
        if "userName" in login or "password" in login:  # null in recordings; an identity alone was not recorded
            logins[server] = None
    base = (properties.get("trigger") or {}).get("baseImageTrigger")
    if base:
        base.setdefault("updateTriggerPayloadType", "Default")
    return properties


def without_secrets(value: Any) -> Any:
    """Return the same without tokens, passwords and values marked as secret."""
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    if not isinstance(value, dict):
        return value
    hidden = _SECRETS | ({"value"} if value.get("isSecret") or value.get("type") == "Opaque" else set())
    return {name: without_secrets(item) for name, item in value.items() if name.lower() not in hidden}


def show_task(resource: Resource, api_version: str, world: World) -> Body:
    """Return a task, whose identity type has capitals, unlike a registry's."""
    view = show_child(world, resource, schema.shown(TASKS, api_version.lower(), resource.properties))
    return view | ({"identity": resource.body["identity"]} if "identity" in view else {})


async def list_details(call: Call, task: Resource) -> web.Response:
    """Answer as GET does, with the credentials for other registries (recorded: `az acr task credential list`)."""
    view = show_task(task, call.api_version, call.world)
    logins = (task.hidden.get("properties") or {}).get("credentials")
    return answer(view | {"properties": view["properties"] | ({"credentials": logins} if logins else {})})


def prepare_pool(
    world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Check an agent pool, in a region that has them."""
    del principal
    registry = registry_of(world, resource_id)
    need_premium(registry, "An agent pool")
    if registry.location not in _AGENT_REGIONS:
        message = f"Agent pools are not available in the region '{registry.location}'."
        raise bad_request("LocationNotAvailableForResourceType", message)
    return compose(resource_id, body, existing, {"count": 1, "tier": "S1", "os": "Linux"})


async def queue_status(call: Call, pool: Resource) -> web.Response:
    """Answer that nothing waits."""
    del call, pool
    return answer({"count": 0})


TYPES: Final = (
    registry_type(
        TASKS,
        prepare=prepare_task,
        patch=patch_task,
        view=show_task,
        created_status=200,
        tracked=True,
        actions={"listdetails": list_details},
    ),
    registry_type(
        "registries/agentPools",
        prepare=prepare_pool,
        create_seconds=5,
        update_seconds=2,
        delete_seconds=3,
        regions=_AGENT_REGIONS,
        tracked=True,
        actions={"listqueuestatus": queue_status},
    ),
)
