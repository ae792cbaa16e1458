"""Runs of ACR Tasks, and task runs: queued, then done, with what a build would have pushed (recorded: run.*).

Nothing is built: the image that a run pushes is a small one of its own.
"""

import json
import re
from typing import Any, Final

from aiohttp import web

from local_azure.arm.resource_types import Body, check_version, type_of
from local_azure.arm.system_data import system_data
from local_azure.registry_types import schema
from local_azure.registry_types.common import PROVIDER, check_name, registry_type, show_child
from local_azure.registry_types.tasks import TASKS
from local_azure.state.directory import Principal
from local_azure.state.errors import bad_request
from local_azure.state.manifests import OCI_MANIFEST, compose
from local_azure.state.operations import Form
from local_azure.state.responses import answer
from local_azure.state.store import Resource, parse_id
from local_azure.state.world import World
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()

ONE: Final = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ContainerRegistry/registries/{registry}"
)
RUNS: Final = "registries/runs"
SECONDS: Final = 30  # of a run
CONFIG: Final = "application/vnd.oci.image.config.v1+json"


@ROUTES.route("POST", f"{ONE}/scheduleRun")
async def schedule_run(call: Call) -> web.Response:
    """Queue a run, and do it after the answer. Source: registry.scheduleRun (200, not 202)."""
    registry = call.world.resources.require(call.path.rpartition("/")[0])
    check_version(type_of(f"{PROVIDER}/{TASKS}"), call.api_version, registry.location)
    asked = await call.json()
    task = call.world.resources.require(str(asked["taskId"])) if asked.get("taskId") else None
    run = _queue(call.world, registry, asked, task)
    run.author = run.editor = call.caller.client_id
    told = {key: run.properties[key] for key in ("runId", "status", "lastUpdatedTime", "provisioningState")}
    changed = system_data(call.world, run)
    body = {
        "type": f"{PROVIDER}/{RUNS}",
        "properties": told | {"isArchiveEnabled": run.properties["isArchiveEnabled"]},
        "id": run.id,
        "name": run.name,
        "systemData": {key: value for key, value in changed.items() if key.startswith("lastModified")},
    }

    async def work() -> None:
        _finish(call.world, registry, run, task.properties if task else asked)

    await call.world.operations.start(call, work, Form(f"{run.id}/operationStatuses"), seconds=SECONDS)
    return answer(headers=type_of(f"{PROVIDER}/{TASKS}").headers, body=body)


def _queue(world: World, registry: Resource, asked: Body, task: Resource | None) -> Resource:
    number = len(world.resources.children(registry.id, f"{PROVIDER}/{RUNS}")) + 1
    moment = re.sub(r"\.\d+", "", world.clock.offset())
    own = task.properties if task else asked
    properties = {
        "runId": f"cf{number}",
        "status": "Queued",
        "lastUpdatedTime": moment,
        "runType": "QuickRun" if task else "QuickBuild",
        "createTime": moment,
        **({"task": task.name} if task else {}),
        "platform": own.get("platform") or {"os": "linux", "architecture": "amd64"},
        "agentConfiguration": own.get("agentConfiguration") or {"cpu": 2},
        "provisioningState": "Succeeded",
        "isArchiveEnabled": bool(asked.get("isArchiveEnabled")),
    }
    run = world.add(f"{registry.id}/runs/cf{number}", {"properties": properties})
    run.changed = world.clock.now()
    return run


def _finish(world: World, registry: Resource, run: Resource, what: Body) -> None:
    """End a run: with its times, and with the image that it pushes."""
    step = what.get("step") or what
    pushed = (step.get("imageNames") or []) if step.get("isPushEnabled", True) else []
    images = [_push(world, registry, str(name).replace("{{.Run.ID}}", run.name)) for name in pushed]
    times = {"startTime": run.properties["createTime"], "finishTime": world.clock.offset()}
    run.properties.update({"status": "Succeeded", **times} | ({"outputImages": images} if images else {}))


def _push(world: World, registry: Resource, image: str) -> Body:
    repository, _, tag = image.partition(":")
    now = world.clock.now()
    content = world.content[registry.name.lower()].repository(repository, now)
    config = {"architecture": "amd64", "os": "linux", "created": world.clock.iso(), "rootfs": {"type": "layers"}}
    data = json.dumps(config).encode()
    described = {"mediaType": CONFIG, "digest": content.put_blob(data), "size": len(data)}
    manifest = compose({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": described, "layers": []})
    content.put_manifest(manifest, now)
    content.put_tag(tag or "latest", manifest.digest, now)
    server = registry.properties["loginServer"]
    return {"registry": server, "repository": repository, "tag": tag or "latest", "digest": manifest.digest}


def show_run(resource: Resource, api_version: str, world: World) -> Body:
    """Return a run, which tells who changed it last alone, until somebody has."""
    view = show_child(world, resource, schema.shown(RUNS, api_version.lower(), resource.properties))
    if resource.hidden.get("changed"):
        return view
    changed = {key: value for key, value in view["systemData"].items() if key.startswith("lastModified")}
    return view | {"systemData": changed}


def patch_run(world: World, principal: Principal, existing: Resource, body: Body) -> Resource:
    """Keep a run's logs, or not: nothing else of it can be changed."""
    del world, principal
    asked: Any = body.get("properties") or body
    existing.properties["isArchiveEnabled"] = bool(asked.get("isArchiveEnabled"))
    existing.hidden["changed"] = True
    return existing


def refuse_run(world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None) -> Resource:
    """Refuse to write a run: runs are scheduled."""
    del world, principal, body, existing
    raise bad_request("InvalidRequest", f"The run {parse_id(resource_id).name} cannot be written: schedule it.")


def prepare_task_run(
    world: World, principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Return a task run with the run that it asks for, done at once."""
    del principal
    check_name(resource_id, "[a-zA-Z0-9-]{5,50}", "Task run names must contain 5 to 50 alphanumeric characters or '-'.")
    asked = (body.get("properties") or {}).get("runRequest") or {}
    registry = world.resources.require(parse_id(resource_id).parent)
    if existing is None:
        run = _queue(world, registry, asked, None)
        run.properties["runType"] = "QuickRun"
        _finish(world, registry, run, asked)
        result = {"type": f"{PROVIDER}/{RUNS}", "properties": dict(run.properties), "id": run.id, "name": run.name}
    else:
        result = existing.properties["runResult"]
    told = {key: one for key, one in asked.items() if one not in ([], {}, None)}  # neither logins nor empty values
    told |= {"noCache": asked.get("noCache", False)} if asked.get("type") == "DockerBuildRequest" else {}
    properties = {"provisioningState": "Succeeded", "runRequest": told, "runResult": result}
    return Resource(resource_id, {"location": registry.location, "properties": properties})


TYPES: Final = (
    registry_type("registries/taskRuns", prepare=prepare_task_run),
    registry_type(RUNS, prepare=refuse_run, patch=patch_run, view=show_run),
)
