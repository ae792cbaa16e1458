"""Policy assignments and definitions: stored and returned. Their rules are not evaluated."""

from typing import Final

from aiohttp import web

from local_azure.arm.resource_types import ResourceType
from local_azure.state.responses import answer
from local_azure.wire.routing import Call, Routes

ROUTES = Routes()

ASSIGNMENT = "Microsoft.Authorization/policyAssignments"


@ROUTES.route("GET", "/{scope:path}/providers/Microsoft.Authorization/policyAssignments")
async def list_policy_assignments(call: Call) -> web.Response:
    """List the policy assignments in force at a scope: made at it or above it.

    Source: Policy Assignments - List For Resource, "all policy assignments associated with the specified resource",
    inherited ones included.
    """
    scope = _normal(call.params.scope)
    found = [one for one in call.world.resources.select(ASSIGNMENT) if scope.startswith(_normal(one.parent))]
    shown = [one.view() | {"properties": {"scope": one.parent, **one.properties}} for one in found]
    return answer({"value": shown})


def _normal(scope: str) -> str:
    return scope.strip("/").lower() + "/"


TYPES: Final = (ResourceType(ASSIGNMENT), ResourceType("Microsoft.Authorization/policyDefinitions"))
