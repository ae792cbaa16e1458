"""Policy assignments and definitions: stored and shown with their authors. Their rules are not evaluated."""

from typing import TYPE_CHECKING, Final

from aiohttp import web

from local_azure.arm.resource_pipeline import show
from local_azure.arm.resource_types import Body, ResourceType
from local_azure.arm.system_data import system_data
from local_azure.services.composing import compose_plain, identify_principal
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError
from local_azure.state.responses import answer
from local_azure.state.store import Resource
from local_azure.wire.routing import Call, Routes

if TYPE_CHECKING:
    from local_azure.state.world import World

ROUTES = Routes()

ASSIGNMENT: Final = "Microsoft.Authorization/policyAssignments"
DEFINITIONS: Final = ("policyDefinitions", "policySetDefinitions")
SKU_UNTIL: Final = "2020"  # the api-versions of assignments that have a tier
AUTHORS_SINCE: Final = "2021"  # the api-versions that tell who made one, beside its metadata
DEFAULTS: Final[dict[str, Body]] = {
    "policyassignments": {"enforcementMode": "Default"},
    "policydefinitions": {"policyType": "Custom", "mode": "Indexed", "parameters": {}},
    "policysetdefinitions": {"policyType": "Custom", "parameters": {}},
}


@ROUTES.route("GET", "/{scope:path}/providers/Microsoft.Authorization/policyAssignments")
async def list_policy_assignments(call: Call) -> web.Response:
    """List the policy assignments in force at a scope: made at it or above it.

    Source: Policy Assignments - List For Resource, "all policy assignments associated with the specified resource",
    inherited ones included.
    """
    scope = _normal(call.params.scope)
    found = [one for one in call.world.resources.select(ASSIGNMENT) if scope.startswith(_normal(one.parent))]
    return answer({"value": [show(call.world, one, call.api_version) for one in found]})


def _normal(scope: str) -> str:
    return scope.strip("/").lower() + "/"


def prepare_policy(
    world: "World", principal: Principal, resource_id: str, body: Body, existing: Resource | None
) -> Resource:
    """Return an assignment or a definition with its defaults, and with who made and changed it in its metadata."""
    policy = compose_plain(resource_id, body, existing)
    identify_principal(world, policy)
    now = world.clock.iso()
    made: Body = {"createdBy": principal.object_id, "createdOn": now, "updatedBy": None, "updatedOn": None}
    if existing is not None:
        made = {key: existing.properties["metadata"].get(key) for key in made}
        made |= {"updatedBy": principal.object_id, "updatedOn": now}
    defaults = DEFAULTS[policy.type.rpartition("/")[2].lower()]
    metadata = (policy.properties.get("metadata") or {}) | made
    policy.body["properties"] = defaults | policy.properties | {"metadata": metadata}
    return policy


def show_policy(resource: Resource, api_version: str, world: "World") -> Body:
    """Return an assignment with its scope, or a definition; newer api-versions tell its authors."""
    view, assigned = resource.view(), resource.type == ASSIGNMENT
    properties = {"scope": resource.parent} | resource.properties if assigned else resource.properties
    shown = view | {"properties": properties}
    if assigned and api_version < SKU_UNTIL:
        shown["sku"] = {"name": "A0", "tier": "Free"}
    if api_version >= AUTHORS_SINCE:
        shown["systemData"] = system_data(world, resource, offset=False)
    return shown


def _missing(name: str, words: str, resource_id: str) -> AzureError:
    missing = AzureError(
        404, f"{name}NotFound", f"The {words} '{resource_id.rpartition('/')[2]}' could not be found.", plain=True
    )
    missing.charset = None
    return missing


def _policy_type(kind: str) -> ResourceType:
    name = kind[0].upper() + kind.removesuffix("s")[1:]
    words = {"Assignment": "policy assignment", "SetDefinition": "policy set definition"}
    said = words.get(name.removeprefix("Policy"), "policy definition")
    return ResourceType(
        f"Microsoft.Authorization/{kind}",
        prepare=prepare_policy,
        view=show_policy,
        changed_status=201,
        shows_deleted=True,
        missing=lambda resource_id: _missing(name, said, resource_id),
    )


TYPES: Final = tuple(_policy_type(kind) for kind in ("policyAssignments", *DEFINITIONS))
