"""Commands that are run in a cluster (`az aks command invoke`): a pull by `kubectl run`, and those of workloads.

Source: Microsoft.ContainerService 2025-05-01, Managed Clusters - Run Command (202, then a command result with exit code
and logs); the kubelet's events Pulled and Failed. The nodes pull as the kubelets' identity, from wherever they may.
"""

import re
import uuid
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from local_azure.arm.authorization import authorize
from local_azure.services.pull_secrets import refusal_with
from local_azure.services.pulling import IMAGE, is_registry_of_azure, pull_refusal
from local_azure.services.workloads import CommandError, is_known, pull_secrets_of, run_kubectl
from local_azure.state.errors import AzureError, bad_request
from local_azure.state.operations import Form
from local_azure.state.store import Resource
from local_azure.wire.routing import Call, Routes

if TYPE_CHECKING:
    from local_azure.state.world import World

ROUTES = Routes()

_RUN: Final = re.compile(r"kubectl run \S+ --image=([^/\s]+)/([^@:\s]+)(?:@(\S+)|:(\S+))")


async def run_command(call: Call, cluster: Resource) -> web.Response:
    """Start the command; its result shows how it ended."""
    command = str((await call.json()).get("command") or "")
    if (cluster.properties.get("apiServerAccessProfile") or {}).get("disableRunCommand"):
        raise bad_request("RunCommandDisabled", "Run command is disabled for this managed cluster.")
    wanted, result_id = _RUN.search(command), uuid.uuid4().hex
    if wanted is None and not is_known(command):
        message = "The clusters of the embedded Azure know `kubectl run POD --image=IMAGE`, get, set image and apply."
        raise AzureError(501, "NotImplementedByLocalAzure", message, gateway=True)

    async def run() -> dict[str, Any]:
        logs, code = _pulled(call.world, cluster, wanted) if wanted else _of_workloads(call.world, cluster, command)
        result = {
            "provisioningState": "Succeeded",
            "exitCode": code,
            "startedAt": call.world.clock.iso(),
            "finishedAt": call.world.clock.iso(),
            "logs": logs,
        }
        return {"id": result_id, "properties": result}

    form = Form(f"{cluster.id}/commandResults", id=result_id, pending="Running", wait=0, charset=None)
    return await call.world.operations.start(call, run, form, seconds=20)


def _pulled(world: "World", cluster: Resource, wanted: re.Match[str]) -> tuple[str, int]:
    """Return the output and the exit code of a pull."""
    host, repository, digest, tag = wanted.groups()
    why_not = _refusal(world, cluster, host, repository, digest or tag)
    image = wanted[0].rpartition("--image=")[2]
    return (f'Failed to pull image "{image}": {why_not}\n', 1) if why_not else ("", 0)


def _of_workloads(world: "World", cluster: Resource, command: str) -> tuple[str, int]:
    """Return the output and the exit code of a command about workloads."""
    try:
        return run_kubectl(world, cluster, command, lambda image, one: _refused_image(world, cluster, image, one)), 0
    except CommandError as error:
        return str(error), 1


def _refused_image(world: "World", cluster: Resource, image: str, workload: dict[str, Any]) -> str:
    """Return why neither the nodes nor the workload's pull secrets can pull the image; empty if one of them can."""
    found = IMAGE.fullmatch(image)
    if found is None or not is_registry_of_azure(found[1]):
        return ""
    asked = found[1], found[2], found[4] or found[3] or "latest"
    refusal = _refusal(world, cluster, *asked)
    by_secret = refusal_with(world, pull_secrets_of(cluster, workload), *asked) if refusal else None
    return refusal if by_secret is None else by_secret


@ROUTES.route("GET", "/{cluster:path}/commandResults/{operation}")
async def command_result(call: Call) -> web.Response:
    """Answer with the command's result, or that it runs; needs read access to results (aks/access-private-cluster)."""
    scope = call.path.rpartition("/commandResults/")[0]
    authorize(call.world, call.caller, "Microsoft.ContainerService/managedClusters/commandResults/read", scope)
    return call.world.operations.poll(call.params.operation, call.path)


def _refusal(world: "World", cluster: Resource, host: str, repository: str, reference: str) -> str:
    """Return why a node cannot pull the image, in the registry's words; empty if it can."""
    kubelet = (cluster.properties.get("identityProfile") or {}).get("kubeletidentity") or {}
    principal = world.directory.find(str(kubelet.get("objectId") or ""))
    return pull_refusal(world, principal, host, repository, reference)
