"""Moves of resources to another resource group of the same cloud."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from local_azure.arm.jobs import job, results_path
from local_azure.state.errors import bad_request
from local_azure.state.operations import Form
from local_azure.state.store import Resource
from local_azure.wire.routing import Call, Routes

if TYPE_CHECKING:
    from local_azure.state.world import World

ROUTES = Routes()

_GROUP: Final = "/subscriptions/{subscription}/resourceGroups/{group}"
STAYING: Final = "microsoft.authorization/roleassignments"  # roles at a resource do not go with it, as documented


@ROUTES.route("POST", f"{_GROUP}/moveResources")
async def move(call: Call) -> web.StreamResponse:
    """Move resources with all that belongs to them, when the operation is done."""
    group, chosen, target = _asked(call, await call.json())

    async def work() -> None:
        for one in chosen:
            _move(call.world, one, group, target)

    return await call.world.operations.start(call, work, _form(call, group), seconds=15)


@ROUTES.route("POST", f"{_GROUP}/validateMoveResources")
async def validate(call: Call) -> web.StreamResponse:
    """Check a move without making it."""
    group, _, _ = _asked(call, await call.json())

    async def work() -> None:
        """Change nothing: the request was checked when it came."""

    return await call.world.operations.start(call, work, _form(call, group), seconds=15)


def _form(call: Call, group: Resource) -> Form:
    id_ = job("RESOURCEBATCHMOVEJOB-", group.name, group.location)
    return Form(results_path(call), id=id_, pending=None, ended=204, wait=15, poll_wait=15)


def _asked(call: Call, body: dict[str, Any]) -> tuple[Resource, list[Resource], Resource]:
    """Return the group, the resources to move and the target group. Raises AzureError if one of them is not there."""
    resources = call.world.resources
    group = resources.require(f"/subscriptions/{call.params.subscription}/resourceGroups/{call.params.group}")
    if not body.get("resources") or not body.get("targetResourceGroup"):
        message = "The request content was invalid: 'resources' and 'targetResourceGroup' are required."
        raise bad_request("InvalidRequestContent", message, gateway=True)
    chosen = [resources.require(str(one)) for one in body["resources"]]
    return group, chosen, resources.require(str(body["targetResourceGroup"]))


def _move(world: "World", chosen: Resource, group: Resource, target: Resource) -> None:
    moved = world.resources.delete(chosen.id)
    for one in moved:
        if one.type.lower() != STAYING:
            world.resources.put(replace(one, id=target.id + one.id[len(group.id) :]))
