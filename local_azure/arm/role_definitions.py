"""Role definitions: the built-in ones, and custom ones that are enforced like them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from local_azure.arm.authorization import ASSIGNMENT_TYPE, DEFINITION_TYPE, custom_role, role_of
from local_azure.arm.resource_types import ResourceType
from local_azure.state.directory import Principal
from local_azure.state.errors import AzureError, bad_request, conflict
from local_azure.state.responses import answer
from local_azure.state.roles import BUILT_IN, DEFINITIONS, Role, built_in
from local_azure.state.store import Resource
from local_azure.wire.routing import Call, Routes

if TYPE_CHECKING:
    from local_azure.state.world import World

ROUTES = Routes()

AUTHORIZATION = "providers/Microsoft.Authorization"
PARTS = ("actions", "notActions", "dataActions", "notDataActions")
OPERATION = re.compile(r"\*|[\w.*-]+(/[\w.*-]+)+")  # a provider and at least one segment, or everything


def prepare_definition(
    world: "World", principal: Principal, resource_id: str, body: dict[str, Any], existing: Resource | None
) -> Resource:
    """Check a custom role: a unique name in the tenant, valid operations, and assignable scopes."""
    del principal
    asked = body.get("properties") or {}
    name, scopes = str(asked.get("roleName") or ""), list(asked.get("assignableScopes") or ())
    permissions = [{part: list(one.get(part) or ()) for part in PARTS} for one in asked.get("permissions") or ()]
    if not name or not scopes or not permissions:
        message = "The role definition needs roleName, permissions and at least one of assignableScopes."
        raise bad_request("InvalidRoleDefinition", message)
    if "/" in scopes:
        # D/role-definitions.md: only built-in roles are assignable at the root scope.
        raise bad_request("InvalidRoleDefinition", "The root scope is not an assignable scope of a custom role.")
    _refuse_double(world, name, existing)
    _refuse_impossible(pattern for one in permissions for part in PARTS for pattern in one[part])
    properties = {
        "roleName": name,
        "type": "CustomRole",
        "description": str(asked.get("description") or ""),
        "assignableScopes": scopes,
        "permissions": permissions,
    }
    return Resource(resource_id, {"properties": properties})


def _refuse_double(world: "World", name: str, existing: Resource | None) -> None:
    others = (one for one in world.resources.select(DEFINITION_TYPE) if existing is None or one.id != existing.id)
    taken = {*(one.properties["roleName"].lower() for one in others), *(one.name.lower() for one in BUILT_IN)}
    if name.lower() in taken:
        message = "A role definition cannot be updated with a name that already exists."
        raise conflict("RoleDefinitionWithSameNameExists", message)


def _refuse_impossible(patterns: Iterator[str]) -> None:
    """Refuse impossible operations: Azure looks each up among its providers; here only the spelling is checked."""
    for pattern in patterns:
        if not OPERATION.fullmatch(pattern):
            message = f"'{pattern}' does not match any of the actions supported by the providers."
            raise bad_request("InvalidActionOrNotAction", message)


def _refuse_used(world: "World", definition: Resource) -> None:
    held = (one.properties["roleDefinitionId"] for one in world.resources.select(ASSIGNMENT_TYPE))
    if any(one.lower().endswith(f"/{definition.name.lower()}") for one in held):
        # D/custom-roles.md, the message and its code
        raise conflict("RoleDefinitionHasAssignments", "There are existing role assignments referencing role")


@ROUTES.route("GET", f"/{AUTHORIZATION}/roleDefinitions")
@ROUTES.route("GET", f"/{{scope:path}}/{AUTHORIZATION}/roleDefinitions")
async def list_definitions(call: Call) -> web.Response:
    """List the built-in roles and the custom ones that are assignable there; by name if asked."""
    found = re.findall(r"roleName eq '([^']*)'", call.query.get("$filter", ""), re.IGNORECASE)
    names = {text.lower() for text in found}
    own = [custom_role(one) for one in call.world.resources.select(DEFINITION_TYPE) if assignable(one, _scope(call))]
    shown = [role for role in (*BUILT_IN, *own) if not names or role.name.lower() in names]
    return answer({"value": [_definition(call, role) for role in shown]})


@ROUTES.route("GET", f"/{AUTHORIZATION}/roleDefinitions/{{role}}")
@ROUTES.route("GET", f"/{{scope:path}}/{AUTHORIZATION}/roleDefinitions/{{role}}")
async def get_definition(call: Call) -> web.Response:
    """Answer with one role."""
    role = role_of(call.world, call.params.role)
    if role is None:
        message = f"The specified role definition with ID '{call.params.role}' does not exist."
        raise AzureError(404, "RoleDefinitionDoesNotExist", message)
    return answer(_definition(call, role))


def assignable(definition: Resource, scope: str) -> bool:
    """Return whether a custom role may be assigned at a scope: one of its own, or beneath one of those."""
    wanted = scope.strip("/").lower() + "/"
    return any(wanted.startswith(one.strip("/").lower() + "/") for one in definition.properties["assignableScopes"])


def permission(role: Role) -> dict[str, list[str]]:
    """Return a role's permissions, as Azure shows them."""
    return {
        "actions": list(role.actions),
        "notActions": list(role.not_actions),
        "dataActions": list(role.data_actions),
        "notDataActions": list(role.not_data_actions),
    }


def _scope(call: Call) -> str:
    return "/" + call.params.get("scope", "").strip("/")


def show_definition(resource: Resource, api_version: str, world: "World") -> dict[str, Any]:
    """Return a custom role, with its author."""
    del api_version
    return _shown(world, custom_role(resource), resource.id.partition("/providers/")[0], resource)


def _definition(call: Call, role: Role) -> dict[str, Any]:
    scope = _scope(call)
    prefix = "" if scope == "/" else "/".join(scope.split("/")[:3])
    own = next((one for one in call.world.resources.select(DEFINITION_TYPE) if one.name == role.id), None)
    return _shown(call.world, role, prefix, own)


def _shown(world: "World", role: Role, prefix: str, own: Resource | None) -> dict[str, Any]:
    described = {"type": "BuiltInRole", "description": role.name, "assignableScopes": ["/"]}
    written = own.changed or own.created if own else world.clock.now()
    moment, author = world.clock.iso(written), own.editor if own else None
    return {
        "id": f"{prefix}{DEFINITIONS}{role.id}",
        "name": role.id,
        "type": DEFINITION_TYPE,
        "properties": {
            "roleName": role.name,
            **(own.properties if own and built_in(role.id) is None else described),
            "permissions": [permission(role)],
            "createdOn": moment,
            "updatedOn": moment,
            "createdBy": author,
            "updatedBy": author,
        },
    }


def answer_definition(resource: Resource, api_version: str, world: "World") -> dict[str, Any]:
    """Return a definition as the PUT answers it: without its author, as an assignment."""
    view = show_definition(resource, api_version, world)
    return view | {"properties": view["properties"] | {"createdBy": None}}


TYPES: Final = (
    ResourceType(
        DEFINITION_TYPE,
        prepare=prepare_definition,
        check_delete=_refuse_used,
        view=show_definition,
        answered=answer_definition,
        shows_deleted=True,
    ),
)
