"""ACR Tasks: definitions with their secrets hidden, agent pools, and runs, which are queued and never start."""

import copy
import re
from typing import Any, Final

from aiohttp import web

from local_azure.arm.resource_types import Body, check_version, type_of
from local_azure.arm.system_data import system_data
from local_azure.registry_types import schema
from local_azure.registry_types.common import (
    PROVIDER,
    check_name,
    compose,
    need_premium,
    registry_of,
    registry_type,
    show_child,
    stamped,
)
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError, bad_request
from local_azure.state.responses import answer
from local_azure.state.store import Resource, parse_id
from local_azure.state.world import World
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()

ONE: Final = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ContainerRegistry/registries/{registry}"
)
TASKS: Final = "registries/tasks"
RUNS: Final = "registries/runs"
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
    """Answer as GET does: secrets are never details."""
    return answer(show_task(task, call.api_version, call.world))


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


@ROUTES.route("POST", f"{ONE}/scheduleRun")
async def schedule_run(call: Call) -> web.Response:
    """Queue a run, which stays queued: nothing can be built here. Source: registry.scheduleRun (200, not 202)."""
    registry = call.world.resources.require(call.path.rpartition("/")[0])
    check_version(type_of(f"{PROVIDER}/{TASKS}"), call.api_version, registry.location)
    asked = await call.json()
    if asked.get("taskId"):
        call.world.resources.require(str(asked["taskId"]))
    number = len(call.world.resources.children(registry.id, f"{PROVIDER}/{RUNS}")) + 1
    now = call.world.clock.now()
    run = call.world.add(f"{registry.id}/runs/cf{number}", {"properties": _queued(call, asked, number)})
    run.author = run.editor = call.caller.client_id
    run.changed = now
    told = {key: run.properties[key] for key in ("runId", "status", "lastUpdatedTime", "provisioningState")}
    changed = system_data(call.world, run)
    return answer(
        headers=type_of(f"{PROVIDER}/{TASKS}").headers,
        body={
            "type": f"{PROVIDER}/{RUNS}",
            "properties": told | {"isArchiveEnabled": bool(asked.get("isArchiveEnabled"))},
            "id": run.id,
            "name": run.name,
            "systemData": {key: value for key, value in changed.items() if key.startswith("lastModified")},
        },
    )


def show_run(resource: Resource, api_version: str, world: World) -> Body:
    """Return a run, which tells who changed it last alone."""
    view = show_child(world, resource, schema.shown(RUNS, api_version.lower(), resource.properties))
    changed = {key: value for key, value in view["systemData"].items() if key.startswith("lastModified")}
    return view | {"systemData": changed}


def _queued(call: Call, asked: Body, number: int) -> Body:
    moment = re.sub(r"\.\d+", "", call.world.clock.offset())
    task = call.world.resources.get(str(asked.get("taskId") or ""))
    own = task.properties if task else asked
    name = {"task": task.name} if task else {}
    return {
        "runId": f"cf{number}",
        "status": "Queued",
        "lastUpdatedTime": moment,
        "runType": "QuickRun" if task else "QuickBuild",
        "createTime": moment,
        **name,
        "platform": own.get("platform") or {"os": "linux", "architecture": "amd64"},
        "agentConfiguration": own.get("agentConfiguration") or {"cpu": 2},
        "provisioningState": "Succeeded",
        "isArchiveEnabled": bool(asked.get("isArchiveEnabled")),
    }


def refuse_run(world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None) -> Resource:
    """Return AzureError 501: runs are scheduled, not written."""
    del world, principal, body, existing
    message = f"local-azure keeps tasks but does not run them ({parse_id(resource_id).name})."
    raise AzureError(501, "NotImplementedByLocalAzure", message, gateway=True)


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
    registry_type("registries/taskRuns", prepare=refuse_run),
    registry_type(RUNS, prepare=refuse_run, view=show_run),
)
