"""Microsoft.Authorization: role assignments, permissions, locks."""

import re
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from local_azure.arm.authorization import ASSIGNMENT_TYPE, DEFINITION_TYPE, LOCK_TYPE, grants, role_of
from local_azure.arm.resource_types import ResourceType
from local_azure.arm.role_definitions import AUTHORIZATION, assignable, permission
from local_azure.state.directory import Principal
from local_azure.state.errors import bad_request, conflict
from local_azure.state.responses import answer
from local_azure.state.roles import DEFINITIONS, Role
from local_azure.state.settings import OWNER_OBJECT_ID, TENANT_ID
from local_azure.state.store import Resource, parse_id
from local_azure.wire.routing import Call, Routes

if TYPE_CHECKING:
    from local_azure.state.world import World

ROUTES = Routes()

LOCK_LEVELS = ("CanNotDelete", "ReadOnly")
CONDITIONS_SINCE = "2020"  # the api-versions of assignments that have conditions and descriptions


def prepare_assignment(
    world: "World", principal: Principal, resource_id: str, body: dict[str, Any], existing: Resource | None
) -> Resource:
    """Check a role assignment: known role, known principal (unless its type is given), not given twice."""
    asked = body.get("properties") or {}
    role, holder = role_of(world, str(asked.get("roleDefinitionId", ""))), str(asked.get("principalId", ""))
    if role is None or not _is_assignable(world, role, parse_id(resource_id).parent):
        message = f"The specified role definition with ID '{asked.get('roleDefinitionId')}' does not exist."
        raise bad_request("RoleDefinitionDoesNotExist", message, plain=True)
    known = world.directory.find(holder)
    if known is None and not asked.get("principalType"):
        raise bad_request("PrincipalNotFound", _unknown_principal(holder), plain=True)
    scope = parse_id(resource_id).parent
    _refuse_double(world, resource_id, scope, holder, role)
    if existing is not None and existing.properties["principalId"].lower() != holder.lower():
        message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
        raise conflict("RoleAssignmentUpdateNotPermitted", message, plain=True)
    now = world.clock.iso()
    properties = {
        "roleDefinitionId": _definition_id(scope, role),
        "principalId": holder,
        "principalType": asked.get("principalType") or "ServicePrincipal",
        "scope": scope,
        "condition": asked.get("condition"),
        "conditionVersion": asked.get("conditionVersion"),
        "createdOn": existing.properties.get("createdOn", now) if existing else now,
        "updatedOn": now,
        "createdBy": principal.object_id,
        "updatedBy": principal.object_id,
        "delegatedManagedIdentityResourceId": asked.get("delegatedManagedIdentityResourceId"),
        "description": asked.get("description"),
    }
    return Resource(resource_id, {"properties": properties})


def _unknown_principal(holder: str) -> str:
    return (
        f"Principal {holder.replace('-', '')} does not exist in the directory {TENANT_ID}. Check that you have the "
        "correct principal ID. If you are creating this principal and then immediately assigning a role, this error "
        "might be related to a replication delay. In this case, set the role assignment principalType property to a "
        "value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype"
    )


def show_assignment(resource: Resource, api_version: str, world: "World") -> dict[str, Any]:
    """Return an assignment as lists show it: complete, with nulls; an older api-version has no conditions."""
    moments = {"createdOn": world.clock.iso(resource.created), "updatedOn": world.clock.iso(resource.created)}
    people = {"createdBy": OWNER_OBJECT_ID, "updatedBy": OWNER_OBJECT_ID}
    unsaid = dict.fromkeys(("condition", "conditionVersion", "delegatedManagedIdentityResourceId", "description"))
    properties = unsaid | moments | people | resource.properties
    known = {key: one for key, one in properties.items() if key not in unsaid or api_version >= CONDITIONS_SINCE}
    return resource.view() | {"properties": known}


def answer_assignment(resource: Resource, api_version: str, world: "World") -> dict[str, Any]:
    """Return an assignment as the PUT answers it: without its author."""
    view = show_assignment(resource, api_version, world)
    return view | {"properties": view["properties"] | {"createdBy": None}}


def _refuse_double(world: "World", resource_id: str, scope: str, holder: str, role: Role) -> None:
    for one in world.resources.children(scope, ASSIGNMENT_TYPE):
        given = role_of(world, one.properties["roleDefinitionId"])
        same = given == role and one.properties["principalId"].lower() == holder.lower()
        if same and one.id.lower() != resource_id.lower():
            other = one.name.replace("-", "")
            message = f"The role assignment already exists. The ID of the existing role assignment is {other}."
            raise conflict("RoleAssignmentExists", message, plain=True)


def _is_assignable(world: "World", role: Role, scope: str) -> bool:
    """Return whether the custom role is assignable at the scope."""
    own = next((one for one in world.resources.select(DEFINITION_TYPE) if one.name == role.id), None)
    return own is None or assignable(own, scope)


def _definition_id(scope: str, role: Role) -> str:
    subscription = "/".join(scope.split("/")[:3])
    return f"{subscription}{DEFINITIONS}{role.id}"


def prepare_lock(
    world: "World", principal: Principal, resource_id: str, body: dict[str, Any], existing: Resource | None
) -> Resource:
    """Check a lock of one of the two levels."""
    del world, principal, existing
    asked = body.get("properties") or {}
    if asked.get("level") not in LOCK_LEVELS:
        message = (
            f"The lock level '{asked.get('level')}' is invalid. The supported levels are '{', '.join(LOCK_LEVELS)}'."
        )
        raise bad_request("InvalidLockLevel", message, gateway=True)
    return Resource(
        resource_id, {"properties": {key: asked[key] for key in ("level", "notes", "owners") if key in asked}}
    )


@ROUTES.route("GET", f"/{{scope:path}}/{AUTHORIZATION}/roleAssignments")
async def list_assignments(call: Call) -> web.Response:
    """List the assignments at a scope, above it and below it; `atScope()` omits those below; by principal if asked.

    `assignedTo()` shows a principal's assignments through groups as well (role-assignments-list-rest).
    """
    wanted = call.query.get("$filter", "")
    asked = re.findall(r"(principalId eq |assignedTo\()\s*'([^']*)'", wanted, re.IGNORECASE)
    principals = {text.lower() for _, text in asked}
    for how, text in asked:
        principals |= call.world.directory.groups_of(text) if how.lower().startswith("assignedto") else set()
    found = _around(call, ASSIGNMENT_TYPE, below="atscope()" not in wanted.lower())
    mine = [one for one in found if not principals or one.properties["principalId"].lower() in principals]
    return answer({"value": [show_assignment(one, call.api_version, call.world) for one in mine]})


@ROUTES.route("GET", f"/{{scope:path}}/{AUTHORIZATION}/locks")
async def list_locks(call: Call) -> web.Response:
    """List the locks at a scope and below it; with `atScope()` those at it and above it."""
    at_scope = "atscope()" in call.query.get("$filter", "").lower()
    scope = _normal(call.params.scope)
    found = _around(call, LOCK_TYPE, below=not at_scope)
    shown = [one.view() for one in found if at_scope or _normal(one.parent).startswith(scope)]
    return answer({"value": shown})


def _around(call: Call, kind: str, *, below: bool) -> list[Resource]:
    scope = _normal(call.params.scope)
    every = call.world.resources.select(kind)
    return [
        one
        for one in every
        if scope.startswith(_normal(one.parent)) or (below and _normal(one.parent).startswith(scope))
    ]


def _normal(scope: str) -> str:
    return scope.strip("/").lower() + "/"


@ROUTES.route("GET", f"/{{scope:path}}/{AUTHORIZATION}/permissions")
async def list_permissions(call: Call) -> web.Response:
    """List the caller's permissions at a scope: one entry for each role held."""
    call.world.resources.require(call.params.scope)
    return answer({"value": [permission(role) for role, _ in grants(call.world, call.caller, call.params.scope)]})


TYPES: Final = (
    ResourceType(
        ASSIGNMENT_TYPE,
        prepare=prepare_assignment,
        view=show_assignment,
        answered=answer_assignment,
        changed_status=201,
        shows_deleted=True,
    ),
    ResourceType(LOCK_TYPE, prepare=prepare_lock),
)
